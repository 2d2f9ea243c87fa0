package import RefundDomain

/// A row that breaks a promise of the product.
package struct Breach: Hashable, Sendable {
    package let invariant: Invariant
    package let organization: OrganizationID
    /// The refund, payment, note or line that it is about.
    package let record: Int64
    package let detail: String
}

/// The promises that data can break, numbered as the documentation numbers them.
package enum Invariant: Int, CaseIterable, Sendable {
    case withinWhatRemains = 1
    case durable = 2
    case atMostOneEffect = 3
    case unknownEndsByWord = 4
    case givesBackExactly = 5
    case ledgerBalances = 6
    case keyGivesOneRefund = 7
    case amountsAreExact = 8
    case organizationsAreApart = 9

    package var title: String {
        switch self {
        case .withinWhatRemains: "no refund beyond what remains"
        case .durable: "what was answered is on disk"
        case .atMostOneEffect: "one intent, at most one effect at the gateway"
        case .unknownEndsByWord: "a life is made of allowed steps only"
        case .givesBackExactly: "sources hold exactly what their refunds hold"
        case .ledgerBalances: "the ledger balances and agrees with the documents"
        case .keyGivesOneRefund: "one key, one refund"
        case .amountsAreExact: "amounts are exact and in known currencies"
        case .organizationsAreApart: "nothing refers to another organization"
        }
    }
}

/// The questions of `refundry verify`: each finds the rows that break one promise.
///
/// They read all organizations.
enum VerificationSQL {
    /// The amount that a refund's state holds, as reserved.
    private static let reserved =
        "case when state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending', 'unknown') "
        + "then amount else 0 end"
    private static let released = "('failed', 'canceled', 'voided', 'returned')"

    static let overdrawnPayments: SQLText = """
        select organization_id, id, 'what it holds or is over-refunded by does not follow from its figures' \
        from payments where reserved < 0 or refunded < 0 or claims < claims_told \
        or captured <> case when captured_told > captured_seen then captured_told else captured_seen end \
        or excess <> case when reserved + refunded > captured then reserved + refunded - captured else 0 end \
        or disputed <> case when reserved + refunded >= captured then 0 \
        when captured - reserved - refunded < claims then captured - reserved - refunded else claims end
        """

    static let overdrawnNotes: SQLText = """
        select organization_id, id, 'more is applied or drawn than the note is worth' from credit_notes \
        where applied + drawn > total or drawn < 0 or applied < 0
        """

    static let overdrawnLines: SQLText = """
        select organization_id, id, 'more is drawn than the line is worth' from credit_note_lines \
        where drawn > amount or drawn < 0
        """

    static let intentsWithoutKey: SQLText = """
        select r.organization_id, r.id, 'an electronic refund without an intent for its gateway' from refunds r \
        left join payouts p on p.organization_id = r.organization_id and p.refund_id = r.id \
        where r.gateway is not null and (p.refund_id is null or p.key = '' or p.gateway <> r.gateway)
        """

    static let sharedGatewayReferences: SQLText = """
        select organization_id, min(refund_id), 'one refund of the gateway counted for several of ours' from payouts \
        where gateway_reference <> '' group by organization_id, gateway, gateway_reference having count(*) > 1
        """

    static let lastSteps: SQLText = """
        select r.organization_id, r.id, 'its history does not end where it stands' from refunds r \
        left join refund_steps s on s.organization_id = r.organization_id and s.refund_id = r.id and s.step = r.step \
        where s.state is null or s.state <> r.state
        """

    static let steps: SQLText = """
        select a.organization_id, a.refund_id, a.step, a.state, b.event, b.state, b.actor, b.remark \
        from refund_steps a join refund_steps b on b.organization_id = a.organization_id \
        and b.refund_id = a.refund_id and b.step = a.step + 1
        """

    static let missingSteps: SQLText = """
        select organization_id, refund_id, 'a step of its history is missing' from refund_steps \
        group by organization_id, refund_id having count(*) <> max(step) or min(step) <> 1
        """

    static let paymentSums: SQLText = """
        select p.organization_id, p.id, 'reserved and refunded are not what its refunds hold' from payments p \
        left join (select a.organization_id, a.payment_id, \
        sum(case when r.state <> 'succeeded' then a.amount else 0 end) as reserved, \
        sum(case when r.state = 'succeeded' then a.amount else 0 end) as spent \
        from refund_allocations a join refunds r on r.organization_id = a.organization_id and r.id = a.refund_id \
        where r.state not in \(released) group by a.organization_id, a.payment_id) r \
        on r.organization_id = p.organization_id and r.payment_id = p.id \
        where p.reserved <> coalesce(r.reserved, 0) or p.refunded <> coalesce(r.spent, 0)
        """

