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

/// What a listing leaves out of the refunds that a query finds, because the store cannot be asked for it.
package struct RefundSieve: Sendable {
    /// Refunds of customers alone, or of vendors alone; nil for both.
    package let role: Party.Role?
    /// Whether a refund is listed; nil for all.
    package let passes: (@Sendable (RefundView) -> Bool)?

    package init(role: Party.Role?, passes: (@Sendable (RefundView) -> Bool)? = nil) {
        self.role = role
        self.passes = passes
    }
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

    /// Gives every electronic refund that is in a state to a body, the oldest first, a page at a time.
    func forEachElectronicRefund(
        in state: RefundState, of organization: OrganizationID, _ body: (Refund) async throws(Failure) -> Void
    ) async throws(Failure) {
        var query = RefundQuery()
        query.states = [state]
        query.channels = .electronic
        query.isAscending = true
        query.limit = Limits.pageRowsMax
        while true {
            let page = try await attempt(report: report) { [query] in
                try await store.read { try $0.refunds(query, of: organization) }
            }
            for refund in page { try await body(refund) }
            guard page.count == query.limit, let last = page.last else { return }
            query.identifiers = (last.id.value + 1)...query.identifiers.upperBound
        }
    }

    /// The refunds that a query asks for, narrowed to one record where one is named.
    ///
    /// Through a sieve, pages count what it lets through: a page is full unless the list has ended. Throws `notFound`
    /// where that record does not exist, and `input` where more would have to be sieved than
    /// `Limits.sievedRowsMax`.
    package func listRefunds(
        _ query: RefundQuery, narrowedTo listed: ListedRecord? = nil, through sieve: RefundSieve? = nil,
        for dialect: DialectName, of organization: OrganizationID
    ) async throws(Failure) -> RefundPage {
        try await attempt(report: report) {
            try await store.read { session in
                var query = query
                try session.narrow(&query, to: listed, of: organization)
                let limit = query.limit
                query.limit = limit + 1
                let refunds = try sieve.map { try session.refunds(query, through: $0, for: dialect, of: organization) }
                let found = try refunds ?? session.refunds(query, of: organization)
                return RefundPage(
                    refunds: try found.prefix(limit).map { try session.view(of: $0, for: dialect, of: organization) },
                    hasMore: found.count > limit)
            }
        }
    }
}

extension Session {
    /// Reads from the first refund on, until so many have come through the sieve, or the list has ended.
    fileprivate func refunds(
        _ query: RefundQuery, through sieve: RefundSieve, for dialect: DialectName, of organization: OrganizationID
    ) throws -> [Refund] {
        let rowsMax = sieve.passes == nil ? Limits.pageOffsetMax : Limits.sievedRowsMax
        var roles: [PartyID: Party.Role?] = [:]
        var passed: [Refund] = []
        var batch = query
        batch.offset = 0
        batch.limit = min(query.offset + query.limit, Limits.sievedRowsBatch)
        while batch.offset < rowsMax {
            let refunds = try refunds(batch, of: organization)
            for refund in refunds {
                if let role = sieve.role {
                    let known = try roles[refund.party] ?? party(refund.party, of: organization)?.role
                    roles[refund.party] = known
                    guard known == role else { continue }
                }
                if let passes = sieve.passes {
                    guard passes(try view(of: refund, for: dialect, of: organization)) else { continue }
                }
                passed.append(refund)
                if passed.count == query.offset + query.limit { return Array(passed.dropFirst(query.offset)) }
            }
            guard refunds.count == batch.limit else { return Array(passed.dropFirst(query.offset)) }
            batch.offset += batch.limit
            batch.limit = Limits.sievedRowsBatch
        }
        throw Failure.input([
            InputProblem(field: "page", kind: .value("among the first \(rowsMax) refunds that the filters leave"))
        ])
    }

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
