extension Schema {
    /// Payments keep the claims of disputes and what each teller told of them, notes know which payments back them, and
    /// refunds remember what they took of each payment.
    ///
    /// What was held and what went beyond a payment follows from these. Migrated refunds are facts: where a note's
    /// refunds were paid out beside the payment behind it, they count on that payment now, which may come out
    /// over-refunded by it.
    static let version5 = payments + notes + allocations + disputes + carriedOver + healed + corrected + dropped

    private static let payments = [
        "alter table payments add column captured_told bigint not null default 0 check (captured_told >= 0)",
        "alter table payments add column captured_seen bigint not null default 0 check (captured_seen >= 0)",
        "alter table payments add column claims bigint not null default 0 check (claims >= 0)",
        "alter table payments add column claims_told bigint not null default 0 check (claims_told >= 0)",
        "alter table payments add column is_disputed bigint not null default 0 check (is_disputed in (0, 1))",
        "alter table payments add column postings bigint not null default 0 check (postings >= 0)",
    ]

    private static let notes = [
        "alter table credit_notes add column lacking bigint not null default 0 check (lacking >= 0)",
        "alter table credit_notes add column excess bigint not null default 0 check (excess >= 0)",
        "alter table credit_notes add column postings bigint not null default 2 check (postings >= 2)",
        """
        create table note_backings (
            organization_id bigint not null,
            credit_note_id bigint not null,
            payment_id bigint not null,
            position bigint not null check (position > 0),
            amount bigint not null check (amount >= 0),
            amount_max bigint not null check (amount_max >= amount),
            allocated bigint not null check (allocated >= 0),
            primary key (organization_id, credit_note_id, payment_id),
            foreign key (organization_id, credit_note_id) references credit_notes (organization_id, id),
            foreign key (organization_id, payment_id) references payments (organization_id, id)
        )
        """,
        "create index note_backings_by_payment on note_backings (organization_id, payment_id)",
        // A payment that is another party's, or in another currency, backs nothing.
        """
        insert into note_backings
            (organization_id, credit_note_id, payment_id, position, amount, amount_max, allocated)
        select n.organization_id, n.id, p.id, 1, case when n.total < p.captured then n.total else p.captured end,
            n.total, 0
        from credit_notes n join payments p on p.organization_id = n.organization_id and p.id = n.payment_id
        where n.is_for_refund = 0 and p.party_id = n.party_id and p.currency = n.currency
        """,
        // Where no refund of such a note went by the payment, the link is cut, and the note can be refunded by itself.
        // Else the link says where the money went, and bars the note from further refunds.
        """
        update credit_notes set payment_id = null where is_for_refund = 0 and payment_id is not null
            and not exists (select 1 from note_backings b where b.organization_id = credit_notes.organization_id
                and b.credit_note_id = credit_notes.id)
            and not exists (select 1 from refunds r where r.organization_id = credit_notes.organization_id
                and r.credit_note_id = credit_notes.id and r.payment_id is not null)
        """,
    ]

    private static let allocations = [
        """
        create table refund_allocations (
            organization_id bigint not null,
            refund_id bigint not null,
            payment_id bigint not null,
            position bigint not null check (position > 0),
            amount bigint not null check (amount > 0),
            primary key (organization_id, refund_id, payment_id),
            foreign key (organization_id, refund_id) references refunds (organization_id, id),
            foreign key (organization_id, payment_id) references payments (organization_id, id)
        )
        """,
        "create index refund_allocations_by_payment on refund_allocations (organization_id, payment_id)",
        """
        insert into refund_allocations (organization_id, refund_id, payment_id, position, amount)
        select organization_id, id, payment_id, 1, amount from refunds where payment_id is not null
        """,
        // What was refunded of a note beside the payment that backs it, the oldest first, as far as the backing goes.
        """
        insert into refund_allocations (organization_id, refund_id, payment_id, position, amount)
        select organization_id, id, payment_id, 1, case when amount < room then amount else room end
        from (
            select r.organization_id as organization_id, r.id as id, r.amount as amount, r.payment_id as taken_from,
                b.payment_id as payment_id, b.amount - sum(
                    case when r.payment_id is null or r.payment_id = b.payment_id then r.amount else 0 end) over (
                    partition by r.organization_id, r.credit_note_id
                    order by case when r.payment_id is null then 1 else 0 end, r.id
                ) + r.amount as room
            from refunds r join note_backings b
                on b.organization_id = r.organization_id and b.credit_note_id = r.credit_note_id
            where r.state not in ('failed', 'canceled', 'voided', 'returned')
        ) beside
        where taken_from is null and room > 0
        """,
        """
        update refunds set payment_id = (
            select payment_id from refund_allocations a
            where a.organization_id = refunds.organization_id and a.refund_id = refunds.id
        ) where payment_id is null and exists (
            select 1 from refund_allocations a where a.organization_id = refunds.organization_id
                and a.refund_id = refunds.id
        )
        """,
        """
        update note_backings set allocated = coalesce((
            select cast(sum(a.amount) as bigint) from refund_allocations a join refunds r
                on r.organization_id = a.organization_id and r.id = a.refund_id
            where a.organization_id = note_backings.organization_id and a.payment_id = note_backings.payment_id
                and r.credit_note_id = note_backings.credit_note_id
                and r.state not in ('failed', 'canceled', 'voided', 'returned')
        ), 0)
        """,
    ]

