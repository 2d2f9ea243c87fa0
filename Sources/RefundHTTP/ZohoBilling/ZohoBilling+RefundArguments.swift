import RefundDomain
import RefundService

extension ZohoBilling {
    /// What a caller says of a refund: how much, and perhaps why.
    ///
    /// All else follows from its source.
    struct RefundArguments: Sendable {
        private let amount: DecimalAmount
        private let description: String

        /// Throws `Failure.input` with all that is wrong.
        init(of call: Call) throws(Failure) {
            var fields = FieldReader(try call.jsonObject())
            let amount = fields.requiredDecimal("amount", accepting: .numberOrText)
            let description = fields.text("description", maxLength: Limits.descriptionLengthMax)
            guard let amount, fields.problems.isEmpty else { throw .input(fields.problems) }
            self.amount = amount
            self.description = description ?? ""
        }

        /// The request for a refund of a source.
        ///
        /// Throws `Failure.input` for a header that is not understood.
        func request(
            for source: RequestRefund.Source, _ call: Call, _ caller: Caller
        ) throws(Failure) -> RefundRequest {
            RefundRequest(
                command: RequestRefund(
                    organization: caller.organization, client: caller.client, source: source, amount: amount,
                    partyRole: .customer,
                    description: description, expectedRemaining: try call.expectedRemaining()),
                dialect: Vocabulary.dialect, digest: call.digest(of: caller),
                key: try call.idempotencyKey(in: "client:\(caller.client)", caller: caller))
        }
    }
}
