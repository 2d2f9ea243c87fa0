/// A refund with what a reader is told beside it, and the identifiers by which the asking dialect knows each record.
package struct RefundView: Hashable, Sendable {
    package let organization: OrganizationID
    package let refund: Refund
    package let payout: Payout?
    package let party: Party
    package let payment: Payment?
    package let creditNote: CreditNote?
    /// The method behind the payment, or the one that was paid out to.
    package let method: PaymentMethod?
    package let draws: [LineDraw]
    /// External identifiers of the asking dialect, by record; those it generated itself are not among them.
    private let externalIDs: [Int64: String]
    /// The refund that makes this one again; nil where none does.
    package let retriedAs: RefundID?

    package init(
        organization: OrganizationID, refund: Refund, payout: Payout?, party: Party, payment: Payment?,
        creditNote: CreditNote?, method: PaymentMethod?, draws: [LineDraw], externalIDs: [Int64: String],
        retriedAs: RefundID? = nil
    ) {
        self.organization = organization
        self.refund = refund
        self.payout = payout
        self.party = party
        self.payment = payment
        self.creditNote = creditNote
        self.method = method
        self.draws = draws
        self.externalIDs = externalIDs
        self.retriedAs = retriedAs
    }

    /// The identifier that came in with data for a record, as the asking dialect knows it; nil for a generated one.
    package func externalID<Record>(of id: Identifier<Record>) -> String? { externalIDs[id.value] }
}

/// Which refunds of an organization are asked for.
///
/// Every bound is there: by default, the whole range.
package struct RefundQuery: Hashable, Sendable {
    /// Whose refunds are asked for.
    package enum Scope: Hashable, CaseIterable, Sendable {
        case organization, party, payment, creditNote
    }

    /// By what they are sorted; refunds that are equal in it follow their identifiers.
    package enum Order: Hashable, CaseIterable, Sendable {
        case created, number, amount, effectiveOn, updated
    }

    package var scope = Scope.organization
    /// The party, payment or note of the scope.
    package var record: Int64 = 0
    package var states = RefundState.allCases
    /// Electronic ones, offline ones, or both.
    package var channels: Channels = .any
    package var amounts = Int64(1)...Int64.max
    package var numbers = Int64(1)...Int64.max
    package var effectiveOn = Int32.min...Int32.max
    package var createdAt = Int64.min...Int64.max
    package var updatedAt = Int64.min...Int64.max
    /// For keyset pages in order of creation: the identifiers still to come.
    package var identifiers = Int64.min...Int64.max
    package var order = Order.created
    package var isAscending = false
    package var offset = 0
    package var limit = Limits.pageRowsMax

    package init() {}

    /// Which ways of giving back are asked for.
    package enum Channels: Hashable, Sendable {
        case any, offline, electronic
    }
}
