extension Schema {
    /// Payments that have one charge become one, as a charge is one payment's.
    ///
    /// The one with most refunds keeps it, the oldest of several. Where they are of different parties or currencies,
    /// they stay as they are, and nothing more is refunded of them.
    static let version9 =
        twins + moved + backed + captured + gone + barred + merged + unmet + asked + exceptionLives

    /// Under which identifiers payments were known that became one with another.
    private static let twins = [
        "alter table payments add column is_barred bigint not null default 0 check (is_barred in (0, 1))",
        """
        create table merged_payments (
            organization_id bigint not null,
            id bigint not null,
            payment_id bigint not null,
            primary key (organization_id, id),
            foreign key (organization_id, payment_id) references payments (organization_id, id)
        )
        """,
        """
        insert into merged_payments (organization_id, id, payment_id)
        select q.organization_id, q.id, q.kept from (
            select p.organization_id as organization_id, p.id as id, first_value(p.id) over (
                partition by p.organization_id, p.gateway, p.charge_reference, p.party_id, p.currency
                order by coalesce(a.refunds, 0) desc, p.id) as kept
            from payments p left join (
                select organization_id, payment_id, count(*) as refunds from refund_allocations
                group by organization_id, payment_id
            ) a on a.organization_id = p.organization_id and a.payment_id = p.id
            where p.charge_reference is not null
        ) q where q.id <> q.kept
        """,
    ]

    /// What refers to a payment refers to the one that keeps its charge.
    private static let moved =
        ["refunds", "credit_notes", "charge_disputes", "charge_references", "exceptions"].map {
            moved(in: $0, column: "payment_id")
        } + [moved(in: "aliases", column: "record_id") + " and aliases.kind = 'payment'"] + [
            """
            insert into refund_allocations (organization_id, refund_id, payment_id, position, amount)
            select a.organization_id, a.refund_id, m.payment_id, min(a.position), cast(sum(a.amount) as bigint)
            from refund_allocations a join merged_payments m
                on m.organization_id = a.organization_id and m.id = a.payment_id
            group by a.organization_id, a.refund_id, m.payment_id
            on conflict (organization_id, refund_id, payment_id)
                do update set amount = refund_allocations.amount + excluded.amount
            """,
            """
            insert into note_backings
                (organization_id, credit_note_id, payment_id, position, amount, amount_max, allocated)
            select b.organization_id, b.credit_note_id, m.payment_id, min(b.position),
                cast(sum(b.amount) as bigint), cast(sum(b.amount_max) as bigint), cast(sum(b.allocated) as bigint)
            from note_backings b join merged_payments m
                on m.organization_id = b.organization_id and m.id = b.payment_id
            group by b.organization_id, b.credit_note_id, m.payment_id
            on conflict (organization_id, credit_note_id, payment_id)
                do update set amount = note_backings.amount + excluded.amount,
                    amount_max = note_backings.amount_max + excluded.amount_max
            """,
        ] + ["refund_allocations", "note_backings"].map { "delete from \($0) where \(isMerged($0, "payment_id"))" }
        // What waits for the charge finds one payment now.
        + [
            """
            update gateway_notices set due_at = received_at where applied_at is null and (due_at is not null
                and exists (select 1 from merged_payments m join charge_references c
                    on c.organization_id = m.organization_id and c.payment_id = m.payment_id
                    where m.organization_id = gateway_notices.organization_id and c.gateway = gateway_notices.gateway)
                or exists (select 1 from notice_charges n join charge_references c on c.organization_id =
                    n.organization_id and c.gateway = n.gateway and c.reference = n.reference
                    join merged_payments m on m.organization_id = c.organization_id and m.payment_id = c.payment_id
                    where n.organization_id = gateway_notices.organization_id
                        and n.gateway = gateway_notices.gateway and n.event_id = gateway_notices.event_id))
            """
        ]

    private static func moved(in table: String, column: String) -> String {
        """
        update \(table) set \(column) = (select m.payment_id from merged_payments m
            where m.organization_id = \(table).organization_id and m.id = \(table).\(column))
        where \(isMerged(table, column))
        """
    }

    private static func isMerged(_ table: String, _ column: String) -> String {
        """
        exists (select 1 from merged_payments m
            where m.organization_id = \(table).organization_id and m.id = \(table).\(column))
        """
    }

