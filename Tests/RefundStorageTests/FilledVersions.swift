import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// A database that each earlier version has filled, brought up to date.
@Suite struct `A filled database` {
    private static let earlier = Array(1..<Schema.current)
    private static let organization = OrganizationID(10)

    @Test(arguments: [Engine.sqliteFile, .postgres], earlier)
    func `has the figures that follow from its facts, and nothing broken`(engine: Engine, version: Int) async throws {
        try await withEarlierPlace(engine, version: version) { place in
            try place.run(FrozenBooks(version: version).statements)
            let store = try place.open(migrating: true)
            let found = try await store.look { session in
                Found(
                    figures: try Self.payments.compactMap { try session.payment(PaymentID($0), of: Self.organization) }
                        .map(\.figures),
                    breaches: try session.breaches(at: Instant(microseconds: 2_000)).map(\.detail),
                    exceptions: Set(try session.exceptions().map(\.id.text)),
                    overRefunds: try session.integers(
                        "select cast(sum(base_amount) as bigint) from journal_lines where account = 'over_refunds'"),
                    links: try session.integers("select coalesce(payment_id, 0) from credit_notes order by id"))
            }
            await store.close()
            #expect(found.figures == Self.figures(from: version))
            #expect(found.breaches == [])
            #expect(found.exceptions == Self.exceptions(from: version))
            #expect(found.overRefunds == [version < 5 ? 4_000 : 3_000])
            #expect(found.links == [300, 0, 0, 350])
        }
    }

    @Test(arguments: [Engine.sqliteFile, .postgres], earlier)
    func `is told beforehand what then becomes of it, and is not changed by that`(
        engine: Engine, version: Int
    ) async throws {
        try await withEarlierPlace(engine, version: version) { place in
            try place.run(FrozenBooks(version: version).statements)
            let once = try place.check()
            #expect(once.versions == Array(version + 1...Schema.current))
            #expect(once.findings == Self.findings(from: version))
            // What it had done is not there: the next one finds the same.
            #expect(try place.check().findings == once.findings)
            await (try place.open(migrating: true)).close()
            #expect(try place.check().findings == [])
        }
    }

