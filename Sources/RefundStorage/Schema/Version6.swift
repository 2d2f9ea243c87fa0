extension Schema {
    /// A request without a key takes a row, so that an equal one sees it; a refund knows which one it makes again.
    static let version6 = [
        """
        create table open_requests (
            organization_id bigint not null,
            digest text not null,
            refund_id bigint not null,
            taken_at bigint not null,
            primary key (organization_id, digest),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        "alter table refunds add column retry_of bigint",
        "create index refunds_by_retry on refunds (organization_id, retry_of) where retry_of is not null",
    ]
}
