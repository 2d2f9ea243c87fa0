import RefundDomain
import Testing

@Suite struct `An accepted refund` {
    @Test func `keeps what the request said`() throws {
        let refund = try RefundScene(.payment).decision().refund
        #expect(refund.id == RefundID(9_001))
        #expect(refund.number == RefundNumber(26_201))
        #expect(refund.amount == money("200.00 INR"))
        #expect(refund.createdBy == ClientID(41))
        #expect(refund.reason == .duplicate)
        #expect(refund.initiator == .customer)
        #expect(refund.description == "Paid twice")
        #expect(refund.reference == "PO-7")
        #expect(refund.annotations == "{\"cf_desk\":\"3\"}")
        #expect(refund.failureReason == nil)
        #expect(refund.settledAt == nil)
    }

    @Test(
        arguments: [
            // source, way → payment drawn on, note drawn on, channel
            (.payment, .asTaken, 731, nil, .electronic(.simulator)),
            (.payment, .offline(.check), 731, nil, .offline(.check)),
            (.payment, .toMethod(), 731, nil, .electronic(.simulator)),
            (.paymentRaisingNote, .asTaken, 731, 9_002, .electronic(.simulator)),
            (.paymentRaisingNote, .offline(.cash), 731, 9_002, .offline(.cash)),
            (.note, .asTaken, nil, 903, .offline(.others)),
            (.note, .offline(.wireTransfer), nil, 903, .offline(.wireTransfer)),
            (.note, .toMethod(), nil, 903, .electronic(.simulator)),
            (.backedNote, .asTaken, 731, 903, .electronic(.simulator)),
            (.backedNote, .offline(.cash), 731, 903, .offline(.cash)),
            (.backedNote, .toMethod(), 731, 903, .electronic(.simulator)),
        ] as [(RefundScene.Source, RequestRefund.Way, Int64?, Int64?, RefundChannel)])
    func `draws on its source and takes its way`(
        source: RefundScene.Source, way: RequestRefund.Way, payment: Int64?, note: Int64?, channel: RefundChannel
    ) throws {
        var scene = RefundScene(source)
        scene.way = way
        let refund = try scene.decision().refund
        #expect(refund.payment?.value == payment)
        #expect(refund.creditNote?.value == note)
        #expect(refund.channel == channel)
        #expect(refund.party == PartyID(1))
    }

    @Test(
        arguments: [
            (.payment, .cash, .offline(.cash)),
            (.payment, .named("UPI"), .offline(.named("UPI"))),
            (.backedNote, .check, .offline(.check)),
        ] as [(RefundScene.Source, PaymentMode, RefundChannel)])
    func `goes back by hand where the money came by hand`(
        source: RefundScene.Source, mode: PaymentMode, channel: RefundChannel
    ) throws {
        var scene = RefundScene(source)
        scene.payment.charge = nil
        scene.payment.mode = mode
        let refund = try scene.decision().refund
        #expect(refund.channel == channel)
        #expect(refund.payment == scene.payment.id)
    }

    @Test(arguments: [RequestRefund.Way.offline(.cash), .toMethod()])
    func `of a note does not ask how old the payment is that backs it, but where its charge is given back`(
        way: RequestRefund.Way
    ) throws {
        var scene = RefundScene(.backedNote)
        scene.organization.settings.refundWindowDays = 18
        scene.gateway.refundWindow = .seconds(86_400)
        #expect(throws: RefundError.refundWindowOver(days: 18)) { try scene.decision() }
        scene.way = way
        #expect(try scene.decision().refund.payment == scene.payment.id)
    }

    @Test func `of a note that is worth more than its payment takes the payment first, and the rest of the note alone`()
        throws
    {
        var scene = RefundScene(.backedNote)
        scene.note.total = 120_000
        scene.amount = money("1200.00 INR")
        #expect(throws: RefundError.exceedsPaymentBehindNote(money("1000.00 INR"))) { try scene.decision() }
        scene.way = .offline(.cash)
        let payment = scene.payment.id
        #expect(try scene.decision().allocations == [PaymentAllocation(payment: payment, amount: 100_000)])
        scene.payment.refunded = 1
        #expect(throws: RefundError.exceedsPaymentBehindNote(money("999.99 INR"))) { try scene.decision() }
    }

