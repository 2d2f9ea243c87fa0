package import RefundDomain

extension Oracle {
    /// Units of the base currency for one of a currency: `digits` with a point before the last `scale` of them.
    package struct Rate: Hashable, Sendable {
        /// The rate without its point, greater than zero.
        package let digits: Int64
        /// How many of the digits stand behind the point, 0 to 12.
        package let scale: Int

        /// The rate 83.335 is `Rate(83_335, scale: 3)`.
        package init(_ digits: Int64, scale: Int) {
            self.digits = digits
            self.scale = scale
        }

        /// The rate of the base currency itself.
        package static let one = Rate(1, scale: 0)

        /// Multiplies exactly and rounds once, half away from zero.
        func convert(_ amount: Int64, of currency: Currency, to base: Currency) -> Int64 {
            let shift = scale + currency.exponent - base.exponent
            let product = Int128(amount.magnitude) * Int128(digits) * Int128.tenToThe(-shift)
            let divisor = Int128.tenToThe(shift)
            let rounded = Int64(clamping: (product + divisor / 2) / divisor)
            return amount < 0 ? -rounded : rounded
        }
    }

    /// A balance in a currency and in the base currency.
    package struct Balance: Hashable, Sendable {
        /// Minor units of the currency.
        package var amount: Int64 = 0
        /// Minor units of the base currency.
        package var base: Int64 = 0

        /// Nothing, unless it says more.
        package init(amount: Int64 = 0, base: Int64 = 0) {
            self.amount = amount
            self.base = base
        }

        static func += (sum: inout Balance, other: Balance) {
            sum.amount += other.amount
            sum.base += other.base
        }

        static func -= (difference: inout Balance, other: Balance) {
            difference.amount -= other.amount
            difference.base -= other.base
        }
    }

    /// What the accounts must hold in one currency, each on its usual side.
    package struct LedgerPosition: Hashable, Sendable {
        /// Credit: refunds from approved to unknown.
        package var refundsPayable = Balance()
        /// Credit: what notes still owe.
        package var customerCredit = Balance()
        /// Debit: what left beyond what payments and notes had.
        package var overRefunds = Balance()
        /// Debit: refunds of payments that no note covers.
        package var unallocatedRefunds = Balance()
        /// Debit: withdrawn for disputes that are not lost.
        package var disputesReceivable = Balance()
        /// Debit: withdrawn for disputes that are lost.
        package var disputesLost = Balance()
        /// Debit, in the base currency: what refunds with a rate of their own cost beyond what they allocated.
        package var fxGainLoss: Int64 = 0

        /// Books in which nothing stands.
        package init() {}
    }

    /// The position of the ledger in one currency, over all records.
    package func ledger(in currency: Currency) -> LedgerPosition {
        var position = LedgerPosition()
        var posted = Balance()
        for refund in refunds where refund.isPosted && self.currency(of: refund.source) == currency {
            let allocated = Balance(amount: refund.amount, base: refund.allocatedBase)
            let value = Balance(amount: refund.amount, base: baseAmount(of: refund))
            posted += allocated
            position.fxGainLoss += value.base - allocated.base
            if refund.state != .succeeded { position.refundsPayable += value }
        }
        for (index, note) in notes.enumerated() where note.currency == currency {
            let opened = Balance(amount: note.total - note.applied, base: note.totalBase - note.appliedBase)
            let credit = customerCredit(ofNote: index)
            position.customerCredit += credit
            posted += credit
            posted -= opened
            let over = balance(of: note.name)?.overRefunded ?? 0
            position.overRefunds += Balance(amount: over, base: note.rate.convert(over, of: currency, to: base))
        }
        for (index, payment) in payments.enumerated() where payment.currency == currency {
            let over = sums(ofPayment: index).overRefunded
            position.overRefunds += Balance(amount: over, base: payment.rate.convert(over, of: currency, to: base))
            for dispute in payment.disputes.map({ disputes[$0] }) {
                let withdrawn = Balance(
                    amount: dispute.withdrawn, base: payment.rate.convert(dispute.withdrawn, of: currency, to: base))
                let account = dispute.isLoss ? \LedgerPosition.disputesLost : \.disputesReceivable
                position[keyPath: account] += withdrawn
            }
        }
        // What notes did not carry, and what is not over-refunded, payments carry without a note.
        position.unallocatedRefunds = posted
        position.unallocatedRefunds -= position.overRefunds
        return position
    }

