import RefundDomain
import RefundService

extension ZohoPayments {
    /// Refunds of payments.
    struct Refunds: Sendable {
        let operations: Operations

        /// `POST /payments/{payment_id}/refunds`.
        func create(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
            let payment = try call.record(.payment, at: "payment_id", of: Vocabulary.dialect)
            let arguments = try await readArguments(
                try RefundArguments(of: call),
                on: try await operations.retrievePayment(payment, of: caller.organization, role: .customer))
            let request = try arguments.request(for: payment, call, caller)
            let document = try await RefundDocument(operations, for: caller)
            return try await answer(issuing: try await operations.requestRefund(request)) { document.initiated($0) }
        }

        /// `GET /refunds/{refund_id}`.
        func retrieve(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
            let refund = try call.record(.refund, at: "refund_id", of: Vocabulary.dialect)
            let document = try await RefundDocument(operations, for: caller)
            return try await answer(
                try await operations.retrieveRefund(
                    refund, of: caller.organization, isShown: Self.isShown)
            ) { document.shown($0) }
        }

        /// What this API can make: refunds to customers, of payments, by a gateway and the charge that it took.
        @Sendable private static func isShown(_ view: RefundView) -> Bool {
            guard view.party.role == .customer, view.refund.payment != nil else { return false }
            return switch view.payout?.target {
            case .charge: true
            case .method, nil: false
            }
        }
    }
}
