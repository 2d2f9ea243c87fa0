extension Schema {
    /// Exceptions have kinds and a life, what clients and operators do with a refund leaves a trace, and a database
    /// knows whether it may be behind the gateways.
    static let version7 = exceptions + carriedExceptions + historyExceptions + refundActions + sending

    /// Whether refunds are accepted and sent, and on which server that was decided; one row, for all organizations.
    private static let sending = [
        """
        create table sending (
            id bigint not null check (id = 1),
            state text not null check (state in ('on', 'off')),
            reason text not null,
            server text not null,
            primary key (id)
        )
        """,
        "insert into sending (id, state, reason, server) values (1, 'on', '', '')",
    ]

    /// The identifier is made of kind and subject: the same fact, seen again by whichever process, finds the same row,
    /// and none has to be drawn for it in a unit that cannot wait for one.
    private static let exceptions = [
        """
        create table exceptions (
            organization_id bigint not null,
            id text not null,
            kind text not null check (kind in ('over_refunded', 'disputed_after_refund', 'contradicted',
                'outcome_unknown', 'unmatched', 'late', 'dispute_currency', 'captured_differs', 'mismatched_link',
                'out_of_band')),
            refund_id bigint,
            payment_id bigint,
            credit_note_id bigint,
            gateway text,
            reference text,
            cause text not null,
            detail text not null,
            fact text not null,
            opened_at bigint not null,
            state text not null check (state in ('open', 'resolved')),
            resolved_at bigint,
            resolved_by text,
            resolution text,
            revision bigint not null check (revision > 0),
            primary key (organization_id, id),
            foreign key (organization_id, refund_id) references refunds (organization_id, id),
            foreign key (organization_id, payment_id) references payments (organization_id, id),
            foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id),
            check ((gateway is null) = (reference is null)),
            check ((state = 'resolved') = (resolved_at is not null)),
            check ((resolved_at is null) = (resolved_by is null)),
            check ((resolved_at is null) = (resolution is null))
        )
        """,
        "create index exceptions_by_opening on exceptions (organization_id, opened_at, id)",
        """
        create index exceptions_by_refund on exceptions (organization_id, refund_id, opened_at)
            where refund_id is not null
        """,
        """
        create index exceptions_by_payment on exceptions (organization_id, payment_id, opened_at)
            where payment_id is not null
        """,
        """
        create table exception_steps (
            organization_id bigint not null,
            exception_id text not null,
            revision bigint not null check (revision > 0),
            event text not null check (event in ('opened', 'seen', 'resolved', 'reopened')),
            at bigint not null,
            actor text not null,
            remark text not null,
            primary key (organization_id, exception_id, revision),
            foreign key (organization_id, exception_id) references exceptions (organization_id, id)
        )
        """,
    ]

    /// What was kept of a refund becomes one exception, with each remark as a step of its life, and each notice that
    /// was given up becomes one too.
    ///
    /// The old table stays as it is, for servers of the version before that still run.
    private static let carriedExceptions = [
        """
        insert into exceptions (organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference,
            cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision)
        select e.organization_id, 'contradicted.refund.' || e.refund_id, 'contradicted', e.refund_id, r.payment_id,
            r.credit_note_id, null, null, '', e.detail, 'step ' || e.step || ': ' || e.detail, e.at, 'open', null,
            null, null, e.seen
        from (select organization_id, refund_id, step, at, detail,
            row_number() over (partition by organization_id, refund_id order by at desc, step desc) as place,
            count(*) over (partition by organization_id, refund_id) as seen from refund_exceptions) e
        join refunds r on r.organization_id = e.organization_id and r.id = e.refund_id where e.place = 1
        """,
        """
        insert into exception_steps (organization_id, exception_id, revision, event, at, actor, remark)
        select e.organization_id, 'contradicted.refund.' || e.refund_id, e.place,
            case when e.place = 1 then 'opened' else 'seen' end, e.at, 'program', e.detail
        from (select organization_id, refund_id, step, at, detail,
            row_number() over (partition by organization_id, refund_id order by at, step) as place
            from refund_exceptions) e
        """,
        """
        insert into exceptions (organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference,
            cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision)
        select organization_id, 'unmatched.event.' || gateway || '.' || event_id, 'unmatched', null, null, null,
            gateway, event_id, '', detail, detail, received_at, 'open', null, null, null, 1
        from gateway_notices where detail <> '' and due_at is null
        """,
        """
        insert into exception_steps (organization_id, exception_id, revision, event, at, actor, remark)
        select organization_id, id, 1, 'opened', opened_at, 'program', detail from exceptions where kind = 'unmatched'
        """,
    ]

    /// What the history of an earlier version leaves for an operator: payments that come out over-refunded, and notes
    /// that are barred by the payment behind them.
    private static let historyExceptions = [
        """
        insert into exceptions (organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference,
            cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision)
        select p.organization_id, 'over_refunded.payment.' || p.id, 'over_refunded', last.refund_id, p.id, null, null,
            null, 'history', \(overRefunded), \(overRefunded), last.moment, 'open', null, null, null, 1
        from payments p join (
            select a.organization_id as organization_id, a.payment_id as payment_id, max(a.refund_id) as refund_id,
                max(r.updated_at) as moment
            from refund_allocations a join refunds r on r.organization_id = a.organization_id and r.id = a.refund_id
            group by a.organization_id, a.payment_id
        ) last on last.organization_id = p.organization_id and last.payment_id = p.id
        where p.excess > 0
        """,
        """
        insert into exceptions (organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference,
            cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision)
        select n.organization_id, 'mismatched_link.credit_note.' || n.id, 'mismatched_link', null, n.payment_id, n.id,
            null, null, 'history', \(mismatched), \(mismatched), last.moment, 'open', null, null, null, 1
        from credit_notes n join payments p on p.organization_id = n.organization_id and p.id = n.payment_id
        join (
            select organization_id, credit_note_id, max(updated_at) as moment from refunds
            where credit_note_id is not null group by organization_id, credit_note_id
        ) last on last.organization_id = n.organization_id and last.credit_note_id = n.id
        where p.party_id <> n.party_id or p.currency <> n.currency
        """,
        """
        insert into exception_steps (organization_id, exception_id, revision, event, at, actor, remark)
        select organization_id, id, 1, 'opened', opened_at, 'program', detail from exceptions where cause = 'history'
        """,
    ]

    private static let overRefunded =
        "'more was given back of it than was captured, counting what was refunded of its notes'"
    private static let mismatched =
        "'the payment behind it is another party''s or in another currency, and refunds went by it: it is barred'"

    private static let refundActions = [
        """
        create table refund_actions (
            organization_id bigint not null,
            refund_id bigint not null,
            at bigint not null,
            action text not null check (action in ('cancel', 'retry', 'resolve')),
            actor text not null,
            remark text not null,
            primary key (organization_id, refund_id, at, action, actor),
            foreign key (organization_id, refund_id) references refunds (organization_id, id)
        )
        """
    ]
}