    private static let disputes = [
        """
        create table charge_disputes (
            organization_id bigint not null,
            gateway text not null,
            reference text not null,
            payment_id bigint not null,
            amount bigint not null check (amount >= 0),
            currency text not null check (length(currency) = 3),
            state text not null check (state in ('inquiry', 'open', 'won', 'lost')),
            reason text not null,
            claim bigint check (claim >= 0),
            withdrawn bigint not null,
            is_loss bigint not null check (is_loss in (0, 1)),
            updated_at bigint not null,
            primary key (organization_id, gateway, reference),
            foreign key (organization_id, payment_id) references payments (organization_id, id)
        )
        """,
        // What is told in another currency than the charge's claims all of it.
        """
        insert into charge_disputes (organization_id, gateway, reference, payment_id, amount, currency, state, reason,
            claim, withdrawn, is_loss, updated_at)
        select d.organization_id, d.gateway, d.reference, d.payment_id, d.amount, d.currency, d.state, d.reason,
            case when d.state = 'won' then 0 when p.currency = d.currency then d.amount else null end, 0,
            case when d.state = 'lost' then 1 else 0 end, d.updated_at
        from disputes d join payments p on p.organization_id = d.organization_id and p.id = d.payment_id
        """,
        "drop table disputes",
        "create index charge_disputes_by_payment on charge_disputes (organization_id, payment_id)",
        """
        create table dispute_steps (
            organization_id bigint not null,
            gateway text not null,
            event_id text not null,
            reference text not null,
            told_at bigint not null,
            stage text not null check (stage in ('inquiry', 'open', 'won', 'lost', 'withdrawn', 'reinstated')),
            amount bigint not null check (amount >= 0),
            currency text not null check (length(currency) = 3),
            primary key (organization_id, gateway, event_id, stage),
            foreign key (organization_id, gateway, reference)
                references charge_disputes (organization_id, gateway, reference)
        )
        """,
        """
        insert into dispute_steps (organization_id, gateway, event_id, reference, told_at, stage, amount, currency)
        select organization_id, gateway, 'before-' || reference, reference, updated_at, state, amount, currency
        from charge_disputes
        """,
        "create index dispute_steps_by_dispute on dispute_steps (organization_id, gateway, reference)",
        """
        update payments set is_disputed = 1, claims = coalesce((
            select cast(sum(coalesce(d.claim, payments.captured)) as bigint) from charge_disputes d
            where d.organization_id = payments.organization_id and d.payment_id = payments.id
        ), 0) where exists (
            select 1 from charge_disputes d where d.organization_id = payments.organization_id
                and d.payment_id = payments.id
        )
        """,
    ]

