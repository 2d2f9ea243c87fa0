import RefundDomain
import Testing

@Suite struct `A late success` {
    private static let states: [RefundState] = [.failed, .canceled, .returned]

    @Test(arguments: states)
    func `draws on its sources again, and tells a person`(state: RefundState) throws {
        let late = try RefundAtGateway(in: state)
        let change = try late.hearing(.report(.succeeded))
        #expect(change.refund.state == .succeeded)
        #expect(change.steps.map(\.event) == [.succeeded])
        #expect(change.movesMoney)
        #expect(change.exception == "the gateway carries out a refund that was \(state.rawValue) here")
        #expect(change.payout?.dueAt != nil, "a bank may send it back yet")
    }

    @Test(arguments: states)
    func `that is told as pending reserves, and is asked about until it is over`(state: RefundState) throws {
        let late = try RefundAtGateway(in: state)
        let change = try late.hearing(.report(.pending))
        #expect(change.refund.state == .pending && change.after == .reserved)
        #expect(change.payout?.dueAt != nil)
        #expect(
            Books(try late.journals(of: change)).open == [
                "unallocated_refunds": 20_000, "refunds_payable": -20_000,
            ])
    }

    @Test(
        arguments: [
            // refunded, disputed of 1000.00 → over-refunded
            (80_000, 0, 0), (80_001, 0, 1), (90_000, 5_000, 10_000), (100_000, 0, 20_000),
        ] as [(Int64, Int64, Int64)])
    func `over-refunds its payment by what is not left`(refunded: Int64, disputed: Int64, over: Int64) throws {
        var late = try RefundAtGateway(in: .failed)
        late.sources.payment = PaymentDraft(refunded: refunded, disputed: disputed).record(in: .inr)
        let change = try late.hearing(.report(.succeeded))
        let journals = try late.journals(of: change)
        let open = [
            "gateway_clearing:simulator": -20_000, "unallocated_refunds": 20_000 - over, "over_refunds": over,
        ]
        #expect(Books(journals).open == open.filter { $0.value != 0 })
        let movement = late.sources.take(change)
        #expect(change.exception(moving: movement)?.contains("over-refunded") == (over > 0))
        late.refund = change.refund
        let returned = try late.hearing(.report(.failed(.unknown)))
        #expect(Books(journals + (try late.journals(of: returned))).open.isEmpty)
        late.sources.take(returned)
        #expect(
            late.sources.payment?.balance
                == PaymentDraft(refunded: refunded, disputed: disputed).record(in: .inr).balance)
    }

    @Test(
        arguments: [
            // applied and drawn by others, of 500.00 → what the note lacks, what it draws on its three lines
            (0, 0, 0, [20_000]), (30_000, 0, 0, [20_000]), (40_000, 0, 10_000, [10_000]), (0, 50_000, 20_000, []),
            (0, 35_000, 5_000, [400, 14_600]), (0, 49_999, 19_999, [1]),
        ] as [(Int64, Int64, Int64, [Int64])])
    func `draws on its note and on its lines as far as they have something left, and else on the payment alone`(
        applied: Int64, drawn: Int64, lacking: Int64, draws: [Int64]
    ) throws {
        var scene = RefundScene(.backedNote)
        scene.named = [.item(1, "200")]
        var late = try RefundAtGateway(scene, in: .failed)
        var rest = drawn
        // Others draw first in, first out, as a refund does that names no line.
        late.sources.lines = late.sources.lines.map { line in
            let part = min(rest, line.amount)
            rest -= part
            return CreditNoteLine(id: line.id, kind: line.kind, name: line.name, amount: line.amount, drawn: part)
        }
        late.sources.note = NoteDraft(applied: applied, drawn: drawn).record(in: .inr, payment: PaymentID(731))
        let change = try late.hearing(.report(.succeeded))
        let books = Books(try late.journals(of: change))
        late.sources.take(change)
        #expect(late.sources.lacking == lacking)
        #expect(late.sources.draws.map(\.amount) == draws)
        #expect(books[.customerCredit].amount == Int128(20_000 - lacking))
        #expect(books[.refundsPayable] == Books.Standing())
    }

    @Test(arguments: states)
    func `leaves the note void that it had raised, and is of its payment alone`(state: RefundState) throws {
        var late = try RefundAtGateway(in: state, raisingNote: true)
        late.sources.note = late.sources.note?.being(.void)
        late.sources.payment = PaymentDraft(refunded: 95_000).record(in: .inr)
        let change = try late.hearing(.report(.succeeded))
        let journals = try late.journals(of: change)
        #expect(
            Books(journals).open == [
                "unallocated_refunds": 5_000, "over_refunds": 15_000, "gateway_clearing:simulator": -20_000,
            ])
        late.sources.take(change)
        late.refund = change.refund
        let returned = try late.hearing(.report(.failed(.unknown)))
        #expect(Books(journals + (try late.journals(of: returned))).open.isEmpty)
        #expect(returned.voidedNote == nil)
    }

    @Test func `splits its worth in the base currency to the minor unit`() throws {
        var scene = RefundScene(.payment)
        scene.amount = money("0.03 USD")
        scene.payment.rate = rate("0.5")
        var late = try RefundAtGateway(scene, in: .failed)
        late.sources.payment = PaymentDraft(refunded: 99_999, rate: rate("0.5")).record(in: .usd)
        let word = GatewayWord.report(.succeeded, amount: scene.amount)
        let books = Books(try late.journals(of: late.hearing(word)))
        #expect(books[.overRefunds].amount == 2)
        #expect(books[.refundsPayable] == Books.Standing())
        let settled = books[.gatewayClearing(.simulator)].base
        #expect(books[.overRefunds].base + books[.unallocatedRefunds].base == -settled)
    }
}
