import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// A statement that breaks one CHECK of the schema.
struct CheckBreach: CustomTestStringConvertible, Sendable {
    let table: String
    /// The condition, as the schema spells it.
    let check: String
    /// What is set, and to what.
    let change: String

    var testDescription: String { "\(table): \(change)" }

    init(_ table: String, _ check: String, _ change: String) {
        self.table = table
        self.check = check
        self.change = change
    }

    static let all = organizations + payments + notes + refunds + payouts + journals + exceptions

    private static let organizations = [
        CheckBreach("organizations", "length(base_currency) = 3", "base_currency = 'RUPEE'"),
        CheckBreach("tokens", "length(hash) = 64", "hash = 'abc'"),
        CheckBreach("tokens", "purpose in ('access', 'refresh')", "purpose = 'login'"),
        CheckBreach("parties", "role in ('customer', 'vendor')", "role = 'friend'"),
        CheckBreach("parties", "is_active in (0, 1)", "is_active = 2"),
        CheckBreach("payment_methods", "length(card_last_four) = 4", "card_last_four = '12345'"),
        CheckBreach("payment_methods", "card_expiry_month between 1 and 12", "card_expiry_month = 13"),
        CheckBreach("payment_methods", "card_expiry_year between 2000 and 9999", "card_expiry_year = 31"),
        CheckBreach("payment_methods", "state in ('active', 'closed')", "state = 'lost'"),
        CheckBreach("counters", "next > 0", "next = 0"),
        CheckBreach("nodes", "number between 0 and 31", "number = number + 32"),
    ]

    private static let payments = [
        CheckBreach("payments", "state in ('pending', 'succeeded', 'failed', 'canceled')", "state = 'open'"),
        CheckBreach("payments", "length(currency) = 3", "currency = 'IN'"),
        CheckBreach("payments", "captured >= 0", "captured = -1"),
        CheckBreach("payments", "reserved >= 0", "reserved = -1"),
        CheckBreach("payments", "refunded >= 0", "refunded = -1"),
        CheckBreach("payments", "disputed >= 0", "disputed = -1"),
        CheckBreach("payments", "excess >= 0", "excess = -1"),
        CheckBreach("payments", sum, "reserved = captured + excess - refunded - disputed + 1"),
        CheckBreach("payments", sum, "refunded = captured + excess - reserved - disputed + 1"),
        CheckBreach("payments", sum, "disputed = captured + excess - reserved - refunded + 1"),
        CheckBreach("payments", sum, "captured = 0, disputed = 1"),
        CheckBreach("payments", "captured_told >= 0", "captured_told = -1"),
        CheckBreach("payments", "captured_seen >= 0", "captured_seen = -1"),
        CheckBreach("payments", "claims >= 0", "claims = -1"),
        CheckBreach("payments", "claims_told >= 0", "claims_told = -1"),
        CheckBreach("payments", "is_disputed in (0, 1)", "is_disputed = 2"),
        CheckBreach("payments", "postings >= 0", "postings = -1"),
        CheckBreach("payments", "is_barred in (0, 1)", "is_barred = 2"),
        CheckBreach("payments", charge, "gateway = 'g', charge_reference = null"),
        CheckBreach("payments", charge, "gateway = null, charge_reference = 'c'"),
    ]
    private static let charge = "(gateway is null) = (charge_reference is null)"
    private static let sum = "reserved + refunded + disputed <= captured + excess"

