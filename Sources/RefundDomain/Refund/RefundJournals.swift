/// The journal of a note that is opened: what was sold less, and the tax on it, become a debt to the customer, less
/// what invoices have used up already.
///
/// Throws `overflow` where the worth in the base currency does not fit.
package func noteOpening(
    _ note: CreditNote, taxes: [CreditNoteLine], base: Currency, at now: Instant
) throws(MoneyError) -> Journal {
    var draft = JournalDraft(base: base, rate: note.rate)
    let net = Money(minorUnits: note.balance.total - note.balance.tax, currency: note.currency)
    try draft.move(net, debit: .salesReturns, credit: .customerCredit)
    for tax in taxes {
        let amount = Money(minorUnits: tax.amount, currency: note.currency)
        try draft.move(amount, debit: .taxPayable(tax.name), credit: .customerCredit)
    }
    let applied = Money(minorUnits: note.balance.applied, currency: note.currency)
    try draft.move(applied, debit: .customerCredit, credit: .accountsReceivable)
    return draft.journal(
        of: note.id.value, step: 1, cause: .noteOpened, effectiveOn: note.raisedOn, recordedAt: now)
}

/// The journal of a note that is voided: its opening, answered.
///
/// Only notes that a refund raised for itself come here; they carry no tax of their own.
func noteVoiding(_ note: CreditNote, base: Currency, on day: LocalDate, at now: Instant) throws(MoneyError) -> Journal {
    var draft = JournalDraft(base: base, rate: note.rate)
    let total = Money(minorUnits: note.balance.total, currency: note.currency)
    try draft.moveBack(total, debited: .salesReturns, credited: .customerCredit)
    return draft.journal(of: note.id.value, step: 2, cause: .noteVoided, effectiveOn: day, recordedAt: now)
}

/// The journal of one step of a refund, from what it held before to what it holds after.
func journal(
    of refund: Refund, takenFrom funding: Funding, from before: RefundHold, at step: RefundStep, base: Currency,
    on day: LocalDate
) throws(MoneyError) -> Journal {
    var draft = JournalDraft(base: base, rate: refund.rate)
    let cause: JournalCause
    switch (before, step.state.hold) {
    case (.released, .reserved):
        cause = .refundAccepted
        try draft.take(refund.amount, from: funding)
    case (.reserved, .spent):
        cause = refund.channel.isElectronic ? .refundSucceeded : .refundRecorded
        try draft.move(refund.amount, debit: .refundsPayable, credit: refund.settlementAccount)
    case (.reserved, .released):
        cause = .refundReleased
        try draft.giveBack(refund.amount, to: funding)
    case (.spent, .released):
        cause = .refundReversed
        try draft.moveBack(refund.amount, debited: .refundsPayable, credited: refund.settlementAccount)
        try draft.giveBack(refund.amount, to: funding)
    case (.released, .spent):
        cause = .refundSucceededLate
        try draft.take(refund.amount, from: funding)
        try draft.move(refund.amount, debit: .refundsPayable, credit: refund.settlementAccount)
    case (.released, .released), (.reserved, .reserved), (.spent, .spent), (.spent, .reserved):
        preconditionFailure("no step moves money so, and only steps that move money have a journal")
    }
    return draft.journal(
        of: refund.id.value, step: step.step, cause: cause, effectiveOn: day, recordedAt: step.at)
}

/// The accounts that a refund is taken from.
struct Funding {
    /// Where what its source had left is taken.
    let source: Account
    /// Of the amount, what its source had not left: it is overpaid.
    let overpaid: Money
}

extension JournalDraft {
    fileprivate mutating func take(_ amount: Money, from funding: Funding) throws(MoneyError) {
        try move(amount, without: funding.overpaid, debit: funding.source, credit: .refundsPayable)
        try move(funding.overpaid, debit: .overpaidRefunds, credit: .refundsPayable)
    }

    fileprivate mutating func giveBack(_ amount: Money, to funding: Funding) throws(MoneyError) {
        try move(amount, without: funding.overpaid, debit: .refundsPayable, credit: funding.source)
        try move(funding.overpaid, debit: .refundsPayable, credit: .overpaidRefunds)
    }
}

extension Refund {
    /// The accounts that the refund is taken from, given the note that it raised for itself, if it did.
    ///
    /// A note that is void stands for nothing: what was taken from it is then as a refund of the payment without one.
    func funding(raisedNote: CreditNote?) -> Funding {
        guard creditNote != nil, raisedNote?.state != .void else {
            return Funding(source: .unallocatedRefunds, overpaid: money(shortfall.payment))
        }
        return Funding(source: .customerCredit, overpaid: money(shortfall.creditNote))
    }

    private func money(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: amount.currency) }

    /// Where the money leaves.
    fileprivate var settlementAccount: Account {
        switch channel {
        case .electronic(let gateway): .gatewayClearing(gateway)
        case .offline(.cash): .cash
        case .offline(.check), .offline(.creditCard), .offline(.debitCard), .offline(.bankTransfer),
            .offline(.bankRemittance), .offline(.wireTransfer), .offline(.ach), .offline(.others), .offline(.named):
            .bank
        }
    }
}
