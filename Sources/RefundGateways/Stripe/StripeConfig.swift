package import RefundDomain

/// How one account at Stripe is reached.
package struct StripeConfig: Sendable {
    /// Which of an account's two worlds the key opens: money that is real, or play money.
    package enum Mode: String, Sendable {
        case live, test
    }

    /// Stripe's limits, in calls a second (https://docs.stripe.com/rate-limits).
    private enum StripeLimits {
        static let liveAccount = 100
        static let testAccount = 25
        static let endpoint = 25
    }

    /// What share of the limit of calls is used where nothing is said: with what may come at once after an idle moment,
    /// it stays below the whole.
    static let sharePercent = 70
    /// The name that documents print where nothing is said.
    static let label = "Stripe"

    /// A secret or restricted key.
    package let secretKey: Secret
    package let mode: Mode
    /// Without a slash at the end.
    package let address: String
    /// How much of the account's limit of calls may be used, in percent.
    package let sharePercent: Int
    /// What Stripe signs its notices with, each in force while one replaces the other; none where it sends none.
    package let noticeSecrets: [Secret]
    /// Whose account it is: of no other's refunds a notice is taken; nil where it serves several.
    package let organization: OrganizationID?
    /// The name that documents print.
    package let label: String

    /// Throws `StripeConfigError` where the parts do not fit each other.
    package init(
        secretKey: Secret, mode: Mode, address: String = "https://api.stripe.com", sharePercent: Int = sharePercent,
        noticeSecrets: [Secret] = [], organization: OrganizationID? = nil, label: String = label
    ) throws(StripeConfigError) {
        guard ["sk", "rk"].contains(where: { secretKey.exposed.hasPrefix("\($0)_\(mode.rawValue)_") }) else {
            throw .keyOfAnotherMode
        }
        guard Self.isSafe(address) else { throw .addressNotSafe }
        guard (1...100).contains(sharePercent) else { throw .shareOutOfRange }
        if let malformed = noticeSecrets.firstIndex(where: { !$0.exposed.hasPrefix("whsec_") || $0.exposed == "whsec_" }
        ) {
            throw .noticeSecretMalformed(malformed)
        }
        self.secretKey = secretKey
        self.mode = mode
        self.address = address
        self.sharePercent = sharePercent
        self.noticeSecrets = noticeSecrets
        self.organization = organization
        self.label = label
    }

    /// The pace that keeps the calls of all processes within the share.
    package func pace(of instance: GatewayInstance, turns: any GatewayTurns) -> Pace {
        let limit =
            switch mode {
            case .live: StripeLimits.liveAccount
            case .test: StripeLimits.testAccount
            }
        return Pace(
            callsPerSecond: limit * sharePercent / 100, ofEndpoint: StripeLimits.endpoint * sharePercent / 100,
            of: instance.name, instance.organization, turns: turns)
    }

    /// A key travels over TLS, and in the clear on this machine alone, where tests have their stand-ins.
    private static func isSafe(_ address: String) -> Bool {
        guard !address.hasSuffix("/") else { return false }
        return address.hasPrefix("https://") || address.wholeMatch(of: /http:\/\/(127\.0\.0\.1|\[::1\]):[0-9]+/) != nil
    }
}

/// What is wrong with a configuration.
package enum StripeConfigError: Error, Hashable, Sendable {
    /// The key does not begin with `sk_` or `rk_` and the mode.
    case keyOfAnotherMode
    /// The address ends with a slash, or is neither HTTPS nor this machine.
    case addressNotSafe
    /// The share is not one of 1 to 100 percent.
    case shareOutOfRange
    /// A secret of notices, by its place among them, does not begin with `whsec_`, or is nothing else.
    case noticeSecretMalformed(Int)
}