    private static let carriedOver = [
        "update payments set claims = disputed, claims_told = disputed where is_disputed = 0",
        // Both at once, so that the sum stays within what the table allows.
        """
        update payments set captured_told = captured, reserved = taken.reserved, refunded = taken.refunded,
            disputed = 0, excess = case when taken.reserved + taken.refunded > captured
                then taken.reserved + taken.refunded - captured else 0 end
        from (
            select p.organization_id as organization_id, p.id as payment_id,
                cast(coalesce(sum(case when r.state in ('requested', 'awaiting_approval', 'approved', 'submitting',
                    'pending', 'unknown') then a.amount else 0 end), 0) as bigint) as reserved,
                cast(coalesce(sum(case when r.state = 'succeeded' then a.amount else 0 end), 0) as bigint) as refunded
            from payments p
            left join refund_allocations a on a.organization_id = p.organization_id and a.payment_id = p.id
            left join refunds r on r.organization_id = a.organization_id and r.id = a.refund_id
            group by p.organization_id, p.id
        ) taken
        where taken.organization_id = payments.organization_id and taken.payment_id = payments.id
        """,
        """
        update payments set disputed = case when claims < captured + excess - reserved - refunded then claims
            else captured + excess - reserved - refunded end where claims > 0
        """,
        "update refunds set note_shortfall = 0 where state in ('failed', 'canceled', 'voided', 'returned')",
        """
        update credit_notes set lacking = coalesce((
            select cast(sum(r.note_shortfall) as bigint) from refunds r
            where r.organization_id = credit_notes.organization_id and r.credit_note_id = credit_notes.id
        ), 0)
        """,
        "update journal_lines set account = 'over_refunds' where account = 'overpaid_refunds'",
    ]

    /// The payments' part of what refunds of notes lacked has its column no more.
    private static let dropped = ["alter table refunds drop column payment_shortfall"]

    /// What came free on a note since refunds took more than it had is theirs, the oldest first; then what the note is
    /// over-refunded by follows from its figures.
    private static let healed = [
        moved(line: 4, account: "unallocated_refunds", sign: "-"), moved(line: 3, account: "customer_credit", sign: ""),
        """
        update refunds set note_shortfall = note_shortfall - part.given
        from (
            select organization_id, id, cast(case when lacking < room then lacking else room end as bigint) as given
            from (
                select r.organization_id as organization_id, r.id as id, r.note_shortfall as lacking,
                    \(free("n")) - sum(r.note_shortfall) over (
                        partition by r.organization_id, r.credit_note_id order by r.id
                    ) + r.note_shortfall as room
                from refunds r join credit_notes n
                    on n.organization_id = r.organization_id and n.id = r.credit_note_id
                where r.note_shortfall > 0 and n.state = 'open'
            ) short where room > 0
        ) part
        where part.organization_id = refunds.organization_id and part.id = refunds.id
        """,
        """
        update credit_notes set drawn = drawn + \(free("credit_notes")),
            lacking = lacking - \(free("credit_notes")) where state = 'open' and lacking > 0
        """,
        """
        update credit_notes set excess = bound.amount
        from (
            select organization_id, id, cast(case when beyond - carried > least_amount then beyond - carried
                else least_amount end as bigint) as amount
            from (
                select organization_id, id, beyond, carried, case when taken - carried - room <= 0 then 0
                    when taken - carried - room < beyond then taken - carried - room else beyond end as least_amount
                from (\(uses)) used
            ) bounded
        ) bound
        where credit_notes.lacking > 0 and bound.organization_id = credit_notes.organization_id
            and bound.id = credit_notes.id
        """,
    ]

    /// What is left of an open note for refunds that lack it.
    private static func free(_ n: String) -> String {
        let left = "\(n).total - \(n).applied - \(n).drawn"
        return "case when \(n).lacking < \(left) then \(n).lacking else \(left) end"
    }

    /// Of each note with refunds: what they took, what payments carry of it, what goes beyond the note, and what no
    /// payment backs.
    private static let uses = """
        select n.organization_id as organization_id, n.id as id, t.taken as taken, t.carried as carried,
            case when n.state <> 'open' then t.taken when t.taken > n.total - n.applied
                then t.taken - n.total + n.applied else 0 end as beyond,
            case when n.state <> 'open' or n.total <= coalesce(b.amount, 0) then 0
                else n.total - coalesce(b.amount, 0) end as room
        from credit_notes n join (
            select r.organization_id as organization_id, r.credit_note_id as credit_note_id, sum(r.amount) as taken,
                sum(coalesce(a.amount, 0)) as carried
            from refunds r left join refund_allocations a
                on a.organization_id = r.organization_id and a.refund_id = r.id
            where r.credit_note_id is not null and r.state not in ('failed', 'canceled', 'voided', 'returned')
            group by r.organization_id, r.credit_note_id
        ) t on t.organization_id = n.organization_id and t.credit_note_id = n.id
        left join note_backings b on b.organization_id = n.organization_id and b.credit_note_id = n.id
        """

