/// A dispute of a charge, as a gateway's notice describes it.
package struct DisputeNews: Hashable, Sendable {
    package let gatewayReference: String
    /// The charge, by each reference under which a payment may know it.
    package let charges: [String]
    /// What is disputed; of funds, what was moved.
    package let amount: Money
    /// How far the dispute has come, and whether funds were moved.
    package let stages: [Dispute.Stage]
    /// Why, in the gateway's words.
    package let reason: String
    /// When it happened, by the gateway's clock.
    package let at: Instant

    package init(
        gatewayReference: String, charges: [String], amount: Money, stages: [Dispute.Stage], reason: String, at: Instant
    ) {
        self.gatewayReference = gatewayReference
        self.charges = charges
        self.amount = amount
        self.stages = stages
        self.reason = reason
        self.at = at
    }
}

/// A charge, as a gateway describes it: what becomes a payment here.
package struct ChargeNews: Hashable, Sendable {
    /// Who paid, as the gateway knows them.
    package struct Customer: Hashable, Sendable {
        package let gatewayReference: String
        package let name: String
        package let email: String

        package init(gatewayReference: String, name: String, email: String) {
            self.gatewayReference = gatewayReference
            self.name = name
            self.email = email
        }
    }

    /// The charge, by each reference that it has; the first is the one that refunds name.
    package let charges: [String]
    /// Nil for one who paid as a guest.
    package let customer: Customer?
    /// What of it was taken; nothing while it is only authorised.
    package let captured: Money
    package let takenAt: Instant

    package init(charges: [String], customer: Customer?, captured: Money, takenAt: Instant) {
        self.charges = charges
        self.customer = customer
        self.captured = captured
        self.takenAt = takenAt
    }
}

/// How a charge was exchanged into the currency of our balance at the gateway.
package struct ChargeExchange: Hashable, Sendable {
    /// That of the balance.
    package let currency: Currency
    /// What one unit of the charge's currency was worth in it.
    package let rate: ExchangeRate

    package init(currency: Currency, rate: ExchangeRate) {
        self.currency = currency
        self.rate = rate
    }
}

/// A page of what a gateway has charged.
package struct ChargePage: Hashable, Sendable {
    package let charges: [ChargeNews]
    /// Those of which something was given back, by the reference that refunds name.
    package let refunded: [String]
    /// Where the next page begins; nil behind the last.
    package let next: String?

    package init(charges: [ChargeNews], refunded: [String] = [], next: String?) {
        self.charges = charges
        self.refunded = refunded
        self.next = next
    }
}
