/// Rows of one business as each version of the program wrote them: payments, notes and refunds in several states, in
/// two currencies, with history, disputes, a payment of another party behind notes, and payments of one charge.
///
/// The texts are frozen: they do not follow the tables and the program of today.
struct FrozenBooks {
    let version: Int

    /// From version 5 on a payment keeps claims, and refunds say what they take of which payment.
    private var hasPurse: Bool { version >= 5 }
    private var hasDisputes: Bool { version >= 3 }

    var statements: [String] {
        people + payments + notes + refunds + journals + disputes + (hasPurse ? purse : []) + exceptions + charges
    }

    private var people: [String] {
        [
            "insert into organizations values (10, 'Old Stores', 'INR', 'Asia/Kolkata')",
            "insert into parties values (10, 100, 'customer', 'Bowman', '', 1), (10, 101, 'customer', 'Ana', '', 1)",
            """
            insert into aliases values (10, 'payment', 'native', 'order-360', 360), \
            (10, 'payment', 'native', 'order-361', 361), (10, 'party', 'native', 'bowman', 100)
            """,
            "insert into counters values (10, 'refund', 20)",
            "insert into idempotency_records values (10, 's', 'one', 'd', 1, 1000, 201, null)",
        ]
    }

    /// Of 300 a note was paid out in cash beside it.
    ///
    /// Before version 5 that counted nowhere; from then on it is over-refunded by history. 330 and 340 are disputed,
    /// 360 and 361 as well as 370 and 371 have one charge.
    private var payments: [String] {
        let disputed = hasDisputes ? 10_000 : 0
        return [
            payment(300, "ch_1", refunded: hasPurse ? 11_000 : 6_000, excess: hasPurse ? 1_000 : 0),
            payment(310, "ch_2", reserved: 3_333, currency: "USD", rate: "84.5"),
            payment(320, "ch_3", reserved: 2_500, refunded: 1_000),
            payment(330, "ch_4", refunded: 4_000, disputed: 6_000, claims: disputed),
            payment(340, "ch_5", disputed: disputed, claims: disputed),
            payment(350, "ch_6", party: 101, refunded: 3_000),
            payment(360, "ch_t", refunded: 4_000),
            payment(361, "ch_t", captured: 12_000, refunded: 10_000),
            payment(370, "ch_m"), payment(371, "ch_m", party: 101),
        ]
    }

    private func payment(
        _ id: Int, _ charge: String, party: Int = 100, captured: Int = 10_000, reserved: Int = 0, refunded: Int = 0,
        disputed: Int = 0, claims: Int = 0, excess: Int = 0, currency: String = "INR", rate: String = "1"
    ) -> String {
        let told = ", captured_told, claims, claims_told, is_disputed"
        let figures = ", \(captured), \(claims), 0, \(claims > 0 ? 1 : 0)"
        return """
            insert into payments (organization_id, id, party_id, number, state, mode, gateway, charge_reference, \
            currency, captured, reserved, refunded, disputed, excess, rate, received_on, invoice_number\
            \(hasPurse ? told : "")) values (10, \(id), \(party), 'P-\(id)', 'succeeded', 'others', 'simulator', \
            '\(charge)', '\(currency)', \(captured), \(reserved), \(refunded), \(disputed), \(excess), '\(rate)', \
            20000, ''\(hasPurse ? figures : ""))
            """
    }

    /// 420 and 430 have another party's payment behind them; from version 5 on the unused link is cut.
    private var notes: [String] {
        let columns = """
            organization_id, id, party_id, number, state, currency, total, tax, applied, drawn, rate, raised_on, \
            reference, payment_id, invoice_number, is_for_refund
            """
        let cash = hasPurse ? 4_000 : 6_000
        return [
            """
            insert into credit_notes (\(columns)) values \
            (10, 400, 100, 'CN-1', 'open', 'INR', 6000, 0, 0, \(cash), '1', 20000, '', 300, '', 0), \
            (10, 410, 100, 'CN-2', 'open', 'USD', 5000, 0, 0, 1250, '84.5', 20000, '', null, '', 0), \
            (10, 420, 100, 'CN-3', 'open', 'INR', 5000, 0, 0, 0, '1', 20000, '', \(hasPurse ? "null" : "350"), '', 0), \
            (10, 430, 100, 'CN-4', 'open', 'INR', 5000, 0, 0, 3000, '1', 20000, '', 350, '', 0)
            """,
            """
            insert into credit_note_lines values (10, 400, 1, 401, null, 'Chair', 6000, \(cash)), \
            (10, 410, 1, 411, null, 'Desk', 5000, 1250), (10, 420, 1, 421, null, 'Lamp', 5000, 0), \
            (10, 430, 1, 431, null, 'Sofa', 5000, 3000)
            """,
        ]
    }

