/// A refund that ended before the program came, as it is taken over: counted, posted, and never sent anywhere.
package struct PastRefund: Sendable {
    package let refund: Refund
    package let gatewayReference: String
    package let networkReference: String
    /// The charge that it gave back, by the gateway's reference; empty where it is not known.
    package let charge: String

    package init(refund: Refund, gatewayReference: String, networkReference: String, charge: String) {
        self.refund = refund
        self.charge = charge
        self.gatewayReference = gatewayReference
        self.networkReference = networkReference
    }
}

/// Decides how a past refund is written, given what it took of its sources: it is a fact, whatever they had left.
///
/// One that a gateway made may still come back: it is asked about on the schedule of its own day. Its journal is
/// `pastJournal`. Throws `stepNotAllowed` where its state is not final, or `tooManyLines`.
package func takeOver(
    _ past: PastRefund, allocations: [PaymentAllocation], lacking: Int64, lines: [CreditNoteLine], by actor: String,
    at now: Instant
) throws(RefundError) -> RefundDecision {
    let refund = past.refund
    guard refund.state.isFinal else { throw .stepNotAllowed(from: refund.state, event: .recorded) }
    let isSpent = refund.state.hold == .spent
    let step = RefundStep(
        refund: refund.id, step: 1, event: .recorded, state: refund.state, at: refund.createdAt, actor: actor)
    let payout = refund.channel.gateway.map { gateway in
        Payout(
            refund: refund.id, gateway: gateway, target: .charge(past.charge), lastFour: nil, attempt: 0,
            key: "past-\(refund.id)", keySentAt: nil, leaseUntil: nil,
            dueAt: past.gatewayReference.isEmpty
                ? nil
                : GatewaySchedule.nextQuestion(
                    in: refund.state, since: refund.createdAt, afterQuestions: 0, at: now),
            gatewayReference: past.gatewayReference, networkReference: past.networkReference)
    }
    let covered = Money(minorUnits: refund.amount.minorUnits - lacking, currency: refund.amount.currency)
    return RefundDecision(
        refund: refund, payout: payout, raisedNote: nil, allocations: allocations,
        draws: isSpent ? try spreadFirstInFirstOut(covered, over: lines) : [], steps: [step], journals: [])
}

/// The journal of a past refund that reached the customer, given what it moved on its sources.
///
/// Its money left before the books here began, so it is answered by the opening balance rather than by bank or
/// clearing. Throws `amountOverflow`.
package func pastJournal(
    of refund: Refund, moving movement: SourceMovement, base: Currency
) throws(RefundError) -> Journal {
    var journal = JournalDraft(base: base, rate: refund.rate)
    do {
        try journal.take(refund.amount, moving: movement, to: .openingBalance)
    } catch {
        throw .amountOverflow
    }
    return journal.journal(
        of: refund.id.value, step: 1, cause: .refundRecorded, effectiveOn: refund.effectiveOn,
        recordedAt: refund.updatedAt)
}

/// The journal of a note that is brought in open: what is left of it is owed.
///
/// With `isOpening` it is answered by the opening balance, else by what was sold less and its tax. Throws `overflow`.
package func noteBroughtIn(
    _ note: CreditNote, taxes: [CreditNoteLine], isOpening: Bool, base: Currency, at now: Instant
) throws(MoneyError) -> Journal {
    guard isOpening else {
        return try noteOpening(note, taxes: taxes, base: base, at: now)
    }
    var journal = JournalDraft(base: base, rate: note.rate)
    let open = Money(minorUnits: note.balance.total - note.balance.applied, currency: note.currency)
    try journal.move(open, debit: .openingBalance, credit: .customerCredit)
    return journal.journal(
        of: note.id.value, step: 1, cause: .noteOpened, effectiveOn: note.raisedOn, recordedAt: now)
}
