import RefundDomain
import RefundTesting
import Testing

/// The worked purses of one payment, row by row; those of notes stand in `PursesTests+Notes.swift`.
struct PursesTests {
    @Test func `Row 1: a refund leaves what may be refunded after it`() throws {
        var story = try Story()
        try story.refund("A", "60")
        #expect(try story.purse() == "0/60/0/0/40")
        #expect(try story.left(refusing: "50") == "40")
    }

    @Test func `Row 6: a dispute holds its claim until it is won, and for good where it is lost`() throws {
        var story = try Story()
        try story.dispute(.open, "30", at: 1)
        #expect(try story.purse() == "0/0/30/0/70")
        var lost = story
        try story.dispute(.won, at: 2)
        #expect(try story.purse() == "0/0/0/0/100")
        try lost.dispute(.lost, at: 2)
        try lost.dispute(.open, at: 3)
        #expect(try lost.purse() == "0/0/30/0/70")
    }

    @Test func `Row 7: a voided cash refund gives its money to the unmet claim first`() throws {
        var story = try Story()
        try story.cash("A", "60")
        try story.dispute(.open, "100", at: 1)
        #expect(try story.purse() == "0/60/40/0/0")
        #expect(story.oracle.exceptions(of: "P") == [.disputedAfterRefund(unmet: try story.minor("60"))])
        try story.oracle.void("A")
        #expect(try story.purse() == "0/0/100/0/0")
        #expect(story.oracle.exceptions(of: "P").isEmpty)
    }

    @Test func `Row 8: a dispute lost after the refund leaves the purse as it is and books a loss`() throws {
        var story = try Story()
        try story.refund("A", "100")
        try story.dispute(.open, "100", at: 1)
        story.oracle.withdraw(try story.money("100"), for: "D", on: "P")
        #expect(try story.purse() == "0/100/0/0/0")
        #expect(story.oracle.exceptions(of: "P") == [.disputedAfterRefund(unmet: try story.minor("100"))])
        #expect(try story.ledger.disputesReceivable == story.balance("100"))
        try story.dispute(.lost, at: 2)
        #expect(try story.purse() == "0/100/0/0/0")
        #expect(story.oracle.exceptions(of: "P") == [.disputedAfterRefund(unmet: try story.minor("100"))])
        #expect(story.ledger.disputesReceivable == Oracle.Balance())
        #expect(try story.ledger.disputesLost == story.balance("100"))
    }

    @Test func `Row 9: an inquiry claims nothing, and a won dispute may open again and be lost`() throws {
        var story = try Story()
        try story.dispute(.inquiry, "100", at: 1)
        #expect(try story.purse() == "0/0/0/0/100")
        try story.dispute(.open, "100", at: 2)
        #expect(try story.purse() == "0/0/100/0/0")
        try story.dispute(.won, at: 3)
        #expect(try story.purse() == "0/0/0/0/100")
        try story.dispute(.open, at: 4)
        #expect(try story.purse() == "0/0/100/0/0")
        try story.dispute(.lost, at: 5)
        #expect(try story.purse() == "0/0/100/0/0")
    }

