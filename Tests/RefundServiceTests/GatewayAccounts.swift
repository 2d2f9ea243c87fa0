import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Two nodes over one store, which know accounts at simulated gateways with books of their own.
private struct AccountScene: Sendable {
    static let organization = Fixtures.organization.id
    static let name = GatewayName("second")
    static let charge = Fixtures.payment(730, captured: 50_000, mode: .creditCard, charge: "ch_730", at: name)
    static let oldKey = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    static let newKey = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

    let node: ServiceNode
    let bookPath: String

    var operations: Operations { node.operations }

    func another(keys: String?) throws -> ServiceNode {
        try Self.node(over: node.store, node.clock, bookPath, node.gateway, keys: keys)
    }

    @discardableResult
    func put(
        active: Bool? = nil, _ settings: [String: String?] = ["label": "Second", "notice_secret": "hush"],
        of organization: OrganizationID = organization
    ) async throws -> GatewayAccount {
        try await operations.putGateway(
            GatewayChange(name: Self.name, kind: "simulator", isActive: active, settings: settings), of: organization)
    }

    /// What the account's gateway did in truth.
    func effects() async throws -> [SimulatorEffect] {
        let account = try await operations.gateway(Self.name, of: Self.organization)
        return try SimulatorBook.effects(inFile: "\(bookPath)-\(account.instance.id)")
    }

    static func node(
        over store: any Store, _ clock: ServiceClock, _ bookPath: String, _ gateway: any Gateway,
        keys: String?
    ) throws -> ServiceNode {
        ServiceNode(
            store: store, clock: clock, gateway: gateway,
            connectors: [
                SimulatorConnector(bookPath: bookPath, now: { clock.now }, sleep: { try await clock.sleep($0) })
            ], vault: try keys.map { try KeyRing(text: $0) })
    }
}

private func withAccounts<T>(
    _ engine: Engine = .sqliteInMemory, keys: String? = AccountScene.oldKey, _ body: (AccountScene) async throws -> T
) async throws -> T {
    try await withTemporaryFolder { folder in
        try await withBooks(engine) { store in
            let clock = ServiceClock(at: Fixtures.now)
            let gateway = try SimulatorGateway(
                SimulatorConfig(seed: 7), now: { clock.now }, sleep: { try await clock.sleep($0) })
            let bookPath = folder.path("book")
            let node = try AccountScene.node(over: store, clock, bookPath, gateway, keys: keys)
            try await store.write(for: AccountScene.organization) { session in
                try session.insert(AccountScene.charge, for: AccountScene.organization)
            }
            return try await node.running { try await body(AccountScene(node: node, bookPath: bookPath)) }
        }
    }
}

