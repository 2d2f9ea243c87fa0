import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// Databases that an earlier version of the program has filled.
@Suite struct `An upgrade` {
    private static let earlier = Array(1..<Schema.current)

    @Test(arguments: [Engine.sqliteFile, .postgres], earlier)
    func `keeps every row of an earlier version, and goes on with them`(engine: Engine, version: Int) async throws {
        let (tables, books) = try await Self.filled(version)
        try await withEarlier(engine, version: version, tables) { store in
            for (table, rows) in tables {
                let kept = try await store.look { try $0.rows(StoredValues.self, table.selection, []) }
                #expect(Set(kept) == Set(rows), "\(table.table.name)")
            }
            #expect(try await store.look { try Books($0) } == books)
            #expect(
                try await store.look { try $0.integers("select max(version) from schema_versions") } == [
                    Int64(Schema.current)
                ])

            try await Self.goOn(in: store)
            let after = try await store.look { (try Books($0), try $0.breaches()) }
            #expect(after.0.refunds.count == books.refunds.count + 1)
            #expect(after.0.complaints == [])
            #expect(after.1 == [])
        }
    }

    @Test(arguments: [Engine.sqliteFile, .postgres])
    func `finds that a refund of the first version lacked nothing of its sources`(engine: Engine) async throws {
        let (tables, _) = try await Self.filled(1)
        try await withEarlier(engine, version: 1, tables) { store in
            let lacking = try await store.look {
                try $0.integers("select note_shortfall from refunds")
            }
            #expect(lacking == [0, 0, 0, 0, 0])
        }
    }

    @Test(arguments: [Engine.sqliteFile, .postgres])
    func `makes one open exception of what was kept of a refund, with each remark in its life`(
        engine: Engine
    ) async throws {
        let (tables, _) = try await Self.filled(4)
        try await withEarlierPlace(engine, version: 4, tables) { place in
            let rows = [(2, 100, "first"), (2, 200, "second"), (5, 150, "between"), (5, 300, "last")]
            for (step, at, detail) in rows {
                try place.run("insert into refund_exceptions values (10, 4, \(step), \(at), '\(detail)')")
            }
            try place.run("insert into refund_exceptions values (10, 1, 1, 7, 'of another')")
            try place.run(
                "insert into gateway_notices values (10, 'simulator', 'evt', 9, '{}', null, 34, null, 'no payment')")
            let store = try place.open(migrating: true)
            let (open, steps) = try await store.look { session in
                let open = try session.exceptions()
                let id = ExceptionID(.contradicted, about: .refund(RefundID(4)))
                return (open, try session.steps(of: id, of: Fixtures.organization.id))
            }
            #expect(
                open.map(\.id.text) == [
                    "contradicted.refund.1", "contradicted.refund.4", "unmatched.event.simulator.evt",
                ])
            #expect(open.map(\.detail) == ["of another", "last", "no payment"])
            #expect(open.map(\.payment) == [Fixtures.cardPayment.id, Fixtures.cardPayment.id, nil])
            #expect(open.map(\.revision) == [1, 4, 1])
            #expect(steps.map(\.remark) == ["first", "between", "second", "last"])
            #expect(steps.map(\.event) == [.opened, .seen, .seen, .seen])
            // Seen again by this version at the step where it was seen last, it is nothing new.
            try await store.unit { session in
                let again = NewException(
                    .contradicted, about: .refund(RefundID(4)), detail: "last", fact: "step 5: last",
                    at: Fixtures.now)
                try session.open(again, for: Fixtures.organization.id)
            }
            #expect(try await store.look { try $0.exceptions().map(\.revision) } == [1, 4, 1])
            await store.close()
        }
    }

    @Test(arguments: [Engine.sqliteFile, .postgres], earlier)
    func `lets nobody use the database before it, and changes nothing by asking`(
        engine: Engine, version: Int
    ) async throws {
        let (tables, _) = try await Self.filled(version)
        try await withEarlierPlace(engine, version: version, tables) { place in
            for _ in 0..<2 {
                do throws(StorageError) {
                    _ = try place.open(migrating: false)
                    Issue.record("opened")
                } catch {
                    #expect(error.code == .unavailable)
                    #expect(error.detail.contains("the schema has version \(version), \(Schema.current) is needed"))
                }
            }
            await (try place.open(migrating: true)).close()
        }
    }

    @Test func `of two servers that start together is made once, with the rows of the first version`() async throws {
        let (tables, books) = try await Self.filled(1)
        try await withPostgresSchema { address in
            try EarlierDatabase.fillPostgres(address, version: 1, tables)
            let stores = try await withThrowingTaskGroup(of: PostgresStore.self) { group in
                for _ in 0..<3 { group.addTask { try PostgresStore(address) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for store in stores {
                #expect(try await store.look { try Books($0) } == books)
                await store.close()
            }
        }
    }

    /// A process of version 2 and one of version 3 drew identifiers of one number.
    @Test func `from version 2 waits until the last process of it has ended`() async throws {
        let (tables, _) = try await Self.filled(2)
        // Such a process is seen in its whole database, in which no other test may upgrade.
        let server = try await RunningPostgres()
        let address = server.connectionString()
        try EarlierDatabase.fillPostgres(address, version: 2, tables)
        let process = try PostgresConnection.connect(address)
        try process.begin("begin")
        let isHeld = try process.integers("select case when pg_try_advisory_lock(904172635, 0) then 1 else 0 end")
        try process.commit()
        #expect(isHeld == [1])
        do throws(StorageError) {
            _ = try PostgresStore(address)
            Issue.record("upgraded beside it")
        } catch {
            #expect(error.code == .busy)
        }
        try process.begin("begin")
        #expect(try process.integers("select max(version) from schema_versions") == [2])
        _ = try process.integers("select case when pg_advisory_unlock(904172635, 0) then 1 else 0 end")
        try process.commit()
        await (try PostgresStore(address)).close()
        withExtendedLifetime(server) {}
    }

    /// What a version of the program would have written: its own columns, and refunds in several states.
    private static func filled(_ version: Int) async throws -> (EarlierDatabase.Rows, Books) {
        try await withFixtures(.sqliteInMemory) { store in
            let card = Fixtures.cardPayment.id
            let orders = [
                RefundOrder(
                    id: 1, source: .note(Fixtures.noteBehindCard.id, through: card, lines: []), minorUnits: 100,
                    isClaimed: true),
                RefundOrder(id: 2, source: .payment(Fixtures.cashPayment.id, raisingNote: false), minorUnits: 200),
                RefundOrder(id: 3, source: .payment(card, raisingNote: true), minorUnits: 300, isClaimed: true),
                RefundOrder(id: 4, source: .payment(card, raisingNote: false), minorUnits: 400, isClaimed: true),
                RefundOrder(id: 5, source: .payment(card, raisingNote: false), minorUnits: 500, isClaimed: true),
            ]
            for order in orders { _ = try await store.unit { try $0.accept(order) } }
            let words: [(Int64, GatewayWord)] = [
                (1, .report(.of(100, .pending))), (3, .report(.of(300, .succeeded))),
                (4, .report(.of(400, .failed(.unknown)))), (5, .lost("no answer")),
            ]
            for (id, word) in words { _ = try await store.unit { try $0.apply(.word(word), to: RefundID(id)) } }
            try await store.unit { session in
                let key = IdempotencyKey(space: "s", key: "one", digest: "")
                _ = try session.take(key, for: RefundID(1), of: Fixtures.organization.id, at: Fixtures.now).first()
                try session.keep(
                    StoredAnswer(status: 201, body: [0, 255]), under: key, of: Fixtures.organization.id)
                try session.mark(1)
            }
            return try await store.look { session in
                let tables = try EarlierTable.all(of: version).map { table in
                    (table, try session.rows(StoredValues.self, table.selection, []))
                }
                return (tables, try Books(session))
            }
        }
    }

    /// A new refund, and the end of one that the earlier version began.
    private static func goOn(in store: any Store) async throws {
        let order = RefundOrder(
            id: 6, source: .payment(Fixtures.cardPayment.id, raisingNote: false), minorUnits: 600)
        _ = try await store.unit { try $0.accept(order) }
        _ = try await store.unit { try $0.apply(.word(.report(.of(100, .succeeded))), to: RefundID(1)) }
        let node = try await store.unit { try $0.takeNode(from: Fixtures.now, until: Fixtures.now + .seconds(10)) }
        #expect(node?.number == 0)
    }

    private func withEarlier(
        _ engine: Engine, version: Int, _ rows: EarlierDatabase.Rows, _ body: (any Store) async throws -> Void
    ) async throws {
        try await withEarlierPlace(engine, version: version, rows) { place in
            let store = try place.open(migrating: true)
            try await closing(store) { try await body(store) }
        }
    }
}
