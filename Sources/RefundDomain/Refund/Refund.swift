/// Money that goes back to a party, from the moment it was accepted.
package struct Refund: Hashable, Sendable {
    package let id: RefundID
    package let number: RefundNumber
    package let party: PartyID
    /// The payment that it takes money of, the first where there are several, wherever the money goes; nil for a note
    /// that no payment backs.
    package let payment: PaymentID?
    /// The note that it draws on by its whole amount; nil for a payment that is given back without one.
    package let creditNote: CreditNoteID?
    /// The payment method that it is paid out to; nil where it goes back the way the money came, or by hand.
    package let method: PaymentMethodID?
    package let amount: Money
    package let rate: ExchangeRate
    package let channel: RefundChannel
    package var state: RefundState
    /// Counts the events of its life, from 1; each change is guarded by the step it was decided on.
    package var step: Int
    package let reason: RefundReason?
    package let initiator: RefundInitiator
    package let description: String
    /// The caller's own reference.
    package let reference: String
    /// The organization's local day on which it takes effect.
    package let effectiveOn: LocalDate
    package let createdAt: Instant
    package var updatedAt: Instant
    package var settledAt: Instant?
    package let createdBy: ClientID
    package var failureReason: FailureReason?
    /// What was left of the note once this refund was accepted, in minor units; a document of one dialect prints it.
    package let noteRemainingAfter: Int64?
    /// Of the amount, what its note does not have, in minor units: it succeeded late, or came in as history.
    package var lacking: Int64
    /// Fields that only the dialect it came in through understands, as that dialect's own text.
    package let annotations: String
    /// The refund that this one makes again, under a number and a key of its own; nil for any other.
    package var retryOf: RefundID?

    package init(
        id: RefundID, number: RefundNumber, party: PartyID, payment: PaymentID?, creditNote: CreditNoteID?,
        method: PaymentMethodID?, amount: Money, rate: ExchangeRate, channel: RefundChannel, state: RefundState,
        step: Int,
        reason: RefundReason?, initiator: RefundInitiator, description: String, reference: String,
        effectiveOn: LocalDate, createdAt: Instant, updatedAt: Instant, settledAt: Instant?, createdBy: ClientID,
        failureReason: FailureReason?, noteRemainingAfter: Int64?, lacking: Int64 = 0, annotations: String,
        retryOf: RefundID? = nil
    ) {
        self.id = id
        self.number = number
        self.party = party
        self.payment = payment
        self.creditNote = creditNote
        self.method = method
        self.amount = amount
        self.rate = rate
        self.channel = channel
        self.state = state
        self.step = step
        self.reason = reason
        self.initiator = initiator
        self.description = description
        self.reference = reference
        self.effectiveOn = effectiveOn
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.settledAt = settledAt
        self.createdBy = createdBy
        self.failureReason = failureReason
        self.noteRemainingAfter = noteRemainingAfter
        self.lacking = lacking
        self.annotations = annotations
        self.retryOf = retryOf
    }
}

/// The way the money goes back.
package enum RefundChannel: Hashable, Sendable {
    /// Handed over by people; the refund records it.
    case offline(PaymentMode)
    case electronic(GatewayName)

    package var isElectronic: Bool {
        switch self {
        case .offline: false
        case .electronic: true
        }
    }

    package var gateway: GatewayName? {
        switch self {
        case .offline: nil
        case .electronic(let gateway): gateway
        }
    }
}

/// The number that people call a refund by, never used twice: `R-00000001`.
package struct RefundNumber: Hashable, Comparable, Sendable {
    package let value: Int64

    package init(_ value: Int64) {
        self.value = value
    }

    /// Reads `R-` and at least eight digits; nil for anything else.
    package init?(text: String) {
        let bytes = text.utf8
        guard bytes.starts(with: "R-".utf8), bytes.count >= 10, bytes.dropFirst(2).allSatisfy({ 0x30...0x39 ~= $0 }),
            let value = Int64(text.dropFirst(2)), value > 0, value <= Limits.documentNumberMax
        else { return nil }
        self.init(value)
        guard self.description == text else { return nil }
    }

    package static func < (a: RefundNumber, b: RefundNumber) -> Bool { a.value < b.value }
}

extension RefundNumber: CustomStringConvertible {
    package var description: String { "R-" + padded(Int(value), 8) }
}

/// The electronic side of a refund: what is asked of a gateway, and what it has said so far.
package struct Payout: Hashable, Sendable {
    package let refund: RefundID
    package let gateway: GatewayName
    package let target: Submission.Target
    package let lastFour: String?
    /// Counts the sendings of this intent, from 1.
    package var attempt: Int
    /// The gateway's idempotency key: one for the intent, whatever the attempt.
    package let key: String
    /// When the key was first sent; nil before.
    package var keySentAt: Instant?
    /// Until when a node owns the attempt.
    package var leaseUntil: Instant?
    /// When a worker should look at it next; nil when nothing is due any more.
    package var dueAt: Instant?
    /// How often the gateway has been asked since the last news.
    package var questions: Int
    /// How many sendings in a row did not leave, or were turned away unread; those that were only too many not counted.
    package var unsent: Int
    package var gatewayReference: String
    package var networkReference: String
    package var responseCode: String
    package var responseMessage: String

    package init(
        refund: RefundID, gateway: GatewayName, target: Submission.Target, lastFour: String?, attempt: Int,
        key: String, keySentAt: Instant?, leaseUntil: Instant?, dueAt: Instant?, questions: Int = 0, unsent: Int = 0,
        gatewayReference: String = "", networkReference: String = "", responseCode: String = "",
        responseMessage: String = ""
    ) {
        self.refund = refund
        self.gateway = gateway
        self.target = target
        self.lastFour = lastFour
        self.attempt = attempt
        self.key = key
        self.keySentAt = keySentAt
        self.leaseUntil = leaseUntil
        self.dueAt = dueAt
        self.questions = questions
        self.unsent = unsent
        self.gatewayReference = gatewayReference
        self.networkReference = networkReference
        self.responseCode = responseCode
        self.responseMessage = responseMessage
    }
}

/// A part of a refund that was drawn on one line of its note.
package struct LineDraw: Hashable, Sendable {
    package let line: CreditNoteLineID
    /// Minor units of the note's currency.
    package let amount: Int64

    package init(line: CreditNoteLineID, amount: Int64) {
        self.line = line
        self.amount = amount
    }
}
