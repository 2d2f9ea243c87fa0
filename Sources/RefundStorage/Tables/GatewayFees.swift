package import RefundDomain

enum GatewayFeeSQL {
    private static let columns = "id, refund_id, gateway, reference, amount, currency, posted_at"

    static let insert: SQLText = """
        insert into gateway_fees (organization_id, \(columns)) values ($1, $2, $3, $4, $5, $6, $7, $8) \
        on conflict (organization_id, gateway, reference) do nothing returning id
        """

    static let ofRefund: SQLText = """
        select \(columns) from gateway_fees where organization_id = $1 and refund_id = $2 order by id
        """

    static let all = [insert, ofRefund]
}

extension PostedFee: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let id: Identifier<PostedFee> = row.identifier()
        let refund: RefundID = row.identifier()
        let gateway = GatewayName(row.text())
        let reference = row.text()
        let minorUnits = row.integer()
        self.init(
            id: id, refund: refund, gateway: gateway, reference: reference,
            amount: Money(minorUnits: minorUnits, currency: try row.parsed(Currency.init)), postedAt: row.instant())
    }

    fileprivate var values: [Value] {
        [
            .integer(id.value), .integer(refund.value), .text(gateway.text), .text(reference),
            .integer(amount.minorUnits), .text(amount.currency.code), .integer(postedAt.microseconds),
        ]
    }
}

extension Session {
    /// Keeps a fee and posts its journal; neither where the gateway's reference is known already.
    package func record(_ posting: FeePosting, for organization: OrganizationID) throws(StorageError) {
        let inserted = try row(
            StoredInteger.self, GatewayFeeSQL.insert, [.integer(organization.value)] + posting.fee.values)
        if inserted != nil { try insert(posting.journal, for: organization) }
    }

    /// What gateways charged for a refund, in the order in which it was learnt.
    package func fees(of refund: RefundID, of organization: OrganizationID) throws(StorageError) -> [PostedFee] {
        try rows(PostedFee.self, GatewayFeeSQL.ofRefund, [.integer(organization.value), .integer(refund.value)])
    }
}
