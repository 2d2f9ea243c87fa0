import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A node, the gateway whose notices it takes, and its worker of notices.
private struct NoticeScene: Sendable {
    static let organization = Fixtures.organization.id
    static let secret = "notices"

    let node: ServiceNode
    let gateway: SimulatorGateway

    var operations: Operations { node.operations }

    /// Everything that the gateway has to tell so far, as it is sent now.
    var messages: [GatewayMessage] { gateway.notices().map { message($0.body) } }

    func message(_ body: [UInt8], signedBy gateway: SimulatorGateway? = nil) -> GatewayMessage {
        let signature = (gateway ?? self.gateway).signature(of: body)
        return GatewayMessage(
            headers: signature.map { [SimulatorNotice.signatureHeader: $0] } ?? [:], body: body,
            receivedAt: node.clock.now)
    }

    func receive(_ messages: [GatewayMessage]) async throws {
        for message in messages { try await operations.receiveNotice(at: Fixtures.gateway.text, message) }
    }

    /// What was received is applied, and what that makes due is done.
    func apply() async throws {
        while await NoticeWorker(operations).applyWhatIsDue() {}
        try await node.workOff()
    }

    func refund(_ amount: String, of payment: Payment = Fixtures.cardPayment) async throws -> RefundView {
        try await operations.refund(.of(.payment(payment), amount))
    }

    /// The refunds of the card payment, the first one first.
    func refunds() async throws -> [Refund] {
        var query = RefundQuery()
        query.scope = .payment
        query.record = Fixtures.cardPayment.id.value
        query.isAscending = true
        return try await node.store.read { [query] in try $0.refunds(query, of: Self.organization) }
    }
}

private func withNotices<T>(_ engine: Engine, _ body: (NoticeScene) async throws -> T) async throws -> T {
    try await withBooks(engine) { store in
        let clock = ServiceClock(at: Fixtures.now)
        let config = SimulatorConfig(seed: 7, noticeSecret: NoticeScene.secret)
        let gateway = try SimulatorGateway(config, now: { clock.now }, sleep: { try await clock.sleep($0) })
        let node = ServiceNode(store: store, clock: clock, gateway: gateway)
        return try await node.running { try await body(NoticeScene(node: node, gateway: gateway)) }
    }
}

/// What gateways tell by themselves.
@Suite struct `A notice` {
    private static let day = Duration.seconds(86_400)

