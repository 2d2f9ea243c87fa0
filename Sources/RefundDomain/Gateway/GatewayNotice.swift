/// A message that claims to come from a gateway, as it arrived.
package struct GatewayMessage: Hashable, Sendable {
    /// Values by the name of their header, in lower case.
    package let headers: [String: String]
    /// The bytes that were signed.
    package let body: [UInt8]
    package let receivedAt: Instant

    package init(headers: [String: String], body: [UInt8], receivedAt: Instant) {
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
    }
}

/// Why a message is not taken for a gateway's.
package enum NoticeRefusal: Error, Hashable, Sendable {
    /// This gateway sends no notices, or none can be checked for want of a secret.
    case notExpected
    /// Its signature is missing, is another's, or is too old.
    case notGenuine(String)
    /// It is the gateway's, and cannot be read.
    case unreadable(String)
}

/// A genuine message of a gateway that is worth keeping.
package struct GatewayNotice: Hashable, Sendable {
    /// The gateway's identifier of the event: the same for every sending of it.
    package let event: String
    package let organization: OrganizationID
    /// What is kept of the body: all that `Gateway.news(in:)` reads, and nothing personal that records do not hold too.
    package let kept: String

    package init(event: String, organization: OrganizationID, kept: String) {
        self.event = event
        self.organization = organization
        self.kept = kept
    }
}

/// What a kept notice is about.
package enum GatewayNews: Hashable, Sendable {
    /// Something happened to a refund.
    ///
    /// What, is asked: notices come in any order, and the gateway's answer is how things stand.
    case refund(RefundNews)
    /// A customer disputes a charge, or the dispute has ended.
    case dispute(DisputeNews)
    /// A charge was made, or more of it taken.
    case charge(ChargeNews)
    /// Something was given back of a charge, by the reference that refunds name.
    ///
    /// By which refunds, is asked.
    case refundsOf(charge: String)
}

/// A refund as a gateway's notice describes it.
package struct RefundNews: Hashable, Sendable {
    /// Which refund of ours the gateway made it for; nil where it does not say, or was asked by somebody else.
    package let refund: RefundID?
    package let gatewayReference: String
    /// The charge that it gives back, by each reference under which a payment may know it; none for a payout to a
    /// method.
    package let charges: [String]
    package let amount: Money
    package let madeAt: Instant
    /// Whether it came in with a list of charges: then it was made long before, and no person needs to be told.
    package let isListed: Bool

    package init(
        refund: RefundID?, gatewayReference: String, charges: [String], amount: Money, madeAt: Instant,
        isListed: Bool = false
    ) {
        self.refund = refund
        self.gatewayReference = gatewayReference
        self.charges = charges
        self.amount = amount
        self.madeAt = madeAt
        self.isListed = isListed
    }
}

/// A refund that was found in a gateway's list.
package struct ListedRefund: Hashable, Sendable {
    package let gatewayReference: String
    /// As if the gateway had told of it.
    package let notice: GatewayNotice
    /// How it stands at the gateway.
    package let report: GatewayReport

    package init(gatewayReference: String, notice: GatewayNotice, report: GatewayReport) {
        self.gatewayReference = gatewayReference
        self.notice = notice
        self.report = report
    }
}

extension Gateway {
    /// Refuses, unless the connector says otherwise.
    package func check() async throws(GatewayError) -> String { throw .notSent("this gateway cannot be tested") }

    /// Refuses: a gateway sends no notices unless its connector says otherwise.
    package func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? { throw .notExpected }

    /// Refuses: a gateway lists no charges unless its connector says otherwise.
    package func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage {
        throw .notSent("this gateway does not list its charges")
    }

    /// Finds none, unless the connector says otherwise.
    package func refunds(ofCharge reference: String, isPast: Bool) async throws(GatewayError) -> [ListedRefund] { [] }

    /// Knows of no exchange, unless the connector says otherwise.
    package func exchange(ofCharge reference: String) async throws(GatewayError) -> ChargeExchange? { nil }

    /// Finds nothing: who sends no notices has kept none.
    package func news(in kept: String) -> GatewayNews? { nil }
}

extension GatewayNews {
    /// Whether it can be kept as it was told: its references are no longer than `Limits.gatewaySettingLengthMax` and
    /// without U+0000, which PostgreSQL stores in no text, and a refund gives something back.
    package var isKeepable: Bool {
        let amount: Int64
        var texts: [String]
        switch self {
        case .refund(let news): (amount, texts) = (news.amount.minorUnits, news.charges + [news.gatewayReference])
        case .dispute(let news): (amount, texts) = (1, news.charges + [news.gatewayReference, news.reason])
        case .charge(let news):
            (amount, texts) = (1, news.charges)
            if let customer = news.customer { texts += [customer.gatewayReference, customer.name, customer.email] }
        case .refundsOf(let charge): (amount, texts) = (1, [charge])
        }
        return amount > 0 && texts.allSatisfy(\.isKeepable)
    }
}

extension String {
    /// Whether there is nothing in it to read: a reason, or a name, of blanks alone is none.
    package var isBlank: Bool { allSatisfy(\.isWhitespace) }

    /// Whether it can be kept as a gateway's reference.
    package var isKeepable: Bool {
        utf8.count <= Limits.gatewaySettingLengthMax && !utf8.contains(0)
    }
}
