import RefundDomain
import RefundTesting

/// The records of one world, all of which follow from a seed.
///
/// Everything is drawn whether or not its kind is switched on, so that a seed keeps its world as kinds come.
struct World: Sendable {
    /// Units of the base currency for one of a currency, as the program and as the oracle read it.
    struct Rate: Sendable {
        let text: String
        let oracle: Oracle.Rate
    }

    struct Payment: Sendable {
        let name: String
        let party: Int
        let currency: Currency
        let rate: Rate
        let captured: Int64
        let isCharged: Bool
        /// Put with nothing captured at first.
        let isCapturedLater: Bool
        /// The gateway tells of its charge before the owner puts it.
        let isToldFirst: Bool
        /// Where the gateway has told of it, the owner puts it by the identifier that is shown.
        let isPutByIdentifier: Bool

        var money: Money { Money(minorUnits: captured, currency: currency) }
        /// By which the gateway knows it.
        var charge: String { "ch_\(name)" }
    }

    struct Note: Sendable {
        let name: String
        let party: Int
        let currency: Currency
        let rate: Rate
        /// The lone payment behind it, which backs what was captured of it.
        let payment: Int?
        /// The net of each line, on which a tenth is tax.
        let lines: [Int64]
        /// The payments that its owner names behind it, each with its amount, in order.
        var backing: [(payment: Int, amount: Int64)] = []

        var total: Int64 { lines.reduce(0) { $0 + $1 + Self.tax(on: $1) } }
        var money: Money { Money(minorUnits: total, currency: currency) }
        /// The payments behind it.
        var backers: [Int] { payment.map { [$0] } ?? backing.map(\.payment) }

        /// The same note with the payments that its owner names behind it now.
        func backed(by backing: [(payment: Int, amount: Int64)]) -> Note {
            Note(
                name: name, party: party, currency: currency, rate: rate, payment: nil, lines: lines, backing: backing)
        }

        static func tax(on net: Int64) -> Int64 { net / 10 }
    }

    /// A refund that was done before our time, of a payment or a note.
    struct PastRefund: Sendable {
        let name: String
        let source: WorldSource
        let isOffline: Bool
        /// Tenths of what is left; more than ten are beyond it.
        let tenths: Int64
    }

    static let parties = ["Ana", "Bo"]

    let seed: UInt64
    let base: Currency
    let payments: [Payment]
    var notes: [Note]
    let past: [PastRefund]
    /// How far the clock of the second node is ahead.
    let skew: Duration
    /// Whether the gateway rules out that it will still carry out what it does not know.
    let isGatewaySure: Bool
    /// Whether the gateway says that all it tells of our refunds bears our reference; one for all tenants.
    var isGatewayMarking: Bool
    /// The other organization of the database, where it has records.
    var neighbors: [World] = []

    init(seed: UInt64, kinds: Set<WorldKind>, _ random: inout SeededGenerator) {
        self.seed = seed
        let base = random.one(of: [Fixtures.rupee, Fixtures.dollar])
        self.base = base
        let foreign = random.one(of: [Fixtures.yen, Fixtures.dinar, Fixtures.dollar, Fixtures.rupee])
        let rate = random.one(of: Self.rates)
        payments = (0..<Int.random(in: 1...4, using: &random)).map { number in
            Self.payment(number, base: base, foreign: foreign, at: rate, kinds: kinds, &random)
        }
        let known = payments
        notes = (0..<Int.random(in: 0...4, using: &random)).map { Self.note($0, on: known, base, kinds, &random) }
        let noteCount = notes.count
        let past = (0..<Int.random(in: 0...2, using: &random)).map { number in
            let isOfNote = random.chance(oneIn: 3) && noteCount > 0
            let index = Int.random(in: 0..<(isOfNote ? noteCount : known.count), using: &random)
            return PastRefund(
                name: "H\(number + 1)", source: isOfNote ? .note(index) : .payment(index),
                isOffline: random.chance(oneIn: 2), tenths: Int64.random(in: 1...14, using: &random))
        }
        self.past = kinds.contains(.history) ? past : []
        skew = .milliseconds(Int.random(in: -5_000...5_000, using: &random))
        isGatewaySure = random.chance(oneIn: 2)
        isGatewayMarking = random.chance(oneIn: 2)
    }

    private static let one = Rate(text: "1", oracle: .one)
    private static let rates = [
        Rate(text: "83.335", oracle: Oracle.Rate(83_335, scale: 3)),
        Rate(text: "0.5", oracle: Oracle.Rate(5, scale: 1)),
        Rate(text: "271.12345", oracle: Oracle.Rate(27_112_345, scale: 5)),
    ]

