import RefundDomain
import Synchronization

/// Keeps the calls of one process below the limits that a gateway sets an account, and each of its endpoints.
///
/// Calls take turns at even distances, after a burst of what a quarter of a second allows. The gateway counts all
/// processes together, so each is given its share.
package final class Pace: Sendable {
    /// When the next call may go.
    private struct Turns {
        let distance: Duration
        let burst: Duration
        var next: ContinuousClock.Instant?

        init(callsPerSecond: Int) {
            distance = .seconds(1) / max(1, callsPerSecond)
            burst = .milliseconds(250)
        }

        func wait(at now: ContinuousClock.Instant) -> Duration {
            guard let next else { return .zero }
            return max(.zero, now.duration(to: next) - burst)
        }

        mutating func take(at now: ContinuousClock.Instant) {
            next = max(next ?? now, now) + distance
        }
    }

    private struct State {
        var account: Turns
        var endpoints: [String: Turns] = [:]
        var pausedUntil: ContinuousClock.Instant?
    }

    private let callsPerSecondOfEndpoint: Int
    private let state: Mutex<State>

    package init(callsPerSecond: Int, ofEndpoint callsPerSecondOfEndpoint: Int) {
        self.callsPerSecondOfEndpoint = callsPerSecondOfEndpoint
        state = Mutex(State(account: Turns(callsPerSecond: callsPerSecond)))
    }

    /// Takes the next turn at an endpoint, and says how long to wait for it; nil, and no turn, where that is too long.
    package func turn(at endpoint: String, now: ContinuousClock.Instant) -> Duration? {
        state.withLock { state in
            var turns = state.endpoints[endpoint] ?? Turns(callsPerSecond: callsPerSecondOfEndpoint)
            let pause = state.pausedUntil.map { max(.zero, now.duration(to: $0)) } ?? .zero
            let wait = max(pause, state.account.wait(at: now), turns.wait(at: now))
            guard wait <= Limits.gatewayPaceWaitMax else { return nil }
            state.account.take(at: now)
            turns.take(at: now)
            state.endpoints[endpoint] = turns
            return wait
        }
    }

    /// Lets no call go for as long as the gateway asked, at most `Limits.gatewayPauseMax`.
    package func pause(for duration: Duration, now: ContinuousClock.Instant) {
        state.withLock { state in
            let end = now + min(duration, Limits.gatewayPauseMax)
            state.pausedUntil = max(state.pausedUntil ?? end, end)
        }
    }
}
