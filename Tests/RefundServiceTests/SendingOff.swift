import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// A gateway that remembers what it gave back, and lists it.
private final class ListingGateway: Gateway {
    private let given = Mutex<[RefundNews]>([])
    private let sent = Mutex<[RefundID]>([])
    private let isSilent = Mutex(false)

    let capabilities = GatewayCapabilities(
        linkedRefund: true, unlinkedCredit: false, cancel: true, keyLifetime: .seconds(86_400), refundWindow: nil,
        label: "Listing")

    var sentRefunds: [RefundID] { sent.withLock { $0 } }

    /// What it gave back while nobody here knew of it.
    func give(_ minorUnits: Int64, of charge: String, for refund: RefundID? = nil, as reference: String) {
        let news = RefundNews(
            refund: refund, gatewayReference: reference, charges: [charge], amount: Brought.rupees(minorUnits),
            madeAt: Fixtures.now)
        given.withLock { $0.append(news) }
    }

    /// Lets it list nothing any more.
    func fallSilent() { isSilent.withLock { $0 = true } }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        sent.withLock { $0.append(submission.refund) }
        return GatewayReport(
            state: .succeeded, amount: submission.amount, gatewayReference: "re_\(submission.refund)")
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        let news = given.withLock { given in
            given.first { $0.gatewayReference == inquiry.gatewayReference || $0.refund == inquiry.refund }
        }
        guard let news else { return .neverTaken }
        return .found(
            GatewayReport(state: .succeeded, amount: news.amount, gatewayReference: news.gatewayReference))
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        throw .notSent("it cannot")
    }

    func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage {
        guard !isSilent.withLock({ $0 }) else { throw .notSent("no route") }
        return ChargePage(charges: [], refunded: Set(given.withLock { $0 }.flatMap(\.charges)).sorted(), next: nil)
    }

    func refunds(ofCharge reference: String, isPast: Bool) async throws(GatewayError) -> [ListedRefund] {
        given.withLock { $0 }.filter { $0.charges == [reference] }.map { news in
            let event = "listed \(news.gatewayReference)"
            let notice = GatewayNotice(event: event, organization: Fixtures.organization.id, kept: event)
            let report = GatewayReport(
                state: .succeeded, amount: news.amount, gatewayReference: news.gatewayReference)
            return ListedRefund(gatewayReference: news.gatewayReference, notice: notice, report: report)
        }
    }

    func news(in kept: String) -> GatewayNews? {
        given.withLock { $0 }.first { "listed \($0.gatewayReference)" == kept }.map(GatewayNews.refund)
    }
}

/// A database that may be behind the gateways.
@Suite struct `Sending that is off` {
    private static let organization = Fixtures.organization.id

    private static func reference(to view: RefundView) -> RecordReference {
        RecordReference(dialect: .native, text: "\(view.refund.id)", generated: view.refund.id.value)
    }

    private static func turnOff(_ store: any Store) async throws {
        try await store.write(for: OrganizationID(0)) { try $0.turnSendingOff(because: "it was restored") }
    }

