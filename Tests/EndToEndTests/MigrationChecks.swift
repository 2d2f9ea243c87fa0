import RefundDomain
import RefundStorage
import Testing

/// What `refundry migrate --check` says of a database that an earlier version has filled.
@Suite struct `A check before a migration` {
    /// A note refunded in cash beside its payment, a link to another party, twins of one charge, and a dispute of less
    /// than it holds.
    private static let rows: [SQLText] = [
        "insert into organizations values (10, 'Old Stores', 'INR', 'Asia/Kolkata')",
        "insert into parties values (10, 100, 'customer', 'Bowman', '', 1), (10, 101, 'customer', 'Ana', '', 1)",
        """
        insert into payments values \
        (10, 300, 100, 'P', 'succeeded', 'cash', null, null, null, 'INR', 10000, 0, 10000, 0, 0, '1', 20000, ''), \
        (10, 301, 101, 'P', 'succeeded', 'cash', 's', 'ch', null, 'INR', 10000, 0, 0, 10000, 0, '1', 20000, ''), \
        (10, 302, 101, 'P', 'succeeded', 'cash', 's', 'ch', null, 'INR', 10000, 0, 0, 0, 0, '1', 20000, '')
        """,
        """
        insert into credit_notes values \
        (10, 400, 100, 'CN-1', 'open', 'INR', 6000, 0, 0, 6000, '1', 20000, '', 300, '', 0), \
        (10, 410, 100, 'CN-2', 'open', 'INR', 6000, 0, 0, 0, '1', 20000, '', 301, '', 0)
        """,
        """
        insert into refunds (organization_id, id, number, party_id, payment_id, credit_note_id, amount, currency, \
        rate, mode, state, step, initiator, description, reference, effective_on, created_at, updated_at, created_by, \
        annotations) values \
        (10, 1, 1, 100, null, 400, 6000, 'INR', '1', 'cash', 'succeeded', 1, 'merchant', '', '', 1, 1, 1, 1, '{}'), \
        (10, 2, 2, 100, 300, null, 10000, 'INR', '1', 'cash', 'succeeded', 1, 'merchant', '', '', 1, 1, 1, 1, '{}')
        """,
        """
        insert into refund_steps values (10, 1, 1, 'recorded', 'succeeded', 1, 'load', ''), \
        (10, 2, 1, 'recorded', 'succeeded', 1, 'load', '')
        """,
        """
        insert into journal_lines values \
        (10, 400, 1, 1, 'note_opened', 'opening_balance', 'INR', 6000, 6000, 1, 1), \
        (10, 400, 1, 2, 'note_opened', 'customer_credit', 'INR', -6000, -6000, 1, 1), \
        (10, 410, 1, 1, 'note_opened', 'opening_balance', 'INR', 6000, 6000, 1, 1), \
        (10, 410, 1, 2, 'note_opened', 'customer_credit', 'INR', -6000, -6000, 1, 1), \
        (10, 1, 1, 1, 'refund_recorded', 'customer_credit', 'INR', 6000, 6000, 1, 1), \
        (10, 1, 1, 2, 'refund_recorded', 'opening_balance', 'INR', -6000, -6000, 1, 1), \
        (10, 2, 1, 1, 'refund_recorded', 'unallocated_refunds', 'INR', 10000, 10000, 1, 1), \
        (10, 2, 1, 2, 'refund_recorded', 'opening_balance', 'INR', -10000, -10000, 1, 1)
        """,
        "insert into disputes values (10, 's', 'd', 301, 3000, 'INR', 'open', '', 10000, 1)",
    ]

    @Test(arguments: DatabaseKind.allCases)
    func `tells what would be found and changed, twice the same, and then it is so`(kind: DatabaseKind) async throws {
        try await withDatabase(kind) { database in
            try await Self.fill(database)
            let once = try await Program.run(["migrate", "--check"] + database.options)
            #expect(once.status == 0, "\(once.errors)")
            #expect(
                once.output.hasPrefix(
                    """
                    10\tpayment 300\tcomes out over-refunded by 60.00 INR, before 0.00 INR
                    10\tnote 410\tits link to payment 301 is cut: another party or currency, unused
                    10\tcharge ch at s\tis that of several payments: 301 keeps it, and has what 302 had

                    """), "\(once.output)")
            #expect(once.output.contains("10\tpayment 301\tits disputes held 100.00 INR, and claim 30.00 INR\n"))
            #expect(once.output.contains("1 exceptions over_refunded are opened\n"))
            let versions = (5...Schema.current).map(String.init).joined(separator: ", ")
            #expect(once.output.hasSuffix(" has schema version 4; to apply: \(versions)\nNothing was changed.\n"))
            let refused = try await Program.run(["verify"] + database.options)
            #expect(refused.errors.contains("the schema has version 4, \(Schema.current) is needed: migrate"))
            #expect(try await Program.run(["migrate", "--check"] + database.options).output == once.output)

            #expect(try await Program.run(["migrate"] + database.options).status == 0)
            let done = try await Program.run(["migrate", "--check"] + database.options)
            #expect(done.output.hasSuffix("; to apply: none\nNothing was changed.\n"))
            #expect(try await database.verify().output.contains("over_refunded"))
        }
    }

    @Test func `is made of a database that is there, and not together with what changes it`() async throws {
        try await withFolder { folder in
            let missing = try await Program.run("migrate", "--check", "--database", "sqlite:\(folder)/none")
            #expect(missing.status == 66)
            let both = try await Program.run(
                "migrate", "--check", "--distribute", "--database", "sqlite:\(folder)/none")
            #expect(both.status == 64)
        }
    }

    /// Makes the database one of schema version 4, with rows.
    private static func fill(_ database: ProgramDatabase) async throws {
        let store = try database.open()
        try await store.write(for: OrganizationID(0)) { session in
            for table in Schema.tables.reversed() {
                try session.execute(SQLText(stringLiteral: "drop table \(table.name)"), [])
            }
            for (index, statements) in Schema.versions.prefix(4).enumerated() {
                for statement in statements { try session.execute(SQLText(stringLiteral: statement), []) }
                try session.execute(
                    SQLText(stringLiteral: "insert into schema_versions (version) values (\(index + 1))"), [])
            }
            for row in rows { try session.execute(row, []) }
        }
        await store.close()
    }
}
