import AsyncHTTPClient
import Foundation
import GatewayStandIns
import RefundDomain
import Synchronization
import Testing

@testable import RefundGateways

/// Where the lives are lived that localstripe and Stripe have in common.
///
/// Stripe itself takes part where `make test-stripe-live` brings a key of its test mode, and nowhere else.
enum StripePlace: String, CustomTestStringConvertible {
    case localstripe
    case testMode = "Stripe's test mode"

    private static let key = ProcessInfo.processInfo.environment["REFUNDRY_STRIPE_TEST_KEY"].map { Secret($0) }

    /// The one of this run; none where localstripe is not there either.
    static let chosen: [StripePlace] = key != nil ? [.testMode] : PythonScript.isThere ? [.localstripe] : []

    var testDescription: String { rawValue }

    func open() async throws -> OpenStripe {
        switch self {
        case .localstripe:
            return try OpenStripe(
                at: try await StripeStandIn().start().address, Secret("sk_test_12345"), client: StripeBench.client,
                callsPerSecond: 1_000, timeout: StripeBench.patience, pause: .zero)
        case .testMode:
            // Stripe allows a sandbox 25 calls a second (https://docs.stripe.com/rate-limits).
            return try OpenStripe(
                at: StripeConnector.address, Self.key ?? Secret(""), client: Transport.processClient,
                callsPerSecond: 10, timeout: .seconds(60), pause: .seconds(5))
        }
    }
}

/// A Stripe, reached by the connector, and by the shop whose account it is.
struct OpenStripe: Sendable {
    /// How often is looked at what takes its time, with a pause after each look.
    private static let looksMax = 240

    let gateway: StripeGateway
    private let key: Secret
    private let transport: Transport
    private let timeout: Duration
    private let pause: Duration

    /// Throws where the key is none of a test mode.
    init(
        at address: String, _ key: Secret, client: HTTPClient, callsPerSecond: Int, timeout: Duration, pause: Duration
    ) throws {
        transport = Transport(
            client: client, gateway: GatewayName("stripe"),
            pace: Pace(
                callsPerSecond: callsPerSecond, ofEndpoint: callsPerSecond, of: GatewayName("stripe"),
                OrganizationID(1), turns: EvenTurns.shared))
        gateway = StripeGateway(
            try StripeConfig(secretKey: key, mode: .test, address: address), over: transport, timeout: timeout)
        self.key = key
        self.timeout = timeout
        self.pause = pause
    }

    /// Takes money by card, and gives the payment intent and its charge.
    func charge(_ amount: Int64, _ currency: String, by card: StripeTestCard = .good) async throws -> Localstripe.Intent
    {
        try await send(
            .post, "/v1/payment_intents",
            [
                ("amount", "\(amount)"), ("currency", currency.lowercased()), ("payment_method", card.rawValue),
                ("payment_method_types[]", "card"), ("confirm", "true"), ("expand[]", "latest_charge"),
            ])
    }

    /// What was given back of a charge, as Stripe lists it.
    func refunds(of charge: String) async throws -> [Localstripe.Refund] {
        let list: List = try await send(.get, "/v1/refunds", [("charge", charge), ("limit", "100")])
        return list.data
    }

    /// What a refund is once it is no longer what it was at first; what it was, where it stays so for long.
    func state(of inquiry: GatewayInquiry, leaving first: GatewayReport.State) async throws -> GatewayReport.State {
        for _ in 0..<Self.looksMax {
            let finding = try await gateway.inquire(inquiry)
            if case .found(let report) = finding, report.state != first { return report.state }
            try await Task.sleep(for: pause)
        }
        return first
    }

    private struct List: Decodable {
        let data: [Localstripe.Refund]
    }

    /// Stripe answered this instead, about which it says no more: its words may have a part of the key.
    private struct NotDone: Error {
        let path: String
        let status: Int
        let code: String?
    }

    private func send<Answer: Decodable>(
        _ method: HTTPCall.Method, _ path: String, _ form: [(String, String)]
    ) async throws -> Answer {
        let fields = [("Stripe-Version", StripeWire.version), ("Content-Type", "application/x-www-form-urlencoded")]
        let words = PercentEncoding.form(form.map { (name: $0.0, value: $0.1) })
        let address = gateway.config.address + path
        let call =
            switch method {
            case .get: HTTPCall(.get, "shop", at: "\(address)?\(words)", fields: [fields[0]])
            case .post: HTTPCall(.post, "shop", at: address, fields: fields, body: Array(words.utf8))
            }
        let reply = try await transport.send(call, bearing: key, by: .now + timeout)
        guard reply.status == 200 else {
            throw NotDone(path: path, status: reply.status, code: StripeWire.fault(in: reply)?.code)
        }
        return try JSONDecoder().decode(Answer.self, from: Data(reply.body))
    }
}

/// The turns of one process, which are all there are where its tests alone have the account.
private final class EvenTurns: GatewayTurns {
    static let shared = EvenTurns()

    private let next = Mutex<[TurnLine: ContinuousClock.Instant]>([:])

    func take(_ lines: [TurnLine], patience: Duration) async throws -> Duration? {
        next.withLock { next in
            let now = ContinuousClock.now
            let turns = lines.map { line in
                let turn = max(now, next[line] ?? now)
                next[line] = turn + line.distance
                return turn
            }
            return turns.max().map { now.duration(to: $0) }
        }
    }

    func close(_ line: TurnLine, for duration: Duration) async throws {
        next.withLock { $0[line] = .now + duration }
    }
}