    private static func withListing<T>(
        _ engine: Engine, _ body: (ServiceNode, ListingGateway) async throws -> T
    ) async throws -> T {
        try await withBooks(engine) { store in
            let gateway = ListingGateway()
            return try await body(
                ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway), gateway)
        }
    }

    private static func resume(
        _ node: ServiceNode, skipping: Set<GatewayName> = []
    ) async throws -> [ComparedGateway] {
        try await node.operations.resumeSending(
            since: nil, skipping: skipping, with: NoticeWorker(node.operations)
        ).filter { $0.organization == organization }
    }

    @Test(arguments: Engine.allCases)
    func `Accepts no refund and burns no key, and answers what was accepted before`(engine: Engine) async throws {
        try await Self.withListing(engine) { node, _ in
            let accepted = try RefundRequest.of(.payment(Fixtures.cashPayment), "5.00", key: "a")
            let before = try await node.operations.refund(accepted)
            try await Self.turnOff(node.store)
            let cash = try RefundRequest.of(.payment(Fixtures.cashPayment), "40.00", key: "b")
            for request in [cash, try .of(.payment(Fixtures.cardPayment), "25.00")] {
                #expect(await node.operations.answer(to: request).failure == .sendingOff)
            }
            #expect(try await node.operations.refund(accepted).refund == before.refund)
            #expect(try await node.payment(Fixtures.cardPayment).balance.taken == 0)
            #expect(try await node.operations.breaches() == [])
            _ = try await Self.resume(node)
            #expect(try await node.operations.refund(cash).refund.state == .succeeded)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Sends nothing that was accepted before, and asks first once it is on again`(engine: Engine) async throws {
        try await Self.withListing(engine) { node, gateway in
            // Nobody takes calls: the refunds wait for a worker.
            let done = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
            let open = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "26.00"))
            #expect(done.refund.state == .approved)
            try await Self.turnOff(node.store)
            // Sent after the backup that this database comes from.
            gateway.give(2_500, of: "ch_300", for: done.refund.id, as: "re_done")
            node.clock.move(by: .seconds(2 * 86_400))
            try await node.takeUpOnce()
            #expect(gateway.sentRefunds.isEmpty)
            #expect(try await node.operations.now(done).refund == done.refund)

            #expect(try await Self.resume(node).map(\.unknownRefunds) == [1])
            #expect(try await node.operations.now(open).refund.state == .unknown)
            for _ in 0..<2 { try await node.pass(.seconds(60)) }
            #expect(gateway.sentRefunds.isEmpty, "its key is older than the gateway remembers")
            #expect(try await node.operations.now(done).refund.state == .succeeded)
            #expect(try await node.operations.now(done).payout?.gatewayReference == "re_done")
            #expect(try await node.operations.now(open).refund.state == .failed)
            #expect(try await node.payment(Fixtures.cardPayment).balance.refunded == 2_500)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is resumed with every refund that the gateway made meanwhile`(engine: Engine) async throws {
        try await Self.withListing(engine) { node, gateway in
            try await Self.turnOff(node.store)
            gateway.give(95_000, of: "ch_300", for: RefundID(77), as: "re_lost")
            #expect(try await Self.resume(node).map(\.unknownRefunds) == [1])
            #expect(try await node.operations.sending() == .on)
            let again = await node.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "50.01"))
            #expect(again.refusal == .exceedsRemaining(Brought.rupees(5_000)))
            #expect(try await Self.resume(node).map(\.unknownRefunds) == [0], "safe to repeat")
            let verification = try await node.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.exceptions.map(\.kind) == [.outOfBand])
        }
    }

    /// A restored database let an approved refund be canceled that had been sent since, and it was paid again.
    @Test(arguments: Engine.allCases)
    func `Lets no refund be withdrawn or ended, which may have been sent since`(engine: Engine) async throws {
        try await Self.withListing(engine) { node, _ in
            let open = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "26.00"))
            let cash = try await node.operations.refund(.of(.payment(Fixtures.cashPayment), "5.00"))
            try await Self.turnOff(node.store)
            for view in [open, cash] {
                await #expect(throws: Failure.sendingOff) {
                    _ = try await node.operations.cancelRefund(
                        Self.reference(to: view), of: Self.organization, by: "client:1", remark: "")
                }
                #expect(try await node.operations.now(view).refund == view.refund)
            }
        }
    }

    /// What had been withdrawn before the backup, and carried out after it, was refundable until the worker had asked.
    @Test(arguments: Engine.allCases)
    func `Is resumed with what became of refunds that had ended here`(engine: Engine) async throws {
        try await Self.withListing(engine) { node, gateway in
            let open = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "1000.00"))
            _ = try await node.operations.cancelRefund(
                Self.reference(to: open), of: Self.organization, by: "client:1", remark: "")
            try await Self.turnOff(node.store)
            gateway.give(100_000, of: "ch_300", for: open.refund.id, as: "re_open")
            #expect(try await Self.resume(node).map(\.unknownRefunds) == [1])
            let again = await node.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "0.01"))
            #expect(again.refusal == .paymentRefunded)
            #expect(try await node.operations.now(open).refund.state == .succeeded)
            #expect(try await Self.resume(node).map(\.unknownRefunds) == [0], "safe to repeat")
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Stays off where an account cannot be asked, unless an operator has compared it`() async throws {
        try await Self.withListing(.sqliteInMemory) { node, gateway in
            _ = try await node.operations.refund(.of(.payment(Fixtures.cashPayment), "1.00"))
            try await Self.turnOff(node.store)
            gateway.fallSilent()
            await #expect(throws: Failure.self) { _ = try await Self.resume(node) }
            #expect(try await node.operations.sending() == .off("it was restored"))
            #expect(try await Self.resume(node, skipping: [Fixtures.gateway]).isEmpty)
            #expect(try await node.operations.sending() == .on)
        }
    }

    @Test func `Is not resumed past an account that cannot be used here, as if it had made no refund`() async throws {
        try await Self.withListing(.sqliteInMemory) { node, _ in
            let account = GatewayInstance(
                id: Identifier(9), organization: Self.organization, name: GatewayName("sealed"), kind: "of a key lost",
                isActive: false, revision: 1, settings: [])
            _ = try await node.store.write(for: Self.organization) { try $0.insert(account) }
            try await Self.turnOff(node.store)
            await #expect(throws: Failure.self) { _ = try await Self.resume(node) }
            #expect(try await node.operations.sending() == .off("it was restored"))
            _ = try await Self.resume(node, skipping: [account.name])
            #expect(try await node.operations.sending() == .on)
        }
    }
}
