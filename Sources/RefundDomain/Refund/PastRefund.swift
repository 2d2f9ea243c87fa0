/// A refund that ended before the program came, as it is taken over: counted, posted, and never sent anywhere.
package struct PastRefund: Sendable {
    package let refund: Refund
    package let gatewayReference: String
    package let networkReference: String

    package init(refund: Refund, gatewayReference: String, networkReference: String) {
        self.refund = refund
        self.gatewayReference = gatewayReference
        self.networkReference = networkReference
    }
}

/// Decides how a past refund is written.
///
/// Its money left before the books here began, so it is answered by the opening balance rather than by bank or
/// clearing.
///
/// Throws `stepNotAllowed` where its state is not final, `tooManyLines`, or `amountOverflow`.
package func takeOver(
    _ past: PastRefund, lines: [CreditNoteLine], base: Currency, by actor: String
) throws(RefundError) -> RefundDecision {
    let refund = past.refund
    guard refund.state.isFinal else { throw .stepNotAllowed(from: refund.state, event: .recorded) }
    let isSpent = refund.state.hold == .spent
    var journal = JournalDraft(base: base, rate: refund.rate)
    if isSpent {
        let source: Account = refund.creditNote == nil ? .unallocatedRefunds : .customerCredit
        do {
            try journal.move(refund.amount, debit: source, credit: .openingBalance)
        } catch {
            throw .amountOverflow
        }
    }
    let step = RefundStep(
        refund: refund.id, step: 1, event: .recorded, state: refund.state, at: refund.createdAt, actor: actor)
    let payout = refund.channel.gateway.map { gateway in
        Payout(
            refund: refund.id, gateway: gateway, target: .charge(""), lastFour: nil, attempt: 0,
            key: "past-\(refund.id)", keySentAt: nil, leaseUntil: nil, dueAt: nil,
            gatewayReference: past.gatewayReference, networkReference: past.networkReference)
    }
    return RefundDecision(
        refund: refund, payout: payout, raisedNote: nil,
        draws: isSpent ? try spreadFirstInFirstOut(refund.amount, over: lines) : [], steps: [step],
        journals: isSpent
            ? [
                journal.journal(
                    of: refund.id.value, step: 1, cause: .refundRecorded, effectiveOn: refund.effectiveOn,
                    recordedAt: refund.updatedAt)
            ] : [])
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
