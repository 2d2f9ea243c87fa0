import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// What was found after a failure: how many refunds were accepted here, and how many the gateway carried out.
private struct Finding: Hashable, Comparable, CustomStringConvertible {
    let intents: Int
    let refunds: Int
    let state: RefundState

    /// One intent was carried out once; or it was never sent, and has failed as the gateway says.
    var isRight: Bool {
        intents == 1 && (state == .succeeded && refunds == 1 || state == .failed && refunds == 0)
    }

    var description: String {
        "\(intents) \(intents == 1 ? "intent" : "intents"), \(refunds) \(refunds == 1 ? "refund" : "refunds")"
            + (state == .succeeded ? "" : " (\(state))")
    }

    static func < (a: Finding, b: Finding) -> Bool { a.description < b.description }
}

/// Failures by rows, engines by columns, and in each cell what was found.
private struct Matrix: CustomStringConvertible {
    private(set) var rows: [String] = []
    private var cells: [String: [Engine: [Finding]]] = [:]

    mutating func add(_ finding: Finding, in row: String, of engine: Engine) {
        if cells[row] == nil { rows.append(row) }
        cells[row, default: [:]][engine, default: []].append(finding)
    }

    /// Rows with something else than they should have, or that only some of the engines with these moments have.
    var broken: [String] {
        rows.filter { row in
            let findings = cells[row] ?? [:]
            return !findings.values.joined().allSatisfy(\.isRight)
                || !(findings.count == Engine.allCases.count || findings.keys.elementsEqual([.postgres]))
        }
    }

    /// Rows in which something was never carried out.
    var unsent: [String] { rows.filter { cells[$0]?.values.joined().contains { $0.refunds == 0 } ?? false } }

    var description: String {
        let head = line("", Engine.allCases.map(\.description))
        return ([head] + rows.map { row in line(row, Engine.allCases.map { text(cells[row]?[$0] ?? []) }) })
            .joined(separator: "\n")
    }

    private func text(_ findings: [Finding]) -> String {
        let each = Set(findings).map { finding in
            let times = findings.filter { $0 == finding }.count
            return "\(finding)" + (times > 1 ? ", \(times) times" : "")
        }
        return each.isEmpty ? "n/a" : each.sorted().joined(separator: "; ")
    }

