package import RefundDomain

enum DisputeSQL {
    private static let columns = "gateway, reference, payment_id, amount, currency, state, reason, held"

    static let find: SQLText = """
        select \(columns) from disputes where organization_id = $1 and gateway = $2 and reference = $3
        """

    static let held: SQLText = """
        select coalesce(cast(sum(held) as bigint), 0) from disputes where organization_id = $1 and payment_id = $2
        """

    static let insert: SQLText = """
        insert into disputes (organization_id, \(columns), updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """

    static let update: SQLText = """
        update disputes set state = $1, reason = $2, held = $3, updated_at = $4 \
        where organization_id = $5 and gateway = $6 and reference = $7 and state = 'open' and held = $8 \
        returning held
        """

    static let all = [find, held, insert, update]
}

extension Dispute: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let gateway = GatewayName(row.text())
        let reference = row.text()
        let payment: PaymentID = row.identifier()
        let minorUnits = row.integer()
        self.init(
            gateway: gateway, gatewayReference: reference, payment: payment,
            amount: Money(minorUnits: minorUnits, currency: try row.parsed(Currency.init)),
            state: try row.parsed(State.init(rawValue:)), reason: row.text(), held: row.integer())
    }
}

extension Session {
    /// A dispute by the gateway's reference, or nil.
    package func dispute(
        _ reference: String, at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> Dispute? {
        try row(
            Dispute.self, DisputeSQL.find, [.integer(organization.value), .text(gateway.text), .text(reference)])
    }

    /// What disputes keep of a payment, in minor units.
    package func heldByDisputes(
        _ payment: PaymentID, of organization: OrganizationID
    ) throws(StorageError) -> Int64 {
        try row(StoredInteger.self, DisputeSQL.held, [.integer(organization.value), .integer(payment.value)])?.value
            ?? 0
    }

    /// Writes a dispute, and what it keeps of its payment in place of what it kept before.
    ///
    /// False where the payment or the dispute no longer stand as they were read.
    package func record(
        _ dispute: Dispute, before known: Dispute?, on payment: Payment, for organization: OrganizationID,
        at now: Instant
    ) throws(StorageError) -> Bool {
        guard try hold(dispute.held - (known?.held ?? 0), on: payment, of: organization) else { return false }
        guard let known else {
            try execute(
                DisputeSQL.insert,
                [
                    .integer(organization.value), .text(dispute.gateway.text), .text(dispute.gatewayReference),
                    .integer(dispute.payment.value), .integer(dispute.amount.minorUnits),
                    .text(dispute.amount.currency.code), .text(dispute.state.rawValue), .text(dispute.reason),
                    .integer(dispute.held), .integer(now.microseconds),
                ])
            return true
        }
        return try row(
            StoredInteger.self, DisputeSQL.update,
            [
                .text(dispute.state.rawValue), .text(dispute.reason), .integer(dispute.held),
                .integer(now.microseconds), .integer(organization.value), .text(dispute.gateway.text),
                .text(dispute.gatewayReference), .integer(known.held),
            ]) != nil
    }
}
