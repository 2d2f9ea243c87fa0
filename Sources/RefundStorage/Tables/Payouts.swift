package import RefundDomain

enum PayoutSQL {
    private static let columns = """
        refund_id, gateway, target, target_reference, last_four, attempt, key, key_sent_at, lease_until, due_at, \
        questions, unsent, gateway_reference, network_reference, response_code, response_message
        """

    static let find: SQLText = "select \(columns) from payouts where organization_id = $1 and refund_id = $2"

    static let insert: SQLText = """
        insert into payouts (organization_id, \(columns)) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """

    /// Guarded by the attempt and the lease that the decision rests on: of two nodes, one sends, and one asks.
    static let update: SQLText = """
        update payouts set attempt = $1, key_sent_at = $2, lease_until = $3, due_at = $4, questions = $5, \
        unsent = $6, gateway_reference = $7, network_reference = $8, response_code = $9, response_message = $10 \
        where organization_id = $11 and refund_id = $12 and attempt = $13 \
        and coalesce(lease_until, 0) = $14 returning \(columns)
        """

    /// What is due anywhere: the one question of the workers that names no organization.
    static let due: SQLText = """
        select organization_id, refund_id from payouts where due_at <= $1 order by due_at limit $2
        """

    static let hasten: SQLText = """
        update payouts set due_at = $1 where organization_id = $2 and refund_id = $3 and lease_until is null \
        and (due_at is not null or attempt > 0 or gateway_reference <> '') returning \(columns)
        """

    static let byReference: SQLText = """
        select \(columns) from payouts where organization_id = $1 and gateway = $2 and gateway_reference = $3 \
        and gateway_reference <> ''
        """

    /// History of a gateway that came in without the gateway's reference: a refund of the same payment, amount and day.
    static let unreferencedPast: SQLText = """
        select id from refunds where organization_id = $1 and id in (\
        select refund_id from refund_allocations where organization_id = $1 and payment_id = $2) \
        and exists (select 1 from payouts p where p.organization_id = refunds.organization_id \
        and p.refund_id = refunds.id and p.gateway = $3 and p.gateway_reference = '' and p.attempt = 0 \
        and p.key_sent_at is null and p.due_at is null) and amount = $4 and currency = $5 \
        and effective_on between $6 and $7 order by id limit 1
        """

    static let refer: SQLText = """
        update payouts set gateway_reference = $1, due_at = $2 \
        where organization_id = $3 and refund_id = $4 and gateway_reference = '' returning refund_id
        """

    static let all = [find, insert, update, due, hasten, byReference, unreferencedPast, refer]
}

/// An electronic refund that a worker should look at.
package struct DuePayout: Hashable, Sendable, Stored {
    package let organization: OrganizationID
    package let refund: RefundID

    package init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        refund = row.identifier()
    }
}

extension Payout: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let refund: RefundID = row.identifier()
        let gateway = GatewayName(row.text())
        let kind = row.text()
        let reference = row.text()
        self.init(
            refund: refund, gateway: gateway, target: kind == "charge" ? .charge(reference) : .method(reference),
            lastFour: row.optionalText(), attempt: Int(row.integer()), key: row.text(),
            keySentAt: row.optionalInstant(), leaseUntil: row.optionalInstant(), dueAt: row.optionalInstant(),
            questions: Int(row.integer()), unsent: Int(row.integer()), gatewayReference: row.text(),
            networkReference: row.text(),
            responseCode: row.text(), responseMessage: row.text())
    }

    fileprivate var values: [Value] {
        let kind: String
        let reference: String
        switch target {
        case .charge(let charge): (kind, reference) = ("charge", charge)
        case .method(let token): (kind, reference) = ("method", token)
        }
        return [
            .integer(refund.value), .text(gateway.text), .text(kind), .text(reference), .text(lastFour),
            .integer(attempt), .text(key), .integer(keySentAt?.microseconds), .integer(leaseUntil?.microseconds),
            .integer(dueAt?.microseconds), .integer(questions), .integer(unsent), .text(gatewayReference),
            .text(networkReference),
            .text(responseCode), .text(responseMessage),
        ]
    }
}

extension Session {
    /// The electronic side of a refund, or nil.
    package func payout(of refund: RefundID, of organization: OrganizationID) throws(StorageError) -> Payout? {
        try row(Payout.self, PayoutSQL.find, [.integer(organization.value), .integer(refund.value)])
    }

    /// The electronic side of the refund that a gateway knows by a reference, or nil.
    package func payout(
        _ reference: String, at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> Payout? {
        try row(
            Payout.self, PayoutSQL.byReference,
            [.integer(organization.value), .text(gateway.text), .text(reference)])
    }

    func insert(_ payout: Payout, for organization: OrganizationID) throws(StorageError) {
        try execute(PayoutSQL.insert, [.integer(organization.value)] + payout.values)
    }

    /// Writes what changed of a payout; false where another node has claimed it since it was read.
    package func update(
        _ payout: Payout, decidedOn known: Payout, for organization: OrganizationID
    ) throws(StorageError) -> Bool {
        try row(
            Payout.self, PayoutSQL.update,
            [
                .integer(payout.attempt), .integer(payout.keySentAt?.microseconds),
                .integer(payout.leaseUntil?.microseconds), .integer(payout.dueAt?.microseconds),
                .integer(payout.questions), .integer(payout.unsent), .text(payout.gatewayReference),
                .text(payout.networkReference), .text(payout.responseCode), .text(payout.responseMessage),
                .integer(organization.value), .integer(payout.refund.value), .integer(known.attempt),
                .integer(known.leaseUntil?.microseconds ?? 0),
            ]) != nil
    }

    /// What is due at a moment, the longest due first, at most so many.
    package func duePayouts(at now: Instant, atMost count: Int) throws(StorageError) -> [DuePayout] {
        try rows(DuePayout.self, PayoutSQL.due, [.integer(now.microseconds), .integer(count)])
    }

    /// Gives the gateway's reference to the refund of history that came in without it and is the one told of.
    ///
    /// It is that of the same payment, amount and day, a day more or less, and is asked about at once. False where
    /// there is none.
    package func claimPast(
        _ reference: String, at gateway: GatewayName, of payment: PaymentID, _ amount: Money, madeOn day: LocalDate,
        at now: Instant, organization: OrganizationID
    ) throws(StorageError) -> Bool {
        let found = try row(
            StoredInteger.self, PayoutSQL.unreferencedPast,
            [
                .integer(organization.value), .integer(payment.value), .text(gateway.text),
                .integer(amount.minorUnits), .text(amount.currency.code), .integer(Int(day.daysSinceEpoch) - 1),
                .integer(Int(day.daysSinceEpoch) + 1),
            ])
        guard let found else { return false }
        return try row(
            StoredInteger.self, PayoutSQL.refer,
            [
                .text(reference), .integer(now.microseconds), .integer(organization.value), .integer(found.value),
            ]) != nil
    }

    /// Lets a worker look at a refund now; false where it was never sent nor is due to be, or a node has it in hand.
    package func hasten(
        _ refund: RefundID, of organization: OrganizationID, at now: Instant
    ) throws(StorageError) -> Bool {
        try row(
            Payout.self, PayoutSQL.hasten,
            [.integer(now.microseconds), .integer(organization.value), .integer(refund.value)]) != nil
    }
}
