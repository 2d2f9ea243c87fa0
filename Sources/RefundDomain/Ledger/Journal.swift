/// An account of the double-entry ledger.
package enum Account: Hashable, Sendable {
    case salesReturns
    /// Tax owed, by the name of the tax.
    case taxPayable(String)
    /// What open credit notes owe.
    case customerCredit
    case accountsReceivable
    /// Payments that were given back without a document.
    case unallocatedRefunds
    /// What refunds under way owe.
    case refundsPayable
    /// What a gateway has paid out on our behalf and not yet settled with us.
    case gatewayClearing(GatewayName)
    case bank, cash
    /// What gateways charge.
    case gatewayFees
    case fxGainLoss
    /// Money that went back beyond what payments and notes had.
    case overRefunds
    /// What gateways took back while a dispute is not lost, and what lost disputes cost.
    case disputesReceivable, disputesLost
    case openingBalance

    package var code: String {
        switch self {
        case .salesReturns: "sales_returns"
        case .taxPayable(let tax): "tax_payable:" + tax
        case .customerCredit: "customer_credit"
        case .accountsReceivable: "accounts_receivable"
        case .unallocatedRefunds: "unallocated_refunds"
        case .refundsPayable: "refunds_payable"
        case .gatewayClearing(let gateway): "gateway_clearing:" + gateway.text
        case .bank: "bank"
        case .cash: "cash"
        case .gatewayFees: "gateway_fees"
        case .fxGainLoss: "fx_gain_loss"
        case .overRefunds: "over_refunds"
        case .disputesReceivable: "disputes_receivable"
        case .disputesLost: "disputes_lost"
        case .openingBalance: "opening_balance"
        }
    }
}

/// One line of a journal: debits are positive, credits negative.
package struct JournalLine: Hashable, Sendable {
    package let account: String
    package let amount: Money
    /// The worth in the organization's base currency.
    package let base: Money

    package init(account: String, amount: Money, base: Money) {
        self.account = account
        self.amount = amount
        self.base = base
    }
}

/// What one step of one record means in money.
///
/// It balances in each currency and in the base currency, and is never edited: another journal answers it.
package struct Journal: Hashable, Sendable {
    /// The record whose step it tells: a refund's, a note's or a fee's identifier.
    package let record: Int64
    package let step: Int
    package let cause: JournalCause
    package let effectiveOn: LocalDate
    package let recordedAt: Instant
    package let lines: [JournalLine]
}

/// What a journal was posted for.
package enum JournalCause: String, CaseIterable, Sendable {
    case noteOpened = "note_opened"
    case noteChanged = "note_changed"
    case noteVoided = "note_voided"
    case refundAccepted = "refund_accepted"
    case refundSucceeded = "refund_succeeded"
    case refundRecorded = "refund_recorded"
    case refundReleased = "refund_released"
    case refundReversed = "refund_reversed"
    case refundSucceededLate = "refund_succeeded_late"
    case gatewayFee = "gateway_fee"
    case overRefundsMoved = "over_refunds_moved"
    case disputeMoved = "dispute_moved"
}

/// Gathers the lines of one journal, so that it balances by the way it is made.
package struct JournalDraft {
    private let base: Currency
    private let rate: ExchangeRate
    private var lines: [JournalLine] = []

    package init(base: Currency, rate: ExchangeRate) {
        self.base = base
        self.rate = rate
    }

    /// Moves an amount: debit one account, credit another.
    package mutating func move(_ amount: Money, debit: Account, credit: Account) throws(MoneyError) {
        try move(amount, worth: try rate.convert(amount, to: base), debit: debit, credit: credit)
    }

    /// Moves what an amount is without parts that are moved beside it; together they are worth what the whole is.
    mutating func move(_ amount: Money, without parts: [Money], debit: Account, credit: Account) throws(MoneyError) {
        var rest = amount
        var worth = try rate.convert(amount, to: base)
        for part in parts {
            rest = try rest.subtracting(part)
            worth = try worth.subtracting(rate.convert(part, to: base))
        }
        try move(rest, worth: worth, debit: debit, credit: credit)
    }

    /// Moves an amount whose worth in the base currency is known.
    mutating func move(
        _ amount: Money, worth: Money, debit: Account, credit: Account
    ) throws(MoneyError) {
        guard !amount.isZero || !worth.isZero else { return }
        lines.append(JournalLine(account: debit.code, amount: amount, base: worth))
        lines.append(JournalLine(account: credit.code, amount: try amount.negated(), base: try worth.negated()))
    }

    /// The lines, each move answered by its opposite: what undoes the journal.
    package mutating func moveBack(_ amount: Money, debited: Account, credited: Account) throws(MoneyError) {
        try move(amount, debit: credited, credit: debited)
    }

    /// The journal of the moves so far, for one step of one record.
    package func journal(
        of record: Int64, step: Int, cause: JournalCause, effectiveOn: LocalDate, recordedAt: Instant
    ) -> Journal {
        Journal(
            record: record, step: step, cause: cause, effectiveOn: effectiveOn, recordedAt: recordedAt, lines: lines)
    }
}

/// A line of the ledger, as it was posted.
package struct PostedLine: Hashable, Sendable {
    package let step: Int
    package let cause: JournalCause
    package let account: String
    package let amount: Money
    /// The worth in the organization's base currency, in its minor units.
    package let baseMinorUnits: Int64
    package let effectiveOn: LocalDate
    package let recordedAt: Instant

    package init(
        step: Int, cause: JournalCause, account: String, amount: Money, baseMinorUnits: Int64,
        effectiveOn: LocalDate, recordedAt: Instant
    ) {
        self.step = step
        self.cause = cause
        self.account = account
        self.amount = amount
        self.baseMinorUnits = baseMinorUnits
        self.effectiveOn = effectiveOn
        self.recordedAt = recordedAt
    }
}
