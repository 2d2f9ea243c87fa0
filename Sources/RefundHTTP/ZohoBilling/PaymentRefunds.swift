import RefundDomain
import RefundService

extension ZohoBilling {
    /// Refunds of payments, each with a credit note that is made for it.
    struct PaymentRefunds: Sendable {
        let operations: Operations

        /// `POST /payments/{payment_id}/refunds`.
        func create(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
            let payment = try call.record(.payment, at: "payment_id", of: Vocabulary.dialect)
            let arguments = try await readArguments(
                try RefundArguments(of: call),
                on: try await operations.retrievePayment(payment, of: caller.organization, role: .customer))
            let request = try arguments.request(for: .payment(payment, raisingNote: true), call, caller)
            let document = try await RefundDocument(operations, for: caller)
            return try await answer(issuing: try await operations.requestRefund(request)) { document.saved($0) }
        }
    }
}
