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
    /// Whether its charge is also that of a payment of another party or currency: then nothing more is refunded of it.
    package let isBarred: Bool

    package init(
        id: PaymentID, party: PartyID, number: String = "", state: State, mode: PaymentMode, charge: Charge?,
        method: PaymentMethodID?, balance: PaymentBalance, rate: ExchangeRate, receivedOn: LocalDate,
        invoiceNumber: String = "", isBarred: Bool = false
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
        self.isBarred = isBarred
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
/// What is kept is what was told: captured amounts, what refunds took, and the claims of disputes. The rest follows
/// from these, and so does not depend on the order in which facts came. What comes free lowers first what is
/// over-refunded, then meets claims, and only then is refundable.
package struct PaymentBalance: Hashable, Sendable {
    package let currency: Currency
    /// What its owner says was captured.
    package let capturedByOwner: Int64
    /// What its gateway says was captured; it only grows.
    package let capturedByGateway: Int64
    /// Promised by refunds that are under way.
    package let reserved: Int64
    package let refunded: Int64
    /// What disputes claim that are open or lost; while no gateway has told of one, what the owner says is disputed.
    package let claims: Int64
    /// The part of the claims that the owner told.
    package let claimByOwner: Int64

    package init(
        currency: Currency, captured: Int64, capturedByGateway: Int64 = 0, reserved: Int64 = 0, refunded: Int64 = 0,
        claims: Int64 = 0, claimByOwner: Int64 = 0
    ) {
        self.currency = currency
        self.capturedByOwner = captured
        self.capturedByGateway = capturedByGateway
        self.reserved = reserved
        self.refunded = refunded
        self.claims = claims
        self.claimByOwner = claimByOwner
    }

    // No overflow below: `Limits` keeps what is captured, taken and claimed far below Int64.max.

    /// The greater of what owner and gateway tell.
    package var captured: Int64 { max(capturedByOwner, capturedByGateway) }

    /// Whether its owner says more was captured than its gateway does, which has told of it.
    package var isOwnerAboveGateway: Bool { capturedByGateway > 0 && capturedByOwner > capturedByGateway }

    /// What refunds took of it: promised or given back.
    package var taken: Int64 { reserved &+ refunded }

    /// What was promised or given back beyond what came in: facts that nobody could refuse.
    package var overRefunded: Int64 { max(0, taken &- captured) }

    /// What disputes keep from being refunded.
    package var held: Int64 { min(claims, max(0, captured &- taken)) }

    /// What disputes claim of money that refunds have taken already.
    package var unmetClaims: Int64 { claims &- held }

    /// What may still be given back.
    package var remaining: Money {
        Money(minorUnits: max(0, captured &- taken &- held), currency: currency)
    }

    /// The balance before amounts were added to what is reserved and refunded.
    package func before(reserving: Int64, refunding: Int64) -> PaymentBalance {
        PaymentBalance(
            currency: currency, captured: capturedByOwner, capturedByGateway: capturedByGateway,
            reserved: reserved - reserving, refunded: refunded - refunding, claims: claims,
            claimByOwner: claimByOwner)
    }
}
