/// All that a decision about a new refund rests on.
///
/// Clock, numbers and identifiers come in here too, so that the same facts always give the same refund.
package struct RefundFacts: Sendable {
    /// What the money is taken from, as the guarded updates left it.
    package enum Source: Sendable {
        case payment(Claim<Payment>)
        /// The payment is there where it backs the note, or the refund would go back by its charge.
        case creditNote(Claim<CreditNote>, through: Claim<Payment>?, lines: [CreditNoteLine])
    }

    package let source: Source
    package let amount: Money
    /// The payment behind the note, whether or not something is drawn on it: it says how the money once came.
    package let paymentBehindNote: Payment?
    package let method: PaymentMethod?
    /// The requested lines as records of the note, in the order of the request; nil where there is none such.
    package let requestedLines: [CreditNoteLineID?]
    package let gateways: [GatewayName: GatewayCapabilities]
    package let organization: Organization

    package let refund: RefundID
    package let number: RefundNumber
    package let now: Instant
    package let today: LocalDate
    /// For a note that the refund raises for itself.
    package let raisedNote: CreditNoteID
    package let raisedNoteNumber: String
    /// Until when this node owns the first attempt; nil where it has no room, and a worker takes it later.
    package let leaseUntil: Instant?
    /// When that attempt is sent, by the database's time: the age of its key counts from there.
    package let sentAt: Instant?

    package init(
        source: Source, amount: Money, paymentBehindNote: Payment?, method: PaymentMethod?,
        requestedLines: [CreditNoteLineID?], gateways: [GatewayName: GatewayCapabilities],
        organization: Organization, refund: RefundID, number: RefundNumber, now: Instant, today: LocalDate,
        raisedNote: CreditNoteID, raisedNoteNumber: String, leaseUntil: Instant?, sentAt: Instant? = nil
    ) {
        self.source = source
        self.amount = amount
        self.paymentBehindNote = paymentBehindNote
        self.method = method
        self.requestedLines = requestedLines
        self.gateways = gateways
        self.organization = organization
        self.refund = refund
        self.number = number
        self.now = now
        self.today = today
        self.raisedNote = raisedNote
        self.raisedNoteNumber = raisedNoteNumber
        self.leaseUntil = leaseUntil
        self.sentAt = sentAt
    }
}

/// What the guarded update of a source gave: the record after the amount was taken, or as it stands, untouched.
package enum Claim<Record: Sendable>: Sendable {
    case taken(Record)
    case refused(Record)

    package var record: Record {
        switch self {
        case .taken(let record), .refused(let record): record
        }
    }
}
