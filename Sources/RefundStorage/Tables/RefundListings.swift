package import RefundDomain

enum RefundListingSQL {
    private struct Listing: Hashable {
        let scope: RefundQuery.Scope
        let order: RefundQuery.Order
        let isAscending: Bool
    }

    /// One text for each scope, order and direction, made once: nothing of a request ever becomes text.
    private static let texts: [Listing: SQLText] = {
        var texts: [Listing: SQLText] = [:]
        for scope in RefundQuery.Scope.allCases {
            for order in RefundQuery.Order.allCases {
                for isAscending in [false, true] {
                    texts[Listing(scope: scope, order: order, isAscending: isAscending)] = text(
                        scope, order, isAscending ? "asc" : "desc")
                }
            }
        }
        return texts
    }()

    static let all: [SQLText] = Array(texts.values)

    static func text(for query: RefundQuery) -> SQLText? {
        texts[Listing(scope: query.scope, order: query.order, isAscending: query.isAscending)]
    }

    private static func text(_ scope: RefundQuery.Scope, _ order: RefundQuery.Order, _ direction: String) -> SQLText {
        let record =
            switch scope {
            case .organization: "$2 = $2"
            case .party: "party_id = $2"
            case .payment: "payment_id = $2"
            case .creditNote: "credit_note_id = $2"
            }
        let column =
            switch order {
            case .created: ""
            case .number: "number \(direction), "
            case .amount: "amount \(direction), "
            case .effectiveOn: "effective_on \(direction), "
            case .updated: "updated_at \(direction), "
            }
        return """
            select \(RefundSQL.columns) from refunds where organization_id = $1 and \(record) \
            and state in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
            and case when gateway is null then 0 else 1 end between $14 and $15 \
            and amount between $16 and $17 and number between $18 and $19 and effective_on between $20 and $21 \
            and created_at between $22 and $23 and updated_at between $24 and $25 and id between $26 and $27 \
            order by \(column)id \(direction) limit $28 offset $29
            """
    }
}

extension Session {
    /// The refunds that a query asks for, in its order.
    package func refunds(_ query: RefundQuery, of organization: OrganizationID) throws(StorageError) -> [Refund] {
        guard let sql = RefundListingSQL.text(for: query), let anyState = query.states.first else { return [] }
        var values: [Value] = [.integer(organization.value), .integer(query.record)]
        // As many places as there are states: the query's own, the first of them repeated.
        for index in RefundState.allCases.indices {
            values.append(.text((index < query.states.count ? query.states[index] : anyState).rawValue))
        }
        values += [
            .integer(query.channels == .electronic ? 1 : 0), .integer(query.channels == .offline ? 0 : 1),
            .integer(query.amounts.lowerBound), .integer(query.amounts.upperBound),
            .integer(query.numbers.lowerBound), .integer(query.numbers.upperBound),
            .integer(Int64(query.effectiveOn.lowerBound)), .integer(Int64(query.effectiveOn.upperBound)),
            .integer(query.createdAt.lowerBound), .integer(query.createdAt.upperBound),
            .integer(query.updatedAt.lowerBound), .integer(query.updatedAt.upperBound),
            .integer(query.identifiers.lowerBound), .integer(query.identifiers.upperBound),
            .integer(query.limit), .integer(query.offset),
        ]
        return try rows(Refund.self, sql, values)
    }

    /// A refund with what a reader is told beside it.
    ///
    /// Throws `corrupt` where its party is missing.
    package func view(
        of refund: Refund, for dialect: DialectName, of organization: OrganizationID
    ) throws(StorageError) -> RefundView {
        let retry = try retry(of: refund.id, in: organization)
        guard let party = try party(refund.party, of: organization) else {
            throw StorageError(.corrupt, "refund \(refund.id) has no party")
        }
        let payout = refund.channel.isElectronic ? try payout(of: refund.id, of: organization) : nil
        var payment: Payment?
        if let id = refund.payment { payment = try self.payment(id, of: organization) }
        var note: CreditNote?
        if let id = refund.creditNote { note = try creditNote(id, of: organization) }
        var method: PaymentMethod?
        if let id = refund.method ?? payment?.method { method = try paymentMethod(id, of: organization) }
        let draws = refund.creditNote == nil ? [] : try draws(of: refund.id, of: organization)
        let records = [refund.id.value, party.id.value] + draws.map(\.line.value)
        let optional = [payment?.id.value, note?.id.value, method?.id.value].compactMap { $0 }
        return RefundView(
            organization: organization, refund: refund, payout: payout, party: party, payment: payment,
            creditNote: note, method: method, draws: draws,
            externalIDs: try externalIDs(of: records + optional, in: dialect, of: organization),
            retriedAs: try retry.first().map { RefundID($0.value) })
    }
}
