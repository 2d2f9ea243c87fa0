import RefundDomain
import RefundTesting
import Testing

extension PursesTests {
    @Test func `Row 2: a refund of a note reserves on the payment that backs it`() throws {
        var story = try Story()
        try story.note("N", "60", .payments([("P", story.money("60"))]))
        try story.cash("A", "60", of: .note("N"))
        #expect(try story.purse() == "0/60/0/0/40")
        #expect(try story.left(refusing: "50") == "40")
        try story.refund("B", "40")
        #expect(try story.purse() == "0/100/0/0/0")
    }

    @Test func `Row 3: a note whose payment has nothing left is refused by every destination`() throws {
        var story = try Story()
        try story.refund("A", "100")
        #expect(try story.purse() == "0/100/0/0/0")
        try story.note("N", "60", .payments([("P", story.money("60"))]))
        #expect(try story.note() == "60/0/0 P 60")
        for destination in [Oracle.Destination.offline, .method, .charge(of: nil), .charge(of: "P")] {
            #expect(try story.left(refusing: "60", of: .note("N"), by: destination) == "0")
        }
    }

    @Test func `Row 4: the unbacked part of a note never goes to a charge`() throws {
        var story = try Story()
        try story.note("N", "120", .payment("P"))
        #expect(try story.note() == "120/0/20 P 100")
        #expect(try story.left(refusing: "120", of: .note("N")) == "100")
        try story.cash("A", "120", of: .note("N"))
        #expect(try story.purse() == "0/100/0/0/0")
        #expect(try story.note() == "0/0/0 P 0")
        #expect(try story.left(refusing: "0.01") == "0")
        #expect(try story.oracle.received(from: "P").fromPayments == story.minor("100"))
        #expect(try story.oracle.received(by: "", in: story.currency).unbacked == story.minor("20"))
    }

    @Test func `Row 5: a note of an invoice is backed by the payments of the invoice in order`() throws {
        var story = try Story(captured: nil)
        try story.put("P1", "60")
        try story.put("P2", "40")
        story.oracle.applyPayment("P1", of: try story.money("60"), to: "I")
        story.oracle.applyPayment("P2", of: try story.money("40"), to: "I")
        try story.note("N", "100", .invoice("I"))
        #expect(try story.note() == "100/0/0 P1 60 P2 40")
        try story.cash("A", "70", of: .note("N"))
        #expect(try story.purse("P1") == "0/60/0/0/0")
        #expect(try story.purse("P2") == "0/10/0/0/30")
        #expect(try story.left(refusing: "31", of: .payment("P2")) == "30")
        try story.refund("B", "30", of: .payment("P2"))
        #expect(try story.purse("P2") == "0/40/0/0/0")
        #expect(try story.left(refusing: "30", of: .note("N"), by: .offline) == "0")
    }

    @Test func `Row 23: the refund that spends a note has the rest of its base amount`() throws {
        var story = try Story(base: "INR", captured: nil)
        try story.oracle.putNote("N", total: story.money("1.00"), rate: Oracle.Rate(83_335, scale: 3))
        #expect(try story.ledger.customerCredit == story.balance("1.00", base: 83_34))
        for (name, amount, base) in [("A", "0.33", 27_50), ("B", "0.33", 27_50), ("C", "0.34", 28_34)] {
            try story.cash(name, amount, of: .note("N"))
            #expect(story.oracle.baseAmount(of: name) == Int64(base))
        }
        #expect(story.ledger == Oracle.LedgerPosition())
    }

    @Test func `Row 24: an amount in proportion has the tax of each line and leaves nothing at the end`() {
        let lines = [OracleLines.Line("A", net: 100_00, tax: 18_00), OracleLines.Line("B", net: 50_00, tax: 9_00)]
        let first = OracleLines.inProportion(59_00, over: lines)
        #expect(first.map(\.net) == [33_33, 16_67])
        #expect(first.map(\.tax) == [6_00, 3_00])
        let left = OracleLines.left(of: lines, after: first)
        let second = OracleLines.inProportion(118_00, over: left)
        #expect(second.map(\.net) == [66_67, 33_33])
        #expect(second.map(\.tax) == [12_00, 6_00])
        #expect(OracleLines.left(of: left, after: second).map(\.total) == [0, 0])
    }

    @Test func `Row 25: a fee is netted against its line before an amount goes first in, first out`() {
        let lines = OracleLines.netted([
            OracleLines.Line("chair", net: 100_00), OracleLines.Line("restocking", net: -10_00, lowers: "chair"),
        ])
        let first = OracleLines.firstInFirstOut(45_00, over: lines)
        #expect(first == [OracleLines.Line("chair", net: 45_00)])
        let left = OracleLines.left(of: lines, after: first)
        let second = OracleLines.firstInFirstOut(45_00, over: left)
        #expect(OracleLines.left(of: left, after: second) == [OracleLines.Line("chair", net: 0)])
    }

