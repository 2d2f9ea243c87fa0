import RefundDomain
import Testing

/// Each test is named for what once went wrong, and passes while it does not.
@Suite struct `A fault that was mended` {
    @Test func `voids the note of a refund again that succeeded late and was returned`() throws {
        var scene = try RefundAtGateway(in: .submitting, raisingNote: true)
        var journals = try RefundScene(.paymentRaisingNote).decision().journals
        for event in [RefundEvent.failed, .succeeded, .returned] {
            let change = try scene.meeting(event)
            journals += try scene.journals(of: change)
            scene.sources.take(change)
            scene.refund = change.refund
        }
        #expect(Books(journals).open.isEmpty)
        #expect(journals.count { $0.cause == .noteVoided } == 1)
    }

    @Test(arguments: [RefundState.failed, .canceled, .returned])
    func `drops the word that other money than ours was given back after all`(state: RefundState) throws {
        let change = try RefundAtGateway(in: state).hearing(.report(.succeeded, amount: money("150.00 INR")))
        #expect(change.exception != nil)
    }

    @Test func `asks about a refund that the gateway has lost every thirty seconds, for ever`() throws {
        var scene = try RefundAtGateway(in: .pending)
        for _ in 0..<4 { scene.payout = try #require(try scene.hearing(.neverTaken).payout) }
        #expect(scene.payout.dueAt == scene.now + .seconds(86_400))
    }

    @Test func `draws nothing on a line that is named with nothing`() {
        var scene = RefundScene(.note)
        scene.lines = [.item(1, 30_000), .item(2, 14_600)]
        scene.requested = [.item(1, "200"), .item(2, "0.00")]
        #expect(throws: RefundError.amountTooSmall(minimum: money("0.01 INR"))) { try scene.decision() }
    }

    @Test func `opens the note that a backdated refund raises after that refund has drawn on it`() throws {
        var scene = RefundScene(.paymentRaisingNote)
        scene.way = .offline(.cash)
        scene.effectiveOn = day("2024-08-10")
        let journals = try scene.decision().journals
        #expect(journals.map(\.effectiveOn) == Array(repeating: day("2024-08-10"), count: 3))
    }

    @Test(arguments: [RequestRefund.Way.asTaken, .toMethod()])
    func `gives dollars of a payment back for the yen of its note`(way: RequestRefund.Way) {
        var scene = RefundScene(.backedNote)
        scene.amount = money("10000 JPY")
        scene.payment.currency = .usd
        scene.way = way
        scene.gateway.unlinkedCredit = false
        #expect(throws: RefundError.paymentBehindNoteMismatched) { try scene.decision() }
    }

    @Test(arguments: [RequestRefund.Way.asTaken, .toMethod()])
    func `gives the money of a note to another party, who made the payment behind it`(way: RequestRefund.Way) {
        var scene = RefundScene(.backedNote)
        scene.note.party = PartyID(2)
        scene.method?.party = PartyID(2)
        scene.way = way
        scene.gateway.unlinkedCredit = false
        #expect(throws: RefundError.paymentBehindNoteMismatched) { try scene.decision() }
    }

    @Test func `pays out to a method through a gateway that does not know it, and believes that`() {
        var scene = RefundScene(.note)
        scene.gateways[.another] = .all
        scene.method?.gateway = .another
        scene.way = .toMethod(through: .simulator)
        #expect(throws: RefundError.methodOfAnotherGateway) { try scene.decision() }
    }

    @Test func `loses the mark that begins the name of a payment mode`() {
        let mode = PaymentMode.named("\u{301}x")
        #expect(PaymentMode(code: mode.code) == mode)
    }
}
