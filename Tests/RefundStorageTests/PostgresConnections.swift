import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// What holds of the engine that talks to a server: connections end, and servers refuse.
@Suite struct `A PostgreSQL connection` {
    private static let organization = Fixtures.organization.id

    @Test func `that the server ends between units is made anew`() async throws {
        try await withPostgres { store, _ in
            for number in 0..<3 {
                try await store.endOtherConnections()
                #expect(await store.word { try $0.mark(number) } == "()")
                try await store.endOtherConnections()
                try await expectMarks(Array(0...number), in: store)
            }
        }
    }

    @Test func `that ends inside a unit costs the unit a second run, and nothing else`() async throws {
        try await withPostgres { store, _ in
            let runs = Recorder<Int>()
            let heard = try await inOneGroup(store, count: 3) { number, session in
                runs.add(number)
                try session.mark(number)
                if number == 1, runs.all.filter({ $0 == 1 }).count == 1 { try session.endConnection() }
                return number
            }
            #expect(heard.map(\.word) == ["0", "1", "2"])
            try await expectMarks([0, 1, 2], in: store)
        }
    }

    @Test func `that ends each time is told to its units, and leaves nothing`() async throws {
        try await withPostgres { store, _ in
            let heard = await store.word { session in
                try session.mark(1)
                try session.endConnection()
            }
            #expect(heard == "unavailable")
            try await expectMarks([], in: store)
            #expect(await store.word { try $0.mark(2) } == "()")
        }
    }

    @Test func `lost when COMMIT was done is answered by what the units carried`() async throws {
        try await withPostgres { store, proxy in
            proxy.cut(1)
            let runs = Recorder<Int>()
            let number = try await store.write(
                for: Self.organization, proof: { session in try session.marks().contains(7) },
                { session in
                    runs.add(7)
                    try session.mark(7)
                    return 7
                })
            #expect(number == 7)
            #expect(runs.all == [7])
            try await expectMarks([7], in: store)
        }
    }

    @Test func `lost before COMMIT was done lets the units run again`() async throws {
        try await withPostgres { store, _ in
            try await store.killOnceAtCommit()
            let runs = Recorder<Int>()
            try await store.write(
                for: Self.organization, proof: { session in try session.marks().contains(7) },
                { session in
                    runs.add(7)
                    try session.mark(7)
                })
            #expect(runs.all == [7, 7])
            try await expectMarks([7], in: store)
        }
    }

    @Test func `lost at COMMIT without a proof is not guessed about`() async throws {
        try await withPostgres { store, proxy in
            proxy.cut(1)
            let heard = await store.word { try $0.mark(7) }
            #expect(heard == "unavailable")
            #expect(await store.word { try $0.mark(8) } == "()")
            try await expectMarks([7, 8], in: store)
        }
    }

    /// It went on in use, and a caller was told of a mistake of ours.
    @Test func `whose end the server announces in the place of an answer was not taken for lost`() async throws {
        try await withPostgres { _, proxy in
            proxy.linger(300)
            let login = "user=postgres dbname=postgres"
            let pipeline = try PostgresPipeline("host=\(proxy.folder) application_name=announced \(login)")
            try pipeline.synchronize()
            try PostgresConnection.connect("host=\(proxy.server) \(login)").end("announced")
            #expect(throws: StorageError.self) { try pipeline.synchronize() }
            #expect(pipeline.isLost)
        }
    }

    @Test func `that waits for another in a circle is let go and tries again`() async throws {
        try await withPostgresSchema { address in
            let (one, two) = (try PostgresStore(address), try PostgresStore(address))
            try await Fixtures.put(in: one)
            let (cash, card) = (Fixtures.cashPayment.id, Fixtures.cardPayment.id)
            let heard = await withTaskGroup(of: Set<String>.self) { group in
                for (store, order) in [(one, [cash, card]), (two, [card, cash])] {
                    group.addTask {
                        var heard: Set<String> = []
                        for _ in 0..<100 {
                            heard.insert(
                                await store.word { session in
                                    for payment in order {
                                        let paisa = Money(minorUnits: 1, currency: Fixtures.rupee)
                                        _ = try session.reserve(paisa, on: payment, of: Self.organization).first()
                                    }
                                })
                        }
                        return heard
                    }
                }
                return await group.reduce(into: Set<String>()) { $0.formUnion($1) }
            }
            #expect(heard == ["()"])
            let payments = try await one.read { session in
                try [cash, card].map { try session.payment($0, of: Self.organization)?.balance.reserved }
            }
            #expect(payments == [200, 200])
            await one.close()
            await two.close()
        }
    }

    @Test func `to a server that is not there is refused at once`() async throws {
        try await withTemporaryFolder { folder in
            do throws(StorageError) {
                _ = try PostgresStore("host=\(folder.path("nowhere")) dbname=postgres")
                Issue.record("a store without a server")
            } catch {
                #expect(error.code == .unavailable)
            }
        }
    }

