import HTTPTypes
import RefundDomain
import RefundService

extension ZohoPayments {
    /// Bounds the refund calls of an account in a minute, as counted by this node.
    ///
    /// The setting `zoho_payments.refund_calls_per_minute` says how many; without it there is no bound.
    struct CallRate: Sendable {
        private let operations: Operations
        private let calls = CallsPerMinute()

        init(operations: Operations) {
            self.operations = operations
        }

        /// The handler, for as many calls as are allowed; the next is told to wait.
        func bounding(_ handler: @escaping Route.Handler) -> Route.Handler {
            { (call, caller) async throws(Failure) in
                let settings = try await operations.organization(caller.organization).settings
                let setting = settings.ofDialects["\(Vocabulary.dialect.text).refund_calls_per_minute"]
                guard let callsMax = setting.flatMap({ Int($0) }) else { return try await handler(call, caller) }
                let quota = calls.count(for: caller.organization, atMost: callsMax)
                guard !quota.isLeft else { return try await handler(call, caller) }
                var reply = Complaint.tooManyCalls.reply
                reply.headers[.retryAfter] = "\(quota.resetSeconds)"
                return reply
            }
        }
    }
}
