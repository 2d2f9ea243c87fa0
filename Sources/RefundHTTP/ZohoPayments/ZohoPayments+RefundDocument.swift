import HTTPTypes
import RefundDomain
import RefundService

extension ZohoPayments {
    /// The refund object, the same in every answer.
    struct RefundDocument: Sendable {
        /// The currency of the account, in which `default_currency_amount` is written.
        private let accountCurrency: Currency

        /// For the organization of a caller.
        init(_ operations: Operations, for caller: Caller) async throws(Failure) {
            accountCurrency = try await operations.organization(caller.organization).baseCurrency
        }

        /// The answer to a refund that was made.
        func initiated(_ view: RefundView) -> Reply { reply(.created, "Refund initiated", view) }

        /// The answer to a question for a refund.
        func shown(_ view: RefundView) -> Reply { reply(.ok, "success", view) }

        private func reply(_ status: HTTPResponse.Status, _ message: String, _ view: RefundView) -> Reply {
            .json(status) { body in
                body.field("code", 0)
                body.field("message", message)
                body.object("refund") { write(view, into: &$0) }
            }
        }

        private func write(_ view: RefundView, into body: inout JSONFields) {
            let refund = view.refund
            body.field("refund_id", view.decimalID(of: refund.id))
            body.field("payment_id", refund.payment.map { view.decimalID(of: $0) } ?? "")
            body.field("reference_number", Vocabulary.referenceNumber(of: refund))
            body.field("default_currency_amount", accountAmount(of: refund).map { Vocabulary.decimal($0) })
            body.field("amount", Vocabulary.decimal(refund.amount))
            body.field("type", Vocabulary.type(of: refund.initiator))
            body.field("reason", Vocabulary.reason(of: refund.reason))
            body.field("description", refund.description)
            body.field("status", Vocabulary.status(of: refund.state).rawValue)
            body.field("network_reference_number", view.payout?.networkReference ?? "")
            body.field("failure_reason", Vocabulary.failureReason(of: refund))
            body.field("date", refund.createdAt.seconds)
            body.array(MetaData.field) { MetaData(annotations: refund.annotations).write(into: &$0) }
        }

        /// The amount at the rate at which it was posted; it was computed then, so it fits.
        private func accountAmount(of refund: Refund) -> Money? {
            try? refund.rate.convert(refund.amount, to: accountCurrency)
        }
    }
}
