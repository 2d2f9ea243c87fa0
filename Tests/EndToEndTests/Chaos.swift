import Foundation
import RefundDomain
import RefundGateways
import RefundTesting
import Synchronization
import Testing

/// Several nodes over one database, of which one after another is killed while all are asked for refunds.
///
/// `make chaos` runs it for a minute and until the backlog has drained; otherwise it is over in a few seconds.
@Suite struct `Three nodes on one database` {
    private static let isLong = ProcessInfo.processInfo.environment["REFUNDRY_CHAOS"] == "1"
    private static let kills = isLong ? 60 : 4
    private static let callers = 12
    /// The lease of an attempt, the first question about it, and a margin.
    private static let drainage = Duration.seconds(180)

    @Test func `lose no refund that was answered and make none twice, whichever is killed`() async throws {
        try await withDatabase(.postgres) { database in
            let nodes = try await Nodes(count: 3, options: ["--demo"] + database.options)
            let log = CallLog()
            await withTaskGroup { group in
                group.addTask {
                    for number in 0..<Self.kills {
                        try? await Task.sleep(for: .seconds(1))
                        await nodes.killAndRestart(number % 3)
                    }
                    log.end()
                }
                for worker in 0..<Self.callers {
                    group.addTask {
                        var number = 0
                        while !log.isOver {
                            number += 1
                            let key = "chaos-\(worker)-\(number)"
                            switch await answer(to: key, from: { nodes.caller(worker + number + $0) }) {
                            case .success(let refund): log.add(refund: refund)
                            case .failure(let answer): log.add(strange: answer.text)
                            }
                        }
                    }
                }
            }
            #expect(log.strange == [])
            let refunds = log.refunds
            #expect(!refunds.isEmpty)
            #expect(Set(refunds).count == refunds.count, "each intent has a refund of its own")
            if Self.isLong { try await expectDrained(nodes.caller(0)) }
            await nodes.stop()
            try expectDone(refunds, isDrained: Self.isLong, in: database)
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    /// Waits until no refund is left whose outcome is open.
    private func expectDrained(_ caller: Caller) async throws {
        let deadline = ContinuousClock.now + Self.drainage
        var open = ["?"]
        while !open.isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .seconds(2))
            open = []
            for state in ["approved", "submitting", "unknown"] {
                let answer = try await caller.get(
                    "/refundry/v1/refunds?state=\(state)", [("Authorization", "Bearer \(Caller.token)")])
                if (answer["refunds"] as? [Any])?.isEmpty != true {
                    open.append("\(state): \(answer.body.prefix(300))")
                }
            }
        }
        #expect(open == [])
    }

    private func expectDone(_ refunds: [String], isDrained: Bool, in database: ProgramDatabase) throws {
        let effects = try SimulatorBook.effects(inFile: database.book).map(\.submission.refund)
        #expect(Set(effects).count == effects.count, "no refund was carried out twice")
        if isDrained { #expect(effects.count >= refunds.count) }
        print("\(refunds.count) refunds were answered, \(effects.count) were carried out, \(Self.kills) kills")
    }
}

/// What callers heard, and whether they go on.
private final class CallLog: Sendable {
    private struct Entries {
        var refunds: [String] = []
        var strange: [String] = []
        var isOver = false
    }

    private let entries = Mutex(Entries())

    var refunds: [String] { entries.withLock { $0.refunds } }
    var strange: [String] { entries.withLock { $0.strange } }
    var isOver: Bool { entries.withLock { $0.isOver } }

    func add(refund: String) { entries.withLock { $0.refunds.append(refund) } }
    func add(strange: String) { entries.withLock { $0.strange.append(strange) } }
    func end() { entries.withLock { $0.isOver = true } }
}

/// The nodes that are alive, or about to be.
private final class Nodes: Sendable {
    private let options: [String]
    private let servers: Mutex<[RunningServer]>

    init(count: Int, options: [String]) async throws {
        self.options = options
        var started: [RunningServer] = []
        for _ in 0..<count { started.append(try await RunningServer(options)) }
        servers = Mutex(started)
    }

    /// Someone who asks one of the nodes, alive or not.
    func caller(_ number: Int) -> Caller {
        Caller(origin: servers.withLock { $0[number % $0.count].origin })
    }

    func killAndRestart(_ number: Int) async {
        await servers.withLock { $0[number] }.kill9()
        if let server = try? await RunningServer(options) { servers.withLock { $0[number] = server } }
    }

    func stop() async {
        for server in servers.withLock({ $0 }) { await server.stop() }
    }
}
