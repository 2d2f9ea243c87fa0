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
    of refund: Refund, from before: RefundHold, at step: RefundStep, base: Currency, on day: LocalDate
) throws(MoneyError) -> Journal {
    var draft = JournalDraft(base: base, rate: refund.rate)
    let cause: JournalCause
    switch (before, step.state.hold) {
    case (.released, .reserved):
        cause = .refundAccepted
        try draft.move(refund.amount, debit: refund.sourceAccount, credit: .refundsPayable)
    case (.reserved, .spent):
        cause = refund.channel.isElectronic ? .refundSucceeded : .refundRecorded
        try draft.move(refund.amount, debit: .refundsPayable, credit: refund.settlementAccount)
    case (.reserved, .released):
        cause = .refundReleased
        try draft.moveBack(refund.amount, debited: refund.sourceAccount, credited: .refundsPayable)
    case (.spent, .released):
        cause = .refundReversed
        try draft.moveBack(refund.amount, debited: .refundsPayable, credited: refund.settlementAccount)
        try draft.moveBack(refund.amount, debited: refund.sourceAccount, credited: .refundsPayable)
    case (.released, .spent):
        cause = .refundSucceededLate
        try draft.move(refund.amount, debit: refund.sourceAccount, credit: .refundsPayable)
        try draft.move(refund.amount, debit: .refundsPayable, credit: refund.settlementAccount)
    case (.released, .released), (.reserved, .reserved), (.spent, .spent), (.spent, .reserved):
        preconditionFailure("no step moves money so, and only steps that move money have a journal")
    }
    return draft.journal(
        of: refund.id.value, step: step.step, cause: cause, effectiveOn: day, recordedAt: step.at)
}

extension Refund {
    /// What the refund is taken from.
    fileprivate var sourceAccount: Account {
        creditNote == nil ? .unallocatedRefunds : .customerCredit
    }

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
