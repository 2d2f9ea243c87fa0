/// What the adoption of a refund rests on.
package struct AdoptionFacts: Sendable {
    /// The payment whose charge the gateway gives back, as it stands once the amount was taken of it.
    package let payment: Payment
    package let gateway: GatewayName
    package let base: Currency
    package let refund: RefundID
    package let number: RefundNumber
    package let now: Instant
    /// The organization's local day on which the gateway made the refund.
    package let madeOn: LocalDate

    package init(
        payment: Payment, gateway: GatewayName, base: Currency, refund: RefundID, number: RefundNumber, now: Instant,
        madeOn: LocalDate
    ) {
        self.payment = payment
        self.gateway = gateway
        self.base = base
        self.refund = refund
        self.number = number
        self.now = now
        self.madeOn = madeOn
    }
}

/// A refund that a gateway made without being asked by us, as it is taken into the books.
package struct Adoption: Sendable {
    package let decision: RefundDecision
    /// What a person is told of it; nil where there is nothing to tell.
    package let exception: String?
}

/// Decides how a refund is taken in that a gateway made by itself, or for a database that has lost it since.
///
/// It is a fact, and no rule refuses it: it is taken of its payment, which is over-refunded by what was not left. It
/// begins as pending, and is led on by what the gateway answers. Throws `amountOverflow` where its worth in the base
/// currency does not fit.
package func adopt(_ news: RefundNews, given facts: AdoptionFacts) throws(RefundError) -> Adoption {
    let payment = facts.payment
    var life = RefundLife(
        Refund(
            id: facts.refund, number: facts.number, party: payment.party, payment: payment.id, creditNote: nil,
            method: nil, amount: news.amount, rate: payment.rate, channel: .electronic(facts.gateway),
            state: .requested, step: 0, reason: nil, initiator: .merchant, description: "", reference: "",
            effectiveOn: facts.madeOn, createdAt: facts.now, updatedAt: facts.now, settledAt: nil,
            createdBy: ClientID(0), failureReason: nil, noteRemainingAfter: nil, annotations: ""),
        actor: "gateway:\(facts.gateway)", at: facts.now)
    try life.advance(by: .adopted)
    let amount = news.amount.minorUnits
    let over =
        payment.balance.overRefunded - payment.balance.before(reserving: amount, refunding: 0).overRefunded
    let decision = RefundDecision(
        refund: life.refund, payout: payout(of: news, given: facts), raisedNote: nil,
        allocations: [PaymentAllocation(payment: payment.id, amount: amount)], draws: [], steps: life.steps,
        journals: try journals(
            of: life, moving: SourceMovement(overRefunded: over), from: .released, base: facts.base,
            on: facts.madeOn))
    return Adoption(
        decision: decision,
        exception: remark(over: Money(minorUnits: over, currency: news.amount.currency), isListed: news.isListed))
}

/// It is asked about at once, and never sent: its key is one that no gateway has seen.
private func payout(of news: RefundNews, given facts: AdoptionFacts) -> Payout {
    Payout(
        refund: facts.refund, gateway: facts.gateway, target: .charge(facts.payment.charge?.reference ?? ""),
        lastFour: nil, attempt: 1,
        key: "adopted-\(news.gatewayReference)", keySentAt: facts.now, leaseUntil: nil, dueAt: facts.now,
        gatewayReference: news.gatewayReference)
}

private func remark(over: Money, isListed: Bool) -> String? {
    let text = "the gateway made a refund that was not asked for here"
    guard over.isPositive else { return isListed ? nil : text }
    return "\(text); not left: \(over) of it of the payment"
}
