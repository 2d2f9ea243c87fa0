import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// Tables over several servers, as far as one server without the extension can show.
@Suite struct `The distribution of a PostgreSQL database` {
    @Test func `The statements are the ones that were reviewed`() {
        Golden.expect(
            DistributedTable.all.map { $0.statement.text + ";\n" }.joined(), in: "distribution.sql")
    }

    @Test func `Only what is about the database itself lies on every server`() {
        let everywhere = DistributedTable.all.filter { $0.place == .everywhere }.map(\.name)
        #expect(everywhere == Schema.tables.filter { !Schema.dataTables.contains($0) }.map(\.name))
        #expect(DistributedTable.all.map(\.name) == Schema.tables.map(\.name))
    }

    @Test func `is not possible where the extension is missing, and nothing is taken for distributed`() async throws {
        try await withPostgresSchema { address in
            let store = try PostgresStore(address)
            let distribution = try PostgresDistribution(address)
            #expect(try !distribution.isPossible())
            #expect(try !distribution.isInPlace())
            await store.close()
        }
    }

    @Test func `distributes every table once, beside those of its organization`() async throws {
        try await withStandIn { address, store in
            let distribution = try PostgresDistribution(address)
            #expect(try distribution.isPossible())
            #expect(try !distribution.isInPlace())
            for table in DistributedTable.all { #expect(try distribution.distribute(table), "\(table.name)") }
            let catalogue = try await store.catalogue()
            let expected = DistributedTable.all.map {
                "\($0.name) " + ($0.place == .byOrganization ? "h organization_id" : "n none")
            }
            #expect(Set(catalogue) == Set(expected))
            #expect(
                try await store.look { try $0.integers(countOfGroups) } == [1],
                "all rows of an organization are together")
            #expect(try distribution.isInPlace())
        }
    }

