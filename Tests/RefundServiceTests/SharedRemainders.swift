import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A source of which 100.00 are left.
enum LastHundred: String, CaseIterable, Sendable {
    case paymentByCard, paymentInCash, paymentRaisingNote, note, noteThroughPayment, noteWithMoreThanItsPayment

    static let payment = Fixtures.payment(700, captured: 10_000, mode: .creditCard, charge: "ch_700")
    static let cash = Fixtures.payment(701, captured: 10_000, mode: .cash)
    static let alone = Fixtures.note(800, number: "CN-800", total: 10_000)
    static let lines = [
        CreditNoteLine(id: CreditNoteLineID(810), kind: .item, name: "Desk", amount: 8_000),
        CreditNoteLine(id: CreditNoteLineID(811), kind: .tax(of: CreditNoteLineID(810)), name: "GST", amount: 2_000),
    ]
    static let behind = Fixtures.note(801, number: "CN-801", total: 10_000, payment: payment.id)
    static let larger = Fixtures.note(802, number: "CN-802", total: 50_000, payment: payment.id)

    var source: RequestRefund.Source {
        switch self {
        case .paymentByCard: .payment(Self.payment)
        case .paymentInCash: .payment(Self.cash)
        case .paymentRaisingNote: .payment(Self.payment, raisingNote: true)
        case .note: .note(Self.alone)
        case .noteThroughPayment: .note(Self.behind)
        case .noteWithMoreThanItsPayment: .note(Self.larger)
        }
    }

    static func put(in store: any Store) async throws {
        let id = Fixtures.organization.id
        try await store.write(for: id) { session in
            for payment in [payment, cash] { try session.insert(payment, for: id) }
            for (note, lines) in [(alone, lines), (behind, []), (larger, [])] {
                try session.insert(note, lines: lines, for: id)
                if note.payment != nil {
                    try session.setBackings(
                        [NoteBacking(lone: payment, total: note.balance.total)], of: note.id, for: id)
                }
                let opening = try noteBroughtIn(
                    note, taxes: [], isOpening: true, base: Fixtures.rupee, at: Fixtures.now)
                try session.insert(opening, for: id)
            }
        }
    }

    /// What the database says is left.
    func remaining(on node: ServiceNode) async throws -> Int64 {
        switch self {
        case .paymentByCard, .paymentRaisingNote, .noteWithMoreThanItsPayment:
            try await node.payment(Self.payment).balance.remaining.minorUnits
        case .paymentInCash: try await node.payment(Self.cash).balance.remaining.minorUnits
        case .note: try await node.note(Self.alone).balance.remaining.minorUnits
        case .noteThroughPayment:
            try await min(
                node.payment(Self.payment).balance.remaining.minorUnits,
                node.note(Self.behind).balance.remaining.minorUnits)
        }
    }
}

/// Invariant 1, seen from outside: whoever asks at once, no more is promised than what is left, and no less.
@Suite struct `A remainder that many ask for at once` {
    private static let callers = 50
    private static let choices: [Int64] = [700, 3_000, 10_000, 1]

    @Test(arguments: LastHundred.allCases, UInt64(0)..<6)
    func `Fifty callers get at most what is left, and nobody who fitted is refused`(
        source: LastHundred, seed: UInt64
    ) async throws {
        try await race(for: source, seed: seed, on: .sqliteInMemory)
    }

    @Test(arguments: LastHundred.allCases)
    func `Fifty callers get at most what is left of a server's rows too`(source: LastHundred) async throws {
        try await race(for: source, seed: 6, on: .postgres)
    }

    private func race(for source: LastHundred, seed: UInt64, on engine: Engine) async throws {
        try await withService(engine) { node, book in
            try await LastHundred.put(in: node.store)
            var chance = SeededGenerator(seed: seed)
            // One unit is rare: where it is common, everything is drawn to the last unit.
            let amounts = (0..<Self.callers).map { _ in
                Self.choices[chance.chance(oneIn: 25) ? 3 : Int.random(in: 0..<3, using: &chance)]
            }
            let requests = try amounts.enumerated().map { number, amount in
                try RefundRequest.of(source.source, decimal(amount), digest: "\(number)")
            }
            let answers = await node.operations.answers(to: requests)
            let asked = zip(amounts, answers)
            let accepted = asked.filter { $0.1.refusal == nil }.map(\.0)
            let refused = asked.filter { $0.1.refusal != nil }.map(\.0)
            #expect(answers.allSatisfy { $0.refusal != nil || (try? $0.get()) != nil })
            let left = 10_000 - accepted.reduce(0, +)
            #expect(left >= 0)
            #expect(refused.allSatisfy { $0 > left }, "\(refused) were refused where \(left) were left")
            #expect(try await source.remaining(on: node) == left)
            let given = book.effects().reduce(0) { $0 + $1.given.minorUnits }
            #expect(given == (source == .paymentInCash || source == .note ? 0 : accepted.reduce(0, +)))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Each refusal names what is left, in the words of its source`(engine: Engine) async throws {
        try await withService(engine) { node, _ in
            try await LastHundred.put(in: node.store)
            _ = try await node.operations.refund(.of(LastHundred.paymentByCard.source, "99.00"))
            let left = Money(minorUnits: 100, currency: Fixtures.rupee)
            let refusals: [(LastHundred, RefundError)] = [
                (.paymentByCard, .exceedsRemaining(left)), (.noteThroughPayment, .exceedsPaymentBehindNote(left)),
                (.noteWithMoreThanItsPayment, .exceedsPaymentBehindNote(left)),
            ]
            for (source, refusal) in refusals {
                let answer = await node.operations.answer(to: try .of(source.source, "1.01"))
                #expect(answer.refusal == refusal)
            }
            let tooMuch = await node.operations.answer(to: try .of(LastHundred.note.source, "100.01"))
            #expect(tooMuch.refusal == .exceedsRemaining(Money(minorUnits: 10_000, currency: Fixtures.rupee)))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Of fifty callers who expect the whole to be left, one is accepted`() async throws {
        try await withService { node, _ in
            try await LastHundred.put(in: node.store)
            let requests = try (0..<Self.callers).map { number in
                try RefundRequest.of(
                    LastHundred.paymentByCard.source, "7.00", expecting: "100.00", digest: "caller \(number)")
            }
            let answers = await node.operations.answers(to: requests)
            let present = Money(minorUnits: 9_300, currency: Fixtures.rupee)
            #expect(answers.filter { $0.refusal == nil }.count == 1)
            #expect(answers.filter { $0.refusal == .remainingChanged(present) }.count == Self.callers - 1)
            #expect(try await node.operations.breaches() == [])
        }
    }
}
