import GatewayStandIns
import RefundDomain
import Synchronization
import Testing

@testable import RefundGateways

/// Accounts at Stripe as they are configured.
@Suite struct StripeAccounts {
    private static let instance = GatewayInstance(
        id: Identifier(5), organization: OrganizationID(7), name: GatewayName("main"), kind: "stripe", settings: [])

    private func connect(
        _ settings: [String: String], to address: String = "https://api.stripe.com"
    ) throws(GatewayMisconfigured) -> StripeGateway? {
        let connector = StripeConnector(
            client: StripeBench.client, turns: EveryTurn(), address: address, timeout: StripeBench.patience)
        return try connector.connect(Self.instance, settings) as? StripeGateway
    }

    @Test(
        arguments: [
            // A sandbox may be called less often; less than one call a second is none.
            ("rk_live_1", "80", 12_500, 50_000), ("sk_test_1", "80", 50_000, 50_000),
            ("sk_live_1", "40", 25_000, 100_000),
            ("sk_test_1", "100", 40_000, 40_000), ("sk_live_1", "1", 1_000_000, 1_000_000),
        ])
    func `Its calls keep to its share of Stripe's limits`(
        key: String, share: String, account: Int, endpoint: Int
    ) async throws {
        let config = try #require(try connect(["secret_key": key, "share_percent": share])).config
        let turns = TurnsOfTwoSeconds()
        _ = try await config.pace(of: Self.instance, turns: turns).turn(of: HTTPCall(.get, "charge_list", at: ""))
        let taken = [("", account), ("charge_list", endpoint)].map { name, distance in
            TurnLine(
                organization: OrganizationID(7), gateway: GatewayName("main"), name: name,
                distance: .microseconds(distance))
        }
        #expect(turns.taken.withLock { $0 } == taken)
    }

    @Test func `An account is what its settings say`() throws {
        let plain = try #require(try connect(["secret_key": "rk_live_1"])).config
        #expect(plain.mode == .live)
        #expect(plain.sharePercent == 70)
        #expect(plain.label == "Stripe")
        #expect(plain.noticeSecrets.isEmpty)
        #expect(plain.organization == OrganizationID(7))
        let full = try #require(
            try connect([
                "secret_key": "sk_test_1", "notice_secret": "whsec_2", "former_notice_secret": "whsec_1",
                "share_percent": "25", "label": "Stripe, Europe",
            ]))
        #expect(full.config.mode == .test)
        #expect(full.config.sharePercent == 25)
        #expect(full.config.noticeSecrets.map(\.exposed) == ["whsec_2", "whsec_1"])
        #expect(full.capabilities.label == "Stripe, Europe")
    }

    @Test(
        arguments: [
            (["secret_key": "pk_live_1"], "secret_key"), (["secret_key": ""], "secret_key"), ([:], "secret_key"),
            (["secret_key": "sk_test_1", "share_percent": "0"], "share_percent"),
            (["secret_key": "sk_test_1", "share_percent": "half"], "share_percent"),
            (["secret_key": "sk_test_1", "notice_secret": "secret"], "notice_secret"),
            (["secret_key": "sk_test_1", "former_notice_secret": "whsec_"], "former_notice_secret"),
            (
                ["secret_key": "sk_test_1", "notice_secret": "whsec_1", "former_notice_secret": "secret"],
                "former_notice_secret"
            ),
        ] as [([String: String], String)])
    func `A setting that cannot be one is named`(settings: [String: String], field: String) {
        let error = #expect(throws: GatewayMisconfigured.self) { try connect(settings) }
        #expect(error?.field == field)
        #expect(error?.expected.contains("sk_test_1") == false)
    }

    @Test func `What an account is told is what it may be told`() {
        let fields = StripeConnector(client: StripeBench.client, turns: EveryTurn()).fields
        #expect(fields.filter(\.isSecret).map(\.name) == ["secret_key", "notice_secret", "former_notice_secret"])
        #expect(fields.filter(\.isRequired).map(\.name) == ["secret_key"])
        #expect(Set(fields.map(\.name)).count == fields.count)
    }

    /// What a check gives where Stripe answers so, by path.
    private func check(_ answers: [String: (Int, String)]) async throws -> Result<String, GatewayError> {
        let server = try await HTTPStandIn.start { call in
            let (status, body) = answers[call.path] ?? (404, "")
            return .answer(status: status, body: body)
        }
        let gateway = try #require(try connect(["secret_key": "sk_test_1"], to: server.address))
        do throws(GatewayError) {
            return .success(try await gateway.check())
        } catch {
            return .failure(error)
        }
    }

    @Test func `A check tells whose the key is`() async throws {
        let named = try await check([
            "/v1/account": (200, #"{"id":"acct_1","settings":{"dashboard":{"display_name":"Meridian"}}}"#)
        ])
        #expect(named == .success("acct_1 Meridian, test mode"))
        let plain = try await check(["/v1/account": (200, #"{"id":"acct_1"}"#)])
        #expect(plain == .success("acct_1, test mode"))
    }

    @Test func `A check tells what a restricted key may not read`() async throws {
        let fault = #"{"error":{"type":"invalid_request_error","message":"not for this key"}}"#
        let told = try await check([
            "/v1/account": (200, #"{"id":"acct_1"}"#), "/v1/balance_transactions?limit=1": (403, fault),
        ])
        #expect(told == .success("acct_1, test mode; it may not read the balance, so that no fees are posted"))
    }

    @Test func `A restricted key is tried on refunds`() async throws {
        let fault = #"{"error":{"type":"invalid_request_error","message":"not for this key"}}"#
        let able = try await check([
            "/v1/account": (403, fault), "/v1/refunds?limit=1": (200, #"{"data":[],"has_more":false}"#),
        ])
        #expect(able == .success("a key of the test mode, which may not tell whose it is"))
        let unable = try await check(["/v1/account": (403, fault), "/v1/refunds?limit=1": (403, fault)])
        guard case .failure(.notSent) = unable else { return #expect(Bool(false), "\(unable)") }
    }

    @Test func `A key that Stripe does not know is told as such`() async throws {
        let fault = #"{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_test_1"}}"#
        let unknown = try await check(["/v1/account": (401, fault)])
        #expect(unknown == .failure(.notSent("401 invalid_request_error")))
    }
}
