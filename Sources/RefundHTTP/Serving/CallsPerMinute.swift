package import RefundDomain
import Synchronization

/// Counts the calls of each organization, minute by minute, as this node sees them.
package final class CallsPerMinute: Sendable {
    /// Where an organization stands in its minute.
    package struct Quota: Sendable {
        /// Whether the call that was counted may go on.
        package let isLeft: Bool
        package let remaining: Int
        /// Until the next minute begins, rounded up.
        package let resetSeconds: Int64
    }

    private struct Minute {
        let begin: ContinuousClock.Instant
        var calls = 0
    }

    private static let length = Duration.seconds(60)
    private let minutes = Mutex<[OrganizationID: Minute]>([:])

    package init() {}

    /// Counts a call of an organization that has so many in a minute.
    package func count(for organization: OrganizationID, atMost callsMax: Int) -> Quota {
        let now = ContinuousClock.now
        return minutes.withLock { minutes in
            var minute = minutes[organization] ?? Minute(begin: now)
            if now - minute.begin >= Self.length { minute = Minute(begin: now) }
            let isLeft = minute.calls < callsMax
            if isLeft { minute.calls += 1 }
            minutes[organization] = minute
            return Quota(
                isLeft: isLeft, remaining: max(0, callsMax - minute.calls),
                resetSeconds: (Self.length - (now - minute.begin) + .nanoseconds(999_999_999)).components.seconds)
        }
    }
}