    @Test func `is done at once where people hand the money over`() throws {
        var scene = RefundScene(.payment)
        scene.way = .offline(.cash)
        let decision = try scene.decision()
        #expect(decision.refund.state == .succeeded)
        #expect(decision.refund.state.hold == .spent)
        #expect(decision.refund.step == 2)
        #expect(decision.steps.map(\.event) == [.approved, .recorded])
        #expect(decision.steps.map(\.state) == [.approved, .succeeded])
        #expect(decision.steps.map(\.step) == [1, 2])
        #expect(decision.steps.allSatisfy { $0.actor == "client:41" && $0.at == scene.now && $0.refund.value == 9_001 })
        #expect(decision.payout == nil)
    }

    @Test func `is being submitted where this node has room for the call`() throws {
        let scene = RefundScene(.payment)
        let decision = try scene.decision()
        #expect(decision.refund.state == .submitting)
        #expect(decision.refund.state.hold == .reserved)
        #expect(decision.steps.map(\.event) == [.approved, .claimed])
        #expect(decision.refund.step == 2)
        let payout = try #require(decision.payout)
        #expect(payout.attempt == 1)
        #expect(payout.keySentAt == scene.now)
        #expect(payout.leaseUntil == scene.now + Limits.attemptLease)
        #expect(payout.dueAt == payout.leaseUntil)
    }

    @Test func `waits for a worker where this node has no room, and is due at once`() throws {
        var scene = RefundScene(.payment)
        scene.hasRoom = false
        let decision = try scene.decision()
        #expect(decision.refund.state == .approved)
        #expect(decision.refund.state.hold == .reserved)
        #expect(decision.steps.map(\.event) == [.approved])
        #expect(decision.refund.step == 1)
        let payout = try #require(decision.payout)
        #expect(payout.attempt == 0)
        #expect(payout.keySentAt == nil)
        #expect(payout.leaseUntil == nil)
        #expect(payout.dueAt == scene.now)
    }

    @Test(arguments: [true, false])
    func `has one key for its gateway, whenever it is sent`(hasRoom: Bool) throws {
        var scene = RefundScene(.payment)
        scene.hasRoom = hasRoom
        #expect(try scene.decision().payout?.key == "refund-23137556-9001")
    }

    @Test(
        arguments: [
            (.payment, .asTaken, .charge("ch_1")),
            (.backedNote, .asTaken, .charge("ch_1")),
            (.payment, .toMethod(), .method("tok_1")),
            (.note, .toMethod(), .method("tok_1")),
        ] as [(RefundScene.Source, RequestRefund.Way, Submission.Target)])
    func `is addressed to the charge or to the method`(
        source: RefundScene.Source, way: RequestRefund.Way, target: Submission.Target
    ) throws {
        var scene = RefundScene(source)
        scene.way = way
        let decision = try scene.decision()
        #expect(decision.payout?.target == target)
        #expect(decision.payout?.lastFour == "0042")
        #expect(decision.payout?.gateway == .simulator)
        #expect(decision.refund.method == (target == .method("tok_1") ? PaymentMethodID(51) : nil))
    }

    @Test(arguments: [RefundScene.Source.payment, .paymentRaisingNote, .backedNote])
    func `goes back by the charge that the method paid where its gateway pays out to none`(
        source: RefundScene.Source
    ) throws {
        var scene = RefundScene(source)
        scene.way = .toMethod()
        scene.gateway.unlinkedCredit = false
        let decision = try scene.decision()
        #expect(decision.payout?.target == .charge("ch_1"))
        #expect(decision.refund.channel == .electronic(.simulator))
        #expect(decision.refund.method == PaymentMethodID(51))
        #expect(decision.refund.payment == PaymentID(731), "it draws on what it gives back")
        scene.gateway.refundWindow = .seconds(86_400)
        #expect(throws: RefundError.gatewayWindowOver(.simulator)) { try scene.decision() }
    }

