package import RefundDomain

/// The rows of requests without a key: an equal one is judged by the refund that the row names.
///
/// A refund that is not there yet holds, as its unit has not ended: the neighbour in a group, or another process.
enum OpenRequestSQL {
    static let insert: SQLText = """
        insert into open_requests (organization_id, digest, refund_id, taken_at) values ($1, $2, $3, $4) \
        on conflict do nothing returning refund_id
        """

    /// Takes the row of an equal request whose refund no longer holds it.
    static let takeOver: SQLText = """
        update open_requests set refund_id = $1, taken_at = $2 \
        where organization_id = $3 and digest = $4 and taken_at <= $5 and exists (select 1 from refunds r \
        where r.organization_id = open_requests.organization_id and r.id = open_requests.refund_id \
        and r.state not in ('requested', 'awaiting_approval', 'approved', 'submitting', 'unknown')) \
        returning refund_id
        """

    /// The same where an unknown refund alone holds.
    static let takeOverUnlessUnknown: SQLText = """
        update open_requests set refund_id = $1, taken_at = $2 \
        where organization_id = $3 and digest = $4 and taken_at <= $5 and exists (select 1 from refunds r \
        where r.organization_id = open_requests.organization_id and r.id = open_requests.refund_id \
        and r.state <> 'unknown') returning refund_id
        """

    /// The refund that an equal request made last.
    static let holder: SQLText = """
        select \(RefundSQL.columns) from refunds where organization_id = $1 \
        and id = (select o.refund_id from open_requests o where o.organization_id = $1 and o.digest = $2)
        """

    static let all = [insert, takeOver, takeOverUnlessUnknown, holder]
}

/// A request without a key that is about to make a refund, as its row has it.
package struct OpenRequest: Sendable {
    package let digest: String
    package let refund: RefundID
    package let at: Instant
    package let hold: DuplicateHold
    /// For how long after it was taken the row holds, whatever became of its refund.
    package let window: Duration

    package init(digest: String, refund: RefundID, at: Instant, hold: DuplicateHold, window: Duration) {
        self.digest = digest
        self.refund = refund
        self.at = at
        self.hold = hold
        self.window = window
    }
}

/// Whether the row of a request was taken.
package struct OpenRequestAnswer {
    fileprivate let takenOver: Answer<StoredInteger>
    fileprivate let inserted: Answer<StoredInteger>

    /// Whether no equal request holds it.
    package func isTaken() throws(StorageError) -> Bool {
        if try takenOver.first() != nil { return true }
        return try inserted.first() != nil
    }
}

extension Session {
    /// Takes the row of a request, where there is none of an equal one, or its refund no longer holds it.
    ///
    /// For the questions of a unit: a neighbour in its group, or a unit of another process, then does not take it too.
    package func take(
        _ request: OpenRequest, of organization: OrganizationID
    ) throws(StorageError) -> OpenRequestAnswer {
        OpenRequestAnswer(
            takenOver: try takeOver(request, of: organization),
            inserted: try ask(
                StoredInteger.self, OpenRequestSQL.insert,
                [
                    .integer(organization.value), .text(request.digest), .integer(request.refund.value),
                    .integer(request.at.microseconds),
                ]))
    }

    /// Takes the row of an equal request whose refund no longer holds it; no row where it does, or is not there yet.
    package func takeOver(
        _ request: OpenRequest, of organization: OrganizationID
    ) throws(StorageError) -> Answer<StoredInteger> {
        // Without a window the moment does not count: it may come from a clock that is ahead.
        let latest = request.window > .zero ? (request.at - request.window).microseconds : Int64.max
        return try ask(
            StoredInteger.self,
            request.hold == .unknown ? OpenRequestSQL.takeOverUnlessUnknown : OpenRequestSQL.takeOver,
            [
                .integer(request.refund.value), .integer(request.at.microseconds), .integer(organization.value),
                .text(request.digest), .integer(latest),
            ])
    }

    /// The refund that the equal request before made; nil while that one is still being decided on.
    package func holder(of digest: String, in organization: OrganizationID) throws(StorageError) -> Refund? {
        try row(Refund.self, OpenRequestSQL.holder, [.integer(organization.value), .text(digest)])
    }
}
