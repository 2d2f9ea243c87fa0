import HTTPTypes
import RefundDomain
import RefundService

extension ZohoBilling {
    /// The refund object, the same in every answer.
    struct RefundDocument: Sendable {
        private let gatewayLabels: [GatewayName: String]
        private let amountForm: AmountForm

        /// For the organization of a caller, which chooses how `amount` is written.
        init(_ operations: Operations, for caller: Caller) async throws(Failure) {
            let organization = try await operations.organization(caller.organization)
            gatewayLabels = try await operations.gatewayLabels(of: caller.organization)
            self.amountForm = AmountForm(organization.settings)
        }

        /// The answer to a refund that was made.
        func saved(_ view: RefundView) -> Reply { reply(.created, "The refund information has been saved.", view) }

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
            body.field("date", refund.effectiveOn.description)
            switch amountForm {
            case .string: body.field("amount", Vocabulary.decimal(refund.amount))
            case .number: body.field("amount", number: Vocabulary.decimal(refund.amount))
            }
            body.field("description", refund.description)
            body.field("reference_number", referenceNumber(of: view))
            body.field("refund_mode", Vocabulary.refundMode(of: refund.channel))
            body.field("status", Vocabulary.status(of: refund.state).rawValue)
            body.field("customer_id", view.decimalID(of: refund.party))
            body.field("email", view.party.email)
            if let note = view.creditNote { body.object("creditnote") { write(note, of: view, into: &$0) } }
            if let payout = view.payout { body.object("autotransaction") { write(payout, of: view, into: &$0) } }
            body.field("currency_code", refund.amount.currency.code)
            body.field("currency_symbol", refund.amount.currency.symbol)
        }

        /// The caller's own reference, where another API took one; else the number of the invoice that the money had
        /// paid, else what the note refers to, else its number.
        private func referenceNumber(of view: RefundView) -> String {
            let candidates = [
                view.refund.reference, view.payment?.invoiceNumber, view.creditNote?.invoiceNumber,
                view.creditNote?.reference, view.creditNote?.number,
            ]
            return candidates.lazy.compactMap { $0 }.first { !$0.isEmpty } ?? ""
        }

        /// The note as it stood when the refund was accepted.
        private func write(_ note: CreditNote, of view: RefundView, into body: inout JSONFields) {
            let total = Money(minorUnits: note.balance.total, currency: note.currency)
            let remaining = Money(
                minorUnits: view.refund.noteRemainingAfter ?? note.balance.remaining.minorUnits,
                currency: note.currency)
            body.field("creditnote_id", view.decimalID(of: note.id))
            body.field("creditnote_number", note.number)
            body.field("date", note.raisedOn.description)
            body.field("amount", number: Vocabulary.decimal(total))
            body.field("refund_amount", number: Vocabulary.decimal(view.refund.amount))
            body.field("balance_amount", number: Vocabulary.decimal(remaining))
        }

        private func write(_ payout: Payout, of view: RefundView, into body: inout JSONFields) {
            let status = Vocabulary.status(of: view.refund.state)
            let card = view.method?.card
            body.field("autotransaction_id", view.refund.payment.map { view.decimalID(of: $0) } ?? "")
            body.field("payment_gateway", gatewayLabels[payout.gateway] ?? payout.gateway.text)
            body.field("gateway_transaction_id", status == .failure ? "" : payout.gatewayReference)
            body.field("gateway_error_message", Vocabulary.gatewayMessage(of: payout, in: view.refund.state))
            body.field("card_id", view.method.map { view.decimalID(of: $0.id) } ?? "")
            body.field("last_four_digits", card.flatMap { Int64($0.lastFour) })
            body.field("expiry_month", card.map { Int64($0.expiryMonth) })
            body.field("expiry_year", card.map { Int64($0.expiryYear) })
        }
    }

    /// How `amount` is written, alone of all amounts: the documents print a text, and their schema says number.
    enum AmountForm: String, Sendable {
        case string, number

        /// Reads the setting `zoho_billing.refund_amount`.
        init(_ settings: OrganizationSettings) {
            self =
                settings.ofDialects["\(Vocabulary.dialect.text).refund_amount"].flatMap(Self.init(rawValue:)) ?? .string
        }
    }
}