    @Test func `Row 26: applying a note to the invoice that it credits lowers its backing`() throws {
        var story = try Story()
        story.oracle.applyPayment("P", of: try story.money("100"), to: "I")
        try story.note("N", "100", .invoice("I"))
        try story.oracle.applyNote("N", of: story.money("40"), toItsInvoice: true)
        #expect(try story.note() == "60/0/0 P 60")
        try story.cash("A", "60", of: .note("N"))
        #expect(try story.purse() == "0/60/0/0/40")
        #expect(try story.note() == "0/0/0 P 0")
    }

    @Test func `Row 29: a later note of an invoice is backed by what earlier notes leave`() throws {
        var story = try Story()
        story.oracle.applyPayment("P", of: try story.money("100"), to: "I")
        try story.note("A", "60", .invoice("I"))
        try story.note("B", "60", .invoice("I"))
        #expect(try story.note("A") == "60/0/0 P 60")
        #expect(try story.note("B") == "60/0/20 P 40")
        try story.cash("b", "60", of: .note("B"))
        #expect(try story.purse() == "0/40/0/0/60")
        try story.cash("a", "60", of: .note("A"))
        #expect(try story.purse() == "0/100/0/0/0")
    }

    @Test func `Row 31: a late success of a note's refund is unallocated as far as its payment covers it`() throws {
        var story = try Story()
        try story.note("N", "60", .payments([("P", story.money("60"))]))
        try story.failByOperator("A", "60", of: .note("N"))
        try story.cash("B", "60", of: .note("N"))
        #expect(try story.purse() == "0/60/0/0/40")
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.purse() == "0/120/0/20/0")
        #expect(try story.ledger.overRefunds == story.balance("20"))
        #expect(try story.ledger.unallocatedRefunds == story.balance("40"))
        #expect(try story.note() == "0/0/0 P 0")
        try story.oracle.void("B")
        #expect(try story.purse() == "0/60/0/0/40")
        #expect(story.ledger == Oracle.LedgerPosition())
    }

    @Test func `Row 32: a late success of an unbacked note's refund over-refunds the note`() throws {
        var story = try Story()
        try story.note("N", "60")
        try story.failByOperator("A", "60", of: .note("N"), by: .method)
        try story.cash("B", "60", of: .note("N"))
        try story.oracle.report(.succeeded, of: "A", at: 1)
        #expect(try story.note() == "0/60/0")
        #expect(try story.ledger.overRefunds == story.balance("60"))
        #expect(story.ledger.unallocatedRefunds == Oracle.Balance())
        try story.oracle.void("B")
        #expect(try story.note() == "0/0/0")
        #expect(story.ledger == Oracle.LedgerPosition())
        #expect(try story.purse() == "0/0/0/0/100")
    }

    @Test func `Row 35: a note is not refundable until the payment that backs it has captured`() throws {
        for named in [false, true] {
            var story = try Story(captured: "0")
            try story.note("N", "60", named ? .payments([("P", story.money("60"))]) : .payment("P"))
            #expect(try story.left(refusing: "60", of: .note("N"), by: .offline) == "0")
            try story.captures("100")
            try story.cash("A", "60", of: .note("N"))
            #expect(try story.purse() == "0/60/0/0/40")
            #expect(try story.left(refusing: "50") == "40")
        }
    }

    @Test func `Row 36: a note is refunded from the payment that still has something`() throws {
        var story = try Story(captured: nil)
        try story.put("P1", "60")
        try story.put("P2", "40")
        try story.note("N", "100", .payments([("P1", story.money("60")), ("P2", story.money("40"))]))
        try story.refund("A", "60", of: .payment("P1"))
        try story.cash("B", "40", of: .note("N"))
        #expect(try story.purse("P1") == "0/60/0/0/0")
        #expect(try story.purse("P2") == "0/40/0/0/0")
        #expect(try story.left(refusing: "0.01", of: .note("N"), by: .offline) == "0")
    }

    @Test func `Row 39: a refund with a rate of its own books the difference`() throws {
        var story = try Story(base: "INR", captured: nil)
        try story.oracle.putNote("N", total: story.money("1.00"), rate: Oracle.Rate(83_335, scale: 3))
        try story.oracle.accept(
            "A", of: .note("N"), by: .method, amount: story.money("1.00"), rate: Oracle.Rate(84, scale: 0))
        #expect(try story.ledger.refundsPayable == story.balance("1.00", base: 84_00))
        #expect(story.ledger.customerCredit == Oracle.Balance())
        #expect(story.ledger.fxGainLoss == 66)
    }

    @Test func `Row 40: a hundred parts of a note never have more base amount than it has`() throws {
        var story = try Story(base: "INR", captured: nil)
        try story.oracle.putNote("N", total: story.money("1.00"), rate: Oracle.Rate(5, scale: 1))
        var sum: Int64 = 0
        for part in 1...100 {
            try story.cash("\(part)", "0.01", of: .note("N"))
            let base = try #require(story.oracle.baseAmount(of: "\(part)"))
            #expect(base >= 0)
            sum += base
            #expect(story.ledger.customerCredit.base >= 0)
        }
        #expect(sum == 50)
        #expect(story.ledger == Oracle.LedgerPosition())
    }
}
