/// Why a refund is refused, in order of precedence: where several hold, the first is told.
package enum RefundError: Error, Hashable, Sendable {
    // The request against what is asked for.
    case keyReused
    case keyInProgress
    /// An equal request without a key made this refund, which is still open or was accepted just now.
    case duplicateOpen(RefundID, RefundNumber)
    case amountTooPrecise(Currency)
    case amountOverflow
    case lineUnknown(Int)
    case gatewayUnknown(GatewayName)
    case amountTooSmall(minimum: Money)

    // The source and its state.
    /// The payment behind the note is another party's, or in another currency: nothing leaves by such a link.
    case paymentBehindNoteMismatched
    case noteIsDraft
    case noteIsVoid
    case noteIsSpent
    /// The payment's charge is also that of a payment of another party or currency.
    case chargeOfSeveralPayments
    case paymentNotCaptured
    case paymentDisputed
    case paymentRefunded
    case refundWindowOver(days: Int)
    case dateBeforeSource(LocalDate)

    // What is left.
    case remainingChanged(Money)
    case exceedsPayment(Money)
    case exceedsRemaining(Money)
    /// The note has enough left, but the payment it would go back through has not.
    case exceedsPaymentBehindNote(Money)

    // The lines of the note.
    case lineNamedTwice(Int)
    case lineExceedsRemaining(Int)
    case linesDoNotAddUp(Money)
    case tooManyLines

    // How the money goes back.
    case paymentNotByGateway
    case methodClosed
    case methodOfAnotherParty
    /// A method is paid by the account that keeps it, and by no other.
    case methodOfAnotherGateway
    case methodIsOffline
    case gatewayNotAble(GatewayName)
    case gatewayWindowOver(GatewayName)

    // Steps of its life.
    case stepNotAllowed(from: RefundState, event: RefundEvent)
    case notCancelable(RefundState)
    case evidenceMissing
    /// An operator says that another amount went than the one that was asked for.
    case paidAmountNotSupported(asked: Money)

    /// Whether the same request may be accepted later without a change of its own.
    package var isTransient: Bool {
        switch self {
        case .keyInProgress, .duplicateOpen: true
        case .keyReused, .amountTooPrecise, .amountTooSmall, .amountOverflow, .noteIsDraft, .noteIsVoid, .noteIsSpent,
            .paymentNotCaptured, .paymentDisputed, .paymentRefunded, .refundWindowOver, .dateBeforeSource,
            .remainingChanged, .exceedsPayment, .exceedsRemaining, .exceedsPaymentBehindNote, .lineUnknown,
            .lineNamedTwice, .lineExceedsRemaining, .linesDoNotAddUp, .tooManyLines, .methodClosed,
            .methodOfAnotherParty, .methodOfAnotherGateway, .paymentBehindNoteMismatched, .chargeOfSeveralPayments,
            .methodIsOffline,
            .gatewayUnknown, .gatewayNotAble, .gatewayWindowOver,
            .paymentNotByGateway, .stepNotAllowed, .notCancelable, .evidenceMissing, .paidAmountNotSupported:
            false
        }
    }

    /// The stable name by which programs tell refusals apart.
    package var code: String {
        switch self {
        case .keyReused: "key_reused"
        case .keyInProgress: "key_in_progress"
        case .duplicateOpen: "duplicate_open"
        case .amountTooPrecise: "amount_too_precise"
        case .amountTooSmall: "amount_too_small"
        case .amountOverflow: "amount_overflow"
        case .paymentBehindNoteMismatched: "payment_behind_note_mismatched"
        case .chargeOfSeveralPayments: "charge_of_several_payments"
        case .noteIsDraft: "note_is_draft"
        case .noteIsVoid: "note_is_void"
        case .noteIsSpent: "note_is_spent"
        case .paymentNotCaptured: "payment_not_captured"
        case .paymentDisputed: "payment_disputed"
        case .paymentRefunded: "payment_refunded"
        case .refundWindowOver: "refund_window_over"
        case .dateBeforeSource: "date_before_source"
        case .remainingChanged: "remaining_changed"
        case .exceedsPayment: "exceeds_payment"
        case .exceedsRemaining: "exceeds_remaining"
        case .exceedsPaymentBehindNote: "exceeds_payment_behind_note"
        case .lineUnknown: "line_unknown"
        case .lineNamedTwice: "line_named_twice"
        case .lineExceedsRemaining: "line_exceeds_remaining"
        case .linesDoNotAddUp: "lines_do_not_add_up"
        case .tooManyLines: "too_many_lines"
        case .paymentNotByGateway: "payment_not_by_gateway"
        case .methodClosed: "method_closed"
        case .methodOfAnotherParty: "method_of_another_party"
        case .methodOfAnotherGateway: "method_of_another_gateway"
        case .methodIsOffline: "method_is_offline"
        case .gatewayUnknown: "gateway_unknown"
        case .gatewayNotAble: "gateway_not_able"
        case .gatewayWindowOver: "gateway_window_over"
        case .stepNotAllowed: "step_not_allowed"
        case .notCancelable: "not_cancelable"
        case .evidenceMissing: "evidence_missing"
        case .paidAmountNotSupported: "paid_amount_not_supported"
        }
    }

    /// One sentence for the person who reads the answer; it names amounts and states, and nothing private.
    package var message: String {
        switch self {
        case .keyReused: "The idempotency key was used with another request."
        case .keyInProgress: "The first request with this idempotency key is still under way."
        case .duplicateOpen(_, let first):
            "An equal request made refund \(first), which is open or was accepted just now; it was not repeated."
        case .amountTooPrecise(let currency):
            "The amount has more than the \(currency.exponent) decimals of \(currency)."
        case .amountTooSmall(let minimum): "The amount is below the smallest refund, \(minimum)."
        case .amountOverflow: "The amount is too large."
        case .paymentBehindNoteMismatched:
            "The payment behind the credit note belongs to another account or is in another currency."
        case .chargeOfSeveralPayments:
            "The charge of the payment is also that of a payment of another account or in another currency."
        case .noteIsDraft: "The credit note is a draft and cannot be refunded."
        case .noteIsVoid: "The credit note is void and cannot be refunded."
        case .noteIsSpent: "The credit note is closed: nothing is left to refund."
        case .paymentNotCaptured: "The payment has not been captured."
        case .paymentDisputed: "The payment is disputed."
        case .paymentRefunded: "The payment has already been refunded."
        case .refundWindowOver(let days): "The payment is older than the \(days) days in which it can be refunded."
        case .dateBeforeSource(let date): "The date of the refund is before \(date), the date of its source."
        case .remainingChanged(let remaining): "The amount left has changed: it is \(remaining)."
        case .exceedsPayment(let captured): "The amount is more than the payment, \(captured)."
        case .exceedsRemaining(let remaining): "The amount is more than what is left, \(remaining)."
        case .exceedsPaymentBehindNote(let remaining):
            "The amount is more than what is left of the payment behind the credit note, \(remaining)."
        case .lineUnknown(let index): "Entry \(index + 1) names a line that is not on the credit note."
        case .lineNamedTwice(let index): "Entry \(index + 1) names a line that an earlier entry names."
        case .lineExceedsRemaining(let index): "Entry \(index + 1) is more than what is left of its line."
        case .linesDoNotAddUp(let sum): "The entries add up to \(sum), not to the amount of the refund."
        case .tooManyLines: "The refund touches more than \(Limits.drawnLinesMax) lines of the credit note."
        case .paymentNotByGateway: "The payment did not come through a gateway, and none can give it back."
        case .methodClosed: "The payment method is closed."
        case .methodOfAnotherParty: "The payment method belongs to another account."
        case .methodOfAnotherGateway: "The payment method is kept by another gateway."
        case .methodIsOffline: "The payment method is not electronic."
        case .gatewayUnknown: "The gateway is not configured."
        case .gatewayNotAble: "The gateway cannot pay out in this way."
        case .gatewayWindowOver: "The gateway no longer gives back a charge of this age."
        case .stepNotAllowed(let state, let event):
            "A refund that is \(state.rawValue) cannot become \(event.rawValue)."
        case .notCancelable(let state): "A refund that is \(state.rawValue) cannot be canceled."
        case .evidenceMissing: "An outcome set by a person needs a reason and evidence."
        case .paidAmountNotSupported(let asked):
            "The refund can only be resolved with the amount that was asked for, \(asked)."
        }
    }
}
