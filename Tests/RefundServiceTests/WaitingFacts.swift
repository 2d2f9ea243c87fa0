import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A refund that was made at the gateway's desk.
private func deskRefund(
    _ minorUnits: Int64 = 6_000, _ reference: String = "re_desk", charge: String = "p1", after seconds: Int64 = 0
) -> GatewayNews {
    .refund(
        RefundNews(
            refund: nil, gatewayReference: reference, charges: ["ch_\(charge)", "pi_\(charge)"],
            amount: Brought.rupees(minorUnits), madeAt: Fixtures.now + .seconds(seconds)))
}

extension TellingScene {
    /// Puts a payment of 100.00 with a charge, and who paid it.
    fileprivate func putPayment(
        _ id: String = "p1", and others: [RecordBatch.Entry] = [], updates: Bool = true, on node: ServiceNode? = nil
    ) async throws {
        let records: [RecordBatch.Entry] = [
            .party(Brought.party()), .paymentMethod(Brought.method),
            .payment(Brought.payment(id, captured: Brought.rupees(10_000))),
        ]
        let batch = Brought.batch(records + others, updates: updates)
        _ = try await (node ?? self.node).operations.put(batch, for: Fixtures.organization.id)
    }

    fileprivate func balance(_ id: String = "p1") async throws -> PaymentBalance {
        try await operations.retrievePayment(Brought.reference(id), of: Fixtures.organization.id).balance
    }

    fileprivate func kept(_ news: GatewayNews, as event: String, by node: ServiceNode) async throws {
        gateway.tell(news, as: event)
        let message = GatewayMessage(headers: [:], body: Array(event.utf8), receivedAt: node.clock.now)
        try await node.operations.receiveNotice(at: Fixtures.gateway.text, message)
    }
}

/// What gateways tell of a charge whose payment is not here yet.
@Suite struct `What is told before its payment is here` {
    /// A13: all of the payment was left until the notice was tried again, and went out once more.
    @Test(arguments: Engine.allCases, [false, true])
    func `Of a refund made at the desk is taken of the payment as it is put`(
        engine: Engine, updates: Bool
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(deskRefund())
            try await scene.putPayment(updates: updates)
            let balance = try await scene.balance()
            #expect(balance.reserved == 6_000 && balance.refunded == 0, "no success is believed")
            #expect(balance.remaining == Brought.rupees(4_000))
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices == [])
            #expect(verification.exceptions.map(\.kind) == [.outOfBand])
            _ = await NoticeWorker(scene.operations).applyWhatIsDue()
            #expect(try await scene.balance() == balance, "once")
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a refund is taken of a payment that the gateway's own news of the charge put`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(deskRefund())
            let charge = ChargeNews(
                charges: ["ch_p1", "pi_p1"], customer: nil, captured: Brought.rupees(10_000), takenAt: Fixtures.now)
            try await scene.tell(.charge(charge))
            let known = try await scene.operations.retrievePayment(
                Brought.reference("ch_p1", in: .references(of: Fixtures.gateway)), of: Fixtures.organization.id)
            #expect(known.balance.remaining == Brought.rupees(4_000))
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a dispute is held of the payment as it is put`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let news = DisputeNews(
                gatewayReference: "dp_1", charges: ["pi_p1", "ch_p1"], amount: Brought.rupees(3_000), stages: [.open],
                reason: "fraudulent", at: Fixtures.now)
            try await scene.tell(.dispute(news))
            try await scene.putPayment()
            let balance = try await scene.balance()
            #expect(balance.claims == 3_000 && balance.held == 3_000)
            #expect(balance.remaining == Brought.rupees(7_000))
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is counted once for each refund of the gateway, and over-refunds where it is more`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(
                deskRefund(after: 5), deskRefund(after: 1), deskRefund(3_000, "re_2"), deskRefund(3_000, "re_3"))
            try await scene.putPayment()
            let balance = try await scene.balance()
            #expect(balance.reserved == 12_000 && balance.overRefunded == 2_000)
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of a refund that history brings with the payment is that refund`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(deskRefund(2_500, "rf_r1"))
            try await scene.putPayment(and: [.refund(Brought.refund())])
            let balance = try await scene.balance()
            #expect(balance.refunded == 2_500 && balance.reserved == 0)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is applied though it was left to a person`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(deskRefund())
            for _ in 0..<40 {
                scene.node.clock.move(by: .seconds(86_400))
                _ = await NoticeWorker(scene.operations).applyWhatIsDue()
            }
            #expect(try await scene.operations.verify().exceptions.map(\.kind) == [.unmatched])
            try await scene.putPayment()
            #expect(try await scene.balance().remaining == Brought.rupees(4_000))
            #expect(try await scene.operations.verify().exceptions.map(\.kind) == [.outOfBand])
        }
    }

    /// One of the two sees the other: what is told at the moment of the put is not left for a later try.
    @Test(arguments: Engine.allCases)
    func `Is seen by the payment, or sees it, where both come at once to two nodes`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let other = ServiceNode(store: scene.node.store, clock: scene.node.clock, gateway: scene.gateway)
            try await scene.putPayment("p0")
            for index in 1...8 {
                let id = "p\(index)"
                async let told: Void = scene.kept(deskRefund(6_000, "re_\(id)", charge: id), as: id, by: other)
                async let put: Void = scene.putPayment(id, on: scene.node)
                _ = try await (told, put)
            }
            _ = await NoticeWorker(other.operations).applyWhatIsDue()
            for index in 1...8 {
                #expect(try await scene.balance("p\(index)").remaining == Brought.rupees(4_000))
            }
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices == [])
        }
    }
}
