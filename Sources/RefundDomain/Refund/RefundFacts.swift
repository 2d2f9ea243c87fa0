/// All that a decision about a new refund rests on.
///
/// Clock, numbers and identifiers come in here too, so that the same facts always give the same refund.
package struct RefundFacts: Sendable {
    /// What the money is taken from, as the guarded updates left it.
    package enum Source: Sendable {
        case payment(Claim<Payment>)
        case creditNote(Claim<CreditNote>, backed: BackedClaim, lines: [CreditNoteLine])
    }

    package let source: Source
    package let amount: Money
    /// The first payment behind the note, whether or not something is taken of it: it says how the money once came.
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

/// What was taken of the payments behind a note, or why not.
package struct BackedClaim: Sendable {
    /// The payments behind the note in their order, as they stand now.
    package let payments: [Payment]
    package let share: BackedShare

    package init(payments: [Payment], share: BackedShare) {
        self.payments = payments
        self.share = share
    }

    /// All of the amount of one payment, where it had so much left.
    package init(whole claim: Claim<Payment>, amount: Int64) {
        let payment = claim.record
        self.init(
            payments: [payment],
            share: claim.isTaken
                ? BackedShare(
                    allocations: [PaymentAllocation(payment: payment.id, amount: amount)], largest: .max)
                : BackedShare(allocations: nil, largest: payment.balance.remaining.minorUnits))
    }

    /// Of a note that no payment backs, and that does not go back by a charge.
    package static let none = BackedClaim(payments: [], share: BackedShare(allocations: [], largest: .max))
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

    var isTaken: Bool {
        switch self {
        case .taken: true
        case .refused: false
        }
    }
}

extension RefundFacts {
    /// What is taken of payments; empty where nothing is.
    var allocations: [PaymentAllocation] {
        switch source {
        case .payment(let claim): [PaymentAllocation(payment: claim.record.id, amount: amount.minorUnits)]
        case .creditNote(_, let backed, _): backed.share.allocations ?? []
        }
    }

    /// The payment that is taken of first: where the money goes back by a charge, it is this one's.
    var paymentTakenOf: Payment? {
        switch source {
        case .payment(let claim): claim.record
        case .creditNote(_, let backed, _):
            backed.payments.first { $0.id == allocations.first?.payment } ?? backed.payments.first
        }
    }
}
