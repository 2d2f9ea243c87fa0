extension Schema {
    /// A charge belongs to one payment, by each of its references, and what is told of it is found before the payment
    /// is here.
    static let version8 = [
        """
        create table charge_references (
            organization_id bigint not null,
            gateway text not null,
            reference text not null,
            payment_id bigint,
            primary key (organization_id, gateway, reference),
            foreign key (organization_id) references organizations (organization_id),
            foreign key (organization_id, payment_id) references payments (organization_id, id)
        )
        """,
        // Where several payments have one charge, it is the one that refunds drew on most.
        """
        insert into charge_references (organization_id, gateway, reference, payment_id)
        select q.organization_id, q.gateway, q.charge_reference, q.id from (
            select p.organization_id as organization_id, p.gateway as gateway,
                p.charge_reference as charge_reference, p.id as id,
                row_number() over (partition by p.organization_id, p.gateway, p.charge_reference
                    order by coalesce(a.taken, 0) desc, p.id) as place
            from payments p left join (
                select organization_id, payment_id, count(*) as taken from refund_allocations
                group by organization_id, payment_id
            ) a on a.organization_id = p.organization_id and a.payment_id = p.id
            where p.gateway is not null and p.charge_reference is not null
        ) q where q.place = 1
        """,
        """
        create table notice_charges (
            organization_id bigint not null,
            gateway text not null,
            reference text not null,
            event_id text not null,
            primary key (organization_id, gateway, reference, event_id),
            foreign key (organization_id, gateway, event_id)
                references gateway_notices (organization_id, gateway, event_id)
        )
        """,
    ]
}
