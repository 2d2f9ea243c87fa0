import GatewayStandIns
import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// An engine with a gateway behind it.
private enum Column: Hashable, CustomStringConvertible {
    case simulator(Engine)
    /// Stripe, on SQLite in memory: what the engines add, the simulator's columns show. COMMITs are PostgreSQL's alone.
    case stripe

    static let all = Engine.allCases.map(Column.simulator) + (PythonScript.isThere ? [.stripe] : [])
    static let losingCommits = all.filter { [.simulator(.postgres), .stripe].contains($0) }

    /// How a refund ends that was never sent: Stripe does not say of any that it was not.
    var unsent: RefundState {
        switch self {
        case .simulator: .failed
        case .stripe: .unknown
        }
    }

    var description: String {
        switch self {
        case .simulator(let engine): engine.description
        case .stripe: "Stripe"
        }
    }
}

/// What was found after a failure: how many refunds were accepted here, and how many the gateway carried out.
private struct Finding: Hashable, Comparable, CustomStringConvertible {
    let intents: Int
    let refunds: Int
    let state: RefundState

    /// One intent was carried out once; or it was never sent, and has ended as such do.
    func isRight(in column: Column) -> Bool {
        intents == 1 && (state == .succeeded && refunds == 1 || state == column.unsent && refunds == 0)
    }

    var description: String {
        "\(intents) \(intents == 1 ? "intent" : "intents"), \(refunds) \(refunds == 1 ? "refund" : "refunds")"
            + (state == .succeeded ? "" : " (\(state))")
    }

    static func < (a: Finding, b: Finding) -> Bool { a.description < b.description }
}

/// What was found after the failures of one kind, each at another moment, in a column.
private typealias Findings = [(row: String, finding: Finding)]

/// Failures by rows, engines and gateways by columns, and in each cell what was found.
private struct Matrix: CustomStringConvertible {
    private(set) var rows: [String] = []
    private var cells: [String: [Column: [Finding]]] = [:]

    mutating func add(_ findings: Findings, to column: Column) {
        for (row, finding) in findings {
            if cells[row] == nil { rows.append(row) }
            cells[row, default: [:]][column, default: []].append(finding)
        }
    }

    /// Rows with something else than they should have, or that only some of the columns with these moments have: Stripe
    /// alone is asked for its fees.
    var broken: [String] {
        rows.filter { row in
            let findings = cells[row] ?? [:]
            return !findings.allSatisfy { column, found in found.allSatisfy { $0.isRight(in: column) } }
                || ![Set(Column.all), Set(Column.losingCommits), [.stripe]].contains(Set(findings.keys))
        }
    }

    /// Rows in which something was never carried out.
    var unsent: [String] { rows.filter { cells[$0]?.values.joined().contains { $0.refunds == 0 } ?? false } }