    @Test func `does nothing where it was done, and ends what was begun`() async throws {
        try await withStandIn { address, store in
            let distribution = try PostgresDistribution(address)
            for table in DistributedTable.all.prefix(5) { #expect(try distribution.distribute(table)) }
            let second = try DistributedTable.all.map { try distribution.distribute($0) }
            #expect(second.prefix(5).allSatisfy { !$0 })
            #expect(second.dropFirst(5).allSatisfy { $0 })
            let catalogue = try await store.catalogue()
            #expect(try DistributedTable.all.allSatisfy { try !distribution.distribute($0) })
            #expect(try await store.catalogue() == catalogue)
        }
    }

    @Test func `distributes a table that the extension knows, and has left on its server`() async throws {
        try await withStandIn { address, store in
            try await store.unit { try $0.run("insert into pg_dist_partition values ('refunds', 'n', null, 0, 's')") }
            let distribution = try PostgresDistribution(address)
            for table in DistributedTable.all.prefix(while: { $0.name != "refunds" }) {
                #expect(try distribution.distribute(table))
            }
            let refunds = try #require(DistributedTable.all.first { $0.name == "refunds" })
            // The stand-in refuses it, as it knows it: so it was asked.
            #expect(throws: StorageError.self) { try distribution.distribute(refunds) }
            #expect(try distribution.isPossible(), "and is of use after a refusal")
        }
    }

    @Test func `lets a later version's table refer to what is distributed once it is distributed itself`() {
        let fees = Schema.version4.first { $0.hasPrefix("create table gateway_fees") } ?? ""
        #expect(DistributedTable.statements(for: fees, distributed: []) == [fees])
        #expect(DistributedTable.statements(for: fees, distributed: ["organizations"]) == [fees], "half distributed")
        let parts = DistributedTable.statements(for: fees, distributed: ["organizations", "refunds"])
        #expect(
            parts.map { $0.prefix(37) } == [
                "create table gateway_fees (organizati", "select create_distributed_table('gate",
                "alter table gateway_fees add foreign ",
            ])
        #expect(parts.first?.contains("references") == false)
        #expect(parts.first?.contains("primary key (organization_id, id), unique (organization_id, gateway") == true)
        #expect(
            parts.last == """
                alter table gateway_fees add foreign key (organization_id, refund_id) \
                references refunds (organization_id, id)
                """)
        let index = "create index gateway_fees_by_refund on gateway_fees (organization_id, refund_id)"
        #expect(DistributedTable.statements(for: index, distributed: ["organizations", "refunds"]) == [index])
    }

    @Test func `goes on through the migration to a later version, which distributes the tables that it makes`()
        async throws
    {
        try await withPostgresSchema { address in
            let session = try PostgresConnection.connect(address)
            try session.begin("begin")
            for (index, statements) in Schema.versions.prefix(3).enumerated() {
                for statement in statements { try session.run(statement) }
                try session.run("insert into schema_versions (version) values ($1)", [.integer(index + 1)])
            }
            for statement in CitusStandIn.statements { try session.execute(statement, []) }
            let earlier = Schema.tables(madeBy: Schema.versions.prefix(3).joined()).map(\.name)
            for table in DistributedTable.all where earlier.contains(table.name) {
                try session.execute(table.statement, [])
            }
            try session.commit()
            let store = try PostgresStore(address)
            #expect(try await store.catalogue().count == DistributedTable.all.count)
            let distribution = try PostgresDistribution(address)
            #expect(try DistributedTable.all.allSatisfy { try !distribution.distribute($0) })
            let migrated = try await store.look { try $0.texts(Self.constraints) }
            await store.close()
            try await withPostgresSchema { fresh in
                let store = try PostgresStore(fresh)
                #expect(try await store.look { try $0.texts(Self.constraints) } == migrated)
                await store.close()
            }
        }
    }

    /// Every constraint of the tables, as the engine tells it, but for the name of its schema.
    private static let constraints = """
        select conname || ' ' || replace(pg_get_constraintdef(oid), current_schema() || '.', '') from pg_constraint \
        where connamespace = cast(current_schema() as regnamespace) and conrelid <> 0 \
        and conrelid <> coalesce(to_regclass('pg_dist_partition'), 0) order by 1
        """

    @Test(arguments: [false, true])
    func `lets a transaction hold units of one organization`(isDistributed: Bool) async throws {
        try await withStandIn { address, store in
            if isDistributed {
                let distribution = try PostgresDistribution(address)
                for table in DistributedTable.all { _ = try distribution.distribute(table) }
            }
            let opened = try PostgresStore(address)
            let (one, other) = (Fixtures.organization.id, Fixtures.stranger.id)
            // Of keys that are odd and even, organizations that are even and odd share a connection.
            let callers = try await opened.write(for: one, ordered: 1) { _ in
                [one, other, one, other, other, one].map { organization in
                    queue(opened, ordered: organization == one ? 1 : 0, for: organization) { session in
                        try session.integers("select txid_current()")
                    }
                }
            }
            var transactions: [Int64] = []
            for caller in callers { transactions += try await caller.value }
            await opened.close()
            let numbers = Dictionary(uniqueKeysWithValues: zip(Set(transactions).sorted(), 0...))
            let order = transactions.compactMap { numbers[$0] }
            #expect(order == (isDistributed ? [0, 1, 0, 1, 1, 0] : [0, 0, 0, 0, 0, 0]))
        }
    }

    @Test func `still lets a group hold as many units as it may`() async throws {
        try await withStandIn { address, store in
            let distribution = try PostgresDistribution(address)
            for table in DistributedTable.all { _ = try distribution.distribute(table) }
            let opened = try PostgresStore(address, unitsPerGroupMax: 2)
            let heard = try await inOneGroup(opened, count: 5) { _, session in
                try session.integers("select txid_current()")
            }
            await opened.close()
            let transactions = try heard.flatMap { try $0.get() }
            #expect(transactions[0] == transactions[1] && transactions[2] == transactions[3])
            #expect(Set(transactions).count == 3)
        }
    }

    private let countOfGroups = "select count(distinct colocationid) from pg_dist_partition where partmethod = 'h'"

    private func withStandIn(_ body: (String, PostgresStore) async throws -> Void) async throws {
        try await withPostgresSchema { address in
            let store = try PostgresStore(address)
            try await CitusStandIn.make(in: store)
            try await closing(store) { try await body(address, store) }
        }
    }
}

extension PostgresStore {
    /// What the catalogue of the extension holds.
    fileprivate func catalogue() async throws -> [String] {
        try await look { session in
            try session.texts(
                """
                select cast(logicalrelid as text) || ' ' || cast(partmethod as text) || ' ' || \
                coalesce(partkey, 'none') \
                from pg_dist_partition order by 1
                """)
        }
    }
}
