import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// A gateway that carries out nothing, and tells what it is told to tell.
private final class TellingGateway: Gateway {
    private let told = Mutex<[String: GatewayNews]>([:])
    private let listed = Mutex<[[ChargeNews]]>([])
    private let exchanges = Mutex<[String: [Result<ChargeExchange?, GatewayError>]]>([:])
    private let busyTimes = Mutex(0)

    let capabilities = GatewayCapabilities(
        linkedRefund: true, unlinkedCredit: true, cancel: false, keyLifetime: .seconds(86_400), refundWindow: nil,
        label: "Telling")

    func tell(_ news: GatewayNews, as event: String) { told.withLock { $0[event] = news } }

    func list(_ pages: [[ChargeNews]]) { listed.withLock { $0 = pages } }

    /// Answers so about a charge, one after another; the last answer stays.
    func exchange(_ charge: String, _ results: Result<ChargeExchange?, GatewayError>...) {
        exchanges.withLock { $0[charge] = results }
    }

    /// Lets it have no turn for the next lists.
    func beBusy(_ times: Int) { busyTimes.withLock { $0 = times } }

    func exchange(ofCharge reference: String) async throws(GatewayError) -> ChargeExchange? {
        try exchanges.withLock { exchanges in
            let results = exchanges[reference] ?? []
            if results.count > 1 { exchanges[reference]?.removeFirst() }
            return results.first
        }?.get()
    }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        GatewayReport(state: .pending, amount: submission.amount, gatewayReference: "re_\(submission.refund)")
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding { .notFoundYet }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        throw .notSent("it cannot")
    }

    func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage {
        let isBusy = busyTimes.withLock { times in
            times -= 1
            return times >= 0
        }
        if isBusy { throw .busy("too many calls") }
        let pages = listed.withLock { $0 }
        let index = cursor.flatMap { Int($0) } ?? 0
        return ChargePage(charges: pages[index], next: index + 1 < pages.count ? "\(index + 1)" : nil)
    }

    func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? {
        let event = String(decoding: message.body, as: UTF8.self)
        return GatewayNotice(event: event, organization: Fixtures.organization.id, kept: event)
    }

    func news(in kept: String) -> GatewayNews? { told.withLock { $0[kept] } }
}

private struct TellingScene: Sendable {
    let node: ServiceNode
    let gateway: TellingGateway

    var operations: Operations { node.operations }

    /// Tells each, under an event of its own, and lets them be applied in this order.
    func tell(_ news: GatewayNews...) async throws {
        for (index, news) in news.enumerated() {
            let event = "\(news) \(index) \(node.clock.now.microseconds)"
            gateway.tell(news, as: event)
            let message = GatewayMessage(headers: [:], body: Array(event.utf8), receivedAt: node.clock.now)
            try await operations.receiveNotice(at: Fixtures.gateway.text, message)
            _ = await NoticeWorker(operations).applyWhatIsDue()
        }
        node.clock.move(by: .seconds(1))
    }

    /// What the first payment of the fixtures, of 1,000.00, has left.
    func remaining() async throws -> Int64 {
        try await node.payment(Fixtures.cardPayment).balance.remaining.minorUnits
    }
}

private func withTellingGateway<T>(_ engine: Engine, _ body: (TellingScene) async throws -> T) async throws -> T {
    try await withBooks(engine) { store in
        let gateway = TellingGateway()
        let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
        return try await node.running { try await body(TellingScene(node: node, gateway: gateway)) }
    }
}

private func dispute(_ state: Dispute.State, _ minorUnits: Int64 = 30_000, reference: String = "dp_1") -> GatewayNews {
    .dispute(
        DisputeNews(
            gatewayReference: reference, charges: ["ch_300", "pi_300"], amount: Brought.rupees(minorUnits),
            state: state, reason: "fraudulent"))
}

private func charge(
    _ reference: String, _ captured: Money, customer: String? = "cus_1"
) -> ChargeNews {
    ChargeNews(
        charges: [reference, "pi_\(reference)"],
        customer: customer.map { .init(gatewayReference: $0, name: "Ana Pérez", email: "ana@example.com") },
        captured: captured, takenAt: Fixtures.now)
}

