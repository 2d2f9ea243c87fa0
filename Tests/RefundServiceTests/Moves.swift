import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// All data from one database into another.
@Suite struct `A move` {
    private static let engines: [(Engine, Engine)] = [
        (.sqliteFile, .postgres), (.postgres, .sqliteFile), (.sqliteFile, .sqliteFile), (.postgres, .postgres),
    ]

    @Test(arguments: engines)
    func `Brings every row as it is, whatever the engines`(from: Engine, to: Engine) async throws {
        try await between(from, to) { source, target in
            let shown = Mutex<[MoveProgress]>([])
            let moved = try await MoveRecords(from: source, to: target).run { state in
                shown.withLock { $0.append(state) }
            }
            let rows = try await source.read { try Self.rows(in: $0) }
            #expect(try await target.read { try Self.rows(in: $0) } == rows)
            #expect(moved == rows.reduce(0) { $0 + Int64($1.count) })
            #expect(try await Verification.of(target).breaches == [])
            let states = shown.withLock { $0 }
            #expect(states.filter(\.isTableDone).map(\.table) == MovedTable.all.map(\.name))
            #expect(states.last?.rowsMoved == moved)
            #expect(states.last?.rowsInAll == moved)
        }
    }

    @Test(arguments: engines)
    func `Lets nobody draw an identifier again that the source had drawn, whatever the clock says`(
        from: Engine, to: Engine
    ) async throws {
        try await between(from, to) { source, target in
            let (now, ahead) = (Fixtures.now, Fixtures.now + .seconds(3_600))
            let nobody = OrganizationID(0)
            let drawn = try await source.write(for: nobody) { try $0.takeNode(from: now, until: ahead) }
            #expect(drawn?.number == 0)
            try await move(source, target)
            let early = try await target.write(for: nobody) { try $0.takeNode(from: now, until: ahead) }
            #expect(early == nil)
            let late = try await target.write(for: nobody) {
                try $0.takeNode(from: ahead, until: ahead + .seconds(10))
            }
            #expect(late?.from == ahead)
        }
    }

    @Test(arguments: [(Engine.sqliteFile, Engine.postgres), (.postgres, .sqliteFile)])
    func `Leaves a target that is not empty as it is`(from: Engine, to: Engine) async throws {
        try await between(from, to) { source, target in
            try await target.write(for: Fixtures.stranger.id) { try $0.put(Fixtures.stranger) }
            let before = try await target.read { try Self.rows(in: $0) }
            await #expect(throws: MoveFailure.targetNotEmpty("organizations")) { try await move(source, target) }
            #expect(try await target.read { try Self.rows(in: $0) } == before)
        }
    }

    @Test(arguments: [(Engine.sqliteFile, Engine.postgres), (.postgres, .sqliteFile)], [2, 3])
    func `Moves nothing where the source was written to on the way`(
        engines: (Engine, Engine), read: Int
    ) async throws {
        try await between(engines.0, engines.1) { source, target in
            let served = DisturbedStore(source, beforeRead: read) {
                try await source.write(for: Fixtures.organization.id) { session in
                    _ = try session.takeNumbers(1, of: .refund, for: Fixtures.organization.id)
                }
            }
            await #expect(throws: MoveFailure.sourceChanged("counters")) { try await move(served, target) }
            try await expectEmpty(target)
            try await move(source, target)
            #expect(try await source.read { try $0.sending() } == .on)
            #expect(try await target.read { try !$0.sending().isOn }, "the source may go on giving money back")
        }
    }

    @Test(arguments: [(Engine.sqliteFile, Engine.postgres), (.postgres, .sqliteFile)], [1, 40, 900])
    func `Can be made again where either side has failed on the way`(
        engines: (Engine, Engine), calls: Int
    ) async throws {
        try await between(engines.0, engines.1) { source, target in
            let full = DisturbedStore(target, failingAfter: calls)
            await #expect(throws: MoveFailure.target(DisturbedSession.failure)) { try await move(source, full) }
            try await expectEmpty(target)
            let gone = DisturbedStore(source, failingAfter: min(calls, 20))
            await #expect(throws: MoveFailure.source(DisturbedSession.failure)) { try await move(gone, target) }
            try await expectEmpty(target)
            try await move(source, target)
        }
    }

    @Test(arguments: [(Engine.sqliteFile, Engine.postgres), (.postgres, .sqliteFile)])
    func `Notices a row that did not arrive`(from: Engine, to: Engine) async throws {
        try await between(from, to) { source, target in
            let forgetful = DisturbedStore(target, forgettingAfter: 900)
            await #expect(throws: MoveFailure.differs("idempotency_records")) { try await move(source, forgetful) }
            try await expectEmpty(target)
        }
    }

