/// What a gateway charges for a refund, beside the money that it gives back.
package struct GatewayFee: Hashable, Sendable {
    /// The gateway's own reference of the movement on our balance: the same however often it is told.
    package let reference: String
    /// Positive where it is charged, negative where one that was charged before is given back to us; never zero.
    package let amount: Money
    /// What the refund was on the same balance: it says what the fee is worth where that is kept in another currency.
    package let settled: Money

    /// Nil where nothing is charged, or the parts do not fit: `settled` is positive, and of the fee's currency.
    package init?(reference: String, amount: Money, settled: Money) {
        guard !amount.isZero, settled.isPositive, settled.currency == amount.currency else { return nil }
        self.reference = reference
        self.amount = amount
        self.settled = settled
    }
}

/// A fee as it is in the books.
package struct PostedFee: Hashable, Sendable {
    package let id: Identifier<PostedFee>
    package let refund: RefundID
    package let gateway: GatewayName
    package let reference: String
    package let amount: Money
    package let postedAt: Instant

    package init(
        id: Identifier<PostedFee>, refund: RefundID, gateway: GatewayName, reference: String, amount: Money,
        postedAt: Instant
    ) {
        self.id = id
        self.refund = refund
        self.gateway = gateway
        self.reference = reference
        self.amount = amount
        self.postedAt = postedAt
    }
}

/// A fee that is to be posted, with its journal.
package struct FeePosting: Sendable {
    package let fee: PostedFee
    package let journal: Journal
}

/// Decides how a fee for a refund is posted: it is an expense, and the gateway keeps it from what it owes us.
///
/// Throws `overflow` where its worth in the base currency does not fit.
package func post(
    _ fee: GatewayFee, as id: Identifier<PostedFee>, given facts: ChangeFacts
) throws(MoneyError) -> FeePosting {
    let refund = facts.refund
    guard let gateway = refund.channel.gateway else { preconditionFailure("no gateway charges for what goes by hand") }
    var draft = JournalDraft(base: facts.base, rate: refund.rate)
    try draft.move(
        fee.amount, worth: fee.worth(beside: refund, in: facts.base), debit: .gatewayFees,
        credit: .gatewayClearing(gateway))
    return FeePosting(
        fee: PostedFee(
            id: id, refund: refund.id, gateway: gateway, reference: fee.reference, amount: fee.amount,
            postedAt: facts.now),
        journal: draft.journal(
            of: id.value, step: 1, cause: .gatewayFee, effectiveOn: facts.today, recordedAt: facts.now))
}

extension GatewayFee {
    /// In the base currency: by the refund's rate, of whose worth it is the part that it is of the refund on the
    /// gateway's balance.
    fileprivate func worth(beside refund: Refund, in base: Currency) throws(MoneyError) -> Money {
        if amount.currency == base { return amount }
        if amount.currency == refund.amount.currency { return try refund.rate.convert(amount, to: base) }
        return try refund.rate.convert(refund.amount, to: base).part(amount, of: settled)
    }
}