    static let allocations: SQLText = """
        select r.organization_id, r.id, 'what it takes of payments is not its amount, or more' from refunds r \
        left join (select organization_id, refund_id, sum(amount) as amount from refund_allocations \
        group by organization_id, refund_id) a on a.organization_id = r.organization_id and a.refund_id = r.id \
        where coalesce(a.amount, 0) > r.amount or r.credit_note_id is null and coalesce(a.amount, 0) <> r.amount
        """

    static let claims: SQLText = """
        select p.organization_id, p.id, 'claims are not what its disputes claim' from payments p \
        left join (select d.organization_id, d.payment_id, sum(coalesce(d.claim, q.captured)) as claimed \
        from charge_disputes d join payments q on q.organization_id = d.organization_id and q.id = d.payment_id \
        group by d.organization_id, d.payment_id) c on c.organization_id = p.organization_id and c.payment_id = p.id \
        where p.claims <> coalesce(c.claimed, p.claims_told) or (c.payment_id is null) <> (p.is_disputed = 0)
        """

    static let noteSums: SQLText = """
        select n.organization_id, n.id, 'what is drawn on it is not what its refunds hold' from credit_notes n \
        left join (select organization_id, credit_note_id, sum(amount - note_shortfall) as held, \
        sum(note_shortfall) as lacking from refunds where credit_note_id is not null and state not in \(released) \
        group by organization_id, credit_note_id) r \
        on r.organization_id = n.organization_id and r.credit_note_id = n.id \
        where n.drawn <> coalesce(r.held, 0) or n.lacking <> coalesce(r.lacking, 0)
        """

    static let backingSums: SQLText = """
        select b.organization_id, b.credit_note_id, 'what refunds took of its payments is not what they count' \
        from note_backings b \
        left join (select r.organization_id, r.credit_note_id, a.payment_id, sum(a.amount) as taken from refunds r \
        join refund_allocations a on a.organization_id = r.organization_id and a.refund_id = r.id \
        where r.state not in \(released) group by r.organization_id, r.credit_note_id, a.payment_id) t \
        on t.organization_id = b.organization_id and t.credit_note_id = b.credit_note_id \
        and t.payment_id = b.payment_id where b.allocated <> coalesce(t.taken, 0)
        """

    static let backingTotals: SQLText = """
        select n.organization_id, n.id, 'its payments back more than it is worth' from credit_notes n \
        join (select organization_id, credit_note_id, sum(amount) as amount from note_backings \
        group by organization_id, credit_note_id) b \
        on b.organization_id = n.organization_id and b.credit_note_id = n.id where b.amount > n.total
        """

    static let mismatchedBackings: SQLText = """
        select n.organization_id, n.id, 'a payment behind it is another party''s or in another currency' \
        from note_backings b \
        join credit_notes n on n.organization_id = b.organization_id and n.id = b.credit_note_id \
        join payments p on p.organization_id = b.organization_id and p.id = b.payment_id \
        where p.party_id <> n.party_id or p.currency <> n.currency
        """

    static let sharedCharges: SQLText = """
        select organization_id, min(id), 'several payments have its charge' from payments \
        where charge_reference is not null group by organization_id, gateway, charge_reference \
        having count(*) > 1 and sum(is_barred) < count(*)
        """

    static let lineSums: SQLText = """
        select l.organization_id, l.id, 'drawn is not what the draws of open and done refunds add up to' \
        from credit_note_lines l \
        left join (select d.organization_id, d.line_id, sum(d.amount) as held from line_draws d \
        join refunds r on r.organization_id = d.organization_id and r.id = d.refund_id \
        where r.state not in ('failed', 'canceled', 'voided', 'returned') group by d.organization_id, d.line_id) h \
        on h.organization_id = l.organization_id and h.line_id = l.id where l.drawn <> coalesce(h.held, 0)
        """

    static let unbalancedJournals: SQLText = """
        select organization_id, record_id, 'a journal does not balance' from journal_lines \
        group by organization_id, record_id, step, currency having sum(amount) <> 0 or sum(base_amount) <> 0
        """

    static let refundsPayable: SQLText = """
        select r.organization_id, r.id, 'refunds_payable is not what it owes' from refunds r \
        left join (select organization_id, record_id, sum(amount) as owed, sum(base_amount) as worth \
        from journal_lines where account = 'refunds_payable' group by organization_id, record_id) j \
        on j.organization_id = r.organization_id and j.record_id = r.id \
        where coalesce(j.owed, 0) <> -(\(reserved)) or (\(reserved)) = 0 and coalesce(j.worth, 0) <> 0
        """

    /// Worth in the base currency is the amount itself where that is the currency.
    static let baseAmounts: SQLText = """
        select j.organization_id, j.record_id, 'a line is worth another amount in its own currency' \
        from journal_lines j join organizations o on o.organization_id = j.organization_id \
        and o.base_currency = j.currency where j.base_amount <> j.amount \
        group by j.organization_id, j.record_id
        """

