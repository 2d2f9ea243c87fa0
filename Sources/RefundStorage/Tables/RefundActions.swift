package import RefundDomain

enum RefundActionSQL {
    /// Asked for twice at one moment by one actor, it was asked for once.
    static let insert: SQLText = """
        insert into refund_actions (organization_id, refund_id, at, action, actor, remark) \
        values ($1, $2, $3, $4, $5, $6) on conflict do nothing
        """

    static let ofRefund: SQLText = """
        select at, action, actor, remark from refund_actions where organization_id = $1 and refund_id = $2 \
        order by at, action, actor
        """

    static let all = [insert, ofRefund]
}

extension RequestedAction: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let at = row.instant()
        self.init(
            try row.parsed(RequestedAction.Deed.init(rawValue:)), at: at, actor: row.text(), remark: row.text())
    }
}

extension Session {
    /// Keeps who asked for something of a refund.
    package func insert(
        _ action: RequestedAction, of refund: RefundID, for organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            RefundActionSQL.insert,
            [
                .integer(organization.value), .integer(refund.value), .integer(action.at.microseconds),
                .text(action.deed.rawValue), .text(action.actor), .text(action.remark),
            ])
    }

    /// What clients and operators asked for of a refund, in order.
    package func actions(
        of refund: RefundID, of organization: OrganizationID
    ) throws(StorageError) -> [RequestedAction] {
        try rows(
            RequestedAction.self, RefundActionSQL.ofRefund, [.integer(organization.value), .integer(refund.value)])
    }
}
