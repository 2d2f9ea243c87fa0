package import RefundDomain

enum GatewayNoticeSQL {
    /// An event that is known already changes nothing.
    static let insert: SQLText = """
        insert into gateway_notices (organization_id, gateway, event_id, received_at, kept, due_at, tries, applied_at, \
        detail) values ($1, $2, $3, $4, $5, $6, 0, null, '') on conflict do nothing
        """

    /// What is due anywhere: a question of the workers that names no organization.
    static let due: SQLText = """
        select organization_id, gateway, event_id, kept, received_at, due_at, tries from gateway_notices \
        where due_at <= $1 order by due_at limit $2
        """

    /// Guarded by when it was due: of two nodes, one settles it.
    static let settle: SQLText = """
        update gateway_notices set due_at = $1, tries = tries + 1, applied_at = $2, detail = $3 \
        where organization_id = $4 and gateway = $5 and event_id = $6 and due_at = $7 returning tries
        """

    static let all = [insert, due, settle]
}

/// A notice that waits to be applied.
package struct DueNotice: Hashable, Sendable, Stored {
    package let organization: OrganizationID
    package let gateway: GatewayName
    package let event: String
    package let kept: String
    package let receivedAt: Instant
    package let dueAt: Instant
    /// How often it has been tried.
    package let tries: Int

    /// A notice that has just been kept.
    package init(_ notice: GatewayNotice, of gateway: GatewayName, for organization: OrganizationID, at now: Instant) {
        self.organization = organization
        self.gateway = gateway
        event = notice.event
        kept = notice.kept
        receivedAt = now
        dueAt = now
        tries = 0
    }

    package init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        gateway = GatewayName(row.text())
        event = row.text()
        kept = row.text()
        receivedAt = row.instant()
        dueAt = row.instant()
        tries = Int(row.integer())
    }
}

/// A notice that cannot be applied yet, and why.
package struct UnsettledNotice: Hashable, Sendable, Stored {
    package let organization: OrganizationID
    package let gateway: GatewayName
    package let event: String
    package let detail: String

    package init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        gateway = GatewayName(row.text())
        event = row.text()
        detail = row.text()
    }
}

/// What became of a notice.
package enum NoticeSettlement: Hashable, Sendable {
    case applied(at: Instant)
    /// It is tried again then; the detail says what it waits for.
    case postponed(to: Instant, detail: String)
    /// It is left to a person.
    case givenUp(detail: String)
}

extension Session {
    /// Keeps a notice for the organization that owns the gateway, due at once; one that is known already changes
    /// nothing.
    ///
    /// `charges` are the references of the charge whose payment it needs: they are locked first, so that a payment
    /// which is put at this moment is seen, or sees the notice.
    package func keep(
        _ notice: GatewayNotice, about charges: [String] = [], of gateway: GatewayName,
        for organization: OrganizationID, at now: Instant
    ) throws(StorageError) {
        _ = try takeCharges(charges, at: gateway, of: organization)
        try execute(
            GatewayNoticeSQL.insert,
            [
                .integer(organization.value), .text(gateway.text), .text(notice.event),
                .integer(now.microseconds), .text(notice.kept), .integer(now.microseconds),
            ])
        try note(charges, of: notice.event, at: gateway, for: organization)
    }

    /// What is due at a moment, the longest due first, at most so many.
    package func dueNotices(at now: Instant, atMost count: Int) throws(StorageError) -> [DueNotice] {
        try rows(DueNotice.self, GatewayNoticeSQL.due, [.integer(now.microseconds), .integer(count)])
    }

    /// Writes what became of a notice; false where another node has settled it since it was read.
    package func settle(_ notice: DueNotice, as settlement: NoticeSettlement) throws(StorageError) -> Bool {
        let (dueAt, appliedAt, detail): (Instant?, Instant?, String) =
            switch settlement {
            case .applied(let moment): (nil, moment, "")
            case .postponed(let moment, let detail): (moment, nil, detail)
            case .givenUp(let detail): (nil, nil, detail)
            }
        return try row(
            StoredInteger.self, GatewayNoticeSQL.settle,
            [
                .integer(dueAt?.microseconds), .integer(appliedAt?.microseconds), .text(detail),
                .integer(notice.organization.value), .text(notice.gateway.text), .text(notice.event),
                .integer(notice.dueAt.microseconds),
            ]) != nil
    }

    /// Every notice that waits for something; one that was given up is an exception.
    package func unsettledNotices() throws(StorageError) -> [UnsettledNotice] {
        try rows(UnsettledNotice.self, VerificationSQL.unsettledNotices, [])
    }
}
