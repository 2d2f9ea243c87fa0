import RefundDomain
import RefundStorage

/// A payment that this unit put, with the references of its charge.
struct PutCharge {
    let payment: Payment
    let gateway: GatewayName
    let references: [String]
}

/// More identifiers are needed than were drawn before the unit: it is to run again with so many more than for its
/// records.
struct LackingIdentifiers: Error {
    let reserve: Int
}

// What gateways told of charges before their payments were here.

extension RecordWriter {
    /// Applies what waits for the charges of the payments that were put, in the same unit: nobody sees them as
    /// refundable before.
    ///
    /// It comes behind all records, for history among them may be what a gateway told of. No success is believed: what
    /// is adopted is pending, and asked about at once. What cannot be applied here is due for the worker at once.
    ///
    /// Throws `LackingIdentifiers`.
    mutating func finish() throws {
        var found: [(PutCharge, [DueNotice])] = []
        for charge in charges {
            let waiting = try session.waitingNotices(
                about: charge.references, at: charge.gateway, of: organization.id)
            if !waiting.isEmpty { found.append((charge, waiting)) }
        }
        let needed = found.reduce(0) { $0 + $1.1.count }
        guard needed <= identifiers.count else { throw LackingIdentifiers(reserve: needed) }
        for (charge, waiting) in found { try apply(waiting, to: charge) }
    }

    private mutating func apply(_ waiting: [DueNotice], to charge: PutCharge) throws {
        var refunds: [String: RefundNews] = [:]
        var told: [(DueNotice, GatewayNews)] = []
        for notice in waiting {
            guard let news = news(charge.gateway, notice.kept) else { continue }
            told.append((notice, news))
            // Of several events about one refund, the newest by the gateway's clock.
            if case .refund(let refund) = news {
                let known = refunds[refund.gatewayReference] ?? refund
                refunds[refund.gatewayReference] = known.madeAt < refund.madeAt ? refund : known
            }
        }
        var adopted: Set<String> = []
        for (notice, news) in told {
            switch news {
            case .dispute(let dispute):
                guard try settle(notice) else { continue }
                try session.keep(
                    dispute, told: notice, of: charge.payment.id, for: organization, on: today, at: now)
            case .refund(let refund):
                let newest = refunds[refund.gatewayReference] ?? refund
                let isAdopted = adopted.contains(newest.gatewayReference)
                guard try isAdopted || isStranger(newest, to: charge.payment, at: charge.gateway) else {
                    try session.hasten(notice, at: now)
                    continue
                }
                guard try settle(notice), !isAdopted else { continue }
                adopted.insert(newest.gatewayReference)
                try adopt(newest, by: charge.payment.id, at: charge.gateway)
            case .charge, .refundsOf:
                try session.hasten(notice, at: now)
            }
        }
    }

    private mutating func adopt(_ news: RefundNews, by payment: PaymentID, at gateway: GatewayName) throws {
        let told = ToldRefund(
            news: news, gateway: gateway, id: RefundID(nextIdentifier()),
            madeOn: calendar.day(of: min(news.madeAt, now), in: organization.timeZone))
        let (session, id) = (session, organization.id)
        try session.adopt(told, by: payment, for: organization, at: now) {
            RefundNumber(try session.takeNumbers(1, of: .refund, for: id))
        }
    }

    /// Whether it is a refund of this charge that is not known here, nor may be one that we asked for.
    private func isStranger(_ news: RefundNews, to payment: Payment, at gateway: GatewayName) throws -> Bool {
        guard news.amount.currency == payment.currency,
            try session.payout(news.gatewayReference, at: gateway, of: organization.id) == nil
        else { return false }
        guard let id = news.refund, let own = try session.payout(of: id, of: organization.id) else { return true }
        return own.gateway != gateway || !own.gatewayReference.isEmpty
    }

    private func settle(_ notice: DueNotice) throws -> Bool {
        guard try session.applyWaiting(notice, at: now) else { return false }
        try session.close(
            .unmatched, about: .event(notice.gateway, notice.event), because: "its payment is here", at: now,
            for: organization.id)
        return true
    }
}