@Suite struct `A dispute that a gateway tells of` {
    @Test(arguments: Engine.allCases)
    func `Keeps all that is left of its payment while it lasts, and nothing once it is won`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            let underWay = try await scene.operations.refund(.of(.payment(Fixtures.cardPayment), "100.00"))
            try await scene.tell(dispute(.open))
            #expect(try await scene.remaining() == 0)
            let refused = await scene.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "1.00"))
            #expect(refused.refusal == .paymentDisputed)
            let during = try await scene.operations.verify()
            #expect(during.breaches == [])
            #expect(during.exceptions.map(\.refund) == [underWay.refund.id])
            #expect(during.exceptions.map(\.kind) == [.disputedAfterRefund])
            #expect(during.exceptions.map(\.detail) == ["the charge behind it is disputed: fraudulent"])
            try await scene.tell(dispute(.won))
            #expect(try await scene.remaining() == 90_000)
            let after = try await scene.operations.verify()
            #expect(after.breaches == [])
            #expect(after.exceptions.isEmpty, "it has healed")
        }
    }

    @Test func `That is in another currency is told to an operator`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            try await scene.tell(
                .dispute(
                    DisputeNews(
                        gatewayReference: "dp_1", charges: ["ch_300"],
                        amount: Money(minorUnits: 300, currency: Fixtures.dollar), state: .open, reason: "fraudulent")))
            let exceptions = try await scene.operations.verify().exceptions
            #expect(exceptions.map(\.kind) == [.disputeCurrency])
            #expect(exceptions.map(\.payment) == [Fixtures.cardPayment.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `That is lost keeps its amount, as far as it was left`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(dispute(.open), dispute(.lost))
            #expect(try await scene.remaining() == 70_000)
            try await scene.tell(dispute(.lost, 80_000, reference: "dp_2"))
            #expect(try await scene.remaining() == 0)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases, [Dispute.State.won, .lost])
    func `Ends once, in whatever order the news come`(engine: Engine, end: Dispute.State) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(dispute(end), dispute(.open), dispute(end), dispute(.open))
            #expect(try await scene.remaining() == (end == .won ? 100_000 : 70_000))
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test func `Stays as it is when the payment's owner brings the payment again`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            let id = Fixtures.organization.id
            let records: [RecordBatch.Entry] = [
                .party(Brought.party()), .paymentMethod(Brought.method), .payment(Brought.payment()),
            ]
            _ = try await scene.operations.put(Brought.batch(records, updates: true), for: id)
            try await scene.tell(
                .dispute(
                    DisputeNews(
                        gatewayReference: "dp_3", charges: ["ch_p1"], amount: Brought.rupees(1_000), state: .lost,
                        reason: "")))
            let results = try await scene.operations.put(Brought.batch(records, updates: true), for: id)
            #expect(results == [.unchanged, .unchanged, .unchanged])
            let payment = try await scene.operations.retrievePayment(Brought.reference("p1"), of: id)
            #expect(payment.balance.disputed == 1_000)
        }
    }
}

@Suite struct `A charge that a gateway tells of` {
    private static let id = Fixtures.organization.id
    private static let dialect = DialectName.references(of: Fixtures.gateway)

    private static func payment(_ reference: String, on scene: TellingScene) async throws -> Payment {
        try await scene.operations.retrievePayment(
            RecordReference(dialect: dialect, text: reference, generated: nil), of: id)
    }