    /// A link that no operator was told of; what an earlier version let in is an exception.
    static let mismatchedLinks: SQLText = """
        select n.organization_id, n.id, 'the payment it refers to is another party''s or in another currency' \
        from credit_notes n join payments p on p.organization_id = n.organization_id and p.id = n.payment_id \
        left join exceptions e on e.organization_id = n.organization_id and e.credit_note_id = n.id \
        and e.kind = 'mismatched_link' \
        where (p.party_id <> n.party_id or p.currency <> n.currency) and e.id is null
        """

    /// Refunds of the history that came back could not be noticed: nobody asks, though a bank may still return them.
    static let unaskedHistory: SQLText = """
        select r.organization_id, r.id, 'a refund of the history, of whose return nobody would ask its gateway' \
        from payouts p join refunds r on r.organization_id = p.organization_id and r.id = p.refund_id \
        where r.state = 'succeeded' and r.created_at > $1 and p.gateway_reference <> '' and p.attempt = 0 \
        and p.key_sent_at is null and p.lease_until is null and p.due_at is null and p.questions = 0
        """

    static let customerCredit: SQLText = """
        select n.organization_id, n.id, 'customer_credit is not the balance of the note' from credit_notes n \
        left join (select organization_id, record_id, sum(amount) as credit from journal_lines \
        where account = 'customer_credit' group by organization_id, record_id) o \
        on o.organization_id = n.organization_id and o.record_id = n.id \
        left join (select r.organization_id, r.credit_note_id, sum(j.amount) as debit from refunds r \
        join journal_lines j on j.organization_id = r.organization_id and j.record_id = r.id \
        and j.account = 'customer_credit' where r.credit_note_id is not null \
        group by r.organization_id, r.credit_note_id) d \
        on d.organization_id = n.organization_id and d.credit_note_id = n.id \
        where coalesce(o.credit, 0) + coalesce(d.debit, 0) \
        <> case when n.state = 'open' then -(n.total - n.applied - n.drawn) else 0 end
        """

    /// Added up in two parts: over many records the whole may not fit into 64 bits.
    static let overRefunds: SQLText = """
        select o.organization_id, o.organization_id, \
        'over_refunds is not what payments and notes are over-refunded by' \
        from (select organization_id, currency, sum(amount / 1000000000) as billions, \
        sum(amount % 1000000000) as rest from ( \
        select organization_id, currency, amount from journal_lines where account = 'over_refunds' union all \
        select organization_id, currency, -excess from payments where excess <> 0 union all \
        select organization_id, currency, -excess from credit_notes where excess <> 0) parts \
        group by organization_id, currency) o \
        where o.rest % 1000000000 <> 0 or o.billions + o.rest / 1000000000 <> 0
        """

    static let fees: SQLText = """
        select coalesce(f.organization_id, j.organization_id), coalesce(f.id, j.record_id), \
        'a fee is not what was posted for it' from gateway_fees f \
        full join (select organization_id, record_id, currency, sum(amount) as charged from journal_lines \
        where account = 'gateway_fees' group by organization_id, record_id, currency) j \
        on j.organization_id = f.organization_id and j.record_id = f.id \
        where f.id is null or j.record_id is null or j.charged <> f.amount or j.currency <> f.currency
        """

    static let orphanKeys: SQLText = """
        select k.organization_id, k.refund_id, 'an idempotency key whose refund is not there' \
        from idempotency_records k \
        left join refunds r on r.organization_id = k.organization_id and r.id = k.refund_id \
        where k.refund_id is not null and r.id is null
        """

    static let sharedKeys: SQLText = """
        select organization_id, refund_id, 'several idempotency keys for one refund' from idempotency_records \
        where refund_id is not null group by organization_id, refund_id having count(*) > 1
        """

    static let amounts: SQLText = """
        select r.organization_id, r.id, 'its currency or amount is not that of its source' from refunds r \
        left join payments p on p.organization_id = r.organization_id and p.id = r.payment_id \
        left join credit_notes n on n.organization_id = r.organization_id and n.id = r.credit_note_id \
        where r.amount <= 0 or r.currency <> coalesce(p.currency, r.currency) \
        or r.currency <> coalesce(n.currency, r.currency)
        """

    static let currencies: SQLText = """
        select organization_id, min(id), currency from refunds group by organization_id, currency
        """

    static let strangers: SQLText = """
        select r.organization_id, r.id, 'its party, payment or note is not in its organization' from refunds r \
        left join parties c on c.organization_id = r.organization_id and c.id = r.party_id \
        left join payments p on p.organization_id = r.organization_id and p.id = r.payment_id \
        left join credit_notes n on n.organization_id = r.organization_id and n.id = r.credit_note_id \
        where c.id is null or (r.payment_id is not null and p.id is null) \
        or (r.credit_note_id is not null and n.id is null)
        """