    @Test func `Row 10: a late success is refunded again`() throws {
        var story = try Story()
        try story.refund("A", "60", nil)
        try story.oracle.indeterminate("A")
        #expect(try story.purse() == "60/0/0/0/40")
        try story.oracle.resolve("A", succeeded: false)
        #expect(try story.purse() == "0/0/0/0/100")
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.purse() == "0/60/0/0/40")
        #expect(story.oracle.received(from: "P").unguardedFacts == [.lateSuccess])
    }

    @Test func `Row 11: a late success after another refund over-refunds the payment`() throws {
        var story = try Story()
        try story.failByOperator("A", "60")
        try story.refund("B", "100")
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.purse() == "0/160/0/60/0")
        #expect(try story.ledger.overRefunds == story.balance("60"))
        #expect(try story.ledger.unallocatedRefunds == story.balance("100"))
        let over = try story.minor("60")
        #expect(story.oracle.exceptions(of: "P") == [.overRefunded(over, because: [.lateSuccess])])
        #expect(try story.oracle.received(from: "P").fromPayments == story.minor("160"))
    }

    @Test func `Row 12: a late pending is reserved beyond what was captured until it ends`() throws {
        var story = try Story()
        try story.failByOperator("A", "60")
        try story.refund("B", "100")
        try story.oracle.report(.pending, of: "A", at: 1)
        #expect(try story.purse() == "60/100/0/60/0")
        #expect(try story.ledger.refundsPayable == story.balance("60"))
        var succeeded = story
        try story.oracle.report(.failed, of: "A", at: 2)
        #expect(try story.purse() == "0/100/0/0/0")
        #expect(story.ledger.refundsPayable == Oracle.Balance())
        try succeeded.oracle.report(.succeeded, of: "A", at: 2)
        #expect(try succeeded.purse() == "0/160/0/60/0")
    }

    @Test func `Row 13: what a void sets free first lowers what is over-refunded`() throws {
        var story = try Story()
        try story.cash("A", "60")
        #expect(try story.purse() == "0/60/0/0/40")
        try story.outOfBand("B", "60")
        #expect(try story.purse() == "0/120/0/20/0")
        #expect(try story.ledger.overRefunds == story.balance("20"))
        try story.oracle.void("A")
        #expect(try story.purse() == "0/60/0/0/40")
        try story.refund("C", "40")
        #expect(try story.purse() == "0/100/0/0/0")
        #expect(story.ledger.overRefunds == Oracle.Balance())
    }

    @Test func `Row 14: a later capture lowers what is over-refunded, then may be refunded`() throws {
        var story = try Story()
        try story.cash("A", "60")
        try story.outOfBand("B", "60")
        #expect(try story.purse() == "0/120/0/20/0")
        try story.captures("150")
        #expect(try story.purse() == "0/120/0/0/30")
    }

    @Test func `Row 15: a refund out of band lowers what a dispute holds`() throws {
        var story = try Story()
        try story.cash("A", "60")
        try story.dispute(.open, "100", at: 1)
        #expect(try story.purse() == "0/60/40/0/0")
        try story.outOfBand("B", "20")
        #expect(try story.purse() == "0/80/20/0/0")
        try story.dispute(.won, at: 2)
        #expect(try story.purse() == "0/80/0/0/20")
    }

    @Test func `Row 16: what is told before its payment waits, and no success of it is believed`() throws {
        var story = try Story(captured: nil)
        try story.outOfBand("A", "60")
        #expect(story.oracle.purse(of: "P") == nil)
        #expect(try !story.oracle.mayAccept(story.money("1"), of: .payment("P"), by: .charge(of: nil)))
        try story.put("P", "100")
        #expect(try story.purse() == "60/0/0/0/40")
        var failed = story
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.purse() == "0/60/0/0/40")
        try failed.oracle.report(.failed, of: "A", at: 1)
        #expect(try failed.purse() == "0/0/0/0/100")
    }

    @Test func `Row 17: history is recorded as it is, also beyond what was captured`() throws {
        var story = try Story()
        story.oracle.history("A", of: .payment("P"), amount: try story.money("160"))
        #expect(try story.purse() == "0/160/0/60/0")
        let over = try story.minor("60")
        #expect(story.oracle.exceptions(of: "P") == [.overRefunded(over, because: [.history])])
    }

    @Test func `Row 18: another amount is believed only from an operator`() throws {
        var story = try Story()
        try story.refund("A", "67.08", nil)
        try story.oracle.report(.succeeded, of: "A", amount: story.money("67.07"), at: 1)
        #expect(story.oracle.state(of: "A") == .unknown)
        #expect(try story.purse() == "67.08/0/0/0/32.92")
        try story.oracle.resolve("A", succeeded: true, paid: story.money("67.07"))
        #expect(try story.purse() == "0/67.07/0/0/32.93")
    }

    @Test func `Row 19: of two refunds at once only one is accepted`() throws {
        var story = try Story()
        try story.oracle.accept("A", of: .payment("P"), by: .charge(of: "P"), amount: story.money("60"))
        #expect(try story.left(refusing: "60") == "40")
        #expect(try story.purse() == "60/0/0/0/40")
    }

    @Test func `Row 20: a retry is the same refund only where no attempt may have left`() throws {
        var story = try Story()
        try story.oracle.accept("A", of: .payment("P"), by: .charge(of: "P"), amount: story.money("60"))
        var left = story
        try story.oracle.send("A")
        try story.oracle.notSent("A")
        try story.oracle.expire("A")
        #expect(try story.purse() == "0/0/0/0/100")
        #expect(try !story.oracle.retry("A", as: "B"))
        #expect(try story.purse() == "60/0/0/0/40")
        #expect(story.oracle.state(of: "A") == .approved)
        #expect(story.oracle.state(of: "B") == nil)
        try left.oracle.send("A")
        try left.oracle.report(.failed, of: "A", at: 1)
        #expect(try left.oracle.retry("A", as: "B"))
        #expect(try left.purse() == "60/0/0/0/40")
        try left.oracle.send("B")
        try left.oracle.report(.succeeded, of: "B", at: 2)
        try left.oracle.report(.succeeded, of: "A", at: 3)
        #expect(try left.purse() == "0/120/0/20/0")
    }

    @Test func `Row 21: a refund that waits for approval reserves and posts nothing`() throws {
        var story = try Story()
        try story.oracle.accept(
            "A", of: .payment("P"), by: .charge(of: "P"), amount: story.money("80"), needsApproval: true)
        #expect(try story.purse() == "80/0/0/0/20")
        #expect(story.ledger == Oracle.LedgerPosition())
        try story.oracle.cancel("A")
        #expect(try story.purse() == "0/0/0/0/100")
    }

    @Test func `Row 22: currencies of three decimals and of none are exact`() throws {
        var dinar = try Story(currency: "KWD", captured: "10.125")
        try dinar.refund("A", "1.005")
        #expect(try dinar.purse() == "0/1.005/0/0/9.12")
        var yen = try Story(currency: "JPY", captured: "9899")
        try yen.refund("A", "9899")
        #expect(try yen.purse() == "0/9899/0/0/0")
    }

    @Test func `Row 27: a void after two refunds and a dispute meets the claim with what is not over-refunded`() throws
    {
        var story = try Story()
        try story.cash("A", "60")
        #expect(try story.purse() == "0/60/0/0/40")
        try story.outOfBand("B", "60")
        #expect(try story.purse() == "0/120/0/20/0")
        try story.dispute(.open, "100", at: 1)
        #expect(try story.purse() == "0/120/0/20/0")
        try story.oracle.void("A")
        #expect(try story.purse() == "0/60/40/0/0")
    }

    @Test func `Row 28: a dispute's steps are ordered by the gateway's moment`() throws {
        var story = try Story()
        try story.dispute(.won, at: 9)
        #expect(try story.purse() == "0/0/0/0/100")
        try story.dispute(.open, "100", at: 7)
        #expect(try story.purse() == "0/0/0/0/100")
    }

    @Test func `Row 30: what the bank returns meets the claim of a lost dispute`() throws {
        var story = try Story()
        try story.refund("A", "100")
        try story.dispute(.open, "100", at: 1)
        try story.dispute(.lost, at: 2)
        #expect(try story.purse() == "0/100/0/0/0")
        #expect(story.oracle.exceptions(of: "P") == [.disputedAfterRefund(unmet: try story.minor("100"))])
        try story.oracle.report(.returned, of: "A", at: 3)
        #expect(try story.purse() == "0/0/100/0/0")
        #expect(story.oracle.received(from: "P").fromPayments == 0)
    }

    @Test func `Row 33: an operator's greater amount is allocated from what is left, then over-refunds`() throws {
        var story = try Story()
        try story.refund("A", "60", nil)
        try story.oracle.indeterminate("A")
        try story.oracle.resolve("A", succeeded: true, paid: story.money("70"))
        #expect(try story.purse() == "0/70/0/0/30")
        try story.refund("B", "30", nil)
        try story.oracle.indeterminate("B")
        try story.oracle.resolve("B", succeeded: true, paid: story.money("40"))
        #expect(try story.purse() == "0/110/0/10/0")
        let over = try story.minor("10")
        #expect(story.oracle.exceptions(of: "P") == [.overRefunded(over, because: [.greaterAmount])])
    }

    @Test func `Row 34: pending refunds out of band reserve beyond what was captured`() throws {
        var story = try Story()
        try story.cash("A", "100")
        try story.outOfBand("a", "30", .pending)
        try story.outOfBand("b", "20", .pending)
        #expect(try story.purse() == "50/100/0/50/0")
        try story.oracle.report(.failed, of: "b", at: 2)
        #expect(try story.purse() == "30/100/0/30/0")
        try story.captures("110")
        #expect(try story.purse() == "30/100/0/20/0")
    }

    @Test func `Row 37: a later capture meets the claim`() throws {
        var story = try Story()
        try story.cash("A", "60")
        try story.dispute(.open, "100", at: 1)
        #expect(try story.purse() == "0/60/40/0/0")
        try story.captures("130")
        #expect(try story.purse() == "0/60/70/0/0")
    }

    @Test func `Row 38: a claim may be lowered`() throws {
        var story = try Story()
        try story.cash("A", "60")
        try story.dispute(.open, "100", at: 1)
        #expect(try story.purse() == "0/60/40/0/0")
        try story.dispute(.open, "50", at: 2)
        #expect(try story.purse() == "0/60/40/0/0")
        #expect(story.oracle.exceptions(of: "P") == [.disputedAfterRefund(unmet: try story.minor("10"))])
        try story.dispute(.open, "20", at: 3)
        #expect(try story.purse() == "0/60/20/0/20")
        #expect(story.oracle.exceptions(of: "P").isEmpty)
    }

    @Test func `Row 41: a refund out of band after a dispute ends as the other order does`() throws {
        var story = try Story()
        try story.dispute(.open, "100", at: 1)
        #expect(try story.purse() == "0/0/100/0/0")
        try story.outOfBand("A", "60")
        #expect(try story.purse() == "0/60/40/0/0")
    }

    @Test func `Row 42: a refund whose payment has an unmet claim is not sent`() throws {
        var story = try Story()
        try story.oracle.accept("A", of: .payment("P"), by: .charge(of: "P"), amount: story.money("100"))
        #expect(story.oracle.maySend("A"))
        try story.dispute(.open, "100", at: 1)
        #expect(try story.purse() == "100/0/0/0/0")
        #expect(story.oracle.exceptions(of: "P") == [.disputedAfterRefund(unmet: try story.minor("100"))])
        #expect(!story.oracle.maySend("A"))
    }
}
