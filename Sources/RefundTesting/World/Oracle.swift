package import RefundDomain

/// A reference model of the customers' purses: told the facts of a story, it says what may leave and what must hold.
///
/// It shares nothing with the program but `Money` and `Currency`. A request is accepted or refused by what is left; a
/// fact is recorded whatever is left. What is kept is what was told: captured amounts, claims, and for each refund what
/// it allocated and the log of its life. Reserved, refunded, held, over-refunded, refundable and the ledger's position
/// are summed from these when asked for, so that facts in any order end in the same amounts. Two things are kept
/// because they must not move once fixed: the backing of a note, which only grows, and the base amount of an
/// allocation.
///
/// Records and refunds go by names that the caller chooses. Amounts inside are minor units.
package struct Oracle: Sendable {
    let base: Currency
    var payments: [Payment] = []
    var notes: [Note] = []
    var refunds: [Refund] = []
    var disputes: [Dispute] = []
    var applications: [String: [Part]] = [:]
    var paymentIndexes: [String: Int] = [:]
    var noteIndexes: [String: Int] = [:]
    var refundIndexes: [String: Int] = [:]
    var disputeIndexes: [String: Int] = [:]

    /// Starts with nothing told, for an organization with this base currency.
    package init(base: Currency) {
        self.base = base
    }

    /// What a refund is accepted from.
    package enum Source: Hashable, Sendable {
        case payment(String)
        case note(String)
    }

    /// How a refund is paid out; the charge of a note's refund may be left unnamed.
    package enum Destination: Hashable, Sendable {
        case charge(of: String?)
        case method
        case offline
    }

    /// How the backing of a note is given.
    package enum Backing: Sendable {
        /// Nothing backs the note: all of it is unbacked.
        case none
        /// One payment, which backs the smaller of the note's total and what it has captured.
        case payment(String)
        /// Payments and amounts that the owner names, in order.
        case payments([(payment: String, amount: Money)])
        /// The payments applied to the invoice that the note credits, oldest first, less what other notes of it hold.
        case invoice(String)
    }

    /// Why a request was refused; nothing has changed then.
    package enum Refusal: Error, Hashable, Sendable {
        case unknown(String)
        case nameInUse(String)
        case currency(Currency)
        case notPositive
        /// More than the source has; with the largest amount that would be accepted.
        case tooMuch(left: Money)
        /// The record cannot shrink below what refunds allocated of it.
        case allocated(Money)
        /// Refunds or disputes rest on what only the gateway has told of: its party and rate stay.
        case chargeOfAnotherPayment
        /// The life of a refund has no such step from its state.
        case notAStep(State)
    }

    /// An amount on one payment: of a note's backing, of a refund's allocation, of an application to an invoice.
    struct Part: Sendable {
        let payment: Int
        var amount: Int64
    }

    /// A payment, or the place where facts wait for one that is not here yet.
    struct Payment: Sendable {
        let name: String
        var currency: Currency?
        var customer = ""
        var rate = Rate.one
        var hasCharge = true
        var isOwners = false
        var capturedByOwner: Int64 = 0
        var capturedByGateway: Int64 = 0
        var claimByOwner: Int64 = 0
        var refunds: [Int] = []
        var disputes: [Int] = []

        var captured: Int64 { max(capturedByOwner, capturedByGateway) }
    }

    /// A credit note with the rows of payments that back it.
    struct Note: Sendable {
        let name: String
        let currency: Currency
        let customer: String
        let rate: Rate
        let lonePayment: Int?
        let invoice: String?
        var total: Int64
        var totalBase: Int64
        var applied: Int64 = 0
        var appliedToItsInvoice: Int64 = 0
        var appliedBase: Int64 = 0
        var backing: [Part] = []
        var refunds: [Int] = []

        func backing(by payment: Int) -> Int64 {
            backing.reduce(0) { $0 + ($1.payment == payment ? $1.amount : 0) }
        }
    }
}

