import RefundDomain
import Testing

/// Rows of the database hold these; a word that changes loses the rows that were written with it.
@Suite struct `The words that are stored` {
    @Test func `of a refund stay as they are`() {
        #expect(
            words(RefundState.self)
                == """
                requested awaiting_approval approved submitting pending unknown succeeded failed canceled voided \
                returned
                """
        )
        #expect(
            words(RefundEvent.self)
                == """
                approval_asked approved claimed recorded not_sent lost accepted adopted succeeded failed canceled \
                voided returned
                """)
        #expect(
            words(RefundReason.self)
                == """
                duplicate fraudulent requested_by_customer account_closure other system expired_uncaptured_charge
                """)
        #expect(words(RefundInitiator.self) == "merchant customer system")
        #expect(
            words(FailureReason.self)
                == """
                unknown lost_or_stolen_card expired_or_canceled_card exceeds_payment_amount exceeds_balance_amount \
                payment_already_refunded payment_already_disputed payment_not_captured expiry_time_exceeded \
                amount_too_small insufficient_funds charge_for_pending_refund_disputed merchant_request not_sent
                """)
    }

    @Test func `of other records stay as they are`() {
        #expect(words(Payment.State.self) == "pending succeeded failed canceled")
        #expect(words(PaymentMethod.State.self) == "active closed")
        #expect(words(CreditNote.State.self) == "draft open void")
        #expect(words(Party.Role.self) == "customer vendor")
        #expect(words(DuplicateHold.self) == "unknown unresolved off")
        #expect(words(RecordKind.self) == "party payment payment_method credit_note credit_note_line refund exception")
        #expect(
            words(JournalCause.self)
                == """
                note_opened note_changed note_voided refund_accepted refund_succeeded refund_recorded refund_released \
                refund_reversed refund_succeeded_late gateway_fee over_refunds_moved \
                dispute_moved
                """)
    }

    private func words<Word: CaseIterable & RawRepresentable>(_ type: Word.Type) -> String
    where Word.RawValue == String {
        type.allCases.map(\.rawValue).joined(separator: " ")
    }
}
