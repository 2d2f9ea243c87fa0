/// A refund that has been decided on, with everything that must be written in the same unit.
package struct RefundDecision: Sendable {
    package let refund: Refund
    package let payout: Payout?
    /// A note that the refund of a payment raises for itself, already drawn on.
    package let raisedNote: CreditNote?
    /// What it takes of payments, in order.
    package let allocations: [PaymentAllocation]
    package let draws: [LineDraw]
    package let steps: [RefundStep]
    package let journals: [Journal]
}

/// One event in the life of a refund, for its history.
package struct RefundStep: Hashable, Sendable {
    package let refund: RefundID
    /// Counts from 1.
    package let step: Int
    package let event: RefundEvent
    package let state: RefundState
    package let at: Instant
    /// Who did it: `client:<id>`, `worker`, `gateway:<name>` or `person:<name>`.
    package let actor: String
    /// Reason and evidence that a person gave, or what the gateway said; empty for the ordinary step.
    package let remark: String

    package init(
        refund: RefundID, step: Int, event: RefundEvent, state: RefundState, at: Instant, actor: String,
        remark: String = ""
    ) {
        self.refund = refund
        self.step = step
        self.event = event
        self.state = state
        self.at = at
        self.actor = actor
        self.remark = remark
    }
}

/// Decides on a new refund.
///
/// Throws the first refusal in the order of `RefundError`'s cases, as far as the facts show it.
package func decide(_ command: RequestRefund, given facts: RefundFacts) throws(RefundError) -> RefundDecision {
    try checkReferences(of: command, given: facts)
    try checkAmount(given: facts)
    try checkSource(of: command, given: facts)
    let draws = try spread(command, given: facts)
    let channel = try chooseChannel(for: command, given: facts)

    let raisedNote = raiseNote(
        for: command, on: command.effectiveDay(of: channel, today: facts.today), given: facts)
    let refund = draft(command, given: facts, channel: channel, raisedNote: raisedNote)
    var life = RefundLife(refund, actor: "client:\(command.client)", at: facts.now)
    try life.advance(by: .approved)
    var payout: Payout?
    if channel.isElectronic {
        payout = try addressPayout(of: refund, command: command, given: facts)
        if facts.leaseUntil != nil { try life.advance(by: .claimed) }
    } else {
        try life.advance(by: .recorded)
    }
    return RefundDecision(
        refund: life.refund, payout: payout, raisedNote: raisedNote, allocations: facts.allocations,
        draws: draws, steps: life.steps,
        journals: try openingJournals(of: life, raisedNote: raisedNote, given: facts))
}

/// A refund being led through events, each noted in its history.
struct RefundLife {
    private(set) var refund: Refund
    private(set) var steps: [RefundStep] = []
    private let actor: String
    private let at: Instant

    init(_ refund: Refund, actor: String, at: Instant) {
        self.refund = refund
        self.actor = actor
        self.at = at
    }

    /// Takes a step, if its state and its channel allow it.
    mutating func advance(by event: RefundEvent, remark: String = "") throws(RefundError) {
        guard event.happens(to: refund.channel) else {
            throw .stepNotAllowed(from: refund.state, event: event)
        }
        refund.state = try refund.state.advanced(by: event)
        refund.step += 1
        refund.updatedAt = at
        steps.append(
            RefundStep(
                refund: refund.id, step: refund.step, event: event, state: refund.state, at: at, actor: actor,
                remark: remark))
    }

    mutating func setFailureReason(_ reason: FailureReason?) {
        refund.failureReason = reason
    }
}

private func draft(
    _ command: RequestRefund, given facts: RefundFacts, channel: RefundChannel, raisedNote: CreditNote?
) -> Refund {
    let party: PartyID
    let rate: ExchangeRate
    let payment: PaymentID?
    let note: CreditNote?
    let method: PaymentMethodID?
    switch command.way {
    case .method: method = facts.method?.id
    case .asTaken, .offline: method = nil
    }
    switch facts.source {
    case .payment(let claim):
        party = claim.record.party
        rate = claim.record.rate
        payment = claim.record.id
        note = raisedNote
    case .creditNote(let claim, _, _):
        party = claim.record.party
        rate = claim.record.rate
        payment = facts.allocations.first?.payment
        note = claim.record
    }
    return Refund(
        id: facts.refund, number: facts.number, party: party, payment: payment, creditNote: note?.id,
        method: method, amount: facts.amount, rate: rate, channel: channel, state: .requested, step: 0,
        reason: command.reason,
        initiator: command.initiator, description: command.description, reference: command.reference,
        effectiveOn: command.effectiveDay(of: channel, today: facts.today),
        createdAt: facts.now, updatedAt: facts.now, settledAt: nil, createdBy: command.client, failureReason: nil,
        noteRemainingAfter: note?.balance.remaining.minorUnits, annotations: command.annotations,
        retryOf: command.retryOf)
}

/// The credit note of exactly the amount that the refund of a payment raises for itself, spent from the start.
private func raiseNote(
    for command: RequestRefund, on day: LocalDate, given facts: RefundFacts
) -> CreditNote? {
    guard case .payment(_, raisingNote: true) = command.source, case .payment(let claim) = facts.source else {
        return nil
    }
    let amount = facts.amount.minorUnits
    return CreditNote(
        id: facts.raisedNote, party: claim.record.party, number: facts.raisedNoteNumber, state: .open,
        balance: CreditNoteBalance(currency: facts.amount.currency, total: amount, drawn: amount),
        rate: claim.record.rate, raisedOn: day, reference: claim.record.invoiceNumber,
        payment: claim.record.id, invoiceNumber: claim.record.invoiceNumber, isForRefund: true)
}

private func openingJournals(
    of life: RefundLife, raisedNote: CreditNote?, given facts: RefundFacts
) throws(RefundError) -> [Journal] {
    let base = facts.organization.baseCurrency
    let opening: [Journal]
    do {
        opening =
            try raisedNote.map { (note) throws(MoneyError) in
                [try noteOpening(note, taxes: [], base: base, at: facts.now)]
            } ?? []
    } catch {
        throw .amountOverflow
    }
    return opening
        + (try journals(
            of: life, moving: SourceMovement(of: life.refund), from: .released, base: base,
            on: life.refund.effectiveOn))
}

extension RequestRefund {
    /// The local day on which the refund takes effect.
    fileprivate func effectiveDay(of channel: RefundChannel, today: LocalDate) -> LocalDate {
        channel.isElectronic ? today : effectiveOn ?? today
    }
}