    private static func isKept(_ table: String, _ column: String) -> String {
        """
        exists (select 1 from merged_payments m
            where m.organization_id = \(table).organization_id and m.payment_id = \(table).\(column))
        """
    }

    /// Every payment that had a charge with others, beside the one that keeps it.
    private static let members = """
        select organization_id, payment_id as kept, id from merged_payments
        union select organization_id, payment_id, payment_id from merged_payments
        """

    /// What each payment that keeps a charge has of all of them; what was captured is the larger.
    private static let ofCharge = """
        select t.organization_id as organization_id, t.kept as kept, max(p.captured) as captured,
            min(p.captured) as captured_least, max(p.captured_told) as told, max(p.captured_seen) as seen,
            max(p.claims_told) as claims_told, max(p.is_disputed) as is_disputed, max(p.received_on) as received_on,
            max(case when p.state = 'succeeded' then 1 else 0 end) as is_succeeded,
            cast(sum(p.excess) as bigint) as excess
        from (\(members)) t join payments p on p.organization_id = t.organization_id and p.id = t.id
        group by t.organization_id, t.kept
        """

    /// With what was captured grows what the payment backs of notes; and what was refunded of them beside it, the
    /// oldest first, counts on it as far as that goes.
    private static let backed = [
        """
        update note_backings set amount = case when amount_max < c.captured then amount_max else c.captured end
        from (\(ofCharge)) c
        where c.organization_id = note_backings.organization_id and c.kept = note_backings.payment_id
            and note_backings.amount < amount_max and note_backings.amount < c.captured
        """,
        allocated,
        """
        insert into refund_allocations (organization_id, refund_id, payment_id, position, amount)
        select organization_id, id, payment_id, last_position + 1,
            cast(case when unbacked < room then unbacked else room end as bigint)
        from (
            select r.organization_id as organization_id, r.id as id, b.payment_id as payment_id,
                r.last_position as last_position, r.unbacked as unbacked, b.amount - b.allocated - sum(r.unbacked)
                    over (partition by r.organization_id, r.credit_note_id order by r.id) + r.unbacked as room
            from (
                select r.organization_id as organization_id, r.id as id, r.credit_note_id as credit_note_id,
                    r.amount - coalesce(sum(a.amount), 0) as unbacked, coalesce(max(a.position), 0) as last_position
                from refunds r left join refund_allocations a
                    on a.organization_id = r.organization_id and a.refund_id = r.id
                where r.credit_note_id is not null and r.state not in \(released)
                group by r.organization_id, r.id, r.credit_note_id, r.amount
            ) r join (
                select organization_id, credit_note_id, payment_id, amount, allocated, row_number() over (
                    partition by organization_id, credit_note_id order by position, payment_id) as place
                from note_backings where \(isKept("note_backings", "payment_id"))
            ) b on b.organization_id = r.organization_id and b.credit_note_id = r.credit_note_id
            where b.place = 1 and r.unbacked > 0
        ) beside where room > 0
        on conflict (organization_id, refund_id, payment_id)
            do update set amount = refund_allocations.amount + excluded.amount
        """,
        """
        update refunds set payment_id = (select a.payment_id from refund_allocations a
            where a.organization_id = refunds.organization_id and a.refund_id = refunds.id)
        where payment_id is null and exists (select 1 from refund_allocations a
            where a.organization_id = refunds.organization_id and a.refund_id = refunds.id)
        """,
        allocated,
    ]

    private static let released = "('failed', 'canceled', 'voided', 'returned')"

    private static let allocated = """
        update note_backings set allocated = coalesce((
            select cast(sum(a.amount) as bigint) from refund_allocations a join refunds r
                on r.organization_id = a.organization_id and r.id = a.refund_id
            where a.organization_id = note_backings.organization_id and a.payment_id = note_backings.payment_id
                and r.credit_note_id = note_backings.credit_note_id and r.state not in \(released)
        ), 0) where \(isKept("note_backings", "payment_id"))
        """

    /// What refunds took of each payment, and when that was last.
    private static let taken = """
        select a.organization_id as organization_id, a.payment_id as payment_id, max(a.refund_id) as refund_id,
            max(r.updated_at) as moment,
            cast(sum(case when r.state = 'succeeded' or r.state in \(released) then 0 else a.amount end) as bigint)
                as reserved,
            cast(sum(case when r.state = 'succeeded' then a.amount else 0 end) as bigint) as refunded
        from refund_allocations a join refunds r on r.organization_id = a.organization_id and r.id = a.refund_id
        group by a.organization_id, a.payment_id
        """

