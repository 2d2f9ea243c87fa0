package import RefundDomain
import Synchronization

/// A clock that stands still until a test moves it; whoever sleeps by it wakes once it has come so far.
package final class ServiceClock: Sendable {
    private struct Sleeper {
        let duration: Duration
        let until: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Instant
        var nextNumber = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Sleepers that were canceled before they lay down.
        var canceled: Set<Int> = []
        var watchers: [(duration: Duration, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    package init(at now: Instant) {
        state = Mutex(State(now: now))
    }

    package var now: Instant { state.withLock { $0.now } }

    /// Waits until the clock has been moved so far, or until the task is canceled.
    package func sleep(_ duration: Duration) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { lieDown(number, for: duration, $0) }
        } onCancel: {
            rouse(number)
        }
    }

    /// Moves the clock, and wakes those whose time has come.
    package func move(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.until < $1.until }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Returns once somebody sleeps for exactly so long.
    package func untilSomebodySleeps(for duration: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.values.contains(where: { $0.duration == duration }) { return true }
                state.watchers.append((duration, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func lieDown(_ number: Int, for duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let (isCanceled, watchers) = state.withLock { state in
            if state.canceled.remove(number) != nil { return (true, [CheckedContinuation<Void, Never>]()) }
            state.sleepers[number] = Sleeper(
                duration: duration, until: state.now + duration, continuation: continuation)
            let watching = state.watchers.filter { $0.duration == duration }.map(\.continuation)
            state.watchers.removeAll { $0.duration == duration }
            return (false, watching)
        }
        if isCanceled { continuation.resume(throwing: CancellationError()) }
        for watcher in watchers { watcher.resume() }
    }

    private func rouse(_ number: Int) {
        let sleeper = state.withLock { state in
            guard let sleeper = state.sleepers.removeValue(forKey: number) else {
                state.canceled.insert(number)
                return Sleeper?.none
            }
            return sleeper
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
