import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// What processes over one database draw, each by its own clock.
@Suite struct `Identifiers of several processes` {
    private static let now = Fixtures.now
    private static let half = Limits.nodeLease / 2

    /// A process whose connection was lost once drew on with a number that another had been given.
    @Test func `differ also where a connection was lost, and whatever the clocks show`() async throws {
        for seed in UInt64(1)...20 {
            try await withStore(.sqliteInMemory) { store in
                var random = SeededGenerator(seed: seed)
                var processes: [SkewedProcess] = []
                var drawn: Set<Int64> = []
                var count = 0
                for _ in 0..<400 {
                    let isNew = processes.count < 2 || (processes.count < 6 && random.chance(oneIn: 20))
                    if isNew { processes.append(SkewedProcess(over: store, at: Self.now, &random)) }
                    guard let index = processes.indices.randomElement(using: &random) else { continue }
                    if random.chance(oneIn: 30) {
                        let ended = processes.remove(at: index)
                        if random.chance(oneIn: 2) { await ended.identifiers.giveBack() }
                        continue
                    }
                    processes[index].live(&random)
                    let batch = await processes[index].draw(Int.random(in: 1...300, using: &random))
                    drawn.formUnion(batch)
                    count += batch.count
                }
                #expect(drawn.count == count, "seed \(seed)")
                #expect(count > 10_000, "seed \(seed): \(count)")
            }
        }
    }

    @Test func `differ between two that draw at one moment`() async throws {
        try await withStore(.sqliteInMemory) { store in
            let (one, other) = (Identifiers(store: store), Identifiers(store: store))
            var drawn: Set<RefundID> = []
            for _ in 0..<300 {
                drawn.insert(try await one.next(at: Self.now))
                drawn.insert(try await other.next(at: Self.now))
            }
            #expect(drawn.count == 600)
        }
    }

    @Test func `are drawn from one number, however many callers ask at once`() async throws {
        try await withStore(.sqliteInMemory) { store in
            let identifiers = Identifiers(store: store)
            let drawn = try await withThrowingTaskGroup(of: RefundID.self) { group in
                for _ in 0..<200 { group.addTask { try await identifiers.next(at: Self.now) } }
                return try await group.reduce(into: Set<RefundID>()) { $0.insert($1) }
            }
            #expect(drawn.count == 200)
            let next: RefundID = try await Identifiers(store: store).next(at: Self.now)
            #expect(next.value >> 7 & 31 == 1, "the first process has one number")
        }
    }

    @Test func `go on to the end of a lease that cannot be renewed, and then wait for the next`() async throws {
        try await withStore(.sqliteInMemory) { store in
            let line = CutLine(to: store)
            let identifiers = Identifiers(store: line)
            let first: RefundID = try await identifiers.next(at: Self.now)
            line.cut(true)
            let second: RefundID = try await identifiers.next(at: Self.now + Self.half + .seconds(1))
            #expect(second > first)
            let end = Self.now + Limits.nodeLease
            #expect(await word(identifiers, at: end - .milliseconds(1)) == "drawn")
            #expect(await word(identifiers, at: end) == "unavailable")
            #expect(await word(identifiers, at: end + .seconds(60)) == "unavailable")
            line.cut(false)
            let third: RefundID = try await identifiers.next(at: end + .seconds(60))
            #expect(third > second)
        }
    }

    @Test func `are renewed half-way, so that a number stays with who uses it`() async throws {
        try await withStore(.sqliteInMemory) { store in
            let identifiers = Identifiers(store: store)
            for step in 0..<20 {
                let drawn: RefundID = try await identifiers.next(at: Self.now + .seconds(step * 4))
                #expect(drawn.value >> 7 & 31 == 0)
                // Another that starts meanwhile finds the number in use.
                let other = Identifiers(store: store)
                let stranger: RefundID = try await other.next(at: Self.now + .seconds(step * 4))
                #expect(stranger.value >> 7 & 31 == 1)
                await other.giveBack()
            }
        }
    }

    @Test func `that cannot be drawn refuse a refund for now, and change nothing`() async throws {
        try await withNode { node, _ in
            let payment = Fixtures.cashPayment
            let request = try RefundRequest.of(.payment(payment), "1.00", way: .offline(.cash))
            let end = node.clock.now + .seconds(60)
            // All numbers are others', as far as this process sees.
            for _ in 0..<IdentifierSequence.nodesMax {
                let now = node.clock.now
                _ = try await node.store.write(for: Fixtures.organization.id) { try $0.takeNode(from: now, until: end) }
            }
            #expect(await node.operations.answer(to: request) == .failure(.unavailable))
            await #expect(throws: Failure.unavailable) {
                try await node.operations.createClient(
                    named: "Till", publicID: "till", secretHash: "", scopes: ScopeSet([]), of: Fixtures.organization.id)
            }
            await #expect(throws: Failure.unavailable) { try await node.operations.newOrganizationID() }
            node.clock.move(by: .seconds(60))
            let view = try await node.operations.refund(request)
            #expect(view.refund.amount.minorUnits == 100)
            let found = try await node.operations.listRefunds(
                RefundQuery(), for: .native, of: Fixtures.organization.id)
            #expect(found.refunds.count == 1)
        }
    }

    private func word(_ identifiers: Identifiers, at now: Instant) async -> String {
        do {
            let _: RefundID = try await identifiers.next(at: now)
            return "drawn"
        } catch let error as StorageError {
            return "\(error.code)"
        } catch {
            return "\(error)"
        }
    }
}

/// A process with a clock of its own, over a line to the database that breaks and heals.
private struct SkewedProcess {
    let identifiers: Identifiers
    private let line: CutLine
    private var now: Instant

    init(over store: any Store, at now: Instant, _ random: inout SeededGenerator) {
        line = CutLine(to: store)
        identifiers = Identifiers(store: line)
        self.now = now + .milliseconds(Int.random(in: -30_000...30_000, using: &random))
    }

    /// Time passes, and now and then the clock is set or the line cut.
    mutating func live(_ random: inout SeededGenerator) {
        now = now + .milliseconds(Int.random(in: 0...2_000, using: &random))
        if random.chance(oneIn: 15) { now = now + .milliseconds(Int.random(in: -20_000...20_000, using: &random)) }
        if random.chance(oneIn: 10) { line.cut(random.chance(oneIn: 2)) }
    }

    /// So many identifiers, or as many as there are before none can be had.
    func draw(_ count: Int) async -> [Int64] {
        var drawn: [Int64] = []
        for _ in 0..<count {
            guard let next: RefundID = try? await identifiers.next(at: now) else { break }
            drawn.append(next.value)
        }
        return drawn
    }
}

/// A store that can be out of reach.
private final class CutLine: Store {
    private let store: any Store
    private let isCut = Mutex(false)

    init(to store: any Store) {
        self.store = store
    }

    func cut(_ isCut: Bool) { self.isCut.withLock { $0 = isCut } }

    private func check() throws {
        if isCut.withLock({ $0 }) { throw StorageError(.unavailable, "the line is cut") }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try check()
        return try await store.read(body)
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        try check()
        return try await store.write(for: organization, ordered: key, asking: asking, then: then, proof: proof)
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}
