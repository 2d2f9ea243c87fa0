import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// What a reader sees.
@Suite struct `A read` {
    @Test(arguments: Engine.allCases)
    func `A read sees what was answered before it`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            for number in 0..<50 {
                try await store.unit { session in try session.mark(number) }
                #expect(try await store.marks() == Array(0...number))
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `A read throws what its closure throws`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            await #expect(throws: Refusal.self) { try await store.look { _ in throw Refusal() } }
            await #expect(throws: StorageError.self) { try await store.look { try $0.run("select * from nowhere") } }
            let marks = try await store.marks()
            #expect(marks == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A read cannot write`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            do {
                try await store.look { session in try session.mark(1) }
                Issue.record("a read has written")
            } catch let error as StorageError {
                #expect(error.code == .readOnly)
            }
            #expect(try await store.marks() == [])
        }
    }

    /// In memory a read and a unit take turns; beside a file they do not.
    @Test(arguments: [Engine.sqliteFile])
    func `A read beside a writer sees one state from its first row to its last`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let written = Recorder<Bool>()
            let seen = try await store.read { session in
                let before = try session.marks()
                let writer = Task.immediate {
                    try await store.unit { session in try session.mark(1) }
                    written.add(true)
                }
                var rounds = 0
                while written.all.isEmpty, rounds < 1_000_000 {
                    rounds += 1
                    guard try session.marks() == before else { throw Refusal() }
                }
                return (before: before, after: try session.marks(), isWritten: !written.all.isEmpty, writer: writer)
            }
            try await seen.writer.value
            #expect(seen.isWritten, "the unit did not come to its end beside the read")
            #expect(seen.before == [])
            #expect(seen.after == [])
            #expect(try await store.marks() == [1])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Many reads beside many units each see whole units`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let payment = Fixtures.cashPayment.id
            let torn = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await store.unit { session in
                            try session.mark(number)
                            let one = Money(minorUnits: 1, currency: Fixtures.rupee)
                            _ = try session.reserve(one, on: payment, of: Fixtures.organization.id).first()
                        }
                        return 0
                    }
                    group.addTask {
                        try await store.look { session in
                            let marks = try session.marks().count
                            let reserved = try session.payment(payment, of: Fixtures.organization.id)?.balance.reserved
                            return reserved == Int64(marks) ? 0 : 1
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(torn == 0)
            #expect(try await store.marks().count == 100)
        }
    }

    @Test(arguments: Engine.allCases)
    func `A caller that is canceled leaves the store in order`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            for _ in 0..<20 {
                let callers = (0..<8).map { _ in
                    Task { try await store.look { session in for _ in 0..<50 { _ = try session.marks() } } }
                }
                for caller in callers { caller.cancel() }
                for caller in callers { _ = await caller.result }
            }
            #expect(await store.word { try $0.mark(1) } == "()")
            let marks = try await store.marks()
            #expect(marks == [1])
        }
    }
}
