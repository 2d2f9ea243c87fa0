package import RefundDomain

enum ChargeReferenceSQL {
    /// Locks the row of a charge for the rest of the unit, whether or not it was there.
    static let take: SQLText = """
        insert into charge_references (organization_id, gateway, reference, payment_id) values ($1, $2, $3, null) \
        on conflict (organization_id, gateway, reference) do update set reference = excluded.reference \
        returning payment_id
        """

    static let point: SQLText = """
        update charge_references set payment_id = $1 \
        where organization_id = $2 and gateway = $3 and reference = $4 and payment_id is null
        """

    /// Locks the row of a charge, which belongs to a payment from then on where it belonged to none.
    static let claim: SQLText = """
        insert into charge_references (organization_id, gateway, reference, payment_id) values ($1, $2, $3, $4) \
        on conflict (organization_id, gateway, reference) \
        do update set payment_id = coalesce(charge_references.payment_id, excluded.payment_id) returning payment_id
        """

    static let owner: SQLText = """
        select payment_id from charge_references where organization_id = $1 and gateway = $2 and reference = $3
        """

    /// A payment of one account whose charge is that of a payment of another.
    static let shared: SQLText = """
        select payment_id from charge_references where organization_id = $1 and gateway = $2 \
        and payment_id is not null and exists (select 1 from charge_references o where o.organization_id = $1 \
        and o.gateway = $3 and o.reference = charge_references.reference and o.payment_id is not null) limit 1
        """

    static let all = [take, point, claim, owner, shared]
}

enum NoticeChargeSQL {
    static let insert: SQLText = """
        insert into notice_charges (organization_id, gateway, reference, event_id) values ($1, $2, $3, $4) \
        on conflict do nothing
        """

    /// What was not applied, also what was left to a person since.
    static let waiting: SQLText = """
        select organization_id, gateway, event_id, kept, received_at, coalesce(due_at, received_at), tries \
        from gateway_notices where organization_id = $1 and gateway = $2 and event_id in ( \
        select event_id from notice_charges where organization_id = $1 and gateway = $2 and reference = $3) \
        and applied_at is null order by received_at, event_id
        """

    static let apply: SQLText = """
        update gateway_notices set due_at = null, tries = tries + 1, applied_at = $1, detail = '' \
        where organization_id = $2 and gateway = $3 and event_id = $4 and applied_at is null returning tries
        """

    static let hasten: SQLText = """
        update gateway_notices set due_at = $1 \
        where organization_id = $2 and gateway = $3 and event_id = $4 and due_at is not null
        """

    static let all = [insert, waiting, apply, hasten]
}

/// The payment that a charge belongs to; none while it is not here.
struct ChargeOwner: Stored {
    let payment: PaymentID?

    init(row: inout RowReader) throws(StorageError) { payment = row.optionalIdentifier() }
}

extension Session {
    /// Locks a charge for the rest of the unit; the payment that it belongs to, where it is here.
    ///
    /// What tells of a charge and what puts its payment both begin with it, so that one of them sees the other.
    package func takeCharge(
        _ reference: String, at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> PaymentID? {
        try row(
            ChargeOwner.self, ChargeReferenceSQL.take,
            [.integer(organization.value), .text(gateway.text), .text(reference)])?.payment
    }

    /// Locks a charge by all of its references, everybody in the same order; the payments that it belongs to.
    package func takeCharges(
        _ references: [String], at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> Set<PaymentID> {
        var owners: Set<PaymentID> = []
        for reference in Set(references).sorted() {
            if let owner = try takeCharge(reference, at: gateway, of: organization) { owners.insert(owner) }
        }
        return owners
    }

    /// Locks a charge at each account that may be the same one at its provider; the payments that it belongs to at this
    /// account, and one that it belongs to at another.
    package func takeCharges(
        _ references: [String], at gateway: GatewayName, siblings: [GatewayName], of organization: OrganizationID
    ) throws(StorageError) -> (owners: Set<PaymentID>, elsewhere: PaymentID?) {
        var (owners, elsewhere): (Set<PaymentID>, PaymentID?) = ([], nil)
        // Everybody in the same order.
        for account in ([gateway] + siblings).sorted(by: { $0.text < $1.text }) {
            let found = try takeCharges(references, at: account, of: organization)
            if account == gateway { owners = found } else { elsewhere = elsewhere ?? found.first }
        }
        return (owners, elsewhere)
    }

    /// The payment that a charge belongs to, without locking it.
    package func owner(
        ofCharge reference: String, at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> PaymentID? {
        try row(
            ChargeOwner.self, ChargeReferenceSQL.owner,
            [.integer(organization.value), .text(gateway.text), .text(reference)])?.payment
    }

    /// Lets references of a charge belong to a payment, where they belong to none.
    package func point(
        _ references: [String], at gateway: GatewayName, to payment: PaymentID, of organization: OrganizationID
    ) throws(StorageError) {
        for reference in Set(references).sorted() {
            try execute(
                ChargeReferenceSQL.point,
                [
                    .integer(payment.value), .integer(organization.value), .text(gateway.text), .text(reference),
                ])
        }
    }

    /// Lets a further reference of a charge belong to its payment; the payment that it belongs to then, or before.
    package func claim(
        _ reference: String, at gateway: GatewayName, for payment: PaymentID, of organization: OrganizationID
    ) throws(StorageError) -> PaymentID? {
        try row(
            ChargeOwner.self, ChargeReferenceSQL.claim,
            [.integer(organization.value), .text(gateway.text), .text(reference), .integer(payment.value)])?.payment
    }

    /// A payment of an account whose charge is that of a payment of another account; nil where there is none.
    package func payment(
        of gateway: GatewayName, sharingChargeWith other: GatewayName, in organization: OrganizationID
    ) throws(StorageError) -> PaymentID? {
        try row(
            ChargeOwner.self, ChargeReferenceSQL.shared,
            [.integer(organization.value), .text(gateway.text), .text(other.text)])?.payment
    }

    /// Keeps which charge a notice is about, so that its payment finds it.
    package func note(
        _ references: [String], of event: String, at gateway: GatewayName, for organization: OrganizationID
    ) throws(StorageError) {
        for reference in Set(references).sorted() {
            try execute(
                NoticeChargeSQL.insert,
                [.integer(organization.value), .text(gateway.text), .text(reference), .text(event)])
        }
    }

    /// The notices about a charge that were not applied, each once, the first that came first.
    package func waitingNotices(
        about references: [String], at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> [DueNotice] {
        var found: [DueNotice] = []
        for reference in Set(references).sorted() {
            let notices = try rows(
                DueNotice.self, NoticeChargeSQL.waiting,
                [.integer(organization.value), .text(gateway.text), .text(reference)])
            found += notices.filter { notice in !found.contains { $0.event == notice.event } }
        }
        return found
    }

    /// Settles a notice that waited, whenever it was due; false where it has been applied since it was read.
    package func applyWaiting(_ notice: DueNotice, at now: Instant) throws(StorageError) -> Bool {
        try row(
            StoredInteger.self, NoticeChargeSQL.apply,
            [
                .integer(now.microseconds), .integer(notice.organization.value), .text(notice.gateway.text),
                .text(notice.event),
            ]) != nil
    }

    /// Lets the worker look at a notice at once that waited; one that was left to a person stays so.
    package func hasten(_ notice: DueNotice, at now: Instant) throws(StorageError) {
        try execute(
            NoticeChargeSQL.hasten,
            [
                .integer(now.microseconds), .integer(notice.organization.value), .text(notice.gateway.text),
                .text(notice.event),
            ])
    }
}