    /// The figures follow from what was told of each, and the ledger from the difference.
    private static let captured =
        [
            exception(
                "captured_differs",
                detail: "it was here as several payments of one charge, and they differ in what was captured",
                from: """
                    (\(ofCharge)) t join payments k on k.organization_id = t.organization_id and k.id = t.kept
                    \(withTaken) where t.captured <> t.captured_least
                    """),
            difference(line: 2, "unallocated_refunds", "-"), difference(line: 1, "over_refunds", ""),
            """
            update payments set postings = postings + 1 where \(isKept("payments", "id")) and exists (
                select 1 from journal_lines j where j.organization_id = payments.organization_id
                    and j.record_id = payments.id and j.step = payments.postings + 1
            )
            """,
            """
            update payments set captured_told = t.told, captured_seen = t.seen, captured = t.captured,
                state = case when t.is_succeeded = 1 then 'succeeded' else state end, reserved = t.reserved,
                refunded = t.refunded, excess = case when t.reserved + t.refunded > t.captured
                    then t.reserved + t.refunded - t.captured else 0 end,
                disputed = 0, is_disputed = t.is_disputed, claims = t.claimed,
                claims_told = case when t.is_disputed = 1 then 0 else t.claims_told end
            from (
                select t.organization_id as organization_id, t.kept as kept, t.told as told, t.seen as seen,
                    t.captured as captured, t.is_succeeded as is_succeeded, t.is_disputed as is_disputed,
                    t.claims_told as claims_told, coalesce(x.reserved, 0) as reserved,
                    coalesce(x.refunded, 0) as refunded, case when t.is_disputed = 0 then t.claims_told else
                        coalesce((select cast(sum(coalesce(d.claim, t.captured)) as bigint) from charge_disputes d
                            where d.organization_id = t.organization_id and d.payment_id = t.kept), 0) end as claimed
                from (\(ofCharge)) t
                left join (\(taken)) x on x.organization_id = t.organization_id and x.payment_id = t.kept
            ) t where t.organization_id = payments.organization_id and t.kept = payments.id
            """,
            """
            update payments set disputed = case when claims < captured + excess - reserved - refunded then claims
                else captured + excess - reserved - refunded end where claims > 0 and \(isKept("payments", "id"))
            """,
        ]

    /// A line that moves what payments of one charge were over-refunded by to what the one that keeps it is; in the
    /// base currency at the rate at which its refunds were posted.
    private static func difference(line: Int, _ account: String, _ sign: String) -> String {
        """
        insert into journal_lines (organization_id, record_id, step, line, cause, account, currency, amount,
            base_amount, effective_on, recorded_at)
        select organization_id, id, step, \(line), 'over_refunds_moved', '\(account)', currency,
            \(sign)(beyond - excess), \(sign)(exact_share(beyond, worth, owed) - case when posted = excess
                then posted_worth else exact_share(excess, worth, owed) end), day, moment
        from (
            select k.organization_id as organization_id, k.id as id, k.postings + 1 as step, k.currency as currency,
                case when x.reserved + x.refunded > t.captured then x.reserved + x.refunded - t.captured else 0 end
                    as beyond, t.excess as excess, p.worth as worth, p.owed as owed, p.day as day,
                p.moment as moment, p.excess + coalesce(o.amount, 0) as posted,
                p.excess_worth + coalesce(o.worth, 0) as posted_worth
            from (\(ofCharge)) t join payments k on k.organization_id = t.organization_id and k.id = t.kept
            join (\(taken)) x on x.organization_id = t.organization_id and x.payment_id = t.kept
            join (\(posted(by: ofPayments))) p on p.organization_id = t.organization_id and p.source_id = t.kept
            left join (
                select m.organization_id as organization_id, m.kept as kept, cast(sum(j.amount) as bigint) as amount,
                    cast(sum(j.base_amount) as bigint) as worth
                from (\(members)) m
                join journal_lines j on j.organization_id = m.organization_id and j.record_id = m.id
                where j.account = 'over_refunds' group by m.organization_id, m.kept
            ) o on o.organization_id = t.organization_id and o.kept = t.kept
        ) d where beyond <> excess
        """
    }

