import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// Units that share one transaction.
@Suite struct `A group of units` {
    @Test(arguments: Engine.allCases)
    func `A unit sees what its neighbours wrote, and nobody hears before COMMIT`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = Recorder<Int>()
            let callers = try await store.write(for: Fixtures.organization.id, ordered: 1) { _ in
                (0..<4).map { number in
                    Task.immediate {
                        let seen = try await store.write(for: Fixtures.organization.id, ordered: 1) { session in
                            try session.mark(number)
                            // Long enough for a caller that was answered too soon to say so.
                            for _ in 0..<200 { _ = try session.marks() }
                            return (marks: try session.marks(), heard: heard.all)
                        }
                        heard.add(number)
                        return seen
                    }
                }
            }
            for (number, caller) in callers.enumerated() {
                let seen = try await caller.value
                #expect(seen.marks == Array(0...number))
                #expect(seen.heard == [])
            }
            #expect(heard.all.sorted() == [0, 1, 2, 3])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A neighbour's writes are gone for those behind it once it has thrown`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let seen = try await inOneGroup(
                store,
                { session in
                    try session.mark(0)
                    throw Refusal()
                },
                { session in try session.marks() })
            #expect(seen.map(\.word) == ["refused", "[]"])
        }
    }

    @Test(arguments: Engine.sqlite)
    func `When COMMIT fails all hear its error, refusals too`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = try await inOneGroup(
                store,
                { session in try session.mark(0) },
                { session in throw Refusal() },
                { session in try session.breakCommit() },
                { session in do { try session.run("select * from nowhere") } catch {} },
                { session in try session.mark(4) })
            #expect(heard.map(\.word) == ["constraint", "constraint", "constraint", "constraint", "constraint"])
            #expect(try await store.marks() == [])
            #expect(await store.word { try $0.mark(5) } == "()")
            #expect(try await store.marks() == [5])
        }
    }

    @Test(arguments: Engine.sqlite)
    func `A unit that loses the transaction fails alone, and the others run again`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let runs = Recorder<Int>()
            let heard = try await inOneGroup(store, count: 4) { number, session in
                runs.add(number)
                try session.mark(number)
                if number == 3 { throw Refusal() }
                if number == 1 { try session.run("rollback") }
                return number
            }
            #expect(heard.map(\.word) == ["0", "unavailable", "2", "refused"])
            #expect(runs.all == [0, 1, 0, 2, 3])
            #expect(try await store.marks() == [0, 2])
        }
    }

    @Test(arguments: Engine.sqlite)
    func `A group in which every unit loses the transaction ends`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = try await inOneGroup(store, count: 3) { _, session in try session.run("rollback") }
            #expect(heard.map(\.word) == ["unavailable", "unavailable", "unavailable"])
            #expect(await store.word { try $0.mark(1) } == "()")
        }
    }

    /// A statement that needs more pages than there are, and how often each unit of the group then runs.
    struct Filling: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let sql: String
        let runs: [Int]

        static let all = [
            Filling(
                testDescription: "the whole transaction is rolled back",
                sql: """
                    insert into parties (organization_id, id, role, name, email, is_active) \
                    values ($1, $2, $3, $4, '', 1)
                    """,
                runs: [0, 1, 2, 0, 1, 3, 4]),
            Filling(
                testDescription: "the statement alone is rolled back, by its own journal",
                sql: """
                    insert into parties (organization_id, id, role, name, email, is_active) \
                    select $1, $2, $3, $4, '', 1 union all select $1, $2 + 1, $3, $4, '', 1
                    """,
                runs: [0, 1, 2, 3, 4]),
        ]
    }

    @Test(arguments: Engine.sqlite, Filling.all)
    func `A full disk takes one unit and not its neighbours`(engine: Engine, filling: Filling) async throws {
        try await withFixtures(engine) { store in
            try await store.unit { session in
                let pages = try session.integers("pragma page_count").first ?? 0
                _ = try session.integers("pragma max_page_count = \(pages + 30)")
            }
            let runs = Recorder<Int>()
            let heard = try await inOneGroup(store, count: 5) { number, session in
                runs.add(number)
                try session.mark(number)
                guard number == 2 else { return number }
                let name = String(repeating: "full ", count: 200_000)
                try session.run(
                    filling.sql,
                    [.integer(Fixtures.organization.id.value), .integer(7), .text("vendor"), .text(name)])
                return number
            }
            #expect(heard.map(\.word) == ["0", "1", "full", "3", "4"])
            #expect(runs.all == filling.runs)
            #expect(try await store.marks() == [0, 1, 3, 4])
            let party = try await store.look { try $0.party(PartyID(7), of: Fixtures.organization.id) }
            #expect(party == nil)
        }
    }

    @Test(arguments: Engine.sqlite)
    func `A transaction that cannot begin is told to its units`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let found = try await store.unit { try $0.integers("pragma query_only = 1") }
            #expect(found == [])
            let callers = (0..<3).map { number in queue(store) { session in try session.mark(number) } }
            for caller in callers { #expect(await caller.result.word == "readOnly") }
            let marks = try await store.marks()
            #expect(marks == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `More units than a group takes are run all the same, in order`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let count = Limits.groupUnitsMax * 2 + 3
            let taken = try await inOneGroup(store, count: count) { _, session in
                try session.takeNumbers(1, of: .refund, for: Fixtures.organization.id)
            }
            #expect(taken.map(\.word) == (1...count).map { String($0) })
        }
    }
}

extension Session {
    /// Makes COMMIT fail, by a foreign key that is only looked at then.
    fileprivate func breakCommit() throws(StorageError) {
        try run("pragma defer_foreign_keys = on")
        try run("insert into settings (organization_id, name, value) values (404, 'nobody.knows', '')")
    }
}
