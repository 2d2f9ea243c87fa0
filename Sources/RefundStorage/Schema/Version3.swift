extension Schema {
    /// Organizations have accounts at gateways, and gateways tell by themselves what became of refunds.
    static let version3 = nodes + gateways + notices + disputes

    private static let gateways = [
        """
        create table gateways (
            organization_id bigint not null,
            id bigint not null,
            name text not null,
            kind text not null,
            is_active bigint not null check (is_active in (0, 1)),
            revision bigint not null check (revision > 0),
            primary key (organization_id, id),
            unique (organization_id, name),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        "create index gateways_by_id on gateways (id)",
        """
        create table gateway_settings (
            organization_id bigint not null,
            gateway_id bigint not null,
            name text not null,
            value text not null,
            is_sealed bigint not null check (is_sealed in (0, 1)),
            primary key (organization_id, gateway_id, name),
            foreign key (organization_id, gateway_id) references gateways (organization_id, id)
        )
        """,
    ]

    private static let disputes = [
        """
        create table disputes (
            organization_id bigint not null,
            gateway text not null,
            reference text not null,
            payment_id bigint not null,
            amount bigint not null check (amount > 0),
            currency text not null check (length(currency) = 3),
            state text not null check (state in ('open', 'won', 'lost')),
            reason text not null,
            held bigint not null check (held >= 0),
            updated_at bigint not null,
            primary key (organization_id, gateway, reference),
            foreign key (organization_id, payment_id) references payments (organization_id, id)
        )
        """,
        "create index disputes_by_payment on disputes (organization_id, payment_id)",
    ]

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

    /// Which moments of which node's number a process may draw identifiers of: those before `lease_until`, by whoever
    /// set it.
    private static let nodes = [
        """
        create table nodes (
            number bigint not null check (number between 0 and 31),
            lease_until bigint not null,
            primary key (number)
        )
        """,
        "insert into nodes (number, lease_until) values "
            + (0..<32).map { "(\($0), 0)" }.joined(separator: ", "),
    ]
}
