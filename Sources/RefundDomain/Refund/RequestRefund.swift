/// Asks for money to go back to a party.
package struct RequestRefund: Hashable, Sendable {
    /// What the money is to be taken from.
    package enum Source: Hashable, Sendable {
        /// A credit note, and which of its lines the amount is drawn on; without lines, first in, first out.
        case creditNote(RecordReference, lines: [RequestedLine])
        /// A payment; `raisingNote` makes a credit note of the amount first, and refunds that, in one unit.
        case payment(RecordReference, raisingNote: Bool)
    }

    /// How the money is to go back.
    package enum Way: Hashable, Sendable {
        /// The way the money came: through the gateway of the payment behind it, else offline in the payment's mode.
        case asTaken
        case offline(PaymentMode)
        /// To a payment method, through its own gateway: where one is named, it has to be that.
        case method(RecordReference, through: GatewayName?)
    }

    package var organization: OrganizationID
    package var client: ClientID
    package var source: Source
    package var amount: DecimalAmount
    package var way: Way
    /// Whether a gateway has to carry it out: then a payment that came by hand is refused.
    package var onlyByGateway: Bool
    /// Whose source it may be: a customer's alone, or a vendor's; nil for both.
    ///
    /// Any other source does not exist for the caller.
    package var partyRole: Party.Role?
    /// The local day of an offline refund; nil for today.
    ///
    /// An electronic one takes effect today, whatever is asked.
    package var effectiveOn: LocalDate?
    package var reason: RefundReason?
    package var initiator: RefundInitiator
    package var description: String
    package var reference: String
    /// What the caller believes is left of the source before this refund, in its currency.
    package var expectedRemaining: DecimalAmount?
    /// Fields that only the asking dialect understands, kept for it.
    package var annotations: String
    /// The refund that this one makes again, after it did not reach the customer.
    package var retryOf: RefundID?

    package init(
        organization: OrganizationID, client: ClientID, source: Source, amount: DecimalAmount, way: Way = .asTaken,
        onlyByGateway: Bool = false, partyRole: Party.Role? = nil,
        effectiveOn: LocalDate? = nil, reason: RefundReason? = nil, initiator: RefundInitiator = .merchant,
        description: String = "", reference: String = "", expectedRemaining: DecimalAmount? = nil,
        annotations: String = "", retryOf: RefundID? = nil
    ) {
        self.organization = organization
        self.client = client
        self.source = source
        self.amount = amount
        self.way = way
        self.onlyByGateway = onlyByGateway
        self.partyRole = partyRole
        self.effectiveOn = effectiveOn
        self.reason = reason
        self.initiator = initiator
        self.description = description
        self.reference = reference
        self.expectedRemaining = expectedRemaining
        self.annotations = annotations
        self.retryOf = retryOf
    }
}

/// A part of a refund that the caller wants drawn on one line of the note.
package struct RequestedLine: Hashable, Sendable {
    /// Whether the caller means an item or a tax.
    package enum Kind: Hashable, Sendable {
        case item, tax
    }

    package let reference: RecordReference
    package let kind: Kind
    package let amount: DecimalAmount

    package init(reference: RecordReference, kind: Kind, amount: DecimalAmount) {
        self.reference = reference
        self.kind = kind
        self.amount = amount
    }
}