    private var refunds: [String] {
        var refunds = [
            refund(1, 6_000, of: 300, .succeeded), refund(2, hasPurse ? 4_000 : 6_000, ofNote: 400, .paidInCash),
            refund(4, 3_333, of: 310, .pending, "USD"), refund(5, 1_000, of: 310, .failed, "USD"),
            refund(6, 1_250, ofNote: 410, .paidInCash, "USD"), refund(7, 2_500, of: 320, .unknown),
            refund(8, 500, of: 320, .voided), refund(9, 4_000, of: 330, .succeeded),
            refund(10, 3_000, of: 350, ofNote: 430, .succeeded), refund(11, 4_000, of: 360, .succeeded),
            refund(12, 5_000, of: 361, .succeeded), refund(13, 5_000, of: 361, .succeeded),
            refund(14, 1_000, of: 320, .loaded),
        ]
        if hasPurse { refunds.append(refund(3, 1_000, of: 300, .loaded)) }
        let draws = [(2, 401, hasPurse ? 4_000 : 6_000), (6, 411, 1_250), (10, 431, 3_000)].map {
            "insert into line_draws values (10, \($0), \($1), \($2))"
        }
        return refunds.flatMap { $0 } + draws
    }

    private enum Life: String {
        case succeeded, pending, unknown, failed, paidInCash, voided, loaded

        var steps: [(event: String, state: String)] {
            let sent = [("approved", "approved"), ("claimed", "submitting")]
            return switch self {
            case .succeeded: sent + [("succeeded", "succeeded")]
            case .pending: sent + [("accepted", "pending")]
            case .unknown: sent + [("lost", "unknown")]
            case .failed: sent + [("failed", "failed")]
            case .paidInCash: [("approved", "approved"), ("recorded", "succeeded")]
            case .voided: [("approved", "approved"), ("recorded", "succeeded"), ("voided", "voided")]
            case .loaded: [("recorded", "succeeded")]
            }
        }

        var isByGateway: Bool { self != .paidInCash && self != .voided }
    }

    private func refund(
        _ id: Int, _ amount: Int, of payment: Int? = nil, ofNote note: Int? = nil, _ life: Life,
        _ currency: String = "INR"
    ) -> [String] {
        func text(_ number: Int?) -> String { number.map(String.init) ?? "null" }
        // From version 5 on what a payment backs of a note is taken of it, in cash as well.
        let source = payment ?? (hasPurse && note == 400 ? 300 : nil)
        let rate = currency == "INR" ? "1" : "84.5"
        var rows = [
            """
            insert into refunds (organization_id, id, number, party_id, payment_id, credit_note_id, amount, currency, \
            rate, mode, gateway, state, step, initiator, description, reference, effective_on, created_at, updated_at, \
            created_by, annotations) values (10, \(id), \(id), 100, \(text(source)), \(text(note)), \(amount), \
            '\(currency)', '\(rate)', \(life.isByGateway ? "null, 'simulator'" : "'cash', null"), \
            '\(life.steps.last?.state ?? "")', \(life.steps.count), 'merchant', '', '', 20001, 1000, \(1000 + id), 0, \
            '{}')
            """
        ]
        for (index, step) in life.steps.enumerated() {
            rows.append(
                """
                insert into refund_steps values \
                (10, \(id), \(index + 1), '\(step.event)', '\(step.state)', 1000, 'program', '')
                """)
        }
        guard life.isByGateway else { return rows }
        // History is asked about from version 5 on.
        let isAsked = life == .pending || life == .unknown || (life == .loaded && hasPurse)
        rows.append(
            """
            insert into payouts (organization_id, refund_id, gateway, target, target_reference, attempt, key, \
            key_sent_at, due_at, questions, gateway_reference, network_reference, response_code, response_message) \
            values (10, \(id), 'simulator', 'charge', 'ch', \(life == .loaded ? 0 : 1), 'key-\(id)', \
            \(life == .loaded ? "null" : "1000"), \(isAsked ? "2000" : "null"), 0, 're-\(id)', '', '', '')
            """)
        return rows
    }
}