    private static let notes = [
        CheckBreach("credit_notes", "state in ('draft', 'open', 'void')", "state = 'closed'"),
        CheckBreach("credit_notes", "length(currency) = 3", "currency = ''"),
        CheckBreach("credit_notes", "total >= 0", "total = -1"),
        CheckBreach("credit_notes", "tax >= 0 and tax <= total", "tax = -1"),
        CheckBreach("credit_notes", "tax >= 0 and tax <= total", "tax = total + 1"),
        CheckBreach("credit_notes", "applied >= 0", "applied = -1"),
        CheckBreach("credit_notes", "drawn >= 0", "drawn = -1"),
        CheckBreach("credit_notes", "is_for_refund in (0, 1)", "is_for_refund = -1"),
        CheckBreach("credit_notes", "applied + drawn <= total", "applied = total - drawn + 1"),
        CheckBreach("credit_notes", "applied + drawn <= total", "state = 'open', drawn = total - applied + 1"),
        CheckBreach("credit_notes", "state = 'open' or drawn = 0", "state = 'void', applied = 0, drawn = 1"),
        CheckBreach("credit_notes", "state = 'open' or drawn = 0", "state = 'draft', applied = 0, drawn = 1"),
        CheckBreach("credit_notes", "lacking >= 0", "lacking = -1"),
        CheckBreach("credit_notes", "excess >= 0", "excess = -1"),
        CheckBreach("credit_notes", "postings >= 2", "postings = 1"),
        CheckBreach("note_backings", "position > 0", "position = 0"),
        CheckBreach("note_backings", "amount >= 0", "amount = -1"),
        CheckBreach("note_backings", "amount_max >= amount", "amount_max = amount - 1"),
        CheckBreach("note_backings", "allocated >= 0", "allocated = -1"),
        CheckBreach("credit_note_lines", "amount >= 0", "amount = -1, drawn = 0"),
        CheckBreach("credit_note_lines", "drawn >= 0 and drawn <= amount", "drawn = -1"),
        CheckBreach("credit_note_lines", "drawn >= 0 and drawn <= amount", "drawn = amount + 1"),
        CheckBreach("line_draws", "amount > 0", "amount = 0"),
    ]

    private static let refunds = [
        CheckBreach("refunds", "number > 0", "number = 0"),
        CheckBreach("refunds", "amount > 0", "amount = 0"),
        CheckBreach("refunds", "amount > 0", "amount = -5"),
        CheckBreach("refunds", "length(currency) = 3", "currency = 'RUPEES'"),
        CheckBreach("refunds", states, "state = 'done'"),
        CheckBreach("refunds", "step > 0", "step = 0"),
        CheckBreach("refunds", "initiator in ('merchant', 'customer', 'system')", "initiator = 'nobody'"),
        CheckBreach("refunds", "(mode is null) <> (gateway is null)", "mode = 'cash', gateway = 'g'"),
        CheckBreach("refunds", "(mode is null) <> (gateway is null)", "mode = null, gateway = null"),
        CheckBreach("refunds", "payment_id is not null or credit_note_id is not null", noSource),
        CheckBreach("refunds", "note_shortfall between 0 and amount", "note_shortfall = -1"),
        CheckBreach("refunds", "note_shortfall between 0 and amount", "note_shortfall = amount + 1"),
        CheckBreach("refund_allocations", "position > 0", "position = 0"),
        CheckBreach("refund_allocations", "amount > 0", "amount = 0"),
        CheckBreach("refund_steps", "step > 0", "step = 0"),
    ]
    private static let noSource = "payment_id = null, credit_note_id = null"
    private static let states = """
        state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending', 'unknown', 'succeeded', \
        'failed', 'canceled', 'voided', 'returned')
        """