    private func line(_ row: String, _ cells: [String]) -> String {
        ([row.padded(to: 46)] + cells.map { $0.padded(to: 30) }).joined()
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

/// Every failure on every engine: one intent comes to one refund.
@Suite struct `The matrix of crashes` {
    /// More moments than the life has.
    private static let momentsMax = 100
    private static let pauses: [Duration] = [61, 31, 301, 3_601, 86_401].map { .seconds($0) }
    /// Longer than the gateway remembers a key.
    private static let oblivion = Duration.seconds(25 * 3_600)
    private static let card = "0042"
    /// Done, and the answer is lost: the longest way to a success.
    private static let answerLost = "67.01"

    @Test func `Has one refund for one intent in every cell`() async throws {
        var matrix = Matrix()
        let database = try await CrashScene.database(card: Self.card)
        for engine in Engine.allCases {
            try await addDeaths(to: &matrix, of: engine, database, "killed", amount: Self.answerLost)
            try await addDeaths(
                to: &matrix, of: engine, database, "key forgotten, killed", amount: "25.00", pause: Self.oblivion)
            try await addLeavers(to: &matrix, of: engine, database)
        }
        try await addLostCommits(to: &matrix)
        print(matrix)
        #expect(matrix.broken == [])
        // Between the intent and the call: what was never sent is not sent once its key has been forgotten.
        #expect(matrix.unsent.map { $0.hasPrefix("key forgotten, killed") } == [true, true])
        #expect(matrix.rows.count > 15)
    }

    /// The process is killed at each moment of a life, and another starts so much later.
    private func addDeaths(
        to matrix: inout Matrix, of engine: Engine, _ database: DatabaseFiles, _ name: String, amount: String,
        pause: Duration = .zero
    ) async throws {
        for moments in 0..<Self.momentsMax {
            let fuse = Fuse(moments: moments)
            let finding = try await withScene(engine, database) { scene in
                try await live(amount, until: fuse, in: scene)
                return try await heal(amount, after: pause, in: scene)
            }
            guard let death = fuse.death else { return }
            matrix.add(finding, in: "\(name) \(death)", of: engine)
        }
        Issue.record("the process never came to its end")
    }

    /// The caller is gone before the gateway has answered.
    private func addLeavers(to matrix: inout Matrix, of engine: Engine, _ database: DatabaseFiles) async throws {
        let finding = try await withScene(engine, database) { scene in
            let (callers, waiting) = AsyncStream.makeStream(of: Task<Void, Never>.self)
            let (calls, called) = AsyncStream.makeStream(of: Void.self)
            let request = try ElectronicSource.payment.request("25.00", key: "a")
            try await scene.process(
                duringCalls: {
                    for await caller in callers {
                        caller.cancel()
                        await caller.value
                    }
                    called.finish()
                },
                { node in
                    waiting.yield(Task { #expect(await node.operations.answer(to: request).failure == .unavailable) })
                    waiting.finish()
                    for await _ in calls {}
                })
            return try await heal("25.00", in: scene)
        }
        matrix.add(finding, in: "the caller left during the call", of: engine)
    }

    /// Each COMMIT of the life in turn is lost with its connection, when it was done, and before.
    private func addLostCommits(to matrix: inout Matrix) async throws {
        for isDone in [true, false] {
            for commits in 0..<Self.momentsMax {
                let finding = try await withCuttingProxy { direct, behind, proxy in
                    let (near, far) = (try PostgresStore(direct), try PostgresStore(behind))
                    try await Fixtures.put(in: near)
                    try await raiseSeries(in: near)
                    try await ElectronicSource.put(card: Self.card, in: near)
                    if isDone { proxy.cut(1, after: commits) } else { try await near.killAtCommit(ofStep: commits + 1) }
                    let scene = try CrashScene.over(far)
                    try await live(Self.answerLost, until: Fuse(moments: .max), in: scene)
                    let wasLost = isDone ? proxy.hasCut : try await near.hasKilled(atStep: commits + 1)
                    let finding = wasLost ? try await heal(Self.answerLost, in: scene.over(near)) : nil
                    for store in [near, far] { await store.close() }
                    return finding
                }
                guard let finding else { break }
                matrix.add(
                    finding, in: "COMMIT lost \(isDone ? "once it was done" : "before it was done")", of: .postgres)
            }
        }
    }

    private func withScene<T>(
        _ engine: Engine, _ database: DatabaseFiles, _ body: (CrashScene) async throws -> T
    ) async throws -> T {
        switch engine {
        case .sqliteInMemory, .postgres: try await CrashScene.inMemory(engine, card: Self.card, body)
        case .sqliteFile: try await CrashScene.inFiles(database, body)
        }
    }

    private func live(_ amount: String, until fuse: Fuse, in scene: CrashScene) async throws {
        let request = try ElectronicSource.payment.request(amount, key: "a")
        try? await scene.process(fuse: fuse) { node in
            _ = await node.operations.answer(to: request)
            for pause in Self.pauses.dropLast(2) where !fuse.isBurnt { try? await node.pass(pause) }
        }
    }

    /// Starts a process after the failure, lets the caller repeat itself, and counts.
    private func heal(_ amount: String, after pause: Duration = .zero, in scene: CrashScene) async throws -> Finding {
        let request = try ElectronicSource.payment.request(amount, key: "a")
        return try await scene.process { node in
            node.clock.move(by: pause)
            for pause in Self.pauses { try await node.pass(pause) }
            let view = try await node.operations.refund(request)
            for pause in Self.pauses { try await node.pass(pause) }
            let last = try await node.operations.now(view)
            try await ElectronicSource.payment.expectHeld(last, on: node)
            #expect(try await node.operations.breaches() == [])
            let found = try await node.operations.listRefunds(
                RefundQuery(), for: .native, of: Fixtures.organization.id
            ).refunds
            return Finding(intents: found.count, refunds: try scene.effects().count, state: last.refund.state)
        }
    }
}
