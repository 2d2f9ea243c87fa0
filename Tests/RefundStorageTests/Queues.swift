import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// How units wait for their turn.
@Suite struct `The queue of a store` {
    @Test(arguments: Engine.allCases)
    func `A caller that is canceled before it queues writes nothing`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let caller = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.unit { session in try session.mark(1) }
            }
            #expect(await caller.result.word == "canceled")
            let marks = try await store.marks()
            #expect(marks == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A caller that is canceled while its unit waits hears what became of it`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let callers = try await store.write(for: Fixtures.organization.id, ordered: 1) { _ in
                (0..<3).map { number in
                    let caller = queue(store) { session in
                        try session.mark(number)
                        if number == 1 { throw Refusal() }
                        return number
                    }
                    caller.cancel()
                    return caller
                }
            }
            var heard: [String] = []
            for caller in callers { heard.append(await caller.result.word) }
            #expect(heard == ["0", "refused", "2"])
            #expect(try await store.marks() == [0, 2])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Units with one key run in the order in which they came`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let count = Limits.groupUnitsMax + 50
            let callers = (1...count).map { _ in
                queue(store, ordered: 7) { session in
                    try session.takeNumbers(1, of: .refund, for: Fixtures.organization.id)
                }
            }
            for (index, caller) in callers.enumerated() {
                let number = try await caller.value
                #expect(number == Int64(index + 1))
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Where too many units wait the next is told to come again`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let callers = try await store.write(for: Fixtures.organization.id, ordered: 1) { _ in
                (0..<Limits.queuedUnitsMax + 2).map { number in queue(store) { _ in number } }
            }
            var heard: [String: Int] = [:]
            for caller in callers.dropLast(2) {
                if case .failure = await caller.result { heard[await caller.result.word, default: 0] += 1 }
            }
            #expect(heard == [:])
            for caller in callers.suffix(2) { #expect(await caller.result.word == "busy") }
            #expect(await store.word { try $0.mark(1) } == "()")
        }
    }

    @Test(arguments: Engine.allCases)
    func `Closing finishes what is queued and refuses what comes later`(engine: Engine) async throws {
        try await withOpenStore(engine) { store in
            try await Fixtures.put(in: store)
            let (queued, closing, late) = try await store.write(for: Fixtures.organization.id, ordered: 1) { _ in
                let queued = (0..<Limits.groupUnitsMax + 5).map { number in
                    queue(store) { session in
                        try session.mark(number)
                        return number
                    }
                }
                let closing = Task.immediate { await store.close() }
                return (queued, closing, queue(store) { session in try session.mark(-1) })
            }
            for (number, caller) in queued.enumerated() { #expect(try await caller.value == number) }
            #expect(await late.result.word == "unavailable")
            await closing.value
            #expect(await store.word { try $0.mark(-2) } == "unavailable")
        }
    }

    @Test(arguments: Engine.allCases)
    func `A store that was never used closes`(engine: Engine) async throws {
        try await withOpenStore(engine) { store in await store.close() }
    }
}

/// Lends a store that its body closes.
private func withOpenStore(_ engine: Engine, _ body: (any Store) async throws -> Void) async throws {
    switch engine {
    case .sqliteInMemory: try await body(try SQLiteStore(path: nil))
    case .sqliteFile:
        try await withTemporaryFolder { folder in
            try await body(try SQLiteStore(path: folder.path("refundry.sqlite")))
        }
    case .postgres:
        try await withPostgresSchema { try await body(try PostgresStore($0)) }
    }
}
