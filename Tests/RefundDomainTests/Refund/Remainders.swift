import RefundDomain
import Testing

@Suite struct `What is left` {
    @Test(
        arguments: [
            // captured, reserved, refunded, claims → held, over-refunded, left
            (100_000, 0, 0, 0, 0, 0, 100_000),
            (100_000, 20_000, 30_000, 0, 0, 0, 50_000),
            (100_000, 20_000, 30_000, 50_000, 50_000, 0, 0),
            (100_000, 20_000, 30_000, 60_000, 50_000, 0, 0),
            (100_000, 20_000, 30_000, 20_000, 20_000, 0, 30_000),
            (100_000, 0, 120_000, 0, 0, 20_000, 0),
            (100_000, 0, 120_000, 100_000, 0, 20_000, 0),
            (100_000, 0, 90_000, 0, 0, 0, 10_000),
            (0, 0, 0, 0, 0, 0, 0),
        ] as [(Int64, Int64, Int64, Int64, Int64, Int64, Int64)])
    func `of a payment is what was neither promised, given back nor disputed`(
        captured: Int64, reserved: Int64, refunded: Int64, claims: Int64, held: Int64, over: Int64, left: Int64
    ) {
        let balance = PaymentBalance(
            currency: .inr, captured: captured, reserved: reserved, refunded: refunded, claims: claims)
        #expect(balance.remaining == Money(minorUnits: left, currency: .inr))
        #expect(balance.held == held && balance.overRefunded == over && balance.unmetClaims == claims - held)
    }

    @Test(
        arguments: [
            // total, applied, drawn, state → left, spent
            (50_000, 0, 0, .open, 50_000, false),
            (50_000, 10_000, 30_000, .open, 10_000, false),
            (50_000, 10_000, 40_000, .open, 0, true),
            (0, 0, 0, .draft, 0, false),
            (50_000, 50_000, 0, .void, 0, false),
        ] as [(Int64, Int64, Int64, CreditNote.State, Int64, Bool)])
    func `of a note is what was neither applied nor drawn`(
        total: Int64, applied: Int64, drawn: Int64, state: CreditNote.State, left: Int64, isSpent: Bool
    ) {
        let note = NoteDraft(state: state, total: total, applied: applied, drawn: drawn).record(in: .usd)
        #expect(note.balance.remaining == Money(minorUnits: left, currency: .usd))
        #expect(note.isSpent == isSpent)
        #expect(note.currency == .usd)
    }

    @Test func `of a line is what was not drawn`() {
        #expect(CreditNoteLine.item(1, 30_000, drawn: 29_999).remaining == 1)
    }
}
