extension Schema {
    /// Gateways tell by themselves what became of refunds, and of refunds that were never asked for here.
    static let version3 = notices

    private static let notices = [
        """
        create table gateway_notices (
            organization_id bigint not null,
            gateway text not null,
            event_id text not null,
            received_at bigint not null,
            kept text not null,
            due_at bigint,
            tries bigint not null check (tries >= 0),
            applied_at bigint,
            detail text not null,
            primary key (organization_id, gateway, event_id),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        "create index gateway_notices_by_due on gateway_notices (due_at) where due_at is not null",
        """
        create index payments_by_charge on payments (organization_id, gateway, charge_reference)
            where charge_reference is not null
        """,
    ]
}
