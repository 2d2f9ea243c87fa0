import HTTPTypes
import RefundDomain
import RefundService
import Synchronization

extension ZohoPayments {
    /// Bounds the refund calls of an account in a minute, as counted by this node.
    ///
    /// The setting `zoho_payments.refund_calls_per_minute` says how many; without it there is no bound.
    final class CallRate: Sendable {
        private struct Minute {
            let begin: ContinuousClock.Instant
            var calls: Int
        }

        private static let minute = Duration.seconds(60)
        private let operations: Operations
        private let minutes = Mutex<[OrganizationID: Minute]>([:])

        init(operations: Operations) {
            self.operations = operations
        }

        /// The handler, for as many calls as are allowed; the next is told to wait.
        func bounding(_ handler: @escaping Route.Handler) -> Route.Handler {
            { (call, caller) async throws(Failure) in
                let settings = try await self.operations.organization(caller.organization).settings
                guard let wait = self.wait(of: caller.organization, settings) else {
                    return try await handler(call, caller)
                }
                var reply = Complaint.tooManyCalls.reply
                reply.headers[.retryAfter] = "\(wait)"
                return reply
            }
        }

        /// Counts a call: nil where it may go on, else the seconds until the next may.
        private func wait(of organization: OrganizationID, _ settings: OrganizationSettings) -> Int64? {
            let setting = settings.ofDialects["\(Vocabulary.dialect.text).refund_calls_per_minute"]
            guard let callsMax = setting.flatMap({ Int($0) }) else { return nil }
            let now = ContinuousClock.now
            return minutes.withLock { minutes in
                var minute = minutes[organization] ?? Minute(begin: now, calls: 0)
                if now - minute.begin >= Self.minute { minute = Minute(begin: now, calls: 0) }
                guard minute.calls < callsMax else {
                    return (Self.minute - (now - minute.begin)).components.seconds + 1
                }
                minute.calls += 1
                minutes[organization] = minute
                return nil
            }
        }
    }
}
