/// A customer's dispute of a charge at a gateway, as what the gateway told of it adds up.
package struct Dispute: Hashable, Sendable {
    /// How it stands.
    package enum State: String, CaseIterable, Sendable {
        /// The bank asks, and claims nothing yet.
        case inquiry
        case open, won, lost
    }

    /// What a gateway tells of a dispute, in the order of its life.
    package enum Stage: String, CaseIterable, Sendable {
        case inquiry, open, won, lost
        /// The gateway took funds back for it.
        case withdrawn
        /// The gateway gave funds back; after a loss this makes it won.
        case reinstated
    }

    package let gateway: GatewayName
    package let gatewayReference: String
    package let payment: PaymentID
    /// What was last stated as disputed.
    package let amount: Money
    package let state: State
    package let reason: String
    /// What it claims of its payment, in minor units: nothing before it is open and once it is won; nil where it was
    /// told in another currency than the charge's, and so claims all of it.
    package let claim: Int64?
    /// What the gateway withdrew for it, less what it gave back, in the payment's minor units.
    package let withdrawn: Int64
    /// Whether what was withdrawn is lost, and no longer owed to us.
    package let isLoss: Bool

    package init(
        gateway: GatewayName, gatewayReference: String, payment: PaymentID, amount: Money, state: State,
        reason: String, claim: Int64?, withdrawn: Int64 = 0, isLoss: Bool = false
    ) {
        self.gateway = gateway
        self.gatewayReference = gatewayReference
        self.payment = payment
        self.amount = amount
        self.state = state
        self.reason = reason
        self.claim = claim
        self.withdrawn = withdrawn
        self.isLoss = isLoss
    }

    /// What it claims of a payment of which so much was captured.
    package func claim(ofCaptured captured: Int64) -> Int64 { claim ?? captured }
}

/// One thing that a gateway told of a dispute.
package struct DisputeStep: Hashable, Sendable {
    /// When it happened, by the gateway's clock.
    package let at: Instant
    package let stage: Dispute.Stage
    /// What is disputed; of funds, what was moved.
    package let amount: Money

    package init(at: Instant, stage: Dispute.Stage, amount: Money) {
        self.at = at
        self.stage = stage
        self.amount = amount
    }
}

/// Adds up what a gateway told of a dispute, in whatever order it was heard.
///
/// The steps count in the order of the gateway's moments, at equal moments in that of a dispute's life. A won dispute
/// may open again; a lost one stays lost, and keeps its claim, until its funds are given back.
package func dispute(
    _ reference: String, at gateway: GatewayName, of payment: Payment, reason: String, steps: [DisputeStep]
) -> Dispute {
    var state = Dispute.State.inquiry
    var wasReinstated = false
    var withdrawn: Int64 = 0
    var stated = Money.zero(payment.currency)
    for step in steps.sorted(by: { $0.order < $1.order }) {
        switch step.stage {
        case .withdrawn:
            withdrawn = withdrawn.clamped(adding: step.moved(in: payment.currency))
            continue
        case .reinstated:
            withdrawn = withdrawn.clamped(adding: -step.moved(in: payment.currency))
            if state == .lost { (state, wasReinstated) = (.won, true) }
            continue
        case .inquiry:
            break
        case .open where state != .lost: (state, wasReinstated) = (.open, false)
        case .won where state != .lost: (state, wasReinstated) = (.won, false)
        case .lost: (state, wasReinstated) = (.lost, false)
        case .open, .won: break
        }
        stated = step.amount
    }
    let claim: Int64? =
        switch state {
        case .inquiry, .won: 0
        case .open, .lost: stated.currency == payment.currency ? stated.minorUnits : nil
        }
    return Dispute(
        gateway: gateway, gatewayReference: reference, payment: payment.id, amount: stated, state: state,
        reason: reason, claim: claim, withdrawn: withdrawn, isLoss: state == .lost || wasReinstated)
}

/// The journal of what a step of a dispute moved; nil where it moved nothing.
///
/// Funds that a gateway withdrew are owed to us while the dispute is not lost, and a loss once it is. Throws `overflow`
/// where the worth in the base currency does not fit.
package func disputeChange(
    from before: Dispute?, to after: Dispute, of payment: Payment, step: Int, base: Currency, on day: LocalDate,
    at now: Instant
) throws(MoneyError) -> Journal? {
    func held(_ dispute: Dispute?, asLoss: Bool) -> Int64 {
        guard let dispute, dispute.isLoss == asLoss else { return 0 }
        return dispute.withdrawn
    }
    let owed = held(after, asLoss: false).clamped(adding: -held(before, asLoss: false))
    let lost = held(after, asLoss: true).clamped(adding: -held(before, asLoss: true))
    guard owed != 0 || lost != 0 else { return nil }
    var draft = JournalDraft(base: base, rate: payment.rate)
    let clearing = Account.gatewayClearing(after.gateway)
    for (amount, account) in [(owed, Account.disputesReceivable), (lost, .disputesLost)] {
        try draft.move(Money(minorUnits: amount, currency: payment.currency), debit: account, credit: clearing)
    }
    return draft.journal(
        of: payment.id.value, step: step, cause: .disputeMoved, effectiveOn: day, recordedAt: now)
}

extension Int64 {
    /// The sum, or the bound that it passes: what outsiders tell never overflows.
    package func clamped(adding other: Int64) -> Int64 {
        let (sum, isOver) = addingReportingOverflow(other)
        guard isOver else { return sum }
        return other > 0 ? .max : .min
    }
}

extension DisputeStep {
    /// What was moved, as far as it was told in the payment's currency.
    fileprivate func moved(in currency: Currency) -> Int64 { amount.currency == currency ? amount.minorUnits : 0 }

    fileprivate var order: (Int64, Int, Int64) {
        (at.microseconds, Dispute.Stage.allCases.firstIndex(of: stage) ?? 0, amount.minorUnits)
    }
}
