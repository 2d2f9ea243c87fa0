package import RefundDomain
import RefundStorage

/// The identifiers that a record came in with, by dialect.
package typealias ExternalIDs = [DialectName: String]

/// A party as the owner of the data brings it.
package struct PutParty: Hashable, Sendable {
    package var externalIDs: ExternalIDs
    package var role: Party.Role
    package var name: String
    package var email: String
    package var isActive: Bool

    package init(externalIDs: ExternalIDs, role: Party.Role, name: String, email: String, isActive: Bool) {
        self.externalIDs = externalIDs
        self.role = role
        self.name = name
        self.email = email
        self.isActive = isActive
    }
}

/// A payment method as the owner of the data brings it.
package struct PutPaymentMethod: Hashable, Sendable {
    package var externalIDs: ExternalIDs
    package var party: RecordReference
    package var mode: PaymentMode
    package var gateway: GatewayName
    package var token: String
    package var card: Card?

    package init(
        externalIDs: ExternalIDs, party: RecordReference, mode: PaymentMode, gateway: GatewayName, token: String,
        card: Card?
    ) {
        self.externalIDs = externalIDs
        self.party = party
        self.mode = mode
        self.gateway = gateway
        self.token = token
        self.card = card
    }
}

/// A payment as the owner of the data brings it.
package struct PutPayment: Hashable, Sendable {
    package var externalIDs: ExternalIDs
    package var party: RecordReference
    package var number: String
    package var state: Payment.State
    package var mode: PaymentMode
    package var charge: Charge?
    package var method: RecordReference?
    package var currency: Currency
    /// Nil where the owner does not tell it: then it is left alone.
    package var captured: Money?
    /// What a gateway tells that was captured; nil where none does.
    package var capturedByGateway: Money?
    /// Nil where the owner does not tell it: then it is left alone.
    package var disputed: Money?
    /// Needed where the currency is not the organization's own.
    package var rate: ExchangeRate?
    package var receivedOn: LocalDate
    package var invoiceNumber: String
    /// What else its charge is known by to the gateway.
    package var furtherReferences: [String]

    package init(
        externalIDs: ExternalIDs, party: RecordReference, number: String, state: Payment.State, mode: PaymentMode,
        charge: Charge?, method: RecordReference?, currency: Currency, captured: Money?,
        capturedByGateway: Money? = nil, disputed: Money?, rate: ExchangeRate?, receivedOn: LocalDate,
        invoiceNumber: String, furtherReferences: [String] = []
    ) {
        self.externalIDs = externalIDs
        self.party = party
        self.number = number
        self.state = state
        self.mode = mode
        self.charge = charge
        self.method = method
        self.currency = currency
        self.captured = captured
        self.capturedByGateway = capturedByGateway
        self.disputed = disputed
        self.rate = rate
        self.receivedOn = receivedOn
        self.invoiceNumber = invoiceNumber
        self.furtherReferences = furtherReferences
    }
}

/// A credit note as the owner of the data brings it.
package struct PutCreditNote: Hashable, Sendable {
    /// An item of the note with its taxes.
    package struct Item: Hashable, Sendable {
        package var externalIDs: ExternalIDs
        package var name: String
        package var amount: Money
        package var taxes: [Tax]

        package init(externalIDs: ExternalIDs, name: String, amount: Money, taxes: [Tax]) {
            self.externalIDs = externalIDs
            self.name = name
            self.amount = amount
            self.taxes = taxes
        }
    }

    /// A tax on an item, beside its amount.
    package struct Tax: Hashable, Sendable {
        package var externalIDs: ExternalIDs
        package var name: String
        package var amount: Money

        package init(externalIDs: ExternalIDs, name: String, amount: Money) {
            self.externalIDs = externalIDs
            self.name = name
            self.amount = amount
        }
    }

    /// A payment behind the note, and how much of the note came in by it.
    package struct Backing: Hashable, Sendable {
        package var payment: RecordReference
        package var amount: Money

        package init(payment: RecordReference, amount: Money) {
            self.payment = payment
            self.amount = amount
        }
    }

    package var externalIDs: ExternalIDs
    package var party: RecordReference
    package var number: String
    /// Nil where the owner does not tell it: open where the note is new, else as it is.
    package var state: CreditNote.State?
    package var currency: Currency
    package var items: [Item]
    /// Already used up by invoices; nil where the owner does not tell it.
    package var applied: Money?
    package var rate: ExchangeRate?
    package var raisedOn: LocalDate
    package var reference: String
    /// The lone payment behind the note; nil where none or several are named.
    package var payment: RecordReference?
    /// Several payments behind the note, in the order in which they are given back.
    package var payments: [Backing]
    package var invoiceNumber: String

    package init(
        externalIDs: ExternalIDs, party: RecordReference, number: String, state: CreditNote.State?,
        currency: Currency, items: [Item], applied: Money?, rate: ExchangeRate?, raisedOn: LocalDate,
        reference: String, payment: RecordReference?, payments: [Backing] = [], invoiceNumber: String
    ) {
        self.externalIDs = externalIDs
        self.party = party
        self.number = number
        self.state = state
        self.currency = currency
        self.items = items
        self.applied = applied
        self.rate = rate
        self.raisedOn = raisedOn
        self.reference = reference
        self.payment = payment
        self.payments = payments
        self.invoiceNumber = invoiceNumber
    }
}

/// A refund that was made before the program came: final, never sent to a gateway, counted and posted.
package struct PutPastRefund: Hashable, Sendable {
    /// What the refund was taken from.
    package enum Source: Hashable, Sendable {
        case payment(RecordReference)
        case creditNote(RecordReference)
    }

    package var externalIDs: ExternalIDs
    package var number: RefundNumber?
    package var source: Source
    package var amount: Money
    package var state: RefundState
    package var channel: RefundChannel
    package var effectiveOn: LocalDate
    package var createdAt: Instant
    package var reason: RefundReason?
    package var initiator: RefundInitiator
    package var description: String
    package var reference: String
    package var gatewayReference: String
    package var networkReference: String
    package var failure: FailureReason?
    package var annotations: String

    package init(
        externalIDs: ExternalIDs, number: RefundNumber?, source: Source, amount: Money, state: RefundState,
        channel: RefundChannel, effectiveOn: LocalDate, createdAt: Instant, reason: RefundReason?,
        initiator: RefundInitiator, description: String, reference: String, gatewayReference: String,
        networkReference: String, failure: FailureReason?, annotations: String
    ) {
        self.externalIDs = externalIDs
        self.number = number
        self.source = source
        self.amount = amount
        self.state = state
        self.channel = channel
        self.effectiveOn = effectiveOn
        self.createdAt = createdAt
        self.reason = reason
        self.initiator = initiator
        self.description = description
        self.reference = reference
        self.gatewayReference = gatewayReference
        self.networkReference = networkReference
        self.failure = failure
        self.annotations = annotations
    }
}

/// Records in the order in which they refer to each other, put in one unit or not at all.
package struct RecordBatch: Sendable {
    /// One record of a batch.
    package enum Entry: Hashable, Sendable {
        case party(PutParty)
        case paymentMethod(PutPaymentMethod)
        case payment(PutPayment)
        case creditNote(PutCreditNote)
        case refund(PutPastRefund)
    }

    /// Each with the place where it was read, for messages: `payments[3]`.
    package var entries: [(place: String, entry: Entry)]
    /// Whether a record that is there with other content is brought up to date; otherwise it is an error.
    package var updates: Bool

    package init(entries: [(place: String, entry: Entry)], updates: Bool) {
        self.entries = entries
        self.updates = updates
    }
}