    /// The base amount of a refund: by its own rate, else the sum of its allocations' base amounts.
    package func baseAmount(of name: String) -> Int64? {
        refundIndexes[name].map { baseAmount(of: refunds[$0]) }
    }

    private func baseAmount(of refund: Refund) -> Int64 {
        guard let rate = refund.rate, let currency = currency(of: refund.source) else { return refund.allocatedBase }
        return rate.convert(refund.amount, of: currency, to: base)
    }

    /// The balance of a note in the books: nothing in either currency once it is spent.
    private func customerCredit(ofNote index: Int) -> Balance {
        let note = notes[index]
        var credit = Balance(amount: note.total - note.applied, base: note.totalBase - note.appliedBase)
        for refund in note.refunds.map({ refunds[$0] }) where refund.isPosted {
            credit -= Balance(amount: refund.amount, base: refund.allocatedBase)
        }
        return credit.amount > 0 ? Balance(amount: credit.amount, base: max(0, credit.base)) : Balance()
    }

    /// The base amount of a further application of a note.
    func baseAmount(ofNote index: Int, adding amount: Int64) -> Int64 {
        let left = leftOfNote(index, without: nil)
        return baseAmount(amount, of: left, rate: notes[index].rate, currency: notes[index].currency)
    }

    /// Fixes the base amount of what a refund allocated since `before`, which is nil where it is new.
    ///
    /// A figure that was fixed stays while the refund stands; less keeps its share, more adds to it.
    mutating func revalue(_ index: Int, since before: Refund?) {
        let refund = refunds[index]
        guard refund.isLive, let currency = currency(of: refund.source) else { return }
        var kept = Balance()
        if let before, before.isLive { kept = Balance(amount: before.amount, base: before.allocatedBase) }
        if refund.amount < kept.amount {
            let product = Int128(kept.base) * Int128(refund.amount)
            let share = (product + Int128(kept.amount) / 2) / Int128(kept.amount)
            kept = Balance(amount: refund.amount, base: Int64(clamping: share))
        }
        var left: Balance
        let rate: Rate
        switch refund.source {
        case .payment(let name):
            guard let payment = paymentIndexes[name] else { return }
            (left, rate) = (leftOfPayment(payment, without: index), payments[payment].rate)
        case .note(let name):
            guard let note = noteIndexes[name] else { return }
            (left, rate) = (leftOfNote(note, without: index), notes[note].rate)
        }
        left -= kept
        let added = baseAmount(refund.amount - kept.amount, of: left, rate: rate, currency: currency)
        refunds[index].allocatedBase = kept.base + added
    }

    /// No allocation has more base than its source has left, and the one that empties it has the rest.
    private func baseAmount(_ amount: Int64, of left: Balance, rate: Rate, currency: Currency) -> Int64 {
        let covered = min(amount, max(0, left.amount))
        let beyond = rate.convert(amount - covered, of: currency, to: base)
        guard covered > 0 else { return beyond }
        let rest = max(0, left.base)
        return beyond + (covered == left.amount ? rest : min(rest, rate.convert(covered, of: currency, to: base)))
    }

    private func leftOfNote(_ index: Int, without excluded: Int?) -> Balance {
        let note = notes[index]
        var left = Balance(amount: note.total - note.applied, base: note.totalBase - note.appliedBase)
        for refund in note.refunds where refund != excluded && refunds[refund].isLive {
            left -= Balance(amount: refunds[refund].amount, base: refunds[refund].allocatedBase)
        }
        return left
    }

    private func leftOfPayment(_ index: Int, without excluded: Int) -> Balance {
        let payment = payments[index]
        guard let currency = payment.currency else { return Balance() }
        var left = Balance(
            amount: payment.captured, base: payment.rate.convert(payment.captured, of: currency, to: base))
        for refund in payment.refunds where refund != excluded && refunds[refund].isLive {
            let amount = refunds[refund].amount(on: index)
            let isDirect = refunds[refund].source == .payment(payment.name)
            let backedBase = payment.rate.convert(amount, of: currency, to: base)
            left -= Balance(amount: amount, base: isDirect ? refunds[refund].allocatedBase : backedBase)
        }
        return left
    }
}

extension Int128 {
    /// Ten to a power; one for a power below zero.
    fileprivate static func tenToThe(_ exponent: Int) -> Int128 {
        (0..<Swift.max(0, exponent)).reduce(1) { power, _ in power * 10 }
    }
}