    @Test(arguments: [Engine.sqliteFile, .postgres], [5, 8])
    func `adds up what two payments of one charge backed of one note, and what one refund took of both`(
        engine: Engine, version: Int
    ) async throws {
        try await withEarlierPlace(engine, version: version) { place in
            try place.run(FrozenBooks(version: version).statements + Self.noteOfBoth)
            let store = try place.open(migrating: true)
            let found = try await store.look { session in
                (
                    try session.breaches().map(\.detail),
                    try session.payment(PaymentID(360), of: Self.organization)?.figures,
                    try session.allocations(of: RefundID(20), Self.organization).rows(),
                    try session.backings(of: CreditNoteID(440), Self.organization)
                )
            }
            await store.close()
            #expect(found.0 == [])
            #expect(found.1 == "361: 12000 0 20000 0 0 8000")
            #expect(found.2 == [PaymentAllocation(payment: PaymentID(361), amount: 6_000)])
            #expect(
                found.3 == [
                    NoteBacking(payment: PaymentID(361), amount: 8_000, amountMax: 8_000, allocated: 6_000)
                ])
        }
    }

    /// A note that 360 and 361 back, and a refund of it in cash.
    private static let noteOfBoth = [
        """
        insert into credit_notes (organization_id, id, party_id, number, state, currency, total, tax, applied, drawn, \
        rate, raised_on, reference, payment_id, invoice_number, is_for_refund) values \
        (10, 440, 100, 'CN-5', 'open', 'INR', 8000, 0, 0, 6000, '1', 20000, '', 360, '', 0)
        """,
        "insert into credit_note_lines values (10, 440, 1, 441, null, 'Bench', 8000, 6000)",
        """
        insert into refunds (organization_id, id, number, party_id, payment_id, credit_note_id, amount, currency, \
        rate, mode, state, step, initiator, description, reference, effective_on, created_at, updated_at, \
        created_by, annotations) values (10, 20, 20, 100, 360, 440, 6000, 'INR', '1', 'cash', 'succeeded', 2, \
        'merchant', '', '', 20001, 1000, 1020, 0, '{}')
        """,
        """
        insert into refund_steps values (10, 20, 1, 'approved', 'approved', 1000, 'program', ''), \
        (10, 20, 2, 'recorded', 'succeeded', 1000, 'program', '')
        """,
        "insert into line_draws values (10, 20, 441, 6000)",
        """
        insert into journal_lines values \
        (10, 440, 1, 1, 'note_opened', 'sales_returns', 'INR', 8000, 8000, 20001, 1000), \
        (10, 440, 1, 2, 'note_opened', 'customer_credit', 'INR', -8000, -8000, 20001, 1000), \
        (10, 20, 1, 1, 'refund_accepted', 'customer_credit', 'INR', 6000, 6000, 20001, 1000), \
        (10, 20, 1, 2, 'refund_accepted', 'refunds_payable', 'INR', -6000, -6000, 20001, 1000), \
        (10, 20, 2, 1, 'refund_recorded', 'refunds_payable', 'INR', 6000, 6000, 20001, 1000), \
        (10, 20, 2, 2, 'refund_recorded', 'cash', 'INR', -6000, -6000, 20001, 1000)
        """,
        "insert into refund_allocations values (10, 20, 360, 1, 5000), (10, 20, 361, 2, 1000)",
        "insert into note_backings values (10, 440, 360, 1, 5000, 5000, 5000), (10, 440, 361, 2, 3000, 3000, 1000)",
        "update payments set refunded = 9000 where id = 360",
        "update payments set refunded = 11000 where id = 361",
    ]

    private struct Found: Sendable {
        let figures: [String]
        let breaches: [String]
        let exceptions: Set<String>
        let overRefunds: [Int64]
        let links: [Int64]
    }

    private static let payments: [Int64] = [300, 310, 320, 330, 340, 350, 360, 361, 370, 371]

    /// Captured, reserved, refunded, claims, held, over-refunded, by the order of `payments`.
    private static func figures(from version: Int) -> [String] {
        let merged = "361: 12000 0 14000 0 0 2000"
        return [
            version < 5 ? "300: 10000 0 12000 0 0 2000" : "300: 10000 0 11000 0 0 1000",
            "310: 10000 3333 0 0 0 0", "320: 10000 2500 1000 0 0 0",
            // Of its owner's word nothing was known but what was left to hold.
            version < 3 ? "330: 10000 0 4000 6000 6000 0" : "330: 10000 0 4000 10000 6000 0",
            version < 3 ? "340: 10000 0 0 0 0 0" : "340: 10000 0 0 10000 10000 0",
            "350: 10000 0 3000 0 0 0", merged, merged, "370: 10000 0 0 0 0 0 barred", "371: 10000 0 0 0 0 0 barred",
        ]
    }

    private static func exceptions(from version: Int) -> Set<String> {
        var exceptions: Set = [
            "contradicted.refund.7", "over_refunded.payment.300", "over_refunded.payment.361",
            "captured_differs.payment.361", "mismatched_link.credit_note.430", "mismatched_link.payment.370",
            "mismatched_link.payment.371",
        ]
        if version >= 3 { exceptions.insert("disputed_after_refund.payment.330") }
        return exceptions
    }

    private static func findings(from version: Int) -> [MigrationCheck.Finding] {
        func rupees(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: Fixtures.rupee) }
        func charge(_ reference: String) -> Charge {
            Charge(gateway: GatewayName("simulator"), reference: reference)
        }
        var findings: [MigrationCheck.Finding] = []
        if version < 5 {
            findings.append(.overRefunded(organization, PaymentID(300), before: rupees(0), after: rupees(2_000)))
        }
        findings.append(.overRefunded(organization, PaymentID(361), before: rupees(0), after: rupees(2_000)))
        if version < 5 { findings.append(.linkCut(organization, CreditNoteID(420), from: PaymentID(350))) }
        findings += [
            .linkBarred(organization, CreditNoteID(430), from: PaymentID(350)),
            .chargeBarred(organization, charge("ch_m"), [PaymentID(370), PaymentID(371)]),
            .merged(organization, charge("ch_t"), [PaymentID(360)], into: PaymentID(361)),
        ]
        if [3, 4].contains(version) {
            findings.append(.disputed(organization, PaymentID(330), held: rupees(6_000), claims: rupees(10_000)))
        }
        if version < 5 { findings.append(.askedAbout(1)) }
        findings.append(.exceptions(.capturedDiffers, count: 1))
        if version < 7 { findings.append(.exceptions(.contradicted, count: 1)) }
        if version >= 3 { findings.append(.exceptions(.disputedAfterRefund, count: 1)) }
        return findings + [
            .exceptions(.mismatchedLink, count: version < 7 ? 3 : 2),
            .exceptions(.overRefunded, count: version < 7 ? 2 : 1),
        ]
    }
}

extension Payment {
    fileprivate var figures: String {
        let amounts = [
            balance.captured, balance.reserved, balance.refunded, balance.claims, balance.held, balance.overRefunded,
        ]
        return "\(id): " + amounts.map(String.init).joined(separator: " ") + (isBarred ? " barred" : "")
    }
}