extension Oracle {
    /// The purse of one payment, in its minor units.
    package struct PaymentPurse: Hashable, Sendable {
        /// The greater of what owner and gateway tell.
        package var captured: Int64 = 0
        /// What refunds on their way have allocated, those that wait for approval included.
        package var reserved: Int64 = 0
        /// What refunds that succeeded have allocated.
        package var refunded: Int64 = 0
        /// The claims of disputes that are open or lost.
        package var claims: Int64 = 0

        /// What refunds have allocated, on its way or gone.
        package var allocated: Int64 { reserved + refunded }
        /// What left beyond what was captured.
        package var overRefunded: Int64 { max(0, allocated - captured) }
        /// What disputes keep from being refunded.
        package var held: Int64 { min(claims, max(0, captured - allocated)) }
        /// The largest refund that may still be accepted.
        package var refundable: Int64 { max(0, captured - allocated - held) }
        /// What disputes claim of money that refunds have allocated already.
        package var unmetClaims: Int64 { claims - held }
    }

    /// What a note still has, in its minor units.
    package struct NoteBalance: Hashable, Sendable {
        /// Its total without what was applied and what refunds allocated.
        package var left: Int64 = 0
        /// What refunds allocated beyond the note and beyond the payments that backed them.
        package var overRefunded: Int64 = 0
        /// The part of what is left that no payment backs.
        package var unbackedLeft: Int64 = 0
        /// The part of what is left that each payment backs, in order.
        package var backingLeft: [BackingLeft] = []
    }

    /// What one payment still backs of a note, whether or not the payment has it left.
    package struct BackingLeft: Hashable, Sendable {
        /// The payment by its name.
        package var payment: String
        /// Minor units of the note's currency.
        package var amount: Int64
    }

    /// The purse of a payment; nil while facts wait for the payment to be put.
    package func purse(of payment: String) -> PaymentPurse? {
        guard let index = paymentIndexes[payment], payments[index].currency != nil else { return nil }
        return sums(ofPayment: index)
    }

    /// The balance of a note; nil for a note that was not put.
    package func balance(of name: String) -> NoteBalance? {
        guard let index = noteIndexes[name] else { return nil }
        var balance = NoteBalance()
        balance.left = left(ofNote: index)
        balance.overRefunded = overRefunded(ofNote: index)
        balance.unbackedLeft = balance.left
        for row in backing(ofNote: index) {
            let amount = min(row.backs, balance.unbackedLeft)
            balance.backingLeft.append(BackingLeft(payment: payments[row.payment].name, amount: amount))
            balance.unbackedLeft -= amount
        }
        return balance
    }

    /// Whether a request for this refund must be accepted.
    package func mayAccept(_ amount: Money, of source: Source, by destination: Destination) -> Bool {
        guard let currency = currency(of: source), currency == amount.currency, amount.isPositive else { return false }
        return allocation(of: amount.minorUnits, from: source, by: destination) != nil
    }

    /// The largest refund that must be accepted; nil for a source that is not here.
    package func largestAcceptable(of source: Source, by destination: Destination) -> Money? {
        guard let currency = currency(of: source) else { return nil }
        return money(largest(from: source, by: destination), currency)
    }

    func currency(of source: Source) -> Currency? {
        switch source {
        case .payment(let name): paymentIndexes[name].flatMap { payments[$0].currency }
        case .note(let name): noteIndexes[name].map { notes[$0].currency }
        }
    }

    func largest(from source: Source, by destination: Destination) -> Int64 {
        switch source {
        case .payment(let name): purse(of: name)?.refundable ?? 0
        case .note(let name): noteIndexes[name].map { largest(fromNote: $0, by: destination) } ?? 0
        }
    }