    @Test(arguments: Engine.allCases)
    func `Becomes a payment of its customer, once, and can be refunded`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let rupees = Brought.rupees(25_000)
            try await scene.tell(.charge(charge("ch_new", .zero(Fixtures.rupee))))
            #expect(try await Self.payment("ch_new", on: scene).state == .pending)
            try await scene.tell(.charge(charge("ch_new", rupees)), .charge(charge("ch_other", rupees)))
            try await scene.tell(.charge(charge("ch_new", rupees)), .charge(charge("ch_new", .zero(Fixtures.rupee))))
            let (first, other) = (
                try await Self.payment("ch_new", on: scene), try await Self.payment("ch_other", on: scene)
            )
            #expect(first.state == .succeeded && first.balance.captured == 25_000)
            #expect(first.party == other.party, "one customer")
            let view = try await scene.operations.refund(
                .of(.payment(first), "25.00"))
            #expect(view.refund.state == .pending)
            #expect(try await scene.operations.verify().unsettledNotices == [])
        }
    }

    @Test func `Is the payment that was brought with its payment intent`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            let news = ChargeNews(
                charges: ["ch_unknown", "ch_300"], customer: nil, captured: Brought.rupees(100_000),
                takenAt: Fixtures.now)
            try await scene.tell(.charge(news))
            await #expect(throws: Failure.self) { try await Self.payment("ch_unknown", on: scene) }
        }
    }

    @Test func `In a currency without a rate waits, and says why`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            try await scene.tell(.charge(charge("ch_usd", Money(minorUnits: 100, currency: Fixtures.dollar))))
            let unsettled = try await scene.operations.verify().unsettledNotices
            #expect(unsettled.count == 1)
            #expect(unsettled.first?.detail.contains("rate") == true)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Comes in by an import too, page by page, however often it runs`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let dollars = Money(minorUnits: 100, currency: Fixtures.dollar)
            scene.gateway.list([
                [charge("ch_a", Brought.rupees(100)), charge("ch_b", Brought.rupees(200), customer: nil)],
                [charge("ch_usd", dollars), charge("ch_300", Brought.rupees(100_000))],
            ])
            scene.node.clock.move(by: .seconds(400))
            var pages: [[Int]] = []
            // The first page goes back over the last quarter of the time.
            let first = try await scene.operations.importCharges(
                of: Fixtures.gateway, since: Fixtures.now - .seconds(1_200), for: Self.id
            ) { pages.append([$0.count, $0.percent]) }
            #expect(pages == [[2, 25], [4, 100]])
            #expect(first.created == 2 && first.unchanged == 1)
            #expect(first.refused.keys.sorted() == ["ch_usd"])
            let again = try await scene.operations.importCharges(
                of: Fixtures.gateway, since: Fixtures.now, for: Self.id
            ) { _ in }
            #expect(again.created == 0 && again.unchanged == 3)
            let (other, second) = (
                try await Self.payment("ch_a", on: scene), try await Self.payment("ch_b", on: scene)
            )
            #expect(other.party != second.party)
        }
    }

    private static func rupees(at text: String) throws -> Result<ChargeExchange?, GatewayError> {
        .success(ChargeExchange(currency: Fixtures.rupee, rate: try #require(ExchangeRate(text))))
    }

    @Test(arguments: Engine.allCases)
    func `In another currency takes the rate at which it was exchanged`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            scene.gateway.exchange("ch_usd", try Self.rupees(at: "83.2475"))
            let dollars = Money(minorUnits: 100_00, currency: Fixtures.dollar)
            try await scene.tell(.charge(charge("ch_usd", dollars)))
            let payment = try await Self.payment("ch_usd", on: scene)
            #expect(payment.rate == ExchangeRate("83.2475"))
            #expect(payment.balance.captured == 100_00)
            // What is known is not asked for: more of it may be taken at another rate.
            scene.gateway.exchange("ch_usd", .failure(.ambiguous("no answer")))
            try await scene.tell(.charge(charge("ch_usd", Money(minorUnits: 150_00, currency: Fixtures.dollar))))
            let later = try await Self.payment("ch_usd", on: scene)
            #expect(later.balance.captured == 150_00)
            #expect(later.rate == ExchangeRate("83.2475"))
        }
    }

    @Test func `Whose rate cannot be had is not taken, and says why`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            let dollars = Money(minorUnits: 100_00, currency: Fixtures.dollar)
            let euro = try #require(Currency("EUR"))
            let third = ChargeExchange(currency: euro, rate: try #require(ExchangeRate("0.92")))
            scene.gateway.exchange("ch_third", .success(third))
            scene.gateway.exchange("ch_silent", .failure(.ambiguous("no answer")))
            scene.gateway.list([["ch_third", "ch_silent", "ch_plain"].map { charge($0, dollars) }])
            let result = try await scene.operations.importCharges(
                of: Fixtures.gateway, since: Fixtures.now, for: Self.id
            ) { _ in }
            #expect(
                result.refused == [
                    "ch_third": "charge: a record in USD needs a rate to the base currency",
                    "ch_plain": "charge: a record in USD needs a rate to the base currency",
                    "ch_silent": "the gateway simulator cannot be asked for its charges: no answer",
                ])
        }
    }

    /// Imports, and lets as many seconds pass as it waits for turns.
    private static func importWaiting(_ seconds: Int, on scene: TellingScene) async throws -> ChargeImport {
        let importing = Task {
            try await scene.operations.importCharges(of: Fixtures.gateway, since: Fixtures.now, for: id) { _ in }
        }
        for _ in 0..<seconds {
            await scene.node.clock.untilSomebodySleeps(for: .seconds(1))
            scene.node.clock.move(by: .seconds(1))
        }
        return try await importing.value
    }

    @Test func `Comes in by an import that waits for the turn in which its rate is asked for`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            scene.gateway.list([[charge("ch_usd", Money(minorUnits: 100_00, currency: Fixtures.dollar))]])
            let busy = Result<ChargeExchange?, GatewayError>.failure(.busy("too many calls"))
            scene.gateway.exchange("ch_usd", busy, busy, try Self.rupees(at: "83.2475"))
            let result = try await Self.importWaiting(2, on: scene)
            #expect(result.refused == [:])
            #expect(result.created == 1)
        }
    }

    @Test func `Of which a notice tells holds up no other notice where there is no turn to ask for its rate`()
        async throws
    {
        try await withTellingGateway(.sqliteInMemory) { scene in
            scene.gateway.exchange("ch_usd", .failure(.busy("too many calls")), try Self.rupees(at: "83.2475"))
            try await scene.tell(
                .charge(charge("ch_usd", Money(minorUnits: 100_00, currency: Fixtures.dollar))),
                .charge(charge("ch_other", Brought.rupees(25_000))))
            #expect(try await Self.payment("ch_other", on: scene).state == .succeeded)
            scene.node.clock.move(by: .seconds(5))
            _ = await NoticeWorker(scene.operations).applyWhatIsDue()
            let payment = try await Self.payment("ch_usd", on: scene)
            #expect(payment.rate == ExchangeRate("83.2475"))
        }
    }

    @Test func `Comes in by an import that waits for its turns`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            scene.gateway.list([[charge("ch_a", Brought.rupees(100))]])
            scene.gateway.beBusy(3)
            let result = try await Self.importWaiting(3, on: scene)
            #expect(result.created == 1)
        }
    }
}