    private static let payouts = [
        CheckBreach("payouts", "target in ('charge', 'method')", "target = 'door'"),
        CheckBreach("payouts", "attempt >= 0", "attempt = -1"),
        CheckBreach("payouts", "questions >= 0", "questions = -1"),
        CheckBreach("charge_disputes", "amount >= 0", "amount = -1"),
        CheckBreach("charge_disputes", "length(currency) = 3", "currency = 'RUPEES'"),
        CheckBreach("charge_disputes", "state in ('inquiry', 'open', 'won', 'lost')", "state = 'over'"),
        CheckBreach("charge_disputes", "claim >= 0", "claim = -1"),
        CheckBreach("charge_disputes", "is_loss in (0, 1)", "is_loss = 2"),
        CheckBreach(
            "dispute_steps", "stage in ('inquiry', 'open', 'won', 'lost', 'withdrawn', 'reinstated')", "stage = 'x'"),
        CheckBreach("dispute_steps", "amount >= 0", "amount = -1"),
        CheckBreach("dispute_steps", "length(currency) = 3", "currency = 'X'"),
        CheckBreach("gateways", "is_active in (0, 1)", "is_active = 2"),
        CheckBreach("gateways", "revision > 0", "revision = 0"),
        CheckBreach("gateway_settings", "is_sealed in (0, 1)", "is_sealed = 2"),
        CheckBreach("gateway_notices", "tries >= 0", "tries = -1"),
        CheckBreach("payouts", "unsent >= 0", "unsent = -1"),
        CheckBreach("gateway_fees", "amount <> 0", "amount = 0"),
        CheckBreach("gateway_fees", "length(currency) = 3", "currency = ''"),
    ]

    private static let exceptions = [
        CheckBreach("exceptions", kinds, "kind = 'strange'"),
        CheckBreach("exceptions", "(gateway is null) = (reference is null)", "gateway = 'g', reference = null"),
        CheckBreach("exceptions", "state in ('open', 'resolved')", "state = 'over'"),
        CheckBreach("exceptions", "revision > 0", "revision = 0"),
        CheckBreach("exceptions", "(state = 'resolved') = (resolved_at is not null)", "state = 'resolved'"),
        CheckBreach("exceptions", "(resolved_at is null) = (resolved_by is null)", "resolved_by = 'ana'"),
        CheckBreach("exceptions", "(resolved_at is null) = (resolution is null)", "resolution = 'seen'"),
        CheckBreach("exception_steps", "revision > 0", "revision = 0"),
        CheckBreach("exception_steps", "event in ('opened', 'seen', 'resolved', 'reopened')", "event = 'lost'"),
        CheckBreach("sending", "id = 1", "id = 2"),
        CheckBreach("sending", "state in ('on', 'off')", "state = 'perhaps'"),
        CheckBreach("refund_actions", "action in ('cancel', 'retry', 'resolve')", "action = 'look'"),
    ]
    private static let kinds = """
        kind in ('over_refunded', 'disputed_after_refund', 'contradicted', 'outcome_unknown', 'unmatched', 'late', \
        'dispute_currency', 'captured_differs', 'mismatched_link', 'out_of_band')
        """

    private static let journals = [
        CheckBreach("journal_lines", "step > 0", "step = 0"),
        CheckBreach("journal_lines", "line > 0", "line = 0"),
        CheckBreach("journal_lines", "length(currency) = 3", "currency = '₹'"),
    ]
}