    private func largest(fromNote index: Int, by destination: Destination) -> Int64 {
        let left = left(ofNote: index)
        let rows = backing(ofNote: index)
        guard rows.allSatisfy({ payments[$0.payment].captured > 0 }) else { return 0 }
        switch destination {
        case .charge(let payment):
            return min(left, rows.filter { isCharge(of: $0.payment, named: payment) }.map(\.has).max() ?? 0)
        case .method, .offline:
            let backs = rows.reduce(0) { $0 + $1.backs }
            let has = rows.reduce(0) { $0 + $1.has }
            return has < backs ? min(left, has) : left
        }
    }

    /// What a request would allocate: parts on payments in order, and what is left for the note alone.
    ///
    /// The backed part comes first, whatever the destination; by a charge nothing but that payment. Nil: refused.
    func allocation(
        of amount: Int64, from source: Source, by destination: Destination
    ) -> (parts: [Part], unbacked: Int64)? {
        guard amount <= largest(from: source, by: destination) else { return nil }
        switch source {
        case .payment(let name): return paymentIndexes[name].map { ([Part(payment: $0, amount: amount)], 0) }
        case .note(let name):
            guard var rows = noteIndexes[name].map({ backing(ofNote: $0) }) else { return nil }
            if case .charge(let payment) = destination {
                rows = rows.filter { isCharge(of: $0.payment, named: payment) && $0.has >= amount }
                rows = Array(rows.prefix(1))
            }
            var rest = amount
            var parts: [Part] = []
            for row in rows where min(rest, row.has) > 0 {
                parts.append(Part(payment: row.payment, amount: min(rest, row.has)))
                rest -= min(rest, row.has)
            }
            return (parts, rest)
        }
    }

    /// Whether the charge of a payment is meant: the one that is named, else any.
    private func isCharge(of payment: Int, named name: String?) -> Bool {
        payments[payment].hasCharge && (name == nil || payments[payment].name == name)
    }

    /// What each payment still backs of a note, and how much of that it has left itself.
    func backing(ofNote index: Int) -> [(payment: Int, backs: Int64, has: Int64)] {
        notes[index].backing.map { row in
            let live = notes[index].refunds.filter { refunds[$0].isLive }
            let used = live.reduce(0) { $0 + refunds[$1].amount(on: row.payment) }
            let backs = max(0, row.amount - used)
            return (row.payment, backs, min(backs, sums(ofPayment: row.payment).refundable))
        }
    }

    func sums(ofPayment index: Int) -> PaymentPurse {
        let payment = payments[index]
        var purse = PaymentPurse(captured: payment.captured)
        for refund in payment.refunds where refunds[refund].isLive {
            let amount = refunds[refund].amount(on: index)
            if refunds[refund].state == .succeeded { purse.refunded += amount } else { purse.reserved += amount }
        }
        purse.claims = payment.disputes.isEmpty ? payment.claimByOwner : 0
        for dispute in payment.disputes {
            purse.claims += disputes[dispute].claim(in: payment.currency) ?? payment.captured
        }
        return purse
    }

    func left(ofNote index: Int) -> Int64 {
        max(0, notes[index].total - notes[index].applied - allocated(ofNote: index))
    }

    func allocated(ofNote index: Int) -> Int64 {
        notes[index].refunds.reduce(0) { $0 + (refunds[$1].isLive ? refunds[$1].amount : 0) }
    }

    /// Of what refunds allocated beyond the note: the unbacked amounts that find no room beside its backing.
    ///
    /// What exceeds the note beyond that is carried by the payments, as far as they carry refunds of it at all.
    private func overRefunded(ofNote index: Int) -> Int64 {
        let note = notes[index]
        let live = note.refunds.map { refunds[$0] }.filter(\.isLive)
        let unbacked = live.reduce(0) { $0 + $1.unbacked }
        let allocated = live.reduce(0) { $0 + $1.amount }
        let beyond = max(0, allocated - max(0, note.total - note.applied))
        let room = max(0, note.total - note.appliedToItsInvoice - note.backing.reduce(0) { $0 + $1.amount })
        return max(beyond - (allocated - unbacked), min(beyond, max(0, unbacked - room)))
    }
}
