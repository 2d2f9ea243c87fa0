import RefundDomain
import RefundTesting
import Testing

/// Facts that do not depend on each other end in the same amounts, in whatever order they are told.
struct PurseOrderTests {
    @Test(arguments: 0..<300)
    func `Facts in any order end in the same amounts`(seed: Int) throws {
        var random = SeededRandom(state: UInt64(seed))
        let begun = try begin(&random)
        let facts = facts(&random, of: begun.currency)
        let inOrder = try told(facts, to: begun)
        for _ in 0..<4 {
            let shuffled = facts.shuffled(using: &random)
            let other = try told(shuffled, to: begun)
            #expect(try other.purse("P") == inOrder.purse("P"), "seed \(seed)")
            #expect(try other.purse("Q") == inOrder.purse("Q"), "seed \(seed)")
            #expect(other.oracle.balance(of: "N") == inOrder.oracle.balance(of: "N"), "seed \(seed)")
            #expect(other.oracle.exceptions(of: "P") == inOrder.oracle.exceptions(of: "P"), "seed \(seed)")
            #expect(other.ledger == inOrder.ledger, "seed \(seed)")
            let received = inOrder.oracle.received(by: "", in: begun.currency)
            #expect(other.oracle.received(by: "", in: begun.currency) == received, "seed \(seed)")
            for source in [Oracle.Source.payment("P"), .note("N")] {
                for destination in [Oracle.Destination.charge(of: nil), .method] {
                    let left = inOrder.oracle.largestAcceptable(of: source, by: destination)
                    #expect(other.oracle.largestAcceptable(of: source, by: destination) == left, "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: 0..<300)
    func `An accepted request stays within every payment that it reserves on, and the books balance`(
        seed: Int
    ) throws {
        var random = SeededRandom(state: UInt64(seed))
        var story = try begin(&random)
        for (step, fact) in facts(&random, of: story.currency).enumerated() {
            try fact.tell(&story.oracle)
            let source = [Oracle.Source.payment("P"), .payment("Q"), .note("N")].randomElement(using: &random)
            let destination = [Oracle.Destination.charge(of: nil), .method, .offline].randomElement(using: &random)
            if let source, let destination,
                let amount = story.acceptable(of: source, by: destination, using: &random)
            {
                let before = try ["P", "Q"].map { try #require(story.oracle.purse(of: $0)) }
                try story.oracle.accept("step \(step)", of: source, by: destination, amount: amount)
                let after = try ["P", "Q"].map { try #require(story.oracle.purse(of: $0)) }
                for (before, after) in zip(before, after) where after.allocated > before.allocated {
                    #expect(after.allocated + after.claims <= after.captured, "seed \(seed)")
                }
            }
            let received = story.oracle.received(by: "", in: story.currency)
            #expect(received.fromPayments <= received.captured || !received.unguardedFacts.isEmpty, "seed \(seed)")
            let ledger = story.ledger
            let debits = ledger.overRefunds.amount + ledger.unallocatedRefunds.amount - ledger.customerCredit.amount
            let total = received.byGateway + received.offline + ledger.refundsPayable.amount
            #expect(debits + 170_00 == total, "seed \(seed)")
        }
    }

    /// Two payments and a note, backed in one way or another, with refunds that were accepted and sent.
    private func begin(_ random: inout SeededRandom) throws -> Story {
        var story = try Story(captured: "100")
        try story.put("Q", "50")
        story.oracle.applyPayment("Q", of: try story.money("50"), to: "I")
        story.oracle.applyPayment("P", of: try story.money("100"), to: "I")
        let named = Oracle.Backing.payments([("P", try story.money("80")), ("Q", try story.money("40"))])
        let backing = [named, .payment("P"), .invoice("I"), .none].randomElement(using: &random) ?? .none
        try story.note("N", "170", backing)
        try story.cash("cash", "20")
        let sources: [(Oracle.Source, Oracle.Destination)] = [
            (.payment("P"), .charge(of: nil)), (.note("N"), .charge(of: "P")), (.note("N"), .method),
        ]
        for refund in 0..<5 {
            guard let (source, destination) = sources.randomElement(using: &random),
                let amount = story.acceptable(of: source, by: destination, using: &random)
            else { continue }
            try story.oracle.accept("\(refund)", of: source, by: destination, amount: amount)
            try story.oracle.send("\(refund)")
            // Some are given up, so that others find room and their own success comes late.
            guard Bool.random(using: &random) else { continue }
            try story.oracle.indeterminate("\(refund)")
            try story.oracle.resolve("\(refund)", succeeded: false)
        }
        return story
    }

    private func facts(_ random: inout SeededRandom, of currency: Currency) -> [Fact] {
        var facts: [Fact] = []
        for refund in 0..<5 {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                facts.append(.report(refund, reports.randomElement(using: &random) ?? .pending, random.moment()))
            }
        }
        for name in ["out 1", "out 2"] {
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let amount = Money(minorUnits: Int64.random(in: 1...40_00, using: &random), currency: currency)
                let report = reports.randomElement(using: &random) ?? .pending
                facts.append(.outOfBand(name, amount, report, random.moment()))
            }
        }
        for name in ["dispute 1", "dispute 2"] {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let claim = Money(minorUnits: Int64.random(in: 1...90_00, using: &random), currency: currency)
                let stage = stages.randomElement(using: &random) ?? .open
                facts.append(.dispute(name, stage, claim, random.moment()))
            }
        }
        if Bool.random(using: &random) { facts.append(.voided("cash")) }
        for _ in 0..<2 {
            let amount = Money(minorUnits: Int64.random(in: 100_00...160_00, using: &random), currency: currency)
            facts.append(.captured(amount))
        }
        return facts
    }

    private func told(_ facts: [Fact], to begun: Story) throws -> Story {
        var story = begun
        for fact in facts { try fact.tell(&story.oracle) }
        return story
    }

    private let reports: [Oracle.Report] = [.pending, .failed, .canceled, .succeeded, .returned]
    private let stages: [Oracle.DisputeStage] = [.inquiry, .open, .won, .lost, .reinstated]
}

extension Story {
    /// Some amount that must be accepted, most often the largest; nil where none is.
    fileprivate func acceptable(
        of source: Oracle.Source, by destination: Oracle.Destination, using random: inout SeededRandom
    ) -> Money? {
        guard let largest = oracle.largestAcceptable(of: source, by: destination), largest.isPositive else {
            return nil
        }
        guard Bool.random(using: &random) else { return largest }
        return Money(minorUnits: Int64.random(in: 1...largest.minorUnits, using: &random), currency: currency)
    }
}

private enum Fact {
    case report(Int, Oracle.Report, Int64)
    case outOfBand(String, Money, Oracle.Report, Int64)
    case dispute(String, Oracle.DisputeStage, Money, Int64)
    case captured(Money)
    case voided(String)

    func tell(_ oracle: inout Oracle) throws {
        switch self {
        case .report(let refund, let report, let moment):
            guard oracle.state(of: "\(refund)") != nil else { return }
            try oracle.report(report, of: "\(refund)", at: moment)
        case .outOfBand(let name, let amount, let report, let moment):
            oracle.outOfBand(name, on: "P", amount: amount, report, at: moment)
        case .dispute(let name, let stage, let claim, let moment):
            oracle.dispute(name, on: "P", stage, claim: claim, at: moment)
        case .voided(let refund): try oracle.void(refund)
        case .captured(let amount): oracle.gatewayCaptured(amount, on: "P")
        }
    }
}

/// SplitMix64: the same story for the same seed.
private struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func moment() -> Int64 {
        Int64.random(in: 1...9, using: &self)
    }
}