/// What was posted, in rupees and in dollars at 84.5.
extension FrozenBooks {
    private var journals: [String] {
        var journals = [
            journal(400, 1, "note_opened", "sales_returns", "customer_credit", 6_000),
            journal(410, 1, "note_opened", "sales_returns", "customer_credit", 5_000, "USD", 422_500),
            journal(420, 1, "note_opened", "sales_returns", "customer_credit", 5_000),
            journal(430, 1, "note_opened", "sales_returns", "customer_credit", 5_000),
            journal(2, 1, "refund_accepted", "customer_credit", "refunds_payable", hasPurse ? 4_000 : 6_000),
            journal(2, 2, "refund_recorded", "refunds_payable", "cash", hasPurse ? 4_000 : 6_000),
            journal(4, 1, "refund_accepted", "unallocated_refunds", "refunds_payable", 3_333, "USD", 281_639),
            journal(5, 1, "refund_accepted", "unallocated_refunds", "refunds_payable", 1_000, "USD", 84_500),
            journal(5, 3, "refund_released", "refunds_payable", "unallocated_refunds", 1_000, "USD", 84_500),
            journal(6, 1, "refund_accepted", "customer_credit", "refunds_payable", 1_250, "USD", 105_625),
            journal(6, 2, "refund_recorded", "refunds_payable", "cash", 1_250, "USD", 105_625),
            journal(7, 1, "refund_accepted", "unallocated_refunds", "refunds_payable", 2_500),
            journal(8, 1, "refund_accepted", "unallocated_refunds", "refunds_payable", 500),
            journal(8, 2, "refund_recorded", "refunds_payable", "cash", 500),
            journal(8, 3, "refund_reversed", "cash", "unallocated_refunds", 500),
            journal(10, 1, "refund_accepted", "customer_credit", "refunds_payable", 3_000),
            journal(10, 3, "refund_succeeded", "refunds_payable", "gateway_clearing:simulator", 3_000),
            journal(14, 1, "refund_recorded", "unallocated_refunds", "opening_balance", 1_000),
        ]
        for (id, amount) in [(1, 6_000), (9, 4_000), (11, 4_000), (12, 5_000), (13, 5_000)] {
            journals += [
                journal(id, 1, "refund_accepted", "unallocated_refunds", "refunds_payable", amount),
                journal(id, 3, "refund_succeeded", "refunds_payable", "gateway_clearing:simulator", amount),
            ]
        }
        if hasPurse { journals.append(journal(3, 1, "refund_recorded", "over_refunds", "opening_balance", 1_000)) }
        if version >= 4 {
            journals += [
                "insert into gateway_fees values (10, 900, 1, 'simulator', 'txn-1', 25, 'INR', 1000)",
                journal(900, 1, "gateway_fee", "gateway_fees", "gateway_clearing:simulator", 25),
            ]
        }
        return journals
    }

    private func journal(
        _ record: Int, _ step: Int, _ cause: String, _ debit: String, _ credit: String, _ amount: Int,
        _ currency: String = "INR", _ worth: Int? = nil
    ) -> String {
        let worth = worth ?? amount
        return """
            insert into journal_lines values \
            (10, \(record), \(step), 1, '\(cause)', '\(debit)', '\(currency)', \(amount), \(worth), 20001, 1000), \
            (10, \(record), \(step), 2, '\(cause)', '\(credit)', '\(currency)', \(-amount), \(-worth), 20001, 1000)
            """
    }

    /// The first is of more than is left, the second in another currency than its charge.
    private var disputes: [String] {
        guard hasDisputes else { return [] }
        guard hasPurse else {
            return [
                "insert into disputes values (10, 'simulator', 'd1', 330, 10000, 'INR', 'open', '', 6000, 5000)",
                "insert into disputes values (10, 'simulator', 'd2', 340, 120, 'USD', 'lost', '', 10000, 5000)",
            ]
        }
        return [
            """
            insert into charge_disputes values \
            (10, 'simulator', 'd1', 330, 10000, 'INR', 'open', '', 10000, 0, 0, 5000), \
            (10, 'simulator', 'd2', 340, 120, 'USD', 'lost', '', null, 0, 1, 5000)
            """,
            """
            insert into dispute_steps values (10, 'simulator', 'e1', 'd1', 5000, 'open', 10000, 'INR'), \
            (10, 'simulator', 'e2', 'd2', 5000, 'lost', 120, 'USD')
            """,
        ]
    }

    private var purse: [String] {
        let taken = [
            (1, 300, 6_000), (2, 300, 4_000), (3, 300, 1_000), (4, 310, 3_333), (5, 310, 1_000), (7, 320, 2_500),
            (8, 320, 500), (9, 330, 4_000), (10, 350, 3_000), (11, 360, 4_000), (12, 361, 5_000), (13, 361, 5_000),
            (14, 320, 1_000),
        ]
        return taken.map { "insert into refund_allocations values (10, \($0), \($1), 1, \($2))" } + [
            "insert into note_backings values (10, 400, 300, 1, 6000, 6000, 4000)"
        ]
    }

    /// What an operator was told, as far as that version did.
    private var exceptions: [String] {
        guard version >= 7 else {
            return ["insert into refund_exceptions values (10, 7, 3, 1007, 'the gateway told another amount')"]
        }
        let rows = [
            ("contradicted.refund.7", "contradicted", "7, 320, null", ""),
            ("over_refunded.payment.300", "over_refunded", "3, 300, null", "history"),
            ("mismatched_link.credit_note.430", "mismatched_link", "null, 350, 430", "history"),
        ]
        return rows.flatMap { id, kind, records, cause in
            [
                """
                insert into exceptions values (10, '\(id)', '\(kind)', \(records), null, null, '\(cause)', 'seen', \
                'seen', 1007, 'open', null, null, null, 1)
                """,
                "insert into exception_steps values (10, '\(id)', 1, 'opened', 1007, 'program', 'seen')",
            ]
        }
    }

    private var charges: [String] {
        guard version >= 8 else { return [] }
        let owners = [300, 310, 320, 330, 340, 350].enumerated().map { ("ch_\($0 + 1)", $1) }
        return (owners + [("ch_t", 361), ("ch_m", 370)]).map {
            "insert into charge_references values (10, 'simulator', '\($0)', \($1))"
        }
    }
}