    @Test(arguments: Engine.allCases, [1, 3])
    func `Leads a refund on before anybody would ask, however often and in whatever order it comes`(
        engine: Engine, copies: Int
    ) async throws {
        try await withNotices(engine) { scene in
            let pending = try await scene.refund("67.05")
            let returned = try await scene.refund("67.06")
            #expect(pending.refund.state == .pending && returned.refund.state == .succeeded)
            scene.node.clock.move(by: .seconds(10))
            let messages = scene.messages.reversed().flatMap { Array(repeating: $0, count: copies) }
            #expect(messages.count == 4 * copies, "pending and succeeded, succeeded and failed")
            try await scene.receive(messages)
            try await scene.apply()
            #expect(try await scene.operations.now(pending).refund.state == .succeeded)
            #expect(try await scene.operations.now(returned).refund.state == .returned)

            let before = try await scene.refunds()
            try await scene.receive(scene.messages)
            try await scene.apply()
            #expect(try await scene.refunds() == before, "each event once")
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Ends an unknown refund whose answer was lost`(engine: Engine) async throws {
        try await withNotices(engine) { scene in
            let view = try await scene.refund("67.01")
            #expect(view.refund.state == .unknown)
            try await scene.receive(scene.messages)
            try await scene.apply()
            #expect(try await scene.operations.now(view).refund.state == .succeeded)
            #expect(try await scene.refunds().count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a refund made at the gateway's desk draws on its payment, and tells a person`(
        engine: Engine
    ) async throws {
        try await withNotices(engine) { scene in
            try scene.gateway.refundAtDesk("ch_300", amount: Brought.rupees(40_000), of: NoticeScene.organization)
            scene.node.clock.move(by: Self.day)
            try await scene.receive(scene.messages)
            try await scene.apply()
            let refund = try #require(try await scene.refunds().first)
            #expect(refund.state == .succeeded)
            #expect(refund.amount == Brought.rupees(40_000))
            #expect(refund.effectiveOn == Fixtures.today, "the day on which the gateway made it")
            #expect(try await scene.node.payment(Fixtures.cardPayment).balance.remaining == Brought.rupees(60_000))
            let tooMuch = await scene.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "600.01"))
            #expect(tooMuch.refusal != nil)
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.exceptions.map(\.refund) == [refund.id])
            #expect(
                verification.exceptions.map(\.detail) == ["the gateway made a refund that was not asked for here"])
        }
    }

    @Test(arguments: Engine.allCases, [false, true])
    func `Of more than is left over-refunds the payment, until it comes to nothing`(
        engine: Engine, isReturned: Bool
    ) async throws {
        try await withNotices(engine) { scene in
            _ = try await scene.refund("960.00")
            let before = try await scene.node.payment(Fixtures.cardPayment).balance
            // 67.06 succeeds and is returned after ten seconds, 67.09 pends that long and fails.
            let amount = Brought.rupees(isReturned ? 6_706 : 6_709)
            try scene.gateway.refundAtDesk("ch_300", amount: amount, of: NoticeScene.organization)
            try await scene.receive(scene.messages)
            try await scene.apply()
            let refund = try #require(try await scene.refunds().last)
            #expect(refund.state == (isReturned ? .succeeded : .pending))
            #expect(
                try await scene.node.payment(Fixtures.cardPayment).balance.overRefunded == amount.minorUnits - 4_000)
            #expect(try await scene.operations.breaches() == [])

            scene.node.clock.move(by: .seconds(10))
            try await scene.receive(scene.messages)
            try await scene.apply()
            #expect(try await scene.refunds().last?.state == (isReturned ? .returned : .failed))
            #expect(try await scene.node.payment(Fixtures.cardPayment).balance == before)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a second effect that a forgotten key had is a refund of its own`(engine: Engine) async throws {
        try await withNotices(engine) { scene in
            let view = try await scene.refund("67.10")
            let sent = try #require(scene.gateway.book.effects().first?.submission)
            _ = try await scene.gateway.submit(sent)
            try await scene.receive(scene.messages)
            try await scene.apply()
            let refunds = try await scene.refunds()
            #expect(refunds.map(\.state) == [.succeeded, .succeeded])
            #expect(try await scene.operations.now(view).refund.step == view.refund.step)
            #expect(try await scene.node.payment(Fixtures.cardPayment).balance.refunded == 2 * 6_710)
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.exceptions.map(\.refund) == [refunds[1].id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a refund that the database has lost since brings it back`(engine: Engine) async throws {
        try await withNotices(engine) { scene in
            let lost = Submission(
                organization: NoticeScene.organization, refund: RefundID(4_711), key: "refund-10-4711",
                amount: Brought.rupees(2_500), target: .charge("ch_300"), lastFour: nil)
            _ = try await scene.gateway.submit(lost)
            try await scene.receive(scene.messages)
            try await scene.apply()
            #expect(try await scene.refunds().map(\.state) == [.succeeded])
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a charge that is not here yet waits for its payment`(engine: Engine) async throws {
        try await withNotices(engine) { scene in
            try scene.gateway.refundAtDesk("ch_p1", amount: Brought.rupees(1_000), of: NoticeScene.organization)
            try await scene.receive(scene.messages)
            try await scene.apply()
            let waiting = try await scene.operations.verify()
            #expect(waiting.unsettledNotices.map(\.detail) == ["no payment has the charge ch_p1"])
            let records: [RecordBatch.Entry] = [
                .party(Brought.party()), .paymentMethod(Brought.method), .payment(Brought.payment()),
            ]
            _ = try await scene.operations.put(Brought.batch(records), for: NoticeScene.organization)
            scene.node.clock.move(by: .seconds(60))
            try await scene.apply()
            let settled = try await scene.operations.verify()
            #expect(settled.unsettledNotices == [])
            #expect(settled.breaches == [])
            #expect(settled.exceptions.count == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a stranger waits while a refund of the same payment has no answer`(engine: Engine) async throws {
        try await withNotices(engine) { scene in
            let unknown = try await scene.refund("67.03")
            try scene.gateway.refundAtDesk("ch_300", amount: Brought.rupees(6_703), of: NoticeScene.organization)
            try await scene.receive(scene.messages)
            try await scene.apply()
            #expect(try await scene.refunds() == [unknown.refund])
            #expect(try await scene.operations.verify().unsettledNotices.count == 1)
            // The gateway is sure after a while that it never took it.
            for _ in 0..<5 { try await scene.node.pass(Self.day) }
            try await scene.apply()
            #expect(try await scene.refunds().map(\.state) == [.failed, .succeeded])
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices == [])
        }
    }

    @Test func `That cannot be applied for a month is left to a person`() async throws {
        try await withNotices(.sqliteInMemory) { scene in
            try scene.gateway.refundAtDesk("ch_none", amount: Brought.rupees(1_000), of: NoticeScene.organization)
            try await scene.receive(scene.messages)
            for _ in 0..<40 {
                try await scene.apply()
                scene.node.clock.move(by: Self.day)
            }
            let now = scene.node.clock.now
            #expect(try await scene.node.store.read { try $0.dueNotices(at: now, atMost: 1) } == [])
            let verification = try await scene.operations.verify()
            #expect(verification.unsettledNotices == [])
            #expect(verification.exceptions.map(\.kind) == [.unmatched])
            #expect(verification.exceptions.map(\.detail) == ["no payment has the charge ch_none"])
            #expect(verification.exceptions.map(\.origin?.gateway) == [Fixtures.gateway])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is applied once where two nodes take it up together`(engine: Engine) async throws {
        try await withNotices(engine) { scene in
            for amount in 1...8 {
                let money = Brought.rupees(Int64(amount * 100))
                try scene.gateway.refundAtDesk("ch_300", amount: money, of: NoticeScene.organization)
            }
            let other = ServiceNode(
                store: scene.node.store, clock: scene.node.clock, gateway: scene.gateway)
            try await scene.receive(scene.messages)
            async let first = NoticeWorker(scene.operations).applyWhatIsDue()
            async let second = NoticeWorker(other.operations).applyWhatIsDue()
            _ = await (first, second)
            scene.node.clock.move(by: .seconds(5))
            try await scene.apply()
            #expect(try await scene.refunds().map(\.state) == Array(repeating: .succeeded, count: 8))
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices == [])
        }
    }

    @Test func `Is kept before it is acknowledged, and applied by the next process`() async throws {
        try await withNotices(.sqliteInMemory) { scene in
            let view = try await scene.refund("67.05")
            scene.node.clock.move(by: .seconds(10))
            try await scene.receive(scene.messages)
            let next = ServiceNode(
                store: scene.node.store, clock: scene.node.clock, gateway: scene.gateway)
            try await NoticeScene(node: next, gateway: scene.gateway).apply()
            #expect(try await scene.operations.now(view).refund.state == .succeeded)
        }
    }

    @Test func `That is not the gateway's own is refused`() async throws {
        try await withNotices(.sqliteInMemory) { scene in
            _ = try await scene.refund("25.00")
            let body = try #require(scene.gateway.notices().first?.body)
            let clock = scene.node.clock
            let stranger = try SimulatorGateway(
                SimulatorConfig(seed: 7, noticeSecret: "another"), now: { clock.now }, sleep: { _ in })
            let genuine = scene.message(body)
            let changed = GatewayMessage(
                headers: genuine.headers, body: body + [0x20], receivedAt: genuine.receivedAt)
            let repeated = GatewayMessage(
                headers: genuine.headers, body: body, receivedAt: genuine.receivedAt + .seconds(301))
            let unsigned = GatewayMessage(headers: [:], body: body, receivedAt: genuine.receivedAt)
            for message in [scene.message(body, signedBy: stranger), changed, repeated, unsigned] {
                await #expect(throws: Failure.unauthenticated) { try await scene.receive([message]) }
            }
            for text in ["", "{}", "[]", #"{"event": "e"}"#] {
                await #expect(throws: Failure.self) { try await scene.receive([scene.message(Array(text.utf8))]) }
            }
            await #expect(throws: Failure.refund(.gatewayUnknown(GatewayName("nobody")))) {
                try await scene.operations.receiveNotice(at: "nobody", genuine)
            }
            #expect(try await scene.node.store.read { try $0.dueNotices(at: genuine.receivedAt, atMost: 1) } == [])
            try await scene.receive([genuine])
        }
    }
}

/// A signed notice with U+0000 was answered by PostgreSQL with 503, so that its gateway sent it for days; a refund of
/// nothing was taken, and failed each time that it was applied.
@Suite struct `A notice that cannot be kept` {
    private static func refund(_ minorUnits: Int64 = 500, _ reference: String = "re_1", charge: String = "ch_1")
        -> GatewayNews
    {
        .refund(
            RefundNews(
                refund: nil, gatewayReference: reference, charges: [charge], amount: Brought.rupees(minorUnits),
                madeAt: Fixtures.now))
    }

    private static let strange: [(String, GatewayNews)] = [
        ("event", refund(0)), ("event", refund(500, "re_\0")), ("event", refund(500, charge: "ch\0_1")),
        ("event", refund(500, String(repeating: "r", count: 1_001))), ("event\0", refund()),
    ]

    @Test(arguments: Engine.allCases, strange)
    func `Is refused as it comes`(engine: Engine, strange: (event: String, news: GatewayNews)) async throws {
        try await withTellingGateway(engine) { scene in
            scene.gateway.tell(strange.news, as: strange.event)
            let message = GatewayMessage(
                headers: [:], body: Array(strange.event.utf8), receivedAt: scene.node.clock.now)
            do throws(Failure) {
                try await scene.operations.receiveNotice(at: Fixtures.gateway.text, message)
                Issue.record("it was kept")
            } catch {
                guard case .input = error else { throw error }
            }
        }
    }
}

/// What a gateway was answered for is known: nothing of it was refundable until the worker had come to it.
@Suite struct `A notice that was answered` {
    private static let desk = GatewayNews.refund(
        RefundNews(
            refund: nil, gatewayReference: "re_desk", charges: ["ch_300"], amount: Brought.rupees(100_000),
            madeAt: Fixtures.now))
    private static let dispute = GatewayNews.dispute(
        DisputeNews(
            gatewayReference: "dp_1", charges: ["ch_300"], amount: Brought.rupees(100_000), stages: [.open],
            reason: "fraudulent", at: Fixtures.now))

    private static func receive(_ news: GatewayNews, in scene: TellingScene) async throws {
        scene.gateway.tell(news, as: "event")
        let message = GatewayMessage(headers: [:], body: Array("event".utf8), receivedAt: scene.node.clock.now)
        try await scene.operations.receiveNotice(at: Fixtures.gateway.text, message)
    }

    @Test(arguments: Engine.allCases, [desk, dispute])
    func `Of what left or is claimed is refunded by nobody`(engine: Engine, news: GatewayNews) async throws {
        try await withTellingGateway(engine) { scene in
            try await Self.receive(news, in: scene)
            #expect(try await scene.remaining() == 0)
            let again = await scene.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "1000.00"))
            #expect(again.refusal != nil)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    /// While one of 10.00 had no answer, one of 80.00 that somebody else had made waited for that answer, and went out
    /// once more.
    @Test(arguments: Engine.allCases)
    func `Of a refund that names none of ours is taken at once, though one of ours has no answer`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine, refundsBearReference: true) { scene in
            scene.gateway.loseAnswers()
            let unknown = try await scene.operations.refund(.of(.payment(Fixtures.cardPayment), "10.00"))
            #expect(unknown.refund.state == .unknown)
            let desk = RefundNews(
                refund: nil, gatewayReference: "re_desk", charges: ["ch_300"], amount: Brought.rupees(80_000),
                madeAt: Fixtures.now)
            try await Self.receive(.refund(desk), in: scene)
            #expect(try await scene.remaining() == 100_000 - 80_000 - 1_000)
            #expect(try await scene.operations.breaches() == [])
        }
    }
}
