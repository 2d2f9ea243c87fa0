import RefundDomain
import Testing

@Suite struct `A refund error` {
    /// Every refusal, in order of precedence: how programs tell it apart, and one thing that a person reads in it.
    static let inOrder: [(error: RefundError, code: String, says: String)] = [
        (.keyReused, "key_reused", "idempotency key"),
        (.keyInProgress, "key_in_progress", "under way"),
        (.duplicateOpen(RefundID(3), RefundNumber(7)), "duplicate_open", "R-00000007"),
        (.amountTooPrecise(.jpy), "amount_too_precise", "0 decimals of JPY"),
        (.amountOverflow, "amount_overflow", "too large"),
        (.lineUnknown(0), "line_unknown", "Entry 1 "),
        (.gatewayUnknown(.simulator), "gateway_unknown", "not configured"),
        (.amountTooSmall(minimum: money("1.00 USD")), "amount_too_small", "1.00 USD"),
        (.paymentBehindNoteMismatched, "payment_behind_note_mismatched", "another currency"),
        (.noteIsDraft, "note_is_draft", "draft"),
        (.noteIsVoid, "note_is_void", "void"),
        (.noteIsSpent, "note_is_spent", "nothing is left"),
        (.chargeOfSeveralPayments, "charge_of_several_payments", "also that of a payment"),
        (.paymentNotCaptured, "payment_not_captured", "captured"),
        (.paymentDisputed, "payment_disputed", "disputed"),
        (.paymentRefunded, "payment_refunded", "already been refunded"),
        (.refundWindowOver(days: 180), "refund_window_over", "180 days"),
        (.dateBeforeSource(day("2024-08-05")), "date_before_source", "2024-08-05"),
        (.remainingChanged(money("7.10 USD")), "remaining_changed", "7.10 USD"),
        (.exceedsPayment(money("7.10 USD")), "exceeds_payment", "7.10 USD"),
        (.exceedsRemaining(money("7.10 USD")), "exceeds_remaining", "7.10 USD"),
        (.exceedsPaymentBehindNote(money("7.10 USD")), "exceeds_payment_behind_note", "7.10 USD"),
        (.lineNamedTwice(1), "line_named_twice", "Entry 2 "),
        (.lineExceedsRemaining(2), "line_exceeds_remaining", "Entry 3 "),
        (.linesDoNotAddUp(money("7.10 USD")), "lines_do_not_add_up", "7.10 USD"),
        (.tooManyLines, "too_many_lines", "15000"),
        (.paymentNotByGateway, "payment_not_by_gateway", "through a gateway"),
        (.methodClosed, "method_closed", "closed"),
        (.methodOfAnotherParty, "method_of_another_party", "another account"),
        (.methodIsOffline, "method_is_offline", "not electronic"),
        (.methodOfAnotherGateway, "method_of_another_gateway", "another gateway"),
        (.gatewayNotAble(.simulator), "gateway_not_able", "cannot pay out"),
        (.gatewayWindowOver(.simulator), "gateway_window_over", "no longer"),
        (.stepNotAllowed(from: .failed, event: .claimed), "step_not_allowed", "failed"),
        (.notCancelable(.succeeded), "not_cancelable", "succeeded"),
        (.evidenceMissing, "evidence_missing", "evidence"),
        (.paidAmountNotSupported(asked: money("7.10 USD")), "paid_amount_not_supported", "7.10 USD"),
    ]

    @Test func `has a code of its own`() {
        for (error, code, _) in Self.inOrder { #expect(error.code == code) }
        #expect(Set(Self.inOrder.map(\.code)).count == Self.inOrder.count)
        #expect(Self.inOrder.allSatisfy { $0.code.utf8.allSatisfy { 0x61...0x7A ~= $0 || $0 == 0x5F } })
    }

    @Test func `says in one sentence what a person has to know`() {
        for (error, code, says) in Self.inOrder {
            #expect(error.message.contains(says), "\(code): \(error.message)")
            #expect(error.message.hasSuffix("."), "\(code)")
        }
    }

    @Test func `asks to come again only where time alone may help`() {
        let transient = Self.inOrder.filter(\.error.isTransient).map(\.code)
        #expect(transient == ["key_in_progress", "duplicate_open"])
    }
}