    private func move(_ source: any Store, _ target: any Store) async throws {
        _ = try await MoveRecords(from: source, to: target).run { _ in }
    }

    private func expectEmpty(_ store: any Store) async throws {
        #expect(try await store.read { try Self.rows(in: $0) }.allSatisfy(\.isEmpty))
    }

    /// Lends a filled and an empty database.
    private func between(
        _ from: Engine, _ to: Engine, _ body: (any Store, any Store) async throws -> Void
    ) async throws {
        try await withFixtures(from) { source in
            try await source.write(for: Fixtures.organization.id) { try Self.putOddRows(in: $0) }
            try await withStore(to) { target in try await body(source, target) }
        }
    }

    private static let oddTexts = ["", " ", "O'Brien \\ $1", "é", "e\u{301}", "日本語 🧾", "\u{1}\t\n", "ä", "Z", "a"]
    private static let oddRow: SQLText = """
        insert into idempotency_records (organization_id, space, key, digest, refund_id, created_at, \
        answer_status, answer_body) values ($1, $2, $3, $4, $5, $6, $7, $8)
        """

    /// More than one page, in an order that engines may see differently, with what is easily lost on the way.
    private static func putOddRows(in session: any Session) throws {
        for number in 0..<Int64(1_000) {
            let text = oddTexts[Int(number) % oddTexts.count]
            let body: Value = [.null, .bytes([]), .bytes([0, 255, 10])][Int(number) % 3]
            try session.execute(
                oddRow,
                [
                    .integer(Fixtures.organization.id.value), .text(text), .text("\(text)\(number)"), .text(text),
                    .null, .integer([.min, .max, number, -number][Int(number) % 4]),
                    number % 2 == 0 ? .null : .integer(200), body,
                ])
        }
    }

    /// All rows, table by table, in an order that is the same in every engine.
    private static func rows(in session: any Session) throws -> [[String]] {
        try MovedTable.all.map { table in
            try session.rows(of: table, after: nil, limit: 10_000).map { "\($0.values)" }.sorted()
        }
    }
}

/// A store to which something happens while it is used.
private struct DisturbedStore: Store {
    let store: any Store
    let fault: SessionFault
    let beforeRead: Int
    let disturbance: @Sendable () async throws -> Void
    private let reads = Reads()

    private final class Reads: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    /// Does something before the n-th read.
    init(_ store: any Store, beforeRead: Int, _ disturbance: @escaping @Sendable () async throws -> Void) {
        (self.store, fault, self.beforeRead, self.disturbance) = (store, .none, beforeRead, disturbance)
    }

    /// Fails in each unit after so many statements.
    init(_ store: any Store, failingAfter: Int) {
        (self.store, fault, beforeRead, disturbance) = (store, .fails(after: failingAfter), 0, {})
    }

    /// Does not run one statement, after so many.
    init(_ store: any Store, forgettingAfter: Int) {
        (self.store, fault, beforeRead, disturbance) = (store, .forgets(after: forgettingAfter), 0, {})
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        if reads.next() == beforeRead { try await disturbance() }
        let fault = fault
        return try await store.read { try body(DisturbedSession($0, fault)) }
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        let fault = fault
        return try await store.write(
            for: organization, ordered: key, asking: asking,
            then: { session, answers in try then(DisturbedSession(session, fault), answers) },
            proof: proof)
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}

/// What is wrong with a session, after so many of its statements.
private enum SessionFault {
    case none
    case fails(after: Int)
    case forgets(after: Int)
}

/// A session with a fault.
private final class DisturbedSession: Session {
    static let failure = StorageError(.full, "no more")

    private let session: any Session
    private let fault: SessionFault
    private var calls = 0

    init(_ session: any Session, _ fault: SessionFault) {
        self.session = session
        self.fault = fault
    }

    func execute(_ sql: SQLText, _ values: [Value]) throws(StorageError) {
        try count()
        if case .forgets(after: calls - 1) = fault { return }
        try session.execute(sql, values)
    }

    func rows<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> [T] {
        try count()
        return try session.rows(type, sql, values)
    }

    func ask<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> Answer<T> {
        try count()
        return try session.ask(type, sql, values)
    }

    func databaseTime() throws(StorageError) -> Answer<StoredInteger> { try session.databaseTime() }

    private func count() throws(StorageError) {
        calls += 1
        if case .fails(let after) = fault, calls > after { throw Self.failure }
    }
}
