import GatewayStandIns
import RefundDomain
import RefundGateways
import RefundTesting

/// Stripe for the nodes of one test: localstripe behind the stand-in, and a charge there.
struct ChargedStripe: Sendable {
    static let noticeSecret = "whsec_abc"

    /// Longer than any test takes, however busy the machine is.
    private static let patience = Duration.seconds(3_600)
    /// Never shut down: it lives as long as the tests.
    private static let client = Transport.client(connectTimeout: patience, readTimeout: patience)

    let standIn: StripeStandIn
    let gateway: StripeGateway
    /// As localstripe knows it.
    let charge: String

    /// Charges a card in rupees; the records of the test know the charge by a name of their own.
    static func make(
        _ amount: Int64, knownAs name: String, clock: ServiceClock, turns: any GatewayTurns = EveryTurn()
    ) async throws -> ChargedStripe {
        let standIn = StripeStandIn { clock.now }
        let charge = try await Localstripe.shared.charge(amount, "INR")
        standIn.call(charge, name)
        let config = try StripeConfig(
            secretKey: Secret("sk_test_12345"), mode: .test, address: try await standIn.start().address,
            noticeSecrets: [Secret(noticeSecret)], organization: Fixtures.organization.id)
        let pace = Pace(
            callsPerSecond: 1_000, ofEndpoint: 1_000, of: Fixtures.gateway, Fixtures.organization.id, turns: turns)
        let transport = Transport(client: client, gateway: Fixtures.gateway, pace: pace)
        return ChargedStripe(
            standIn: standIn, gateway: StripeGateway(config, over: transport, timeout: patience), charge: charge)
    }
}
