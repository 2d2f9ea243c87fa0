import RefundDomain
import Testing

@Suite struct `A note that a refund raises for itself` {
    @Test func `is worth the refund, and spent from the start`() throws {
        let scene = RefundScene(.paymentRaisingNote)
        let decision = try scene.decision()
        let note = try #require(decision.raisedNote)
        #expect(note.id == CreditNoteID(9_002))
        #expect(note.number == "CN-26")
        #expect(note.state == .open)
        #expect(note.isForRefund)
        #expect(note.balance == CreditNoteBalance(currency: .inr, total: 20_000, drawn: 20_000))
        #expect(note.isSpent)
        #expect(note.party == PartyID(1))
        #expect(note.payment == PaymentID(731))
        #expect(note.invoiceNumber == "INV-384")
        #expect(note.reference == "INV-384")
        #expect(note.raisedOn == scene.today)
        #expect(decision.refund.creditNote == note.id)
        #expect(decision.refund.noteRemainingAfter == 0)
    }

    @Test(
        arguments: [
            // way, day asked for → day raised
            (.offline(.cash), nil, "2024-08-20"),
            (.offline(.cash), "2024-08-10", "2024-08-10"),
            (.offline(.cash), "2024-09-01", "2024-09-01"),
            (.asTaken, "2024-08-10", "2024-08-20"),
            (.toMethod(), "2024-08-10", "2024-08-20"),
        ] as [(RequestRefund.Way, String?, String)])
    func `is raised on the day on which the refund takes effect`(
        way: RequestRefund.Way, asked: String?, raised: String
    ) throws {
        var scene = RefundScene(.paymentRaisingNote)
        scene.way = way
        scene.effectiveOn = asked.map(day)
        let decision = try scene.decision()
        #expect(decision.raisedNote?.raisedOn == day(raised))
        #expect(decision.journals.first?.cause == .noteOpened)
        #expect(decision.journals.allSatisfy { $0.effectiveOn == day(raised) })
    }

    @Test func `is not there where nobody asked for one`() throws {
        for source in [RefundScene.Source.payment, .note, .backedNote] {
            #expect(try RefundScene(source).decision().raisedNote == nil, "\(source)")
        }
    }

    @Test func `opens in the ledger before it is refunded`() throws {
        var scene = RefundScene(.paymentRaisingNote)
        scene.way = .offline(.cash)
        let journals = try scene.decision().journals
        #expect(journals.map(\.cause) == [.noteOpened, .refundAccepted, .refundRecorded])
        #expect(journals.map(\.record) == [9_002, 9_001, 9_001])
        #expect(journals.map(\.step) == [1, 1, 2])
        #expect(
            journals.map(\.posted) == [
                ["sales_returns 200.00 INR", "customer_credit -200.00 INR"],
                ["customer_credit 200.00 INR", "refunds_payable -200.00 INR"],
                ["refunds_payable 200.00 INR", "cash -200.00 INR"],
            ])
    }

    @Test func `takes the rate of the payment`() throws {
        var scene = RefundScene(.paymentRaisingNote)
        scene.amount = money("200.00 USD")
        scene.payment.rate = rate("83.2475")
        let decision = try scene.decision()
        #expect(decision.raisedNote?.rate == rate("83.2475"))
        #expect(decision.refund.rate == rate("83.2475"))
    }

    @Test(
        arguments: [(.open, CreditNoteID(9_002)), (.void, nil), (.draft, nil)]
            as [(CreditNote.State, CreditNoteID?)])
    func `is voided with the refund only while it is open`(state: CreditNote.State, voided: CreditNoteID?) throws {
        var scene = try RefundAtGateway(in: .submitting, raisingNote: true)
        scene.sources.note = scene.sources.note?.being(state)
        let change = try scene.meeting(.failed)
        #expect(change.voidedNote?.id == voided)
        #expect(try scene.journals(of: change).map(\.cause) == [.refundReleased] + (voided == nil ? [] : [.noteVoided]))
    }
}

@Suite struct `A note that is refunded` {
    @Test(arguments: [(50_000, 0, 30_000), (50_000, 10_000, 20_000), (20_000, 0, 0)] as [(Int64, Int64, Int64)])
    func `says what is left of it`(total: Int64, applied: Int64, left: Int64) throws {
        var scene = RefundScene(.note)
        scene.note.total = total
        scene.note.applied = applied
        #expect(try scene.decision().refund.noteRemainingAfter == left)
    }

    @Test func `gives the refund its rate, whatever the payment behind it had`() throws {
        var scene = RefundScene(.backedNote)
        scene.amount = money("200.00 USD")
        scene.note.rate = rate("84")
        scene.payment.rate = rate("83.2475")
        #expect(try scene.decision().refund.rate == rate("84"))
    }

    @Test func `opens with its tax apart from what was sold`() throws {
        var note = NoteDraft()
        note.total = 11_800
        note.tax = 1_800
        let taxes = [CreditNoteLine.tax(2, of: 1, 900), .tax(3, of: 1, 900)]
        let journal = try noteOpening(
            note.record(in: .inr), taxes: taxes, base: .inr, at: Instant(seconds: 0))
        #expect(
            journal.posted == [
                "sales_returns 100.00 INR", "customer_credit -100.00 INR",
                "tax_payable:GST 9.00 INR", "customer_credit -9.00 INR",
                "tax_payable:GST 9.00 INR", "customer_credit -9.00 INR",
            ])
        #expect(journal.effectiveOn == day("2024-08-05"))
        #expect(journal.isBalanced)
        #expect(Books([journal])[.customerCredit].amount == -11_800)
    }
}
