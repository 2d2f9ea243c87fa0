import GatewayStandIns
import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A node whose organization has accounts at Stripe, which it never calls.
private struct TwinScene: Sendable {
    static let organization = Fixtures.organization.id

    let node: ServiceNode
    /// Another process over the same data.
    let other: ServiceNode

    var operations: Operations { node.operations }

    @discardableResult
    func account(
        _ name: String, key: String, of organization: OrganizationID = organization, by node: ServiceNode? = nil
    ) async throws(Failure) -> GatewayAccount {
        let settings = ["secret_key": key, "notice_secret": ChargedStripe.noticeSecret]
        return try await (node ?? self.node).operations.putGateway(
            GatewayChange(name: GatewayName(name), kind: "stripe", settings: settings), of: organization)
    }

    func payment(_ id: String) async throws -> Payment {
        try await operations.retrievePayment(Brought.reference(id), of: Self.organization)
    }

    func put(_ id: String, at gateway: String) async throws(Failure) -> PutResult {
        var payment = Brought.payment(id, captured: Brought.rupees(10_000))
        payment.charge = Charge(gateway: GatewayName(gateway), reference: "ch_1")
        payment.method = nil
        let batch = Brought.batch([.party(Brought.party()), .payment(payment)])
        return try await operations.put(batch, for: Self.organization)[1]
    }

    /// Sends what Stripe signs when a charge of 100.00 has succeeded.
    func tellOfCharge(to account: GatewayAccount) async throws {
        let body = Array(
            """
            {"id":"evt_1","type":"charge.succeeded","created":1692942400,"livemode":false,"data":{"object":
            {"id":"ch_1","amount":10000,"amount_captured":10000,"amount_refunded":0,"currency":"inr",
            "payment_intent":"pi_1","created":1692942318,"status":"succeeded"}}}
            """.utf8)
        let now = node.clock.now
        let signature = NoticeSignature(secrets: [ChargedStripe.noticeSecret]).header(for: body, at: now)
        let message = GatewayMessage(headers: ["stripe-signature": signature], body: body, receivedAt: now)
        try await operations.receiveNotice(at: "\(account.instance.id)", message)
        _ = await NoticeWorker(operations).applyWhatIsDue()
    }
}

private func withTwins(_ engine: Engine, _ body: (TwinScene) async throws -> Void) async throws {
    try await withBooks(engine) { store in
        let connector = StripeConnector(client: Transport.processClient, turns: EveryTurn())
        let vault = try KeyRing(text: "k:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        let nodes = [0, 1].map { _ in
            ServiceNode(
                store: store, clock: ServiceClock(at: Fixtures.now), gateway: TellingGateway(),
                connectors: [connector], vault: vault)
        }
        try await body(TwinScene(node: nodes[0], other: nodes[1]))
    }
}

/// A6: of two accounts here, one of them by another key, that are one account at the provider, each had the charge as a
/// payment of its own, and 200 % of it could go back.
@Suite struct `Two accounts with one account at the provider` {
    @Test(arguments: Engine.allCases)
    func `Are refused where they have the same key`(engine: Engine) async throws {
        try await withTwins(engine) { scene in
            try await scene.account("main", key: "sk_test_1")
            try await scene.account("main", key: "sk_test_1")
            let twin = Failure.conflict("the gateway main has the same secret_key")
            await #expect(throws: twin) { try await scene.account("second", key: "sk_test_1") }
            try await scene.account("second", key: "sk_test_2")
            await #expect(throws: twin) { try await scene.account("second", key: "sk_test_1") }
            // Another organization's accounts are nobody's business here.
            try await scene.account("main", key: "sk_test_1", of: Fixtures.stranger.id)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Have one payment of a charge, at the account where it came first`(engine: Engine) async throws {
        try await withTwins(engine) { scene in
            let first = try await scene.account("zz_first", key: "sk_test_1")
            let second = try await scene.account("second", key: "rk_test_2")
            #expect(try await scene.put("p1", at: "zz_first") == .created)
            await #expect(throws: Failure.self) { try await scene.put("p2", at: "second") }
            let payment = try await scene.payment("p1")
            do throws(Failure) {
                _ = try await scene.put("p2", at: "second")
                Issue.record("a second payment of the charge")
            } catch {
                guard case .chargeOfAnotherPayment(payment.id, _) = error else { throw error }
            }
            try await scene.tellOfCharge(to: second)
            try await scene.tellOfCharge(to: first)
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [] && verification.unsettledNotices == [])
            #expect(verification.exceptions.map(\.kind) == [.unmatched])
            #expect(verification.exceptions.map(\.payment) == [payment.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Have one payment of a charge also where another process just made the second`(engine: Engine) async throws {
        try await withTwins(engine) { scene in
            try await scene.account("main", key: "sk_test_1")
            #expect(try await scene.put("p1", at: "main") == .created)
            try await scene.account("second", key: "sk_test_2", by: scene.other)
            await #expect(throws: Failure.self) { try await scene.put("p2", at: "second") }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Are refused where payments were put by the name of the second before it was there`(
        engine: Engine
    ) async throws {
        try await withTwins(engine) { scene in
            #expect(try await scene.put("p1", at: "second") == .created)
            try await scene.account("main", key: "sk_test_1")
            #expect(try await scene.put("p2", at: "main") == .created)
            let payment = try await scene.payment("p1")
            let shared = Failure.conflict(
                "payment \(payment.id) has a charge that is a payment of the gateway main already")
            await #expect(throws: shared) { try await scene.account("second", key: "sk_test_2") }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Have one payment of a charge that both put at once`(engine: Engine) async throws {
        try await withTwins(engine) { scene in
            try await scene.account("main", key: "sk_test_1")
            try await scene.account("second", key: "rk_test_2")
            async let one = try? scene.put("p1", at: "main")
            async let other = try? scene.put("p2", at: "second")
            let results = await [one, other]
            #expect(results.compactMap(\.self) == [.created])
        }
    }
}