    private static let gone = ["delete from payments where \(isMerged("payments", "id"))"]

    /// Whose charge it is cannot be told here; each of them stands for money that came in once.
    private static let barred = [
        """
        update payments set is_barred = 1 where charge_reference is not null and exists (
            select 1 from payments t where t.organization_id = payments.organization_id
                and t.gateway = payments.gateway and t.charge_reference = payments.charge_reference
                and t.id <> payments.id
        )
        """,
        exception(
            "mismatched_link",
            detail: "its charge is also that of a payment of another party or currency: nothing is refunded of it",
            from: "payments k \(withTaken) where k.is_barred = 1"),
    ]

    /// What payments of one charge come out over-refunded by is told of the one that keeps it.
    private static let merged = [
        """
        update exceptions set state = 'resolved', resolved_at = opened_at, resolved_by = 'program',
            resolution = 'the payment is one with another of its charge', revision = revision + 1
        where state = 'open' and (exists (select 1 from merged_payments m
            where m.organization_id = exceptions.organization_id and exceptions.id = 'over_refunded.payment.' || m.id)
            or exists (select 1 from merged_payments m
                join payments p on p.organization_id = m.organization_id and p.id = m.payment_id
                where m.organization_id = exceptions.organization_id and p.excess = 0
                    and exceptions.id = 'over_refunded.payment.' || p.id))
        """,
        exception(
            "over_refunded", detail: "more was given back of it than was captured, counting all payments of its charge",
            from: "payments k \(withTaken) where k.excess > 0 and \(isKept("k", "id"))"),
    ]

    /// What a dispute claims and refunds have taken is told, also where the dispute came before there were exceptions.
    private static let unmet = [
        exception(
            "disputed_after_refund", detail: "disputes claim money that refunds have taken",
            from: """
                payments k \(withTaken) where k.claims > k.disputed and x.reserved + x.refunded > 0 and not exists (
                    select 1 from exceptions e where e.organization_id = k.organization_id and e.payment_id = k.id
                        and e.kind = 'disputed_after_refund')
                """)
    ]

    /// Refunds of the history that a gateway made less than 30 days before the last that is here are asked about: a
    /// bank may still send their money back.
    private static let asked = [
        """
        update payouts set due_at = r.created_at + 86400000000
        from (
            select organization_id, id, created_at, state, max(updated_at) over (partition by organization_id) as newest
            from refunds
        ) r where r.organization_id = payouts.organization_id and r.id = payouts.refund_id
            and r.state = 'succeeded' and r.created_at + 2592000000000 > r.newest and attempt = 0
            and key_sent_at is null and due_at is null and questions = 0 and gateway_reference <> ''
        """
    ]

    private static let exceptionLives = [
        """
        insert into exception_steps (organization_id, exception_id, revision, event, at, actor, remark)
        select e.organization_id, e.id, e.revision, case when e.state = 'resolved' then 'resolved'
            when e.revision = 1 then 'opened' else 'reopened' end, coalesce(e.resolved_at, e.opened_at), 'program',
            coalesce(e.resolution, e.detail)
        from exceptions e where not exists (select 1 from exception_steps s
            where s.organization_id = e.organization_id and s.exception_id = e.id and s.revision = e.revision)
        """
    ]

    private static let withTaken = """
        left join (\(taken)) x on x.organization_id = k.organization_id and x.payment_id = k.id
        """

    /// Tells an operator of a payment, `k`, with what refunds took of it, `x`; opened again where it was resolved.
    private static func exception(_ kind: String, detail: String, from payments: String) -> String {
        """
        insert into exceptions (organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference,
            cause, detail, fact, opened_at, state, resolved_at, resolved_by, resolution, revision)
        select k.organization_id, '\(kind).payment.' || k.id, '\(kind)', x.refund_id, k.id, null, null, null, 'history',
            '\(detail)', '\(detail)', coalesce(x.moment, k.received_on * 86400000000), 'open', null, null, null, 1
        from \(payments)
        on conflict (organization_id, id) do update set cause = excluded.cause, detail = excluded.detail,
            fact = excluded.fact, opened_at = excluded.opened_at, state = 'open', resolved_at = null,
            resolved_by = null, resolution = null, revision = exceptions.revision + 1
            where exceptions.state = 'resolved'
        """
    }
}
