package import RefundDomain
import RefundStorage

/// Some of the refunds that were asked for.
package struct RefundPage: Sendable {
    package let refunds: [RefundView]
    /// Whether the query has more after these.
    package let hasMore: Bool
}

/// A record that a listing is narrowed to, as a caller names it.
package enum ListedRecord: Hashable, Sendable {
    case party(RecordReference)
    case payment(RecordReference)
    case creditNote(RecordReference)
}

extension Operations {
    /// The refunds of a customer or a vendor, the latest day first.
    ///
    /// `states` are those that the dialect shows. Throws `notFound` where there is no such party; a party without
    /// refunds has an empty page.
    package func listContactRefunds(
        of party: RecordReference, in states: [RefundState], offset: Int, limit: Int,
        of organization: OrganizationID
    ) async throws(Failure) -> RefundPage {
        var query = RefundQuery()
        query.states = states
        query.order = .effectiveOn
        query.offset = offset
        query.limit = limit
        return try await listRefunds(query, narrowedTo: .party(party), for: party.dialect, of: organization)
    }

    /// The refunds that a query asks for, narrowed to one record where one is named.
    ///
    /// Throws `notFound` where that record does not exist.
    package func listRefunds(
        _ query: RefundQuery, narrowedTo listed: ListedRecord? = nil, for dialect: DialectName,
        of organization: OrganizationID
    ) async throws(Failure) -> RefundPage {
        try await attempt(report: report) {
            try await store.read { session in
                var query = query
                try session.narrow(&query, to: listed, of: organization)
                let limit = query.limit
                query.limit = limit + 1
                let refunds = try session.refunds(query, of: organization)
                return RefundPage(
                    refunds: try refunds.prefix(limit).map { try session.view(of: $0, for: dialect, of: organization) },
                    hasMore: refunds.count > limit)
            }
        }
    }
}

extension Session {
    fileprivate func narrow(
        _ query: inout RefundQuery, to listed: ListedRecord?, of organization: OrganizationID
    ) throws {
        switch listed {
        case nil:
            break
        case .party(let reference):
            query.scope = .party
            query.record = try locateParty(reference, of: organization).id.value
        case .payment(let reference):
            query.scope = .payment
            query.record = try locatePayment(reference, of: organization).id.value
        case .creditNote(let reference):
            query.scope = .creditNote
            query.record = try locateNote(reference, of: organization).id.value
        }
    }

    /// The party that a reference means.
    ///
    /// Throws `Failure.notFound`.
    func locateParty(_ reference: RecordReference, of organization: OrganizationID) throws -> Party {
        guard let id = try record(.party, reference, of: organization),
            let party = try party(PartyID(id), of: organization)
        else { throw Failure.notFound(.party, reference.text) }
        return party
    }
}