    static let exceptions: SQLText = """
        select organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, \
        fact, opened_at, state, resolved_at, resolved_by, resolution, revision from exceptions where state = 'open' \
        order by organization_id, kind, opened_at, id
        """

    static let unsettledNotices: SQLText = """
        select organization_id, gateway, event_id, detail from gateway_notices where detail <> '' \
        and due_at is not null \
        order by organization_id, gateway, event_id
        """

    /// The questions whose every row is a breach.
    static let breaches: [(Invariant, SQLText)] = [
        (.withinWhatRemains, overdrawnPayments), (.withinWhatRemains, overdrawnNotes),
        (.withinWhatRemains, overdrawnLines), (.atMostOneEffect, intentsWithoutKey),
        (.atMostOneEffect, sharedGatewayReferences), (.unknownEndsByWord, lastSteps),
        (.unknownEndsByWord, missingSteps), (.givesBackExactly, paymentSums), (.givesBackExactly, allocations),
        (.withinWhatRemains, claims), (.withinWhatRemains, backingTotals), (.withinWhatRemains, sharedCharges),
        (.givesBackExactly, backingSums), (.amountsAreExact, mismatchedBackings),
        (.amountsAreExact, mismatchedLinks),
        (.givesBackExactly, noteSums), (.givesBackExactly, lineSums), (.ledgerBalances, unbalancedJournals),
        (.ledgerBalances, refundsPayable), (.ledgerBalances, customerCredit), (.ledgerBalances, overRefunds),
        (.ledgerBalances, fees), (.ledgerBalances, baseAmounts),
        (.keyGivesOneRefund, orphanKeys), (.keyGivesOneRefund, sharedKeys),
        (.amountsAreExact, amounts), (.organizationsAreApart, strangers),
    ]

    static let all = breaches.map(\.1) + [steps, currencies, unaskedHistory, exceptions, unsettledNotices]
}

private struct StoredBreach: Stored {
    let organization: OrganizationID
    let record: Int64
    let detail: String

    init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        record = row.integer()
        detail = row.text()
    }

    func breach(of invariant: Invariant) -> Breach {
        Breach(invariant: invariant, organization: organization, record: record, detail: detail)
    }
}

private struct StoredTransition: Stored {
    let organization: OrganizationID
    let refund: Int64
    let step: Int64
    let from: String
    let event: String
    let to: String
    let actor: String
    let remark: String

    init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        refund = row.integer()
        step = row.integer()
        from = row.text()
        event = row.text()
        to = row.text()
        actor = row.text()
        remark = row.text()
    }

    /// What is wrong with the step; nil where it is one that a life may take.
    var objection: String? {
        guard let before = RefundState(rawValue: from), let event = RefundEvent(rawValue: event),
            let after = try? before.advanced(by: event), after.rawValue == to
        else { return "step \(step + 1) is not allowed: \(from), \(event), \(to)" }
        let isByHand = ["client:", "operator:", "person:"].contains { actor.utf8.starts(with: $0.utf8) }
        let isResolved = [.unknown, .pending].contains(before) && [.succeeded, .failed].contains(event)
        if isResolved, isByHand, remark.isEmpty { return "step \(step + 1) was decided without evidence" }
        return nil
    }
}

extension Session {
    /// Every row that breaks a promise, over all organizations.
    ///
    /// What has to be asked about by a moment is looked at where the moment is told.
    package func breaches(at now: Instant? = nil) throws(StorageError) -> [Breach] {
        var breaches: [Breach] = []
        for (invariant, sql) in VerificationSQL.breaches {
            breaches += try rows(StoredBreach.self, sql, []).map { $0.breach(of: invariant) }
        }
        if let now {
            let since = now - GatewaySchedule.watchedAfterSuccess
            breaches += try rows(StoredBreach.self, VerificationSQL.unaskedHistory, [.integer(since.microseconds)])
                .map { $0.breach(of: .givesBackExactly) }
        }
        for step in try rows(StoredTransition.self, VerificationSQL.steps, []) {
            guard let objection = step.objection else { continue }
            breaches.append(
                Breach(
                    invariant: .unknownEndsByWord, organization: step.organization, record: step.refund,
                    detail: objection))
        }
        for row in try rows(StoredBreach.self, VerificationSQL.currencies, []) where Currency(row.detail) == nil {
            breaches.append(
                Breach(
                    invariant: .amountsAreExact, organization: row.organization, record: row.record,
                    detail: "a currency that ISO 4217 does not list"))
        }
        return breaches
    }
}