    @Test(arguments: [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")])
    func `whose role has other habits commits and isolates as the program says`(role: String, own: String) async throws
    {
        try await withPostgresSchema { address in
            let habits = "-c synchronous_commit=\(role) -c default_transaction_isolation=serializable"
            let store = try PostgresStore(address.replacing("options='", with: "options='\(habits) "))
            let found = try await store.unit { session in
                try ["synchronous_commit", "transaction_isolation"].flatMap {
                    try session.texts("select current_setting($1)", [.text($0)])
                }
            }
            #expect(found == [own, "read committed"])
            await store.close()
        }
    }

    private func expectMarks(_ marks: [Int], in store: PostgresStore) async throws {
        let found = try await store.marks()
        #expect(found == marks)
    }

    /// Lends a store with the fixtures, behind a proxy.
    private func withPostgres(_ body: (PostgresStore, CuttingProxy) async throws -> Void) async throws {
        try await withCuttingProxy { _, behind, proxy in
            let store = try PostgresStore(behind)
            try await Fixtures.put(in: store)
            try await closing(store) { try await body(store, proxy) }
        }
    }
}

/// The processes that share one database.
@Suite struct `PostgreSQL's nodes` {
    @Test func `keep their number when their connections are lost`() async throws {
        try await withPostgresSchema { address in
            let now = Fixtures.now
            let (one, other) = (try PostgresStore(address + " application_name=first"), try PostgresStore(address))
            let held = try await one.unit { try $0.takeNode(from: now, until: now + .seconds(10)) }
            try await one.endOtherConnections()
            let next = try await other.unit { try $0.takeNode(from: now, until: now + .seconds(10)) }
            #expect([held?.number, next?.number] == [0, 1])
            await one.close()
            await other.close()
        }
    }

    @Test func `that start together migrate once`() async throws {
        try await withPostgresSchema { address in
            let stores = try await withThrowingTaskGroup(of: PostgresStore.self) { group in
                for _ in 0..<4 { group.addTask { try PostgresStore(address) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let versions = try await stores[0].look { try $0.integers("select version from schema_versions") }
            #expect(versions == (1...Schema.current).map { Int64($0) })
            for store in stores { await store.close() }
        }
    }

    @Test func `of an earlier or a later version do not start`() async throws {
        try await withPostgresSchema { address in
            #expect(opening(address, migrating: false) == .unavailable)
            let store = try PostgresStore(address)
            try await store.unit { try $0.run("insert into schema_versions (version) values (\(Schema.current + 1))") }
            await store.close()
            for migrating in [true, false] { #expect(opening(address, migrating: migrating) == .newerSchema) }
        }
    }

    private func opening(_ address: String, migrating: Bool) -> StorageError.Code? {
        do throws(StorageError) {
            let store = try PostgresStore(address, migrating: migrating)
            Task { await store.close() }
            return nil
        } catch {
            return error.code
        }
    }
}

extension PostgresStore {
    /// Ends the other connections of this store, as an administrator would.
    fileprivate func endOtherConnections() async throws {
        _ = try? await unit { session in
            try session.integers(
                """
                select count(pg_terminate_backend(pid)) from pg_stat_activity \
                where application_name = current_setting('application_name') and pid <> pg_backend_pid()
                """)
        }
        _ = try? await unit { try $0.endConnection() }
    }

    /// Ends the connection of the next transaction that writes an alias, when it is to be committed.
    fileprivate func killOnceAtCommit() async throws {
        try await unit { session in
            try session.run("create sequence kills")
            try session.run(
                """
                create function kill_once() returns trigger language plpgsql as \
                'begin if nextval(''kills'') = 1 then perform pg_terminate_backend(pg_backend_pid()); \
                end if; return null; end'
                """)
            try session.run(
                """
                create constraint trigger kill_at_commit after insert on aliases deferrable initially deferred \
                for each row execute function kill_once()
                """)
        }
    }
}

extension PostgresSession {
    /// Ends the connections of a name, and returns when the server's processes behind them are gone.
    fileprivate func end(_ name: String) throws {
        try begin("begin")
        let ended = try integers(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1", [.text(name)])
        try commit()
        #expect(ended == [1])
        var isThere = true
        while isThere {
            try begin("begin")
            isThere = try integers("select 1 from pg_stat_activity where application_name = $1", [.text(name)]) != []
            try commit()
        }
    }
}

extension Session {
    /// Ends the session's own connection, as a server that is shut down does.
    fileprivate func endConnection() throws(StorageError) {
        _ = try integers("select case when pg_terminate_backend(pg_backend_pid()) then 1 else 0 end")
    }
}