    @Test func `goes to a method through the gateway that keeps it, named or not, and through no other`() throws {
        for named in [nil, GatewayName.another] {
            var scene = RefundScene(.note)
            scene.gateways[.another] = .all
            scene.method = MethodDraft(gateway: .another)
            scene.way = .toMethod(through: named)
            let decision = try scene.decision()
            #expect(decision.refund.channel == .electronic(.another))
            #expect(decision.payout?.gateway == .another)
            scene.way = .toMethod(through: .simulator)
            #expect(throws: RefundError.methodOfAnotherGateway) { try scene.decision() }
        }
    }

    @Test(arguments: [.creditCard, .debitCard, .bankTransfer, .ach, .named("UPI")] as [PaymentMode])
    func `goes to a method that a gateway pays out to`(mode: PaymentMode) throws {
        for source in RefundScene.Source.allCases {
            var scene = RefundScene(source)
            scene.askedMethod = MethodDraft(mode: mode)
            let decision = try scene.decision()
            #expect(decision.refund.channel == .electronic(.simulator), "\(source)")
            #expect(decision.payout?.target == .method("tok_1"), "\(source)")
        }
    }

    @Test(
        arguments: [
            (.offline(.cash), nil, "2024-08-20"),
            (.offline(.cash), "2024-08-10", "2024-08-10"),
            (.offline(.cash), "2024-08-01", "2024-08-01"),
            (.offline(.cash), "2024-09-01", "2024-09-01"),
            (.asTaken, nil, "2024-08-20"),
            (.asTaken, "2024-08-10", "2024-08-20"),
            (.asTaken, "2024-07-31", "2024-08-20"),
            (.toMethod(), "2024-07-31", "2024-08-20"),
        ] as [(RequestRefund.Way, String?, String)])
    func `takes effect on the day asked for by hand, and today through a gateway`(
        way: RequestRefund.Way, asked: String?, effective: String
    ) throws {
        var scene = RefundScene(.payment)
        scene.way = way
        scene.effectiveOn = asked.map(day)
        let decision = try scene.decision()
        #expect(decision.refund.effectiveOn == day(effective))
        #expect(decision.journals.allSatisfy { $0.effectiveOn == day(effective) && $0.recordedAt == scene.now })
    }

    @Test(
        arguments: [
            // expected, what was left before
            ("1000", 100_000),
            ("1000.0", 100_000),
            ("1000.00", 100_000),
            ("200", 20_000),
            ("200.00", 20_000),
        ] as [(String, Int64)])
    func `meets what the caller believed was left before it`(expected: String, left: Int64) throws {
        var scene = RefundScene(.payment)
        scene.payment.reserved = 100_000 - left
        scene.expected = expected
        #expect(throws: Never.self) { try scene.decision() }
    }

    @Test func `may be the last of its source, to the minor unit`() throws {
        for source in RefundScene.Source.allCases {
            var scene = RefundScene(source)
            scene.payment.captured = 20_000
            scene.note.total = 20_000
            scene.organization.settings.refundMinimumMinorUnits = 20_000
            #expect(throws: Never.self, "\(source)") { try scene.decision() }
        }
    }

    @Test func `may take nothing of what is over-refunded`() throws {
        var scene = RefundScene(.payment)
        scene.payment.captured = 20_000
        scene.payment.refunded = 40_000
        #expect(throws: RefundError.paymentRefunded) { try scene.decision() }
        // What made the room is not what has come back since.
        scene.payment.refunded = 10_000
        #expect(throws: RefundError.exceedsRemaining(money("100.00 INR"))) { try scene.decision() }
    }

    @Test func `may come on the last day of each window`() throws {
        var scene = RefundScene(.payment)
        scene.organization.settings.refundWindowDays = 19
        scene.gateway.refundWindow = .days(19)
        #expect(throws: Never.self) { try scene.decision() }
    }

    @Test func `may come on any day of windows longer than time itself`() throws {
        var scene = RefundScene(.payment)
        scene.organization.settings.refundWindowDays = .max
        scene.gateway.refundWindow = .seconds(Int64.max)
        #expect(throws: Never.self) { try scene.decision() }
    }
}