    /// A line that moves what came free on a note to the refunds that lacked it, at the rate of its refunds.
    private static func moved(line: Int, account: String, sign: String) -> String {
        """
        insert into journal_lines (organization_id, record_id, step, line, cause, account, currency, amount,
            base_amount, effective_on, recorded_at)
        select n.organization_id, n.id, 3, \(line), 'over_refunds_moved', '\(account)', n.currency,
            \(sign)(\(free("n"))),
            \(sign)exact_share(\(free("n")), p.worth, p.owed), p.day, p.moment
        from credit_notes n join (\(posted(by: ofNotes))) p
            on p.organization_id = n.organization_id and p.source_id = n.id
        where n.state = 'open' and n.lacking > 0 and n.total > n.applied + n.drawn
        """
    }

    /// What `over_refunds` holds beside what sources are over-refunded by, answered by a journal of the payment or the
    /// note.
    private static let corrected =
        correction(of: "credit_notes", by: ofNotes, step: 3) + correction(of: "payments", by: ofPayments, step: 1)

    /// The refunds of each note; what they posted as over-refunded is the note's where no payment has a part of it.
    private static let ofNotes = """
        select organization_id, credit_note_id as source_id, id as refund_id,
            case when payment_id is null then 1 else 0 end as is_own
        from refunds where credit_note_id is not null
        """
    static let ofPayments = """
        select organization_id, payment_id as source_id, refund_id, 1 as is_own from refund_allocations
        """

    /// What the refunds of each source posted: as over-refunded, and in all, with its worth in the base currency.
    static func posted(by source: String) -> String {
        """
        select t.organization_id as organization_id, t.source_id as source_id,
            cast(sum(case when j.account = 'over_refunds' and t.is_own = 1 then j.amount else 0 end) as bigint)
                as excess,
            cast(sum(case when j.account = 'over_refunds' and t.is_own = 1 then j.base_amount else 0 end) as bigint)
                as excess_worth,
            cast(sum(case when j.amount > 0 then j.amount else 0 end) as bigint) as owed,
            cast(sum(case when j.amount > 0 then j.base_amount else 0 end) as bigint) as worth,
            max(j.effective_on) as day, max(j.recorded_at) as moment
        from (\(source)) t join journal_lines j
            on j.organization_id = t.organization_id and j.record_id = t.refund_id
        group by t.organization_id, t.source_id having sum(case when j.amount > 0 then j.amount else 0 end) > 0
        """
    }

    /// The base amount keeps the proportion at which the refunds of the source were posted, and is nothing where
    /// nothing is over-refunded any more.
    private static func correction(of table: String, by source: String, step: Int) -> [String] {
        let differences = """
            select s.organization_id as organization_id, s.id as id, s.currency as currency,
                s.excess - p.excess as amount,
                exact_share(s.excess, p.worth, p.owed) - p.excess_worth as base_amount,
                p.day as day, p.moment as moment
            from \(table) s join (\(posted(by: source))) p
                on p.organization_id = s.organization_id and p.source_id = s.id
            where s.excess <> p.excess
            """
        func lines(_ line: Int, _ account: String, _ sign: String) -> String {
            """
            insert into journal_lines (organization_id, record_id, step, line, cause, account, currency, amount,
                base_amount, effective_on, recorded_at)
            select organization_id, id, \(step), \(line), 'over_refunds_moved', '\(account)', currency, \(sign)amount,
                \(sign)base_amount, day, moment from (\(differences)) d
            """
        }
        return [
            lines(2, "unallocated_refunds", "-"), lines(1, "over_refunds", ""),
            """
            update \(table) set postings = \(step) where exists (
                select 1 from journal_lines j where j.organization_id = \(table).organization_id
                    and j.record_id = \(table).id and j.step = \(step) and j.cause = 'over_refunds_moved'
            )
            """,
        ]
    }
}
