/// Money that was taken from a party, and how much of it has gone back.
package struct Payment: Hashable, Sendable {
    /// How far the taking of the money has come.
    package enum State: String, CaseIterable, Sendable {
        /// Under way or only authorised: nothing to give back yet.
        case pending
        case succeeded, failed, canceled
    }

    package let id: PaymentID
    package let party: PartyID
    package let number: String
    package let state: State
    package let mode: PaymentMode
    /// The gateway that took it, and the gateway's own reference of the charge; nil where it was taken offline.
    package let charge: Charge?
    package let method: PaymentMethodID?
    package let balance: PaymentBalance
    /// The rate to the organization's base currency on the day it was taken.
    package let rate: ExchangeRate
    package let receivedOn: LocalDate
    /// The number of the invoice that the money paid; empty where there was none.
    package let invoiceNumber: String

    package init(
        id: PaymentID, party: PartyID, number: String = "", state: State, mode: PaymentMode, charge: Charge?,
        method: PaymentMethodID?, balance: PaymentBalance, rate: ExchangeRate, receivedOn: LocalDate,
        invoiceNumber: String = ""
    ) {
        self.id = id
        self.party = party
        self.number = number
        self.state = state
        self.mode = mode
        self.charge = charge
        self.method = method
        self.balance = balance
        self.rate = rate
        self.receivedOn = receivedOn
        self.invoiceNumber = invoiceNumber
    }

    package var currency: Currency { balance.currency }
}

/// Where a gateway keeps the money that a payment brought.
package struct Charge: Hashable, Sendable {
    package let gateway: GatewayName
    package let reference: String

    package init(gateway: GatewayName, reference: String) {
        self.gateway = gateway
        self.reference = reference
    }
}

/// What came in by one payment and where it stands, in minor units, each part zero or more.
///
/// `reserved + refunded + disputed <= captured + excess` holds always, by a CHECK of the database. Only the word of a
/// gateway that it gave back more than was left raises `excess`, which makes room for that word alone: no refund is
/// promised of it.
package struct PaymentBalance: Hashable, Sendable {
    package let currency: Currency
    package let captured: Int64
    /// Promised by refunds that are under way.
    package let reserved: Int64
    package let refunded: Int64
    package let disputed: Int64
    package let excess: Int64

    package init(
        currency: Currency, captured: Int64, reserved: Int64 = 0, refunded: Int64 = 0, disputed: Int64 = 0,
        excess: Int64 = 0
    ) {
        self.currency = currency
        self.captured = captured
        self.reserved = reserved
        self.refunded = refunded
        self.disputed = disputed
        self.excess = excess
    }

    /// What may still be given back; nothing where more than came in is gone.
    package var remaining: Money {
        // No overflow: the CHECK bounds each part by `captured + excess`, which `Limits` keeps far below Int64.max.
        Money(minorUnits: max(0, captured &- reserved &- refunded &- disputed), currency: currency)
    }

    /// What has been promised or given back.
    package var drawn: Money { Money(minorUnits: reserved &+ refunded, currency: currency) }
}
