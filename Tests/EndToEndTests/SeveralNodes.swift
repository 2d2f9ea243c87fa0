import Synchronization

/// What callers heard, and whether they go on.
final class CallLog: Sendable {
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
final class Nodes: Sendable {
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

    /// Starts a node in the place of another, and stops that one cleanly.
    func replace(_ number: Int) async {
        guard let server = try? await RunningServer(options) else { return }
        let earlier = servers.withLock { servers in
            defer { servers[number] = server }
            return servers[number]
        }
        await earlier.stop()
    }

    func stop() async {
        for server in servers.withLock({ $0 }) { await server.stop() }
    }
}
