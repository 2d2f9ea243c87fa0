import RefundDomain
import Testing

@Suite struct `The lines of a note` {
    /// 300.00 with 54.00 of tax, then 146.00.
    private static let lines = [CreditNoteLine.item(1, 30_000), .tax(2, of: 1, 5_400), .item(3, 14_600)]

    @Test(
        arguments: [
            ("100.00 INR", lines, [1: 10_000]),
            ("300.00 INR", lines, [1: 30_000]),
            ("300.01 INR", lines, [1: 30_000, 2: 1]),
            ("354.00 INR", lines, [1: 30_000, 2: 5_400]),
            ("500.00 INR", lines, [1: 30_000, 2: 5_400, 3: 14_600]),
            (
                "100.00 INR", [.item(1, 30_000, drawn: 30_000), .tax(2, of: 1, 5_400, drawn: 400), .item(3, 14_600)],
                [2: 5_000, 3: 5_000]
            ),
            ("100.00 INR", [.item(1, 0), .item(3, 14_600)], [3: 10_000]),
            ("100.00 INR", [], [:]),
        ] as [(String, [CreditNoteLine], [Int64: Int64])])
    func `are drawn on first in, first out`(amount: String, lines: [CreditNoteLine], drawn: [Int64: Int64]) throws {
        var scene = RefundScene(.note)
        scene.amount = money(amount)
        scene.lines = lines
        let draws = try scene.decision().draws
        #expect(Dictionary(uniqueKeysWithValues: draws.map { ($0.line.value, $0.amount) }) == drawn)
        #expect(draws.map(\.line.value) == drawn.keys.sorted())
    }

    @Test func `are drawn on as named, in the order of the request`() throws {
        var scene = RefundScene(.note)
        scene.lines = Self.lines
        scene.requested = [.item(3, "146"), .tax(2, "54.00")]
        let draws = try scene.decision().draws
        #expect(draws.map(\.line.value) == [3, 2])
        #expect(draws.map(\.amount) == [14_600, 5_400])
    }

    @Test func `give as little as one minor unit each, where they are named`() throws {
        var scene = RefundScene(.note)
        scene.organization.settings.refundMinimumMinorUnits = 20_000
        scene.named = [.item(1, "199.99"), .item(3, "0.01")]
        #expect(try scene.decision().draws.map(\.amount) == [19_999, 1])
    }

    @Test func `are left alone by the refund of a payment`() throws {
        var scene = RefundScene(.paymentRaisingNote)
        scene.lines = Self.lines
        #expect(try scene.decision().draws.isEmpty)
    }

    @Test func `give no more than they have left, and the amount in all`() {
        forEachSeed { random in
            var scene = RefundScene(.note)
            scene.lines = (1...Int64(1 + random.index(below: 30))).map { id in
                let amount = random.digits(atMost: 5)
                return .item(id, amount, drawn: random.number(in: 0...amount))
            }
            let left = scene.lines.map(\.remaining).reduce(0, +)
            guard left > 0 else { return }
            scene.amount = Money(minorUnits: random.number(in: 1...left), currency: .inr)
            scene.note.total = left
            let draws = try scene.decision().draws
            let remaining = Dictionary(uniqueKeysWithValues: scene.lines.map { ($0.id, $0.remaining) })
            try demand(draws.map(\.amount).reduce(0, +) == scene.amount.minorUnits, "\(draws)")
            try demand(draws.allSatisfy { 0 < $0.amount && $0.amount <= remaining[$0.line] ?? 0 }, "\(draws)")
            let spent = draws.dropLast().allSatisfy { $0.amount == remaining[$0.line] }
            try demand(spent, "a line was left before the last: \(draws)")
        }
    }

    @Test func `may be fifteen thousand`() throws {
        var scene = RefundScene(.note)
        scene.lines = .of(1, times: Limits.drawnLinesMax)
        scene.amount = Money(minorUnits: Int64(Limits.drawnLinesMax), currency: .inr)
        #expect(try scene.decision().draws.count == Limits.drawnLinesMax)
    }
}