/// Accounts that organizations have at gateways.
@Suite struct `An account at a gateway` {
    @Test func `Is made though another has a charge of that name, where names are each account's own`() async throws {
        try await withAccounts { scene in
            let records: [RecordBatch.Entry] = [("p2", "second"), ("p3", "third")].map { id, gateway in
                var payment = Brought.payment(id, captured: Brought.rupees(10_000))
                payment.charge = Charge(gateway: GatewayName(gateway), reference: "ch_shared")
                payment.method = nil
                return .payment(payment)
            }
            let batch = Brought.batch([.party(Brought.party())] + records)
            _ = try await scene.operations.put(batch, for: AccountScene.organization)
            try await scene.put()
            let third = GatewayChange(
                name: GatewayName("third"), kind: "simulator", settings: ["label": "Third", "notice_secret": "hush"])
            let account = try await scene.operations.putGateway(third, of: AccountScene.organization)
            #expect(account.instance.isActive)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Serves the payments that name it, with its own book and its own clearing account`(
        engine: Engine
    ) async throws {
        try await withAccounts(engine) { scene in
            let early = await scene.operations.answer(to: try .of(.payment(AccountScene.charge), "20.00"))
            #expect(early.refusal == .gatewayUnknown(AccountScene.name), "before the account is there")
            try await scene.put()
            let view = try await scene.operations.refund(.of(.payment(AccountScene.charge), "25.00"))
            #expect(view.refund.state == .succeeded)
            #expect(try await scene.effects().map(\.given) == [Brought.rupees(2_500)])
            let history = try await scene.operations.retrieveHistory(
                of: reference(view.refund.id), of: AccountScene.organization)
            #expect(history.postings.contains { $0.account == "gateway_clearing:second" })
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test func `Shows of its secrets only that they are there, and stores them sealed`() async throws {
        try await withAccounts { scene in
            let account = try await scene.put()
            #expect(account.settings.map(\.name) == ["label", "notice_secret"])
            #expect(account.settings.map(\.value) == ["Second", nil])
            let stored = try await scene.node.store.read { try $0.gateways(of: AccountScene.organization) }
            let secret = try #require(stored.first?.settings.first { $0.name == "notice_secret" })
            #expect(secret.isSealed && !secret.value.contains("hush"))
        }
    }

    @Test func `Keeps no secret without a key, and says so`() async throws {
        try await withAccounts(keys: nil) { scene in
            await #expect(throws: Failure.self) { try await scene.put() }
            let account = try await scene.put(["label": "Plain"])
            #expect(account.settings.map(\.value) == ["Plain"])
        }
    }

    @Test(
        arguments: [
            (GatewayChange(name: GatewayName("simulator"), kind: "simulator"), "name"),
            (GatewayChange(name: GatewayName(""), kind: "simulator"), "name"),
            (GatewayChange(name: GatewayName("Second"), kind: "simulator"), "name"),
            (GatewayChange(name: GatewayName(String(repeating: "a", count: 41)), kind: "simulator"), "name"),
            (GatewayChange(name: GatewayName("second"), kind: "cheque"), "kind"),
            (GatewayChange(name: GatewayName("second")), "kind"),
            (GatewayChange(name: GatewayName("second"), kind: "simulator", settings: ["colour": "red"]), "colour"),
        ])
    func `Is refused where it cannot be`(change: GatewayChange, field: String) async throws {
        try await withAccounts { scene in
            do throws(Failure) {
                _ = try await scene.operations.putGateway(change, of: AccountScene.organization)
                Issue.record("taken")
            } catch {
                guard case .input(let problems) = error else { throw error }
                #expect(problems.map(\.field) == [field])
            }
            #expect(try await scene.operations.listGateways(of: AccountScene.organization) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `That is inactive takes no new refund, and leads on those that it has`(engine: Engine) async throws {
        try await withAccounts(engine) { scene in
            try await scene.put()
            let view = try await scene.operations.refund(.of(.payment(AccountScene.charge), "67.05"))
            #expect(view.refund.state == .pending)
            try await scene.put(active: false, [:])
            let refused = await scene.operations.answer(to: try .of(.payment(AccountScene.charge), "20.00"))
            #expect(refused.refusal == .gatewayUnknown(AccountScene.name))
            try await scene.node.pass(.seconds(30))
            #expect(try await scene.operations.now(view).refund.state == .succeeded)
        }
    }

    @Test func `Is its organization's alone`() async throws {
        try await withAccounts { scene in
            try await scene.put()
            let stranger = Fixtures.stranger.id
            #expect(try await scene.operations.listGateways(of: stranger) == [])
            await #expect(throws: Failure.refund(.gatewayUnknown(AccountScene.name))) {
                try await scene.operations.testGateway(AccountScene.name, of: stranger)
            }
            try await scene.put(["label": "Theirs"], of: stranger)
            let own = try await scene.operations.gateway(AccountScene.name, of: AccountScene.organization)
            #expect(own.settings.map(\.value) == ["Second", nil])
            let word = try await scene.operations.testGateway(AccountScene.name, of: stranger)
            #expect(word == "it has given money back 0 times")
        }
    }

    @Test(arguments: Engine.allCases)
    func `Takes notices at its own address`(engine: Engine) async throws {
        try await withAccounts(engine) { scene in
            let account = try await scene.put()
            _ = try await scene.operations.refund(.of(.payment(AccountScene.charge), "67.05"))
            let clock = scene.node.clock
            clock.move(by: .seconds(10))
            let id = "\(account.instance.id)"
            let gateway = try SimulatorGateway(
                SimulatorConfig(seed: 1, book: .file(path: "\(scene.bookPath)-\(id)"), noticeSecret: "hush"),
                now: { clock.now }, sleep: { _ in })
            for notice in gateway.notices() {
                let signature = try #require(gateway.signature(of: notice.body))
                let message = GatewayMessage(
                    headers: [SimulatorNotice.signatureHeader: signature], body: notice.body, receivedAt: clock.now)
                try await scene.operations.receiveNotice(at: id, message)
                await #expect(throws: Failure.refund(.gatewayUnknown(GatewayName("1")))) {
                    try await scene.operations.receiveNotice(at: "1", message)
                }
            }
            _ = await NoticeWorker(scene.operations).applyWhatIsDue()
            try await scene.node.workOff()
            let refunds = try await scene.node.store.read {
                try $0.refunds(RefundQuery(), of: AccountScene.organization)
            }
            #expect(refunds.map(\.state) == [.succeeded])
        }
    }

    @Test func `Speaks for its owner alone, whatever organization a notice names`() async throws {
        try await withAccounts { scene in
            let account = try await scene.put()
            let stranger = Fixtures.stranger
            let clock = scene.node.clock
            let gateway = try SimulatorGateway(
                SimulatorConfig(seed: 1, noticeSecret: "hush"), now: { clock.now }, sleep: { _ in })
            try gateway.refundAtDesk("ch_1", amount: Brought.rupees(2_500), of: stranger.id)
            for notice in gateway.notices() {
                let signature = try #require(gateway.signature(of: notice.body))
                try await scene.operations.receiveNotice(
                    at: "\(account.instance.id)",
                    GatewayMessage(
                        headers: [SimulatorNotice.signatureHeader: signature], body: notice.body, receivedAt: clock.now)
                )
            }
            let due = try await scene.node.store.read { try $0.dueNotices(at: clock.now, atMost: 10) }
            #expect(!due.isEmpty && due.allSatisfy { $0.organization == AccountScene.organization })
        }
    }

    @Test func `That is changed is changed on other nodes within the directory's memory`() async throws {
        try await withAccounts { scene in
            try await scene.put()
            let other = try scene.another(keys: AccountScene.oldKey)
            #expect(
                try await other.operations.gatewayLabels(of: AccountScene.organization)[AccountScene.name] == "Second")
            try await scene.put(["label": "Renamed"])
            let here = try await scene.operations.gatewayLabels(of: AccountScene.organization)
            #expect(here[AccountScene.name] == "Renamed")
            scene.node.clock.move(by: Limits.directoryLifetime)
            let there = try await other.operations.gatewayLabels(of: AccountScene.organization)
            #expect(there[AccountScene.name] == "Renamed")
        }
    }

    @Test func `Is sealed anew when keys change, and is lost with its key`() async throws {
        try await withAccounts { scene in
            try await scene.put()
            let both = try scene.another(keys: "\(AccountScene.newKey)\n\(AccountScene.oldKey)")
            let onlyNew = try scene.another(keys: AccountScene.newKey)
            await #expect(throws: Failure.self) {
                try await onlyNew.operations.resealGateways(of: AccountScene.organization)
            }
            #expect(try await onlyNew.operations.gatewayLabels(of: AccountScene.organization)[AccountScene.name] == nil)
            #expect(try await both.operations.resealGateways(of: AccountScene.organization) == 1)
            #expect(try await both.operations.resealGateways(of: AccountScene.organization) == 0)
            scene.node.clock.move(by: Limits.directoryLifetime)
            let labels = try await onlyNew.operations.gatewayLabels(of: AccountScene.organization)
            #expect(labels[AccountScene.name] == "Second")
        }
    }
}

extension Fixtures {
    fileprivate static func payment(
        _ id: Int64, captured: Int64, mode: PaymentMode, charge: String, at gateway: GatewayName
    ) -> Payment {
        Payment(
            id: PaymentID(id), party: customer.id, number: "P-\(id)", state: .succeeded, mode: mode,
            charge: Charge(gateway: gateway, reference: charge), method: nil,
            balance: PaymentBalance(currency: rupee, captured: captured), rate: exchangeRate("1"),
            receivedOn: date("2026-02-20"), invoiceNumber: "INV-\(id)")
    }
}
