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

/// The journal of what the owner changed of a note that is open: what invoices used up of it, and what came free for
/// refunds that lacked it.
///
/// Throws `overflow` where the worth in the base currency does not fit.
package func noteChange(
    of note: CreditNote, appliedMore applied: Int64, moved: SourceMovement, step: Int, base: Currency,
    on day: LocalDate, at now: Instant
) throws(MoneyError) -> Journal {
    var draft = JournalDraft(base: base, rate: note.rate)
    func money(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: note.currency) }
    try draft.move(money(applied), debit: .customerCredit, credit: .accountsReceivable)
    try draft.move(money(moved.drawnOnNote), debit: .customerCredit, credit: .unallocatedRefunds)
    try draft.move(money(moved.overRefunded), debit: .overRefunds, credit: .unallocatedRefunds)
    return draft.journal(
        of: note.id.value, step: step, cause: .noteChanged, effectiveOn: day, recordedAt: now)
}

/// The journal of an open note that its owner voids: its opening, answered, as far as invoices have not used it up.
///
/// Throws `overflow` where the worth in the base currency does not fit.
package func noteVoidedByOwner(
    _ note: CreditNote, taxes: [CreditNoteLine], step: Int, base: Currency, on day: LocalDate, at now: Instant
) throws(MoneyError) -> Journal {
    let opening = try noteOpening(note, taxes: taxes, base: base, at: now)
    return Journal(
        record: note.id.value, step: step, cause: .noteVoided, effectiveOn: day, recordedAt: now,
        lines: try opening.lines.map { (line) throws(MoneyError) in
            JournalLine(account: line.account, amount: try line.amount.negated(), base: try line.base.negated())
        })
}

/// The journal of a payment that is over-refunded by more or less than before, other than by a refund: by what was
/// captured of it.
///
/// Throws `overflow` where the worth in the base currency does not fit.
package func overRefundChange(
    of payment: Payment, by minorUnits: Int64, step: Int, base: Currency, on day: LocalDate, at now: Instant
) throws(MoneyError) -> Journal {
    var draft = JournalDraft(base: base, rate: payment.rate)
    try draft.move(
        Money(minorUnits: minorUnits, currency: payment.currency), debit: .overRefunds, credit: .unallocatedRefunds)
    return draft.journal(
        of: payment.id.value, step: step, cause: .overRefundsMoved, effectiveOn: day, recordedAt: now)
}

/// The journal of one step of a refund, from what it held before to what it holds after.
///
/// What its sources gave or got back is the difference to how they stood, so that the ledger always shows what they
/// are over-refunded by, in whatever order facts came.
func journal(
    of refund: Refund, moving movement: SourceMovement, from before: RefundHold, at step: RefundStep, base: Currency,
    on day: LocalDate
) throws(MoneyError) -> Journal {
    var draft = JournalDraft(base: base, rate: refund.rate)
    let cause: JournalCause
    switch (before, step.state.hold) {
    case (.released, .reserved):
        cause = .refundAccepted
        try draft.take(refund.amount, moving: movement)
    case (.reserved, .spent):
        cause = refund.channel.isElectronic ? .refundSucceeded : .refundRecorded
        try draft.move(refund.amount, debit: .refundsPayable, credit: refund.settlementAccount)
    case (.reserved, .released):
        cause = .refundReleased
        try draft.giveBack(refund.amount, moving: movement)
    case (.spent, .released):
        cause = .refundReversed
        try draft.moveBack(refund.amount, debited: .refundsPayable, credited: refund.settlementAccount)
        try draft.giveBack(refund.amount, moving: movement)
    case (.released, .spent):
        cause = .refundSucceededLate
        try draft.take(refund.amount, moving: movement)
        try draft.move(refund.amount, debit: .refundsPayable, credit: refund.settlementAccount)
    case (.released, .released), (.reserved, .reserved), (.spent, .spent), (.spent, .reserved):
        preconditionFailure("no step moves money so, and only steps that move money have a journal")
    }
    return draft.journal(
        of: refund.id.value, step: step.step, cause: cause, effectiveOn: day, recordedAt: step.at)
}

extension JournalDraft {
    /// Takes an amount of the accounts that its sources moved.
    mutating func take(
        _ amount: Money, moving movement: SourceMovement, to account: Account = .refundsPayable
    ) throws(MoneyError) {
        let drawn = Money(minorUnits: movement.drawnOnNote, currency: amount.currency)
        let over = Money(minorUnits: movement.overRefunded, currency: amount.currency)
        try move(drawn, debit: .customerCredit, credit: account)
        try move(over, debit: .overRefunds, credit: account)
        try move(amount, without: [drawn, over], debit: .unallocatedRefunds, credit: account)
    }

    /// Gives an amount back to the accounts that its sources moved.
    fileprivate mutating func giveBack(_ amount: Money, moving movement: SourceMovement) throws(MoneyError) {
        let drawn = Money(minorUnits: -movement.drawnOnNote, currency: amount.currency)
        let over = Money(minorUnits: -movement.overRefunded, currency: amount.currency)
        try move(drawn, debit: .refundsPayable, credit: .customerCredit)
        try move(over, debit: .refundsPayable, credit: .overRefunds)
        try move(amount, without: [drawn, over], debit: .refundsPayable, credit: .unallocatedRefunds)
    }
}

extension Refund {
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