    private static func payment(
        _ number: Int, base: Currency, foreign: Currency, at rate: Rate, kinds: Set<WorldKind>,
        _ random: inout SeededGenerator
    ) -> Payment {
        let isForeign = random.chance(oneIn: 3) && foreign != base && kinds.contains(.foreignCurrency)
        let captured: Int64 = random.one(of: [7, 9_899, 10_000, 10_125, 50_000])
        let isCapturedLater = random.chance(oneIn: 6)
        let isToldFirst = random.chance(oneIn: 4)
        let isPutByIdentifier = random.chance(oneIn: 2)
        return Payment(
            name: "P\(number + 1)", party: random.chance(oneIn: 3) ? 1 : 0, currency: isForeign ? foreign : base,
            rate: isForeign ? rate : one, captured: captured, isCharged: !random.chance(oneIn: 4),
            isCapturedLater: isCapturedLater && kinds.contains(.laterCapture),
            isToldFirst: isToldFirst && kinds.contains(.chargeBeforeRecord), isPutByIdentifier: isPutByIdentifier)
    }

    private static func note(
        _ number: Int, on payments: [Payment], _ base: Currency, _ kinds: Set<WorldKind>,
        _ random: inout SeededGenerator
    ) -> Note {
        let index = Int.random(in: payments.indices, using: &random)
        let payment = payments[index]
        let isBacked = !random.chance(oneIn: 3)
        var lines = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            max(1, payment.captured * Int64.random(in: 1...8, using: &random) / 10)
        }
        if isBacked, !kinds.contains(.partialBacking) {
            while lines.count > 1, Self.total(of: lines) > payment.captured { lines.removeLast() }
        }
        let total = total(of: lines)
        let named = isBacked ? backing(of: total, by: index, payments, &random) : []
        let backing = kinds.contains(.severalBackings) ? named : []
        return Note(
            name: "N\(number + 1)", party: payment.party, currency: payment.currency, rate: payment.rate,
            payment: isBacked && backing.isEmpty ? index : nil, lines: lines, backing: backing)
    }

    /// For a third of the notes, payments of the same party and currency with some tenths of the note each.
    private static func backing(
        of total: Int64, by first: Int, _ payments: [Payment], _ random: inout SeededGenerator
    ) -> [(payment: Int, amount: Int64)] {
        let isNamed = random.chance(oneIn: 3)
        let able = payments.indices.filter {
            payments[$0].party == payments[first].party && payments[$0].currency == payments[first].currency
        }
        var rest = total
        var backing: [(payment: Int, amount: Int64)] = []
        for payment in able.shuffled(using: &random) {
            let amount = min(rest, max(1, total * Int64.random(in: 2...7, using: &random) / 10))
            if amount > 0 { backing.append((payment, amount)) }
            rest -= amount
        }
        return isNamed ? backing : []
    }

    private static func total(of lines: [Int64]) -> Int64 { lines.reduce(0) { $0 + $1 + Note.tax(on: $1) } }
}

/// What a refund is taken from, by its place in the world.
enum WorldSource: Hashable, Sendable {
    case payment(Int)
    case note(Int)
}

extension World {
    /// The records, in words.
    var text: String {
        var lines = ["the base currency is \(base); the second node's clock is \(skew) ahead"]
        for payment in payments {
            let way = payment.isCharged ? "by the charge \(payment.charge)" : "in cash"
            let moment = payment.isCapturedLater ? ", captured later" : ""
            lines.append("\(payment.name): \(Self.parties[payment.party]) paid \(payment.money) \(way)\(moment)")
        }
        for note in notes {
            let named = note.backing.map { "\(payments[$0.payment].name) with \($0.amount)" }
            let backing =
                note.payment.map { "backed by \(payments[$0].name)" }
                ?? (named.isEmpty ? "with no payment behind it" : "backed by \(named.joined(separator: ", "))")
            lines.append("\(note.name): a note of \(note.money) for \(Self.parties[note.party]), \(backing)")
        }
        for neighbor in neighbors { lines.append("next door:\n\(neighbor.text)") }
        return lines.joined(separator: "\n")
    }

    func name(of source: WorldSource) -> String {
        switch source {
        case .payment(let index): payments[index].name
        case .note(let index): notes[index].name
        }
    }

    func currency(of source: WorldSource) -> Currency {
        switch source {
        case .payment(let index): payments[index].currency
        case .note(let index): notes[index].currency
        }
    }

    func party(of source: WorldSource) -> Int {
        switch source {
        case .payment(let index): payments[index].party
        case .note(let index): notes[index].party
        }
    }

    /// The payment that is refunded, or those that back the note.
    func backers(of source: WorldSource) -> [Int] {
        switch source {
        case .payment(let index): [index]
        case .note(let index): notes[index].backers
        }
    }

    /// The payment that is refunded, or that backs the note: of several the first that has a charge.
    func payment(behind source: WorldSource) -> Payment? {
        let backers = backers(of: source).map { payments[$0] }
        return backers.first(where: \.isCharged) ?? backers.first
    }
}

extension SeededGenerator {
    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}
