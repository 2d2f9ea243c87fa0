import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// What every engine promises of one unit.
@Suite struct `A unit of work` {
    @Test(arguments: Engine.allCases)
    func `A unit that throws after writing leaves nothing, and its neighbours stay`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = try await inOneGroup(store, count: 9) { number, session in
                try session.mark(number)
                if number % 3 == 1 { throw Refusal() }
                return number
            }
            #expect(heard.map(\.word) == ["0", "refused", "2", "3", "refused", "5", "6", "refused", "8"])
            #expect(try await store.marks() == [0, 2, 3, 5, 6, 8])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of many at once, those that throw leave nothing`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let kept = await withTaskGroup(of: Int?.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try? await store.unit { session in
                            try session.mark(number)
                            if number % 3 == 0 { throw Refusal() }
                            return number
                        }
                    }
                }
                return await group.reduce(into: []) { kept, number in number.map { kept.append($0) } }
            }
            #expect(kept.sorted() == (0..<200).filter { $0 % 3 != 0 })
            let marks = try await store.marks()
            #expect(marks == kept.sorted())
        }
    }

    @Test(arguments: Engine.allCases)
    func `A unit cannot swallow a storage error`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = try await inOneGroup(
                store,
                { session in try session.mark(1) },
                { session in
                    try session.mark(2)
                    do { try session.mark(1) } catch {}
                },
                { session in try session.mark(3) })
            let taken = "unique(\"aliases.organization_id, aliases.kind, aliases.dialect, aliases.external_id\")"
            #expect(heard.map(\.word) == ["()", taken, "()"])
            #expect(try await store.marks() == [1, 3])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A session that has failed throws its first error again, whatever is called`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let thrown = Recorder<StorageError.Code>()
            let heard = await store.word { session in
                try session.mark(1)
                func note(_ call: () throws(StorageError) -> Void) {
                    do throws(StorageError) { try call() } catch { thrown.add(error.code) }
                }
                note { () throws(StorageError) in try session.run("insert into parties (organization_id) values (1)") }
                note { () throws(StorageError) in try session.mark(1) }
                note { () throws(StorageError) in _ = try session.marks() }
                note { () throws(StorageError) in
                    _ = try session.ask(StoredInteger.self, sql("select 1"), []).rows()
                }
            }
            // PostgreSQL answers the two statements with the first question behind them.
            #expect(thrown.all == Array(repeating: .constraint, count: engine == .postgres ? 2 : 4))
            #expect(heard == "constraint")
            let marks = try await store.marks()
            #expect(marks == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A unit that answers a storage error with its own leaves nothing either`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = await store.word { session in
                try session.mark(1)
                do {
                    try session.mark(1)
                    _ = try session.marks()
                } catch {
                    throw Refusal()
                }
            }
            #expect(heard == "refused")
            let marks = try await store.marks()
            #expect(marks == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `The session of a unit is clean whatever the one before it did`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = try await inOneGroup(
                store,
                { session in try session.run("select * from nowhere") },
                { session in try session.mark(1) },
                { session in try session.run("no statement at all") },
                { session in try session.mark(2) })
            #expect(heard.map(\.word) == ["unavailable", "()", "unavailable", "()"])
            #expect(try await store.marks() == [1, 2])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A unit asks first and then decides on the answers`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let order = Recorder<String>()
            let left = try await store.write(
                for: Fixtures.organization.id, ordered: Fixtures.cashPayment.id.value,
                asking: { session in
                    order.add("asking")
                    return (
                        try session.reserve(
                            Money(minorUnits: 20_000, currency: Fixtures.rupee), on: Fixtures.cashPayment.id,
                            of: Fixtures.organization.id),
                        try session.lines(of: Fixtures.openNote.id, of: Fixtures.organization.id)
                    )
                },
                then: { session, answers in
                    order.add("then")
                    let payment = try answers.0.first()
                    let (again, lines) = (try answers.0.rows(), try answers.1.rows())
                    #expect(again == [payment])
                    #expect(lines == Fixtures.openNoteLines)
                    return payment?.balance.remaining.minorUnits
                })
            #expect(left == 30_000)
            #expect(order.all == ["asking", "then"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A unit that throws while asking never decides, and leaves nothing`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let order = Recorder<String>()
            await #expect(throws: Refusal.self) {
                try await store.write(
                    for: Fixtures.organization.id, ordered: 1,
                    asking: { session in
                        try session.mark(1)
                        throw Refusal()
                    },
                    then: { _, _ in order.add("then") })
            }
            #expect(order.all == [])
            let marks = try await store.marks()
            #expect(marks == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A unique key that is taken is told by its table and columns`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let organization = Fixtures.organization.id
            let primary = await store.word { try $0.insert(Fixtures.cashPayment, for: organization) }
            #expect(primary == "unique(\"payments.organization_id, payments.id\")")
            let number = await store.word { session in
                let again = Fixtures.note(499, number: Fixtures.openNote.number, total: 1)
                try session.insert(again, lines: [], for: organization)
            }
            #expect(number == "unique(\"credit_notes.organization_id, credit_notes.number\")")
        }
    }

    @Test(arguments: Engine.allCases)
    func `A foreign key that points nowhere is refused before COMMIT`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = await store.word { session in
                try session.insert(Fixtures.cashPayment, for: Fixtures.stranger.id)
                _ = try session.marks()
                throw Refusal()
            }
            #expect(heard == "constraint")
        }
    }

    @Test func `A storage error says nothing by itself, and all for the log`() {
        let error = StorageError(.corrupt, "payments of Bowman and Co")
        #expect("\(error)" == "The database could not do this.")
        #expect(String(reflecting: error) == "corrupt: payments of Bowman and Co")
    }
}
