import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A course of a refund that the simulator's documented values bring about.
struct Life: Sendable, CustomTestStringConvertible {
    let name: String
    /// An amount of the simulator's table, or any.
    var amount = "25.00"
    /// The last digits of the card that took the money.
    var card = "0042"
    let first: RefundState
    /// What follows, each so long after the one before.
    var then: [(pause: Duration, state: RefundState)] = []
    var failure: FailureReason?
    /// How often the gateway gave money back.
    var effects = 1

    var testDescription: String { name }
    var last: RefundState { then.last?.state ?? first }

    private static let day = Duration.seconds(86_400)

    static let all: [Life] = [
        Life(name: "succeeds", first: .succeeded),
        Life(name: "pends, then succeeds", amount: "67.05", first: .pending, then: [(.seconds(30), .succeeded)]),
        Life(
            name: "pends, then fails", amount: "67.09", first: .pending, then: [(.seconds(30), .failed)],
            failure: .chargeForPendingRefundDisputed),
        Life(
            name: "succeeds, then is returned", amount: "67.06", first: .succeeded, then: [(day, .returned)],
            failure: .expiredOrCanceledCard),
        Life(name: "done, answer lost", amount: "67.01", first: .unknown, then: [(.seconds(30), .succeeded)]),
        Life(
            name: "done, answered with an error", amount: "67.02", first: .unknown,
            then: [(.seconds(30), .succeeded)]),
        Life(
            name: "not done, no answer", amount: "67.03", first: .unknown,
            then: [
                (.seconds(30), .unknown), (.seconds(300), .unknown), (.seconds(3_600), .unknown), (day, .failed),
            ], failure: .unknown, effects: 0),
        Life(name: "does not leave at first", amount: "67.04", first: .approved, then: [(.seconds(2), .succeeded)]),
        Life(
            name: "stays pending", amount: "67.07", first: .pending,
            then: [(.seconds(30), .pending), (.seconds(300), .pending), (.seconds(3_600), .pending), (day, .pending)]),
        Life(
            name: "done with another amount", amount: "67.08", first: .unknown,
            then: [(.seconds(30), .unknown), (.seconds(300), .unknown), (.seconds(3_600), .unknown), (day, .unknown)]),
        Life(name: "done again each time it is sent", amount: "67.10", first: .succeeded, then: [(day, .succeeded)]),
        Life(name: "card: pends, then succeeds", card: "7726", first: .pending, then: [(.seconds(30), .succeeded)]),
        Life(
            name: "card: succeeds, then is returned", card: "5126", first: .succeeded, then: [(day, .returned)],
            failure: .expiredOrCanceledCard),
        Life(name: "card: is refused", card: "0002", first: .failed, failure: .unknown, effects: 0),
        Life(name: "card: stays pending", card: "0127", first: .pending, then: [(day, .pending)]),
    ]

    /// One for each reason that the simulator refuses with.
    static let refusals: [Life] = {
        let common: [FailureReason] = [.lostOrStolenCard, .expiredOrCanceledCard, .insufficientFunds, .unknown]
        let reasons = common + FailureReason.allCases.filter { !common.contains($0) && $0 != .notSent }
        return reasons.enumerated().map { index, reason in
            Life(
                name: "is refused: \(reason)", amount: decimal(6_601 + Int64(index)), first: .failed, failure: reason,
                effects: 0)
        }
    }()
}

/// Ways in which one customer's money goes back through the gateway.
enum ElectronicSource: String, CaseIterable, Sendable {
    case payment, paymentRaisingNote, noteThroughPayment, noteToMethod

    private static let organization = Fixtures.organization.id
    static let captured: Int64 = 50_000
    static let chargeReference = "ch_720"
    private static let taken = Fixtures.payment(
        720, captured: captured, mode: .creditCard, charge: chargeReference, method: method.id)
    private static let note = Fixtures.note(
        820, number: "CN-820", total: 20_000, tax: 3_000, payment: taken.id)
    private static let lines = Fixtures.lines(from: 821, items: [("Desk", 5_000, 1_000), ("Lamp", 12_000, 2_000)])
    private static let method = method(card: "0042")

    private static func method(card: String) -> PaymentMethod {
        PaymentMethod(
            id: PaymentMethodID(220), party: Fixtures.customer.id, mode: .creditCard, gateway: Fixtures.gateway,
            token: "tok_220", card: Card(lastFour: card, expiryMonth: 7, expiryYear: 2031))
    }

    static let paymentReference = reference(taken.id)
    static let noteReference = reference(note.id)

    var source: RequestRefund.Source {
        switch self {
        case .payment: .payment(Self.taken)
        case .paymentRaisingNote: .payment(Self.taken, raisingNote: true)
        case .noteThroughPayment, .noteToMethod: .note(Self.note)
        }
    }

    var way: RequestRefund.Way { self == .noteToMethod ? .method(reference(Self.method.id), through: nil) : .asTaken }

    func request(_ amount: String, key: String? = nil) throws -> RefundRequest {
        try .of(source, amount, way: way, key: key)
    }

    /// Writes the payment, taken by a card, and the note behind which it stands.
    static func put(card: String, in store: any Store) async throws {
        try await store.write(for: organization) { session in
            try session.insert(method(card: card), for: organization)
            try session.insert(taken, for: organization)
            try session.insert(note, lines: lines, for: organization)
            try session.setBackings(
                [NoteBacking(lone: taken, total: note.balance.total)], of: note.id, for: organization)
            let opening = try noteBroughtIn(
                note, taxes: lines.filter { $0.kind != .item }, isOpening: false, base: Fixtures.rupee,
                at: Fixtures.now)
            try session.insert(opening, for: organization)
        }
    }

    /// What a refund in a state holds of each source, by the database.
    func expectHeld(
        _ view: RefundView, on node: ServiceNode, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let amount = view.refund.amount.minorUnits
        let (reserved, spent) =
            switch view.refund.state.hold {
            case .reserved: (amount, Int64(0))
            case .spent: (Int64(0), amount)
            case .released: (Int64(0), Int64(0))
            }
        let payment = try await node.payment(Self.taken).balance
        let (note, lines) = try await node.operations.retrieveCreditNote(reference(Self.note.id), of: Self.organization)
        let drawn = lines.reduce(0) { $0 + $1.drawn }
        let isOfNote = self == .noteThroughPayment || self == .noteToMethod
        #expect(payment.reserved == reserved, sourceLocation: location)
        #expect(payment.refunded == spent, sourceLocation: location)
        #expect(note.balance.drawn == (isOfNote ? reserved + spent : 0), sourceLocation: location)
        #expect(drawn == note.balance.drawn, sourceLocation: location)
        guard self == .paymentRaisingNote else { return }
        let raised = try #require(view.creditNote)
        #expect(raised.isForRefund && raised.number == "CN-7", sourceLocation: location)
        #expect(raised.state == (view.refund.state.hold == .released ? .void : .open), sourceLocation: location)
        #expect(raised.balance.drawn == reserved + spent, sourceLocation: location)
    }
}
