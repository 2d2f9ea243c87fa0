/// A payment gateway that can give money back.
///
/// A connector is a translation: it holds no state of ours, takes no decision about money, and says exactly what it
/// knows. Every connector passes the gateway contract of the tests.
package protocol Gateway: Sendable {
    var capabilities: GatewayCapabilities { get }

    /// Asks the gateway to give money back, once for each `Submission.key` however often it is called.
    ///
    /// Throws what `GatewayError` tells apart: not sent, busy, ambiguous, refused, misunderstood.
    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport

    /// Asks what became of a submission.
    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding

    /// Asks to withdraw a submission that the gateway has not carried out; the report says what became of it.
    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport

    /// Asks whether the gateway takes our credentials, and gives what it calls us; nothing is changed.
    func check() async throws(GatewayError) -> String

    /// What was charged since a moment, a page at a time, from a cursor that the page before gave.
    func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage

    /// Asks by which refunds a charge was given back; `isPast` where that needs nobody's look.
    func refunds(ofCharge reference: String, isPast: Bool) async throws(GatewayError) -> [ListedRefund]

    /// Asks at what rate a charge was exchanged when it came onto our balance; nil where it was not, or is not there.
    func exchange(ofCharge reference: String) async throws(GatewayError) -> ChargeExchange?

    /// Checks that a message comes from the gateway, by its signature, and only then reads it; nil where it is genuine
    /// and tells nothing that matters here.
    ///
    /// Throws `NoticeRefusal`.
    func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice?

    /// What a notice is about, by what was kept of it; nil where this connector cannot read it.
    func news(in kept: String) -> GatewayNews?
}

/// The name of a configured gateway, such as `simulator`; it names its clearing account too.
package struct GatewayName: Hashable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}

extension GatewayName: CustomStringConvertible {
    package var description: String { text }
}

/// What a connector can do, and for how long.
package struct GatewayCapabilities: Hashable, Sendable {
    /// It gives back a charge that it took.
    package var linkedRefund: Bool
    /// It pays out to a payment method without a charge behind it.
    package var unlinkedCredit: Bool
    package var cancel: Bool
    /// How long the same key is sure to mean the same submission; after that only questions are asked.
    package var keyLifetime: Duration
    /// How long after it was taken a charge can be given back; nil for ever.
    package var refundWindow: Duration?
    /// All that it tells of a refund of ours bears our reference: what bears none was made by somebody else.
    package var refundsBearReference: Bool
    /// The name that documents print.
    package var label: String
    /// The provider within which no two charges share a reference, whatever account took them; nil where references
    /// are each account's own.
    package var provider: String?

    package init(
        linkedRefund: Bool, unlinkedCredit: Bool, cancel: Bool, keyLifetime: Duration, refundWindow: Duration?,
        refundsBearReference: Bool = false, label: String, provider: String? = nil
    ) {
        self.linkedRefund = linkedRefund
        self.unlinkedCredit = unlinkedCredit
        self.cancel = cancel
        self.keyLifetime = keyLifetime
        self.refundWindow = refundWindow
        self.refundsBearReference = refundsBearReference
        self.label = label
        self.provider = provider
    }
}

extension [GatewayName: any Gateway] {
    /// The other accounts that may be the same one at its provider: by another key, or by the same.
    package func siblings(of gateway: GatewayName) -> [GatewayName] {
        guard let provider = self[gateway]?.capabilities.provider else { return [] }
        return filter { $0.key != gateway && $0.value.capabilities.provider == provider }.map(\.key)
    }
}

/// One refund as a gateway is asked for it.
package struct Submission: Hashable, Sendable {
    /// Where the money goes.
    package enum Target: Hashable, Sendable {
        /// The charge that brought the money, by the gateway's reference.
        case charge(String)
        /// A payment method, by the gateway's token.
        case method(String)
    }

    package let organization: OrganizationID
    package let refund: RefundID
    /// The same for every sending of one intent.
    package let key: String
    package let amount: Money
    package let target: Target
    /// The card behind the target, where it is one.
    package let lastFour: String?

    package init(
        organization: OrganizationID, refund: RefundID, key: String, amount: Money, target: Target, lastFour: String?
    ) {
        self.organization = organization
        self.refund = refund
        self.key = key
        self.amount = amount
        self.target = target
        self.lastFour = lastFour
    }
}

extension Submission {
    /// The question what became of it, where the gateway has told no reference yet.
    package var inquiry: GatewayInquiry {
        GatewayInquiry(organization: organization, refund: refund, target: target, gatewayReference: nil)
    }
}

/// What a gateway is asked about: our reference, and its own where it has told us.
package struct GatewayInquiry: Hashable, Sendable {
    package let organization: OrganizationID
    package let refund: RefundID
    /// Where the money was to go: some gateways list what they did by charge, and by nothing that is ours.
    package let target: Submission.Target
    package let gatewayReference: String?

    package init(
        organization: OrganizationID, refund: RefundID, target: Submission.Target, gatewayReference: String?
    ) {
        self.organization = organization
        self.refund = refund
        self.target = target
        self.gatewayReference = gatewayReference
    }
}

/// What a gateway says of one refund.
package struct GatewayReport: Hashable, Sendable {
    /// How far the gateway has come.
    package enum State: Hashable, Sendable {
        case pending, succeeded, canceled
        case failed(FailureReason)
    }

    package let state: State
    /// What the gateway believes it gives back; another amount than ours makes the report misunderstood.
    package let amount: Money
    package let gatewayReference: String
    /// The bank's or card network's number, once known.
    package let networkReference: String?
    package let code: String
    package let message: String
    /// The charge that is given back, by each reference that it has; none for a payout to a method, or where it is not
    /// told.
    package let charges: [String]
    /// What it charges for it; nil where that is not known yet, and has to be asked.
    package var fees: [GatewayFee]?

    package init(
        state: State, amount: Money, gatewayReference: String, networkReference: String? = nil, code: String = "",
        message: String = "", charges: [String] = [], fees: [GatewayFee]? = []
    ) {
        self.state = state
        self.amount = amount
        self.gatewayReference = gatewayReference
        self.networkReference = networkReference
        self.code = code
        self.message = message
        self.charges = charges
        self.fees = fees
    }
}

/// The answer to a question about a refund.
package enum GatewayFinding: Hashable, Sendable {
    case found(GatewayReport)
    /// The gateway is sure that it never took the submission, nor will.
    case neverTaken
    /// The gateway does not know it, but may yet.
    case notFoundYet
}

/// Why a call to a gateway gave no report.
package enum GatewayError: Error, Hashable, Sendable {
    /// No byte of it left, or the gateway turned it away unread: it may be sent again under the same key.
    ///
    /// It says nothing of what was sent under that key before.
    case notSent(String)
    /// As `notSent`, for no other reason than that there were too many calls: it may be sent again however often.
    case busy(String)
    /// It may or may not have been carried out: never sent under a new key, and unknown until the gateway tells.
    case ambiguous(String)
    /// The gateway answered that it will not do this.
    ///
    /// Of the first call that may have arrived it is definite. Of a later one it says something about that call alone:
    /// the account may be restricted by now, or the key forgotten, though the first call was carried out. There it is
    /// definite only where the connector vouches that it is the kept answer of this key (`isKeptAnswer`), which no call
    /// under the key did anything beside.
    case refused(FailureReason, code: String, message: String, isKeptAnswer: Bool = false)
    /// The gateway answered something that we cannot read or did not ask for: unknown.
    case misunderstood(String)
}
