package import AsyncHTTPClient
package import RefundDomain

/// Accounts at Stripe, each with its own key, its own pace and its own notices.
package struct StripeConnector: GatewayConnector {
    /// The names of an account's settings.
    private enum Name {
        static let secretKey = "secret_key"
        static let noticeSecret = "notice_secret"
        static let formerNoticeSecret = "former_notice_secret"
        static let share = "share_percent"
        static let label = "label"
    }

    package let kind = "stripe"
    package let fields = [
        GatewayField(
            name: Name.secretKey, isSecret: true, isRequired: true, isKey: true,
            summary: "a secret key, or a restricted one that may write charges and refunds and read the balance"),
        GatewayField(
            name: Name.noticeSecret, isSecret: true, summary: "the signing secret of the endpoint for notices"),
        GatewayField(
            name: Name.formerNoticeSecret, isSecret: true, summary: "the one before, while it is in use"),
        GatewayField(name: Name.share, summary: "percent of the account's limit of calls that may be used"),
        GatewayField(name: Name.label, summary: "the name that documents print"),
    ]

    /// Where Stripe is.
    package static let address = "https://api.stripe.com"

    private let client: HTTPClient
    private let turns: any GatewayTurns
    private let address: String
    private let timeout: Duration

    /// Connections of all accounts are the client's; the address and the timeout are others in tests alone.
    package init(
        client: HTTPClient, turns: any GatewayTurns, address: String = address,
        timeout: Duration = Limits.gatewayTimeout
    ) {
        self.client = client
        self.turns = turns
        self.address = address
        self.timeout = timeout
    }

    /// A gateway for an account; whether its key is one of real money or of play money, the key says itself.
    package func connect(
        _ instance: GatewayInstance, _ settings: [String: String]
    ) throws(GatewayMisconfigured) -> any Gateway {
        let key = settings[Name.secretKey] ?? ""
        let secrets = [Name.noticeSecret, Name.formerNoticeSecret].filter { settings[$0] != nil }
        guard let share = settings[Name.share].map({ Int($0) }) ?? StripeConfig.sharePercent else {
            throw GatewayMisconfigured(field: Name.share, expected: "a whole number from 1 to 100")
        }
        do throws(StripeConfigError) {
            let config = try StripeConfig(
                secretKey: Secret(key), mode: key.contains("_live_") ? .live : .test, address: address,
                sharePercent: share, noticeSecrets: secrets.map { Secret(settings[$0] ?? "") },
                organization: instance.organization, label: settings[Name.label] ?? StripeConfig.label)
            let transport = Transport(
                client: client, gateway: instance.name, pace: config.pace(of: instance, turns: turns))
            return StripeGateway(config, over: transport, timeout: timeout)
        } catch {
            throw Self.misconfigured(error, noticeSecrets: secrets)
        }
    }

    private static func misconfigured(
        _ error: StripeConfigError, noticeSecrets: [String]
    ) -> GatewayMisconfigured {
        switch error {
        case .keyOfAnotherMode:
            GatewayMisconfigured(
                field: Name.secretKey, expected: "a key that begins with sk_live_, sk_test_, rk_live_ or rk_test_")
        case .addressNotSafe:
            GatewayMisconfigured(field: "kind", expected: "one whose address is HTTPS, or on this machine")
        case .shareOutOfRange: GatewayMisconfigured(field: Name.share, expected: "a whole number from 1 to 100")
        case .noticeSecretMalformed(let index):
            GatewayMisconfigured(field: noticeSecrets[index], expected: "a secret that begins with whsec_")
        }
    }
}

extension StripeGateway {
    /// Asks Stripe for the account that the key belongs to, or, where the key may not know that, for a refund; and for
    /// the balance, without which no fees are known.
    package func check() async throws(GatewayError) -> String {
        let deadline = deadline()
        let owner = try await owner(by: deadline)
        let balance = try await send(wire.balanceProbe(), by: deadline)
        return balance.status == 403 ? "\(owner); it may not read the balance, so that no fees are posted" : owner
    }

    private func owner(by deadline: ContinuousClock.Instant) async throws(GatewayError) -> String {
        let reply = try await send(wire.account(), by: deadline)
        if reply.status == 403 {
            _ = try StripeWire.page(in: try await send(wire.probe(), by: deadline))
            return "a key of the \(config.mode.rawValue) mode, which may not tell whose it is"
        }
        let account = try StripeWire.account(in: reply)
        let name = account.settings?.dashboard?.displayName ?? ""
        return Redaction.cleaned("\(account.id) \(name)".trimmed) + ", \(config.mode.rawValue) mode"
    }
}

extension String {
    /// Without blanks at the end.
    fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
