import AsyncHTTPClient
import GatewayStandIns
import RefundDomain

@testable import RefundGateways

/// Stripe held against the contract, with localstripe in its place.
struct StripeFixture: GatewayFixture {
    let testDescription = "Stripe"
    let cancels = true

    /// Nothing where `make stripe` has not fetched localstripe.
    static let whereInstalled: [any GatewayFixture] = PythonScript.isThere ? [StripeFixture()] : []

    func trial(of condition: GatewayCondition) async throws -> GatewayTrial {
        let stripe = try await StripeBench.make()
        switch condition {
        case .sound, .unreachableAtFirst: break
        case .refusing: stripe.standIn.refuseAll("charge_disputed")
        case .losingTheFirstAnswer: stripe.standIn.fail(.answerLost)
        case .undecided: stripe.standIn.leaveUndecided()
        }
        let charges = NamedCharges()
        let gateway = StripeByName(
            gateway: stripe.gateway, charges: charges,
            first: condition == .unreachableAtFirst ? try StripeBench.unreachable() : nil)
        return GatewayTrial(gateway: gateway) { try await charges.effects() }
    }
}

/// A gateway and the Stripe that it talks to.
struct StripeBench: Sendable {
    let standIn: StripeStandIn
    let server: HTTPStandIn
    let gateway: StripeGateway

    /// Longer than any test takes, however busy the machine is.
    static let patience = Duration.seconds(3_600)

    /// Never shut down: it lives as long as the tests.
    static let client = Transport.client(connectTimeout: patience, readTimeout: patience)

    static func make() async throws -> StripeBench {
        let standIn = StripeStandIn()
        let server = try await standIn.start()
        return StripeBench(standIn: standIn, server: server, gateway: try gateway(at: server.address))
    }

    static func gateway(at address: String) throws -> StripeGateway {
        let config = try StripeConfig(secretKey: Secret("sk_test_12345"), mode: .test, address: address)
        return StripeGateway(
            config,
            over: Transport(
                client: client, gateway: GatewayName("stripe"), pace: .sample()),
            timeout: patience)
    }

    /// One whose Stripe is not there: nobody listens on the first port of a machine.
    static func unreachable() throws -> StripeGateway {
        try gateway(at: "http://127.0.0.1:1")
    }
}

/// Charges at localstripe under the names that the contract uses.
private actor NamedCharges {
    private var charges: [String: Task<String, any Error>] = [:]

    /// The charge of a name, made when it is first asked for.
    func charge(_ name: String, _ currency: String) async throws -> String {
        if let charge = charges[name] { return try await charge.value }
        let making = Task { try await Localstripe.shared.charge(1_000_000, currency) }
        charges[name] = making
        return try await making.value
    }

    func effects() async throws -> [GatewayEffect] {
        var effects: [GatewayEffect] = []
        for (_, charge) in charges.sorted(by: { $0.key < $1.key }) {
            for refund in try await Localstripe.shared.refunds(of: try await charge.value) {
                guard let money = StripeAmount.money(refund.amount, currency: refund.currency) else { continue }
                let names = StripeWire.MetadataName.self
                let key = "\(refund.metadata[names.organization] ?? "")-\(refund.metadata[names.refund] ?? "")"
                effects.append(GatewayEffect(key: key, amount: money))
            }
        }
        return effects
    }
}

/// A gateway to which charges are known by other names; the first submission may go to another.
private struct StripeByName: Gateway {
    let gateway: StripeGateway
    let charges: NamedCharges
    let first: StripeGateway?
    private let count = Count()

    init(gateway: StripeGateway, charges: NamedCharges, first: StripeGateway?) {
        self.gateway = gateway
        self.charges = charges
        self.first = first
    }

    private actor Count {
        private var calls = 0

        func isFirst() -> Bool {
            calls += 1
            return calls == 1
        }
    }

    var capabilities: GatewayCapabilities { gateway.capabilities }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        let renamed = Submission(
            organization: submission.organization, refund: submission.refund, key: submission.key,
            amount: submission.amount, target: try await target(submission.target, submission.amount.currency),
            lastFour: submission.lastFour)
        if let first, await count.isFirst() { return try await first.submit(renamed) }
        return try await gateway.submit(renamed)
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        try await gateway.inquire(try await renamed(inquiry))
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try await gateway.cancel(try await renamed(inquiry), key: key)
    }

    private func renamed(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayInquiry {
        GatewayInquiry(
            organization: inquiry.organization, refund: inquiry.refund, target: try await target(inquiry.target, nil),
            gatewayReference: inquiry.gatewayReference)
    }

    private func target(
        _ target: Submission.Target, _ currency: Currency?
    ) async throws(GatewayError) -> Submission.Target {
        guard case .charge(let name) = target else { return target }
        do {
            return .charge(try await charges.charge(name, currency?.code ?? "USD"))
        } catch {
            throw .misunderstood("localstripe has no charge: \(error)")
        }
    }
}

extension Pace {
    /// One that holds no call up, but after a pause.
    static func sample(_ turns: any GatewayTurns = EveryTurn()) -> Pace {
        Pace(callsPerSecond: 40, ofEndpoint: 20, of: GatewayName("sample"), OrganizationID(7), turns: turns)
    }
}
