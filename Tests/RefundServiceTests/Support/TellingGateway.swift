import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// A gateway that carries out nothing, and tells what it is told to tell.
final class TellingGateway: Gateway {
    private let told = Mutex<[String: GatewayNews]>([:])
    private let listed = Mutex<[[ChargeNews]]>([])
    private let exchanges = Mutex<[String: [Result<ChargeExchange?, GatewayError>]]>([:])
    private let busyTimes = Mutex(0)
    private let reports = Mutex<[String: GatewayReport]>([:])
    private let charges = Mutex<[String]>([])

    let capabilities: GatewayCapabilities
    private let losesAnswers = Mutex(false)

    init(refundsBearReference: Bool = false) {
        capabilities = GatewayCapabilities(
            linkedRefund: true, unlinkedCredit: true, cancel: false, keyLifetime: .seconds(86_400), refundWindow: nil,
            refundsBearReference: refundsBearReference, label: "Telling")
    }

    /// Lets nobody hear what became of the next refunds that it is asked for.
    func loseAnswers() { losesAnswers.withLock { $0 = true } }

    func tell(_ news: GatewayNews, as event: String) { told.withLock { $0[event] = news } }

    /// Answers so where it is asked about a refund by its own reference.
    func answer(_ report: GatewayReport) { reports.withLock { $0[report.gatewayReference] = report } }

    /// Names these references of the charge in every answer to a refund that it is asked for.
    func nameCharges(_ references: String...) { charges.withLock { $0 = references } }

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
        if losesAnswers.withLock({ $0 }) { throw .ambiguous("no answer") }
        return GatewayReport(
            state: .pending, amount: submission.amount, gatewayReference: "re_\(submission.refund)",
            charges: charges.withLock { $0 })
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        let report = inquiry.gatewayReference.flatMap { reference in reports.withLock { $0[reference] } }
        return report.map(GatewayFinding.found) ?? .notFoundYet
    }

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

struct TellingScene: Sendable {
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

func withTellingGateway<T>(
    _ engine: Engine, refundsBearReference: Bool = false, _ body: (TellingScene) async throws -> T
) async throws -> T {
    try await withBooks(engine) { store in
        let gateway = TellingGateway(refundsBearReference: refundsBearReference)
        let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
        return try await node.running { try await body(TellingScene(node: node, gateway: gateway)) }
    }
}
