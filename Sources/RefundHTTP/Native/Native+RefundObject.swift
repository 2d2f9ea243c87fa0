import RefundDomain
import RefundService

extension JSONFields {
    /// A refund, its amounts as text in major units, its moments in UTC.
    mutating func write(_ view: RefundView) {
        let refund = view.refund
        field("id", refund.id.description)
        field("number", refund.number.description)
        field("state", refund.state.rawValue)
        field("amount", refund.amount.decimalText)
        field("currency", refund.amount.currency.code)
        field("rate", refund.rate.decimalText)
        field("party", refund.party.description)
        field("payment", refund.payment?.description)
        field("credit_note", refund.creditNote?.description)
        switch refund.channel {
        case .offline(let mode):
            field("mode", NativeWords.text(mode))
            field("gateway", String?.none)
        case .electronic(let gateway):
            field("mode", String?.none)
            field("gateway", gateway.text)
        }
        field("reason", refund.reason?.rawValue)
        field("initiator", refund.initiator.rawValue)
        field("description", refund.description)
        field("reference", refund.reference)
        field("effective_on", refund.effectiveOn.description)
        field("created_at", Timestamps.utc(refund.createdAt))
        field("updated_at", Timestamps.utc(refund.updatedAt))
        field("failure_reason", refund.failureReason?.rawValue)
        field("gateway_reference", view.payout?.gatewayReference)
        field("network_reference", view.payout?.networkReference)
        field("retry_of", refund.retryOf?.description)
        field("retried_as", view.retriedAs?.description)
        array("lines") { list in
            for draw in view.draws {
                list.object { line in
                    line.field("line", draw.line.description)
                    line.field(
                        "amount", Money(minorUnits: draw.amount, currency: refund.amount.currency).decimalText)
                }
            }
        }
    }

    /// One step of a refund's history.
    mutating func write(_ step: RefundStep) {
        field("step", Int64(step.step))
        field("event", step.event.rawValue)
        field("state", step.state.rawValue)
        field("at", Timestamps.utc(step.at))
        field("actor", step.actor)
        field("remark", step.remark)
    }

    /// What a client or an operator asked for of a refund.
    mutating func write(_ action: RequestedAction) {
        field("action", action.deed.rawValue)
        field("at", Timestamps.utc(action.at))
        field("actor", action.actor)
        field("remark", action.remark)
    }

    /// What a gateway charged for a refund.
    mutating func write(_ charged: ChargedFee) {
        let fee = charged.fee
        field("id", fee.id.description)
        field("gateway", fee.gateway.text)
        field("gateway_reference", fee.reference)
        field("currency", fee.amount.currency.code)
        field("amount", fee.amount.decimalText)
        field("posted_at", Timestamps.utc(fee.postedAt))
        array("postings") { list in for line in charged.postings { list.object { $0.write(line) } } }
    }

    /// One line of the ledger: debits positive, credits negative.
    mutating func write(_ line: PostedLine) {
        field("step", Int64(line.step))
        field("cause", line.cause.rawValue)
        field("account", line.account)
        field("currency", line.amount.currency.code)
        field("amount", line.amount.decimalText)
        field("effective_on", line.effectiveOn.description)
    }
}
