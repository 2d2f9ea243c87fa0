import FoundationEssentials
package import RefundDomain

extension StripeGateway {
    /// Checks that a message is Stripe's, and only then reads it; nil where it is not about a refund, tells of the
    /// account's other world, or of a refund of another organization that uses the same account.
    ///
    /// A refund that carries no organization is that of the account, and nobody's where it serves several.
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
        guard event.isLive == (config.mode == .live), case .refund(let news) = event.news,
            let organization = news.organization ?? config.organization,
            organization == config.organization ?? organization
        else { return nil }
        return GatewayNotice(
            event: event.id, organization: organization, kept: StripeKeptNotice(news, of: event).text)
    }

    /// The refund that a kept notice is about.
    package func news(in kept: String) -> GatewayNews? {
        guard let notice = try? JSONDecoder().decode(StripeKeptNotice.self, from: Data(kept.utf8)) else { return nil }
        return notice.news.map { .refund($0) }
    }
}

/// What is kept of a notice, as JSON text: amounts in our minor units, moments in microseconds since 1970.
private struct StripeKeptNotice: Codable {
    let reference: String
    let refund: Int64?
    let charge: String?
    let paymentIntent: String?
    let amount: Int64
    let currency: String
    let madeAt: Int64

    init(_ news: StripeRefundNews, of event: StripeEvent) {
        reference = news.report.gatewayReference
        refund = news.refund?.value
        charge = news.charge
        paymentIntent = news.paymentIntent
        amount = news.report.amount.minorUnits
        currency = news.report.amount.currency.code
        madeAt = (news.madeAt ?? event.createdAt).microseconds
    }

    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // Numbers and texts alone: they are always encoded.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    var news: RefundNews? {
        guard let currency = Currency(currency) else { return nil }
        return RefundNews(
            refund: refund.map { RefundID($0) }, gatewayReference: reference,
            charges: [charge, paymentIntent].compactMap { $0 },
            amount: Money(minorUnits: amount, currency: currency), madeAt: Instant(microseconds: madeAt))
    }
}
