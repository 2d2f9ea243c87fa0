import RefundDomain
import Testing

@Suite struct `A late success` {
    private static let states: [RefundState] = [.failed, .canceled, .returned]

    @Test(arguments: states)
    func `draws on its payment again, and tells a person`(state: RefundState) throws {
        let change = try RefundAtGateway(in: state).hearing(.report(.succeeded))
        #expect(change.refund.state == .succeeded)
        #expect(change.steps.map(\.event) == [.succeeded])
        #expect(change.refund.shortfall == .none)
        #expect(change.redraw?.payment?.id == change.refund.payment)
        #expect(change.exception == "the gateway carried out a refund that was \(state.rawValue) here")
        #expect(change.payout?.dueAt != nil, "a bank may send it back yet")
    }

    @Test(
        arguments: [
            // refunded, disputed of 1000.00 → excess
            (80_000, 0, 0), (80_001, 0, 1), (90_000, 5_000, 15_000), (100_000, 0, 20_000),
        ] as [(Int64, Int64, Int64)])
    func `raises the excess of its payment by what is not left`(
        refunded: Int64, disputed: Int64, excess: Int64
    ) throws {
        var late = try RefundAtGateway(in: .failed)
        late.sources.payment = PaymentDraft(refunded: refunded, disputed: disputed).record(in: .inr)
        let change = try late.hearing(.report(.succeeded))
        #expect(change.refund.shortfall == Shortfall(payment: excess, creditNote: 0))
        var open = ["gateway_clearing:simulator": -20_000, "unallocated_refunds": 20_000 - excess]
        open["overpaid_refunds"] = excess
        #expect(Books(change.journals).open == open.filter { $0.value != 0 })
        late.refund = change.refund
        late.sources.take(change)
        let returned = try late.hearing(.report(.failed(.unknown)))
        #expect(Books(change.journals + returned.journals).open.isEmpty)
        late.sources.take(returned)
        #expect(
            late.sources.payment?.balance
                == PaymentDraft(refunded: refunded, disputed: disputed).record(in: .inr).balance)
    }

    @Test func `finds nothing left in what an earlier excess made room for`() throws {
        var late = try RefundAtGateway(in: .failed)
        late.sources.payment = PaymentDraft(refunded: 100_000, excess: 50_000).record(in: .inr)
        #expect(try late.hearing(.report(.succeeded)).refund.shortfall.payment == 20_000)
    }

    @Test(
        arguments: [
            // applied and drawn by others, of 500.00 → what the note lacks, what it draws on its three lines
            (0, 0, 0, [20_000]), (30_000, 0, 0, [20_000]), (40_000, 0, 10_000, [10_000]), (0, 50_000, 20_000, []),
            (0, 35_000, 5_000, [400, 14_600]), (0, 49_999, 19_999, [1]),
        ] as [(Int64, Int64, Int64, [Int64])])
    func `draws on its note and on its lines as far as they have something left`(
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
        #expect(change.refund.shortfall == Shortfall(payment: 0, creditNote: lacking))
        #expect(change.redraw?.draws.map(\.amount) == draws)
        let books = Books(change.journals)
        #expect(books[.customerCredit].amount == Int128(20_000 - lacking))
        #expect(books[.overpaidRefunds].amount == Int128(lacking))
        #expect(books[.refundsPayable] == Books.Standing())
    }

    @Test func `tells what each source lacked`() throws {
        var late = try RefundAtGateway(RefundScene(.backedNote), in: .canceled)
        late.sources.payment = PaymentDraft(refunded: 95_000).record(in: .inr)
        late.sources.note = NoteDraft(applied: 40_000).record(in: .inr, payment: PaymentID(731))
        let change = try late.hearing(.report(.succeeded))
        #expect(change.refund.shortfall == Shortfall(payment: 15_000, creditNote: 10_000))
        #expect(
            change.exception == "the gateway carried out a refund that was canceled here; not left: "
                + "150.00 INR of it of the payment, 100.00 INR of it of the note")
    }

    @Test(arguments: states)
    func `leaves the note void that it had raised, and is of its payment alone`(state: RefundState) throws {
        var late = try RefundAtGateway(in: state, raisingNote: true)
        late.sources.note = late.sources.note?.being(.void)
        late.sources.payment = PaymentDraft(refunded: 95_000).record(in: .inr)
        let change = try late.hearing(.report(.succeeded))
        #expect(change.refund.shortfall == Shortfall(payment: 15_000, creditNote: 20_000))
        #expect(
            Books(change.journals).open == [
                "unallocated_refunds": 5_000, "overpaid_refunds": 15_000, "gateway_clearing:simulator": -20_000,
            ])
        late.refund = change.refund
        late.sources.take(change)
        let returned = try late.hearing(.report(.failed(.unknown)))
        #expect(Books(change.journals + returned.journals).open.isEmpty)
        #expect(returned.voidedNote == nil)
    }

    @Test func `splits its worth in the base currency to the minor unit`() throws {
        var scene = RefundScene(.payment)
        scene.amount = money("0.03 USD")
        scene.payment.rate = rate("0.5")
        var late = try RefundAtGateway(scene, in: .failed)
        late.sources.payment = PaymentDraft(refunded: 99_999, rate: rate("0.5")).record(in: .usd)
        let word = GatewayWord.report(.succeeded, amount: scene.amount)
        let books = Books(try late.hearing(word).journals)
        #expect(books[.overpaidRefunds].amount == 2)
        #expect(books[.refundsPayable] == Books.Standing())
        let settled = books[.gatewayClearing(.simulator)].base
        #expect(books[.overpaidRefunds].base + books[.unallocatedRefunds].base == -settled)
    }
}
