import FoundationEssentials
package import RefundDomain

extension StripeGateway {
    /// Checks that a message is Stripe's, and only then reads it.
    ///
    /// Nil where it is about nothing that we keep, tells of the account's other world, or of a refund of another
    /// organization that uses the same account. What carries no organization is that of the account, and nobody's where
    /// the account serves several.
    package func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? {
        guard !config.noticeSecrets.isEmpty else { throw .notExpected }
        try NoticeSignature(secrets: config.noticeSecrets.map(\.exposed)).check(
            message.headers["stripe-signature"], of: message.body, at: message.receivedAt)
        let event: StripeEvent
        do throws(StripeEventError) {
            event = try StripeEvent(message.body)
        } catch {
            throw .unreadable("it is no event that Stripe documents")
        }
        guard event.isLive == (config.mode == .live), let kept = StripeKeptNotice(event),
            let organization = kept.organization ?? config.organization,
            organization == config.organization ?? organization
        else { return nil }
        return GatewayNotice(event: event.id, organization: organization, kept: kept.text)
    }

    /// What a kept notice is about.
    package func news(in kept: String) -> GatewayNews? {
        (try? JSONDecoder().decode(StripeKeptNotice.self, from: Data(kept.utf8)))?.news
    }
}

/// What is kept of a notice, as JSON text: one of the four is there.
struct StripeKeptNotice: Codable {
    private var refund: KeptRefund?
    private var dispute: KeptDispute?
    private var charge: KeptCharge?
    /// A charge of which something was given back.
    private var refundedCharge: String?

    /// Nil for an event that tells of nothing that we keep.
    init?(_ event: StripeEvent) {
        switch event.news {
        case .refund(let news): refund = KeptRefund(news, orMadeAt: event.createdAt, isListed: false)
        case .dispute(let news):
            guard !news.stages.isEmpty else { return nil }
            dispute = KeptDispute(news, at: event.createdAt)
        case .charge(let news): charge = KeptCharge(news)
        case .chargeRefunded(let news): refundedCharge = news.charge
        case .other: return nil
        }
    }

    private init(listed news: StripeRefundNews, isPast: Bool) {
        refund = KeptRefund(news, orMadeAt: Instant(seconds: 0), isListed: isPast)
    }

    /// What was found in a list, as if Stripe had told of it.
    static func listing(
        _ news: StripeRefundNews, isPast: Bool, of organization: OrganizationID
    ) -> GatewayNotice {
        GatewayNotice(
            event: "listed-\(news.report.gatewayReference)", organization: organization,
            kept: StripeKeptNotice(listed: news, isPast: isPast).text)
    }

    /// The organization that asked for the refund; nil where somebody else did.
    var organization: OrganizationID? { refund?.organization.map { OrganizationID($0) } }

    var news: GatewayNews? {
        if let refund { return refund.news.map { .refund($0) } }
        if let dispute { return dispute.news.map { .dispute($0) } }
        if let refundedCharge { return .refundsOf(charge: refundedCharge) }
        return charge?.news.map { .charge($0) }
    }

    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Numbers and texts alone: they are always encoded.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Money in our minor units.
private struct KeptMoney: Codable {
    let amount: Int64
    let currency: String

    init(_ money: Money) {
        amount = money.minorUnits
        currency = money.currency.code
    }

    var money: Money? { Currency(currency).map { Money(minorUnits: amount, currency: $0) } }
}

private struct KeptRefund: Codable {
    let reference: String
    let organization: Int64?
    let refund: Int64?
    let charges: [String]
    let money: KeptMoney
    /// In microseconds since 1970.
    let madeAt: Int64
    let isListed: Bool

    init(_ news: StripeRefundNews, orMadeAt moment: Instant, isListed: Bool) {
        reference = news.report.gatewayReference
        organization = news.organization?.value
        refund = news.refund?.value
        charges = [news.charge, news.paymentIntent].compactMap { $0 }
        money = KeptMoney(news.report.amount)
        madeAt = (news.madeAt ?? moment).microseconds
        self.isListed = isListed
    }

    var news: RefundNews? {
        money.money.map {
            RefundNews(
                refund: refund.map { RefundID($0) }, gatewayReference: reference, charges: charges, amount: $0,
                madeAt: Instant(microseconds: madeAt), isListed: isListed)
        }
    }
}

private struct KeptDispute: Codable {
    let reference: String
    let charges: [String]
    let money: KeptMoney
    /// Kept by earlier versions, in place of the stages and the moment.
    let state: String?
    let stages: [String]?
    /// In microseconds since 1970.
    let at: Int64?
    let reason: String

    init(_ news: StripeDisputeNews, at moment: Instant) {
        reference = news.dispute
        charges = [news.charge, news.paymentIntent].compactMap { $0 }
        money = KeptMoney(news.amount)
        state = nil
        stages = news.stages.map(\.rawValue)
        at = moment.microseconds
        reason = news.reason
    }

    var news: DisputeNews? {
        let stages = (stages ?? [state].compactMap { $0 }).compactMap(Dispute.Stage.init(rawValue:))
        guard let amount = money.money, !stages.isEmpty else { return nil }
        return DisputeNews(
            gatewayReference: reference, charges: charges, amount: amount, stages: stages, reason: reason,
            at: Instant(microseconds: at ?? 0))
    }
}

private struct KeptCharge: Codable {
    let charges: [String]
    let customer: String?
    let name: String
    let email: String
    let captured: KeptMoney
    /// In microseconds since 1970.
    let takenAt: Int64

    init(_ news: StripeChargeNews) {
        charges = [news.charge, news.paymentIntent].compactMap { $0 }
        customer = news.customer
        name = news.name
        email = news.email
        captured = KeptMoney(news.captured)
        takenAt = news.takenAt.microseconds
    }

    var news: ChargeNews? {
        captured.money.map {
            ChargeNews(
                charges: charges,
                customer: customer.map { .init(gatewayReference: $0, name: name, email: email) }, captured: $0,
                takenAt: Instant(microseconds: takenAt))
        }
    }
}

extension StripeChargeNews {
    /// The charge in our words.
    var news: ChargeNews {
        ChargeNews(
            charges: [charge, paymentIntent].compactMap { $0 },
            customer: customer.map { .init(gatewayReference: $0, name: name, email: email) }, captured: captured,
            takenAt: takenAt)
    }
}

extension StripeDisputeNews {
    /// What the event tells, in our words; a status that nobody knows tells nothing.
    ///
    /// While a bank only asks, a charge may be refunded, and Stripe advises it
    /// (https://docs.stripe.com/disputes/how-disputes-work).
    fileprivate var stages: [Dispute.Stage] {
        let stage: Dispute.Stage? =
            switch state {
            case .inquiry, .inquiryClosed: .inquiry
            case .open: .open
            case .won: .won
            case .lost: .lost
            case .other: nil
            }
        let moved: Dispute.Stage? =
            switch funds {
            case .withdrawn: .withdrawn
            case .reinstated: .reinstated
            case nil: nil
            }
        return [stage, moved].compactMap { $0 }
    }
}
