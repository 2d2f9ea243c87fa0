import RefundDomain
import RefundStorage

/// What putting one record came to.
package enum PutResult: String, Hashable, Sendable {
    case created, updated, unchanged
}

/// Writes records that come in with data, within one unit.
///
/// A record is the same when any of its external identifiers is known; then all must agree.
struct RecordWriter {
    let session: any Session
    let organization: Organization
    let now: Instant
    /// The organization's local day.
    let today: LocalDate
    /// Where records with other content are brought up to date; elsewhere they are refused.
    let updates: Bool
    /// Drawn before the unit, one for each record that may be new; a unit that runs again begins with the same.
    private(set) var identifiers: ArraySlice<Int64>
    let calendar: Calendar
    /// What a gateway's kept notice is about.
    let news: (GatewayName, String) -> GatewayNews?
    /// The other accounts that may be the same one at its provider.
    let siblings: (GatewayName) -> [GatewayName]
    /// Of the payments that are new.
    var charges: [PutCharge] = []

    init(
        session: any Session, organization: Organization, now: Instant, today: LocalDate, updates: Bool,
        identifiers: [Int64], calendar: Calendar, gateways: [GatewayName: any Gateway]
    ) {
        self.session = session
        self.organization = organization
        self.now = now
        self.today = today
        self.updates = updates
        self.identifiers = identifiers[...]
        self.calendar = calendar
        news = { gateways[$0]?.news(in: $1) }
        siblings = { gateways.siblings(of: $0) }
    }

    /// Puts one record.
    ///
    /// Throws `Failure` with the place where it was read.
    mutating func put(_ entry: RecordBatch.Entry, at place: String) throws -> PutResult {
        switch entry {
        case .party(let party): try put(party, at: place)
        case .paymentMethod(let method): try put(method, at: place)
        case .payment(let payment): try put(payment, at: place)
        case .creditNote(let note): try put(note, at: place)
        case .refund(let refund): try put(refund, at: place)
        }
    }

    private mutating func put(_ brought: PutParty, at place: String) throws -> PutResult {
        let known = try find(.party, brought.externalIDs, at: place)
        let party = Party(
            id: PartyID(known ?? nextIdentifier()), role: brought.role, name: brought.name, email: brought.email,
            isActive: brought.isActive)
        guard known != nil, let stored = try session.party(party.id, of: organization.id) else {
            try session.put(party, for: organization.id)
            try remember(.party, brought.externalIDs, party.id.value)
            return .created
        }
        try remember(.party, brought.externalIDs, party.id.value)
        guard stored != party else { return .unchanged }
        try allowUpdate(stored.role == party.role, "the role of a party does not change", at: place)
        try session.put(party, for: organization.id)
        return .updated
    }

    private mutating func put(_ brought: PutPaymentMethod, at place: String) throws -> PutResult {
        let known = try find(.paymentMethod, brought.externalIDs, at: place)
        let method = PaymentMethod(
            id: PaymentMethodID(known ?? nextIdentifier()), party: try party(brought.party, at: place),
            mode: brought.mode, gateway: brought.gateway, token: brought.token, card: brought.card)
        if known != nil {
            let stored = try session.paymentMethod(method.id, of: organization.id)
            try require(stored == method, "a payment method does not change", at: place)
            try remember(.paymentMethod, brought.externalIDs, method.id.value)
            return .unchanged
        }
        try session.insert(method, for: organization.id)
        try remember(.paymentMethod, brought.externalIDs, method.id.value)
        return .created
    }

    mutating func nextIdentifier() -> Int64 {
        identifiers.popFirst() ?? 0
    }
}