    var description: String {
        let head = line("", Column.all.map(\.description))
        return ([head] + rows.map { row in line(row, Column.all.map { text(cells[row]?[$0] ?? []) }) })
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
        ([row.padded(to: 46)] + cells.map { $0.padded(to: 31) }).joined()
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

/// Every failure on every engine, and behind it the simulator or Stripe: one intent comes to one refund.
@Suite struct `The matrix of crashes` {
    /// More moments than the life has.
    private static let momentsMax = 100
    private static let pauses: [Duration] = [61, 31, 301, 3_601, 86_401].map { .seconds($0) }
    /// Longer than the gateway remembers a key.
    private static let oblivion = Duration.seconds(25 * 3_600)
    private static let card = "0042"

    @Test func `Has one refund for one intent in every cell`() async throws {
        let database = try await CrashScene.database(card: Self.card)
        let matrix = try await withThrowingTaskGroup(of: (Column, Findings).self) { group in
            for column in Column.all { group.addTask { (column, try await failures(in: column, database)) } }
            // They come to their end in any order, and the rows are to stand in one.
            var found = try await group.reduce(into: [Column: Findings]()) { $0[$1.0] = $1.1 }
            for column in Column.losingCommits { group.addTask { (column, try await lostCommits(in: column)) } }
            found = try await group.reduce(into: found) { $0[$1.0, default: []] += $1.1 }
            return Column.all.reduce(into: Matrix()) { $0.add(found[$1] ?? [], to: $1) }
        }
        print(matrix)
        #expect(matrix.broken == [])
        // Between the intent and the call: what was never sent is not sent once its key has been forgotten.
        #expect(matrix.unsent.map { $0.hasPrefix("key forgotten, killed") } == [true, true])
        #expect(matrix.rows.count > 30)
    }

    private func failures(in column: Column, _ database: DatabaseFiles) async throws -> Findings {
        let answerLost = try await deaths(in: column, database, meeting: .answerLost)
        let error = try await deaths(in: column, database, meeting: .errorAfterDoing)
        let forgotten = try await deaths(in: column, database, meeting: .none, pause: Self.oblivion)
        let left = ("the caller left during the call", try await leaver(in: column, database))
        return answerLost + error + forgotten + [left]
    }

    /// The process is killed at each moment of a life, and another starts so much later.
    private func deaths(
        in column: Column, _ database: DatabaseFiles, meeting trouble: SceneGateway.Trouble, pause: Duration = .zero
    ) async throws -> Findings {
        var findings: Findings = []
        let name = pause == Self.oblivion ? "key forgotten" : trouble.rawValue
        for moments in 0..<Self.momentsMax {
            let fuse = Fuse(moments: moments)
            let finding = try await withScene(column, database, meeting: trouble) { scene in
                try await live(trouble.amount, until: fuse, in: scene)
                return try await heal(trouble.amount, after: pause, in: scene)
            }
            guard let death = fuse.death else { return findings }
            findings.append(("\(name), killed \(death)", finding))
        }
        Issue.record("the process never came to its end")
        return findings
    }

    /// The caller is gone before the gateway has answered.
    private func leaver(in column: Column, _ database: DatabaseFiles) async throws -> Finding {
        try await withScene(column, database, meeting: .none) { scene in
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
                    waiting.yield(
                        Task {
                            let view = try? await node.operations.answer(to: request).get()
                            #expect(view?.refund.state == .submitting)
                        })
                    waiting.finish()
                    for await _ in calls {}
                })
            return try await heal("25.00", in: scene)
        }
    }

    /// Each COMMIT of the life in turn is lost with its connection, when it was done, and before.
    private func lostCommits(in column: Column) async throws -> Findings {
        let trouble = SceneGateway.Trouble.answerLost
        var findings: Findings = []
        for isDone in [true, false] {
            for commits in 0..<Self.momentsMax {
                let finding = try await withCuttingProxy { direct, behind, proxy in
                    let (near, far) = (try PostgresStore(direct), try PostgresStore(behind))
                    try await Fixtures.put(in: near)
                    try await raiseSeries(in: near)
                    try await ElectronicSource.put(card: Self.card, in: near)
                    let scene = try await scene(over: far, column, meeting: trouble)
                    if isDone { proxy.cut(1, after: commits) } else { try await near.killAtCommit(ofStep: commits + 1) }
                    try await live(trouble.amount, until: Fuse(moments: .max), in: scene)
                    let wasLost = isDone ? proxy.hasCut : try await near.hasKilled(atStep: commits + 1)
                    let finding = wasLost ? try await heal(trouble.amount, in: scene.over(near)) : nil
                    for store in [near, far] { await store.close() }
                    return finding
                }
                guard let finding else { break }
                findings.append(("COMMIT lost \(isDone ? "once it was done" : "before it was done")", finding))
            }
        }
        return findings
    }

    private func withScene<T>(
        _ column: Column, _ database: DatabaseFiles, meeting trouble: SceneGateway.Trouble,
        _ body: (CrashScene) async throws -> T
    ) async throws -> T {
        switch column {
        case .simulator(.sqliteFile): try await CrashScene.inFiles(database, body)
        case .simulator(let engine): try await CrashScene.inMemory(engine, card: Self.card, body)
        case .stripe:
            try await withBooks(.sqliteInMemory) { store in
                try await ElectronicSource.put(card: Self.card, in: store)
                return try await body(try await scene(over: store, column, meeting: trouble))
            }
        }
    }

    private func scene(
        over store: any Store, _ column: Column, meeting trouble: SceneGateway.Trouble
    ) async throws -> CrashScene {
        switch column {
        case .simulator: try CrashScene.over(store)
        case .stripe: try await CrashScene.over(store, stripeWith: trouble)
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
            return Finding(intents: found.count, refunds: try await scene.effects().count, state: last.refund.state)
        }
    }
}