/// The rules of money and words that stand in the schema itself.
@Suite struct `The checks of the schema` {
    @Test(arguments: Engine.allCases)
    func `Every breach is refused by its check`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await fill(store)
            for breach in CheckBreach.all {
                do {
                    try await store.unit { session in try session.run("update \(breach.table) set \(breach.change)") }
                    Issue.record("taken: \(breach.testDescription)")
                } catch let error as StorageError {
                    #expect(error.code == .constraint, "\(breach.testDescription)")
                    // PostgreSQL names the constraint, SQLite says its condition.
                    guard Engine.sqlite.contains(engine) else { continue }
                    let said = error.detail.withSingleBlanks
                    #expect(said.contains(breach.check), "\(breach.testDescription): \(said)")
                }
            }
        }
    }

    @Test func `Every check is broken by some breach`() throws {
        var checks: Set<String> = []
        for statement in Schema.versions.joined() {
            let words = statement.split { $0 == " " || $0 == "\n" }
            let table = try #require(words.dropFirst(2).first)
            for check in statement.checks { checks.insert("\(table): \(check)") }
            // What is dropped takes its checks along.
            if statement.hasPrefix("drop table") { checks = checks.filter { !$0.hasPrefix("\(table): ") } }
            if statement.contains(" drop column "), let column = words.last {
                checks = checks.filter { !$0.hasPrefix("\(table): \(column) ") }
            }
        }
        #expect(checks == Set(CheckBreach.all.map { "\($0.table): \($0.check)" }))
    }

    @Test(arguments: Engine.sqlite)
    func `A value of another type is refused`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            for change in ["captured = 'much'", "captured = 1.5", "captured = null", "number = null", "rate = x'00'"] {
                let heard = await store.word { session in try session.run("update payments set \(change)") }
                #expect(heard == "constraint", "\(change)")
            }
        }
    }

    @Test(arguments: Engine.sqlite)
    func `A sum that does not fit is refused, never rounded`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let most = Money(minorUnits: .max, currency: Fixtures.rupee)
            let organization = Fixtures.organization.id
            let heard = await store.word { session in
                try session.run("update payments set captured = \(Int64.max), disputed = 0 where id = 301")
                guard try session.reserve(most, on: PaymentID(301), of: organization).first() != nil else {
                    throw Refusal()
                }
                let more = try session.reserve(most, on: PaymentID(301), of: organization).first()
                return (more, try session.payment(PaymentID(301), of: organization)?.balance.reserved)
            }
            #expect(heard == "(nil, Optional(\(Int64.max)))")
        }
    }

    /// Puts at least one row in every table that has a check.
    private func fill(_ store: any Store) async throws {
        let order = RefundOrder(
            id: 1, source: .note(Fixtures.noteBehindCard.id, through: Fixtures.cardPayment.id, lines: []),
            minorUnits: 5_000)
        try await store.unit { session in
            _ = try session.accept(order)
            _ = try session.takeNumbers(1, of: .refund, for: Fixtures.organization.id)
            let dispute = DisputeNews(
                gatewayReference: "dp", charges: [], amount: Money(minorUnits: 1, currency: Fixtures.rupee),
                stages: [.open], reason: "", at: Fixtures.now)
            _ = try session.record(
                dispute, event: "evt", on: Fixtures.cashPayment, at: Fixtures.gateway,
                for: Fixtures.organization.id, now: Fixtures.now)
            let account = GatewayInstance(
                id: Identifier(1), organization: Fixtures.organization.id, name: GatewayName("main"), kind: "simulator",
                settings: [GatewaySetting(name: "label", value: "Main", isSealed: false)])
            _ = try session.insert(account)
            try session.run(
                "insert into gateway_fees values (\(Fixtures.organization.id), 1, 1, 'g', 'txn', 1, 'INR', 1)")
            let notice = GatewayNotice(event: "evt", organization: Fixtures.organization.id, kept: "{}")
            try session.keep(notice, of: Fixtures.gateway, for: Fixtures.organization.id, at: Fixtures.now)
            let exception = NewException(
                .contradicted, about: .refund(RefundID(1)), detail: "seen", at: Fixtures.now)
            try session.open(exception, for: Fixtures.organization.id)
            let action = RequestedAction(.retry, at: Fixtures.now, actor: "client:900", remark: "")
            try session.insert(action, of: RefundID(1), for: Fixtures.organization.id)
            let client = Client(
                id: Fixtures.client, organization: Fixtures.organization.id, publicID: "till", name: "Till",
                scopes: ScopeSet(text: "all"))
            try session.insert(StoredClient(client: client, secretHash: ""))
            try session.insert(
                StoredToken(
                    organization: Fixtures.organization.id, hash: String(repeating: "a", count: 64),
                    client: client.id, purpose: .access, scopes: client.scopes, expiresAt: nil))
        }
    }
}

extension String {
    fileprivate var withSingleBlanks: String { split { $0 == " " || $0 == "\n" }.joined(separator: " ") }

    /// The conditions that stand behind `check`, with single blanks.
    fileprivate var checks: [String] {
        matches(of: /\bcheck \(/).map { match in
            var depth = 1
            let condition = self[match.range.upperBound...].prefix { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth > 0
            }
            return String(condition).withSingleBlanks
        }
    }
}
