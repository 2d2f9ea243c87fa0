import RefundDomain
import RefundTesting
import Testing

/// Rules of the purse that the worked rows do not show.
struct PurseRuleTests {
    @Test func `A lost dispute stays lost until its funds are reinstated`() throws {
        var story = try Story()
        try story.dispute(.open, "30", at: 1)
        story.oracle.withdraw(try story.money("30"), for: "D", on: "P")
        try story.dispute(.lost, at: 2)
        try story.dispute(.won, at: 3)
        #expect(try story.purse() == "0/0/30/0/70")
        #expect(try story.ledger.disputesLost == story.balance("30"))
        story.oracle.reinstate(try story.money("30"), for: "D", on: "P", at: 4)
        #expect(try story.purse() == "0/0/0/0/100")
        #expect(story.ledger == Oracle.LedgerPosition())
    }

    @Test func `The gateway's disputes replace what the owner says is disputed`() throws {
        var story = try Story()
        story.oracle.ownerDisputed(try story.money("50"), on: "P")
        #expect(try story.purse() == "0/0/50/0/50")
        try story.dispute(.open, "30", at: 1)
        #expect(try story.purse() == "0/0/30/0/70")
    }

    @Test func `A claim told in another currency is all that was captured`() throws {
        var story = try Story()
        let euro = Money(minorUnits: 5_00, currency: try #require(Currency("EUR")))
        story.oracle.dispute("D", on: "P", .open, claim: euro, at: 1)
        #expect(try story.purse() == "0/0/100/0/0")
        try story.dispute(.open, "30", at: 2)
        #expect(try story.purse() == "0/0/30/0/70")
    }

    @Test func `A payment cannot shrink below what refunds allocated of it, and a note cannot be voided then`() throws {
        var story = try Story()
        try story.note("N", "60", .payment("P"))
        try story.cash("A", "60", of: .note("N"))
        let allocated = Oracle.Refusal.allocated(try story.money("60"))
        #expect(throws: allocated) { try story.put("P", "59") }
        #expect(throws: allocated) { try story.oracle.voidNote("N") }
        try story.put("P", "60")
        #expect(try story.purse() == "0/60/0/0/0")
        try story.oracle.void("A")
        try story.oracle.voidNote("N")
        #expect(try story.note() == "0/0/0")
        #expect(story.ledger == Oracle.LedgerPosition())
    }

    @Test func `A note has no more backing of an invoice than it needs`() throws {
        var story = try Story()
        try story.put("Q", "40")
        story.oracle.applyPayment("P", of: try story.money("60"), to: "I")
        story.oracle.applyPayment("Q", of: try story.money("40"), to: "I")
        try story.note("N", "70", .invoice("I"))
        #expect(try story.note() == "70/0/0 P 60 Q 10")
        #expect(try story.left(refusing: "70", of: .note("N")) == "60")
        try story.note("M", "50", .invoice("I"))
        #expect(try story.note("M") == "50/0/20 Q 30")
    }

    @Test func `Backing that an application sets free backs a later note`() throws {
        var story = try Story()
        story.oracle.applyPayment("P", of: try story.money("100"), to: "I")
        try story.note("N", "100", .invoice("I"))
        try story.oracle.applyNote("N", of: story.money("40"), toItsInvoice: true)
        try story.note("M", "50", .invoice("I"))
        #expect(try story.note("M") == "50/0/10 P 40")
        #expect(throws: Oracle.Refusal.tooMuch(left: try story.money("60"))) {
            try story.oracle.applyNote("N", of: story.money("61"))
        }
    }

    @Test func `What was unbacked when it left and is released is backed by what was captured since`() throws {
        var story = try Story(captured: "50")
        try story.note("N", "120", .payment("P"))
        try story.cash("A", "120", of: .note("N"))
        #expect(try story.purse() == "0/50/0/0/0")
        try story.captures("100")
        #expect(try story.purse() == "0/50/0/0/50")
        try story.oracle.void("A")
        #expect(try story.note() == "120/0/20 P 100")
        try story.cash("B", "120", of: .note("N"))
        #expect(try story.left(refusing: "0.01") == "0")
    }

