extension Schema {
    /// Calls to a gateway take turns over all processes, and what a gateway charges for a refund is posted.
    static let version4 = [
        """
        create table gateway_turns (
            organization_id bigint not null,
            gateway text not null,
            line text not null,
            next_at bigint not null,
            primary key (organization_id, gateway, line),
            foreign key (organization_id) references organizations (organization_id)
        )
        """,
        """
        create table gateway_fees (
            organization_id bigint not null,
            id bigint not null,
            refund_id bigint not null,
            gateway text not null,
            reference text not null,
            amount bigint not null check (amount <> 0),
            currency text not null check (length(currency) = 3),
            posted_at bigint not null,
            primary key (organization_id, id),
            unique (organization_id, gateway, reference),
            foreign key (organization_id, refund_id) references refunds (organization_id, id)
        )
        """,
        "create index gateway_fees_by_refund on gateway_fees (organization_id, refund_id)",
        "alter table payouts add column unsent bigint not null default 0 check (unsent >= 0)",
    ]
}
