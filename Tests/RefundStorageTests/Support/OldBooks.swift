/// Rows as programs of schema version 4 left them, as statements: every amount in minor units, and rates whole numbers.
struct OldBooks: Sendable {
    private(set) var statements = [
        "insert into organizations values (10, 'Old Stores', 'INR', 'Asia/Kolkata')",
        "insert into parties values (10, 100, 'customer', 'Bowman', '', 1)",
        "insert into parties values (10, 101, 'customer', 'Ana', '', 1)",
    ]

    /// A state of a refund, with what brought it there.
    enum Life: String, Sendable {
        case succeeded, voided, failed
        /// It failed, and the gateway carried it out after all.
        case late
    }

    mutating func payment(
        _ id: Int, captured: Int, refunded: Int = 0, disputed: Int = 0, excess: Int = 0, party: Int = 100,
        currency: String = "INR", rate: Int = 1, charge: String? = nil
    ) {
        let charge = charge.map { "'simulator', '\($0)'" } ?? "null, null"
        statements.append(
            """
            insert into payments values (10, \(id), \(party), 'P-\(id)', 'succeeded', 'others', \(charge), null, \
            '\(currency)', \(captured), 0, \(refunded), \(disputed), \(excess), '\(rate)', 20000, '')
            """)
    }

    /// A note with one line; where it is void, a refund had raised it for itself.
    mutating func note(
        _ id: Int, total: Int, drawn: Int = 0, behind payment: Int?, isVoid: Bool = false, party: Int = 100,
        currency: String = "INR", rate: Int = 1
    ) {
        let (payment, state) = (payment.map(String.init) ?? "null", isVoid ? "void" : "open")
        statements += [
            """
            insert into credit_notes values (10, \(id), \(party), 'CN-\(id)', '\(state)', '\(currency)', \(total), 0, \
            0, \(drawn), '\(rate)', 20000, '', \(payment), '', \(isVoid ? 1 : 0))
            """,
            "insert into credit_note_lines values (10, \(id), 1, \(id + 1), null, 'Goods', \(total), 0)",
        ]
        let opening = [("sales_returns", total), ("customer_credit", -total)]
        journal(of: id, step: 1, "note_opened", opening, currency, rate)
        if isVoid { journal(of: id, step: 2, "note_voided", opening.map { ($0, -$1) }, currency, rate) }
    }

    /// A refund, by hand or by a gateway; what its sources lacked counts where it succeeded late.
    mutating func refund(
        _ id: Int, of amount: Int, payment: Int?, note: Int? = nil, by gateway: Bool = false, _ life: Life,
        paymentLacked: Int = 0, noteLacked: Int = 0, isNoteVoid: Bool = false, currency: String = "INR", rate: Int = 1
    ) {
        func text(_ number: Int?) -> String { number.map(String.init) ?? "null" }
        let steps = Self.steps(of: life, by: gateway)
        let way = gateway ? "null, 'simulator'" : "'cash', null"
        statements.append(
            """
            insert into refunds (organization_id, id, number, party_id, payment_id, credit_note_id, amount, currency, \
            rate, mode, gateway, state, step, initiator, description, reference, effective_on, created_at, updated_at, \
            created_by, annotations, payment_shortfall, note_shortfall) values (10, \(id), \(id), 100, \
            \(text(payment)), \(text(note)), \(amount), '\(currency)', '\(rate)', \(way), \
            '\(steps.last?.state ?? "")', \(steps.count), 'merchant', '', '', 20001, 1000, \(1000 + id), 900, '{}', \
            \(paymentLacked), \(noteLacked))
            """)
        for (index, step) in steps.enumerated() {
            statements.append(
                """
                insert into refund_steps values \
                (10, \(id), \(index + 1), '\(step.event)', '\(step.state)', 1000, 'worker', '')
                """)
        }
        if gateway {
            statements.append(
                """
                insert into payouts (organization_id, refund_id, gateway, target, target_reference, attempt, key, \
                questions, gateway_reference, network_reference, response_code, response_message) \
                values (10, \(id), 'simulator', 'charge', 'ch', 1, 'key-\(id)', 0, 're-\(id)', '', '', '')
                """)
        }
        let source = note == nil || isNoteVoid ? "unallocated_refunds" : "customer_credit"
        let over = note == nil || isNoteVoid ? paymentLacked : noteLacked
        post(id, amount, from: note == nil ? source : "customer_credit", to: gateway, life, currency, rate)
        guard life == .late else { return }
        let lines = [
            (source, amount - over), ("refunds_payable", over - amount), ("overpaid_refunds", over),
            ("refunds_payable", -over), ("refunds_payable", amount), ("gateway_clearing:simulator", -amount),
        ]
        journal(of: id, step: steps.count, "refund_succeeded_late", lines, currency, rate)
        statements.append(
            "insert into refund_exceptions values (10, \(id), \(steps.count), \(1000 + id), 'it was carried out')")
    }

    /// An identifier that a payment came in with.
    mutating func alias(_ payment: Int, _ externalID: String) {
        add("insert into aliases values (10, 'payment', 'native', '\(externalID)', \(payment))")
    }

    /// A statement that no other word is for.
    mutating func add(_ statement: String) { statements.append(statement) }

    mutating func dispute(
        _ reference: String, of payment: Int, _ state: String, amount: Int, held: Int, currency: String = "INR"
    ) {
        statements.append(
            """
            insert into disputes values \
            (10, 'simulator', '\(reference)', \(payment), \(amount), '\(currency)', '\(state)', '', \(held), 5000)
            """)
    }

    private static func steps(of life: Life, by gateway: Bool) -> [(event: String, state: String)] {
        let first = gateway ? [("approved", "approved"), ("claimed", "submitting")] : [("approved", "approved")]
        return switch life {
        case .succeeded: first + [(gateway ? "succeeded" : "recorded", "succeeded")]
        case .voided: first + [("recorded", "succeeded"), ("voided", "voided")]
        case .failed: first + [("failed", "failed")]
        case .late: first + [("failed", "failed"), ("succeeded", "succeeded")]
        }
    }

    /// The journals of a refund up to its success, or to where it gave back what it had taken.
    private mutating func post(
        _ id: Int, _ amount: Int, from source: String, to gateway: Bool, _ life: Life, _ currency: String, _ rate: Int
    ) {
        let taken = [(source, amount), ("refunds_payable", -amount)]
        let gone = [("refunds_payable", amount), (gateway ? "gateway_clearing:simulator" : "cash", -amount)]
        journal(of: id, step: 1, "refund_accepted", taken, currency, rate)
        switch life {
        case .succeeded:
            journal(of: id, step: gateway ? 3 : 2, "refund_succeeded", gone, currency, rate)
        case .voided:
            journal(of: id, step: 2, "refund_recorded", gone, currency, rate)
            journal(of: id, step: 3, "refund_reversed", (gone + taken).map { ($0, -$1) }, currency, rate)
        case .failed, .late:
            journal(of: id, step: 3, "refund_released", taken.map { ($0, -$1) }, currency, rate)
        }
    }

    private mutating func journal(
        of record: Int, step: Int, _ cause: String, _ lines: [(account: String, amount: Int)], _ currency: String,
        _ rate: Int
    ) {
        for (index, line) in lines.enumerated() where line.amount != 0 {
            statements.append(
                """
                insert into journal_lines values (10, \(record), \(step), \(index + 1), '\(cause)', '\(line.account)', \
                '\(currency)', \(line.amount), \(line.amount * rate), 20001, 1000)
                """)
        }
    }
}
