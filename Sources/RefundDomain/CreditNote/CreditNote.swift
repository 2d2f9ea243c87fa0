/// A document that owes a party money: returned goods, a discount, a payment to be given back.
package struct CreditNote: Hashable, Sendable {
    /// Whether the note counts: a draft not yet, a void one no more.
    package enum State: String, CaseIterable, Sendable {
        case draft, open, void
    }

    package let id: CreditNoteID
    package let party: PartyID
    package let number: String
    package let state: State
    package let balance: CreditNoteBalance
    package let rate: ExchangeRate
    package let raisedOn: LocalDate
    package let reference: String
    /// The first payment behind the note: it says how the money once came.
    package let payment: PaymentID?
    package let invoiceNumber: String
    /// Whether a refund of a payment raised it for itself: then it is voided, never reopened, when that refund fails.
    package let isForRefund: Bool

    package init(
        id: CreditNoteID, party: PartyID, number: String, state: State, balance: CreditNoteBalance,
        rate: ExchangeRate, raisedOn: LocalDate, reference: String = "", payment: PaymentID? = nil,
        invoiceNumber: String = "", isForRefund: Bool = false
    ) {
        self.id = id
        self.party = party
        self.number = number
        self.state = state
        self.balance = balance
        self.rate = rate
        self.raisedOn = raisedOn
        self.reference = reference
        self.payment = payment
        self.invoiceNumber = invoiceNumber
        self.isForRefund = isForRefund
    }

    package var currency: Currency { balance.currency }

    /// An open note with nothing left.
    package var isSpent: Bool { state == .open && balance.remaining.isZero }
}

/// What a note is worth and where it stands, in minor units, each part zero or more.
///
/// `applied + drawn <= total` holds always, by a CHECK of the database.
package struct CreditNoteBalance: Hashable, Sendable {
    package let currency: Currency
    /// Items and their tax.
    package let total: Int64
    /// Of the total, the tax.
    package let tax: Int64
    /// Used up by invoices.
    package let applied: Int64
    /// Drawn by refunds that are under way or done.
    package let drawn: Int64
    /// What refunds took beyond the note, by facts that nobody could refuse.
    ///
    /// What comes free on it is theirs first.
    package let lacking: Int64
    /// What refunds took beyond the note and the payments that back it, as it was posted.
    package let overRefunded: Int64

    package init(
        currency: Currency, total: Int64, tax: Int64 = 0, applied: Int64 = 0, drawn: Int64 = 0, lacking: Int64 = 0,
        overRefunded: Int64 = 0
    ) {
        self.currency = currency
        self.total = total
        self.tax = tax
        self.applied = applied
        self.drawn = drawn
        self.lacking = lacking
        self.overRefunded = overRefunded
    }

    /// What may still be refunded or applied.
    package var remaining: Money { Money(minorUnits: total &- applied &- drawn, currency: currency) }
}

/// An item of a note, or the tax on one.
package struct CreditNoteLine: Hashable, Sendable {
    /// What the line stands for.
    package enum Kind: Hashable, Sendable {
        case item
        case tax(of: CreditNoteLineID)
    }

    package let id: CreditNoteLineID
    package let kind: Kind
    package let name: String
    /// Minor units of the note's currency; a tax stands beside its item's amount, not in it.
    package let amount: Int64
    package let drawn: Int64

    package init(id: CreditNoteLineID, kind: Kind, name: String, amount: Int64, drawn: Int64 = 0) {
        self.id = id
        self.kind = kind
        self.name = name
        self.amount = amount
        self.drawn = drawn
    }

    /// What may still be refunded of the line.
    package var remaining: Int64 { amount &- drawn }
}
