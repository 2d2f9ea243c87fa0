import RefundDomain
import RefundService

extension ZohoPayments {
    /// What a caller says of a refund.
    struct RefundArguments: Sendable {
        private let amount: DecimalAmount
        private let reason: RefundReason
        private let initiator: RefundInitiator
        private let description: String
        private let metaData: MetaData

        /// Throws `Failure.input` with all that is wrong.
        init(of call: Call) throws(Failure) {
            var fields = FieldReader(try call.jsonObject())
            let amount = fields.requiredDecimal("amount", accepting: .number)
            let reason = fields.requiredChoice("reason", among: Vocabulary.reasonsOfCallers)
            let initiator = fields.choice("type", among: Vocabulary.typesOfCallers)
            let description = fields.text("description", maxLength: Limits.descriptionLengthMax)
            let metaData = MetaData(in: &fields)
            guard let amount, let reason, fields.problems.isEmpty else { throw .input(fields.problems) }
            self.amount = amount
            self.reason = reason
            self.initiator = initiator ?? .merchant
            self.description = description ?? ""
            self.metaData = metaData
        }

        /// The request for a refund of a payment.
        ///
        /// Throws `Failure.input` for a header that is not understood.
        func request(
            for payment: RecordReference, _ call: Call, _ caller: Caller
        ) throws(Failure) -> RefundRequest {
            RefundRequest(
                command: RequestRefund(
                    organization: caller.organization, client: caller.client,
                    source: .payment(payment, raisingNote: false), amount: amount, onlyByGateway: true,
                    partyRole: .customer, reason: reason,
                    initiator: initiator, description: description, expectedRemaining: try call.expectedRemaining(),
                    annotations: metaData.annotations),
                dialect: Vocabulary.dialect, digest: call.digest(of: caller),
                key: try call.idempotencyKey(in: "client:\(caller.client)", caller: caller))
        }
    }
}