    @Test func `A late success of a note's refund is over-refunded where no payment carries it`() throws {
        var story = try Story()
        try story.note("N", "60", .payments([("P", story.money("40"))]))
        try story.failByOperator("A", "60", of: .note("N"), by: .method)
        var other = story
        try story.cash("B", "60", of: .note("N"))
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.purse() == "0/80/0/0/20")
        #expect(try story.note() == "0/20/0 P 0")
        #expect(try story.ledger.unallocatedRefunds == story.balance("40"))
        #expect(try story.ledger.overRefunds == story.balance("20"))
        try other.oracle.applyNote("N", of: other.money("60"))
        try other.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try other.purse() == "0/40/0/0/60")
        #expect(try other.note() == "0/20/0 P 0")
        #expect(other.ledger.customerCredit == Oracle.Balance())
        #expect(try other.ledger.unallocatedRefunds == other.balance("40"))
    }

    @Test func `A late success of an unbacked note that was applied since is over-refunded`() throws {
        var story = try Story()
        try story.note("N", "60")
        try story.failByOperator("A", "60", of: .note("N"), by: .method)
        try story.oracle.applyNote("N", of: story.money("60"))
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.note() == "0/60/0")
        #expect(try story.ledger.overRefunds == story.balance("60"))
    }

    @Test func `A smaller paid amount releases the unbacked part first, then the last payment`() throws {
        var story = try Story()
        try story.put("Q", "40")
        try story.note("N", "150", .payments([("P", story.money("60")), ("Q", story.money("40"))]))
        try story.refund("A", "150", of: .note("N"), by: .method, nil)
        try story.oracle.indeterminate("A")
        try story.oracle.resolve("A", succeeded: true, paid: story.money("70"))
        #expect(try story.purse() == "0/60/0/0/40")
        #expect(try story.purse("Q") == "0/10/0/0/30")
        #expect(try story.note() == "80/0/50 P 0 Q 30")
        #expect(try story.ledger.customerCredit == story.balance("80"))
    }

    @Test func `A greater paid amount of a note is backed as far as it can be, then unbacked, then too much`() throws {
        var story = try Story()
        try story.note("N", "120", .payment("P"))
        try story.refund("A", "90", of: .note("N"), by: .method, nil)
        try story.oracle.indeterminate("A")
        try story.oracle.resolve("A", succeeded: true, paid: story.money("130"))
        #expect(try story.purse() == "0/100/0/0/0")
        #expect(try story.note() == "0/10/0 P 0")
        #expect(try story.ledger.overRefunds == story.balance("10"))
        #expect(story.ledger.unallocatedRefunds == Oracle.Balance())
        #expect(story.oracle.received(by: "", in: story.currency).unguardedFacts == [.greaterAmount])
    }

    @Test func `A final refund that the gateway reports with another amount is pending at the greater one`() throws {
        var story = try Story()
        try story.refund("A", "60")
        try story.oracle.report(.succeeded, of: "A", amount: story.money("70"), at: 2)
        #expect(try story.purse() == "70/0/0/0/30")
        try story.oracle.resolve("A", succeeded: true, paid: story.money("60"))
        #expect(try story.purse() == "0/60/0/0/40")
    }

    @Test func `History of a note counts on the payment that backs it, and returns to it`() throws {
        var story = try Story()
        try story.note("N", "60", .payments([("P", story.money("60"))]))
        story.oracle.history("A", of: .note("N"), amount: try story.money("60"))
        #expect(try story.purse() == "0/60/0/0/40")
        #expect(try story.note() == "0/0/0 P 0")
        try story.oracle.report(.returned, of: "A", at: 1)
        #expect(try story.purse() == "0/0/0/0/100")
        #expect(try story.note() == "60/0/0 P 60")
    }

    @Test func `A step that the life does not have is refused, and a report of it changes nothing`() throws {
        var story = try Story()
        try story.cash("A", "60")
        #expect(throws: Oracle.Refusal.notAStep(.succeeded)) { try story.oracle.send("A") }
        try story.oracle.void("A")
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.purse() == "0/0/0/0/100")
        #expect(throws: Oracle.Refusal.unknown("B")) { try story.oracle.void("B") }
        #expect(throws: Oracle.Refusal.nameInUse("A")) { try story.cash("A", "1") }
    }
}
