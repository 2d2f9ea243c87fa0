import RefundDomain
import Synchronization

/// What passed between caller and gateway, as opposed to what the gateway did: it is forgotten with the process.
final class SimulatorTraffic: Sendable {
    /// Where a sending stands among the others; both count from 1.
    struct Sending: Hashable, Sendable {
        let call: Int
        let attempt: Int
    }

    private struct Counts {
        var calls = 0
        var attempts: [String: Int] = [:]
        var quietUntil: [RefundAddress: Instant] = [:]
    }

    private let counts = Mutex(Counts())

    /// Counts a sending.
    func sending(underKey key: String) -> Sending {
        counts.withLock { counts in
            counts.calls += 1
            counts.attempts[key, default: 0] += 1
            return Sending(call: counts.calls, attempt: counts.attempts[key, default: 1])
        }
    }

    /// Notes that a submission vanished, and until when it might still turn up as far as anyone can tell.
    func noteSilence(on refund: RefundAddress, until moment: Instant) {
        counts.withLock { $0.quietUntil[refund] = moment }
    }

    /// Whether a submission vanished so lately that nobody can be sure of it.
    func isQuiet(on refund: RefundAddress, at now: Instant) -> Bool {
        counts.withLock { counts in counts.quietUntil[refund].map { now < $0 } ?? false }
    }
}
