import Logging
import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import ServiceLifecycle
import Testing

/// One process of the service over a store, without the program around it.
struct ServiceNode: Sendable {
    let store: any Store
    let clock: ServiceClock
    let gateway: any Gateway
    let roster: GatewayRoster
    let directory: Directory
    let identifiers: Identifiers
    let submissions: Submissions
    let operations: Operations
    private let surroundings: Surroundings

    private static let roundsMax = 50
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Callers wait for an outcome by the node's clock, or by one of their own; the database has the node's time, or
    /// one of its own.
    init(
        store: any Store, clock: ServiceClock, gateway: any Gateway, connectors: [any GatewayConnector] = [],
        vault: (any SecretVault)? = nil, patience: ServiceClock? = nil,
        databaseClock: ServiceClock? = nil
    ) {
        let surroundings = Self.surroundings(clock, database: databaseClock ?? clock)
        self.surroundings = surroundings
        self.store = store
        self.clock = clock
        self.gateway = gateway
        roster = GatewayRoster(
            store: store, builtIn: [Fixtures.gateway: gateway], connectors: connectors, vault: vault,
            surroundings: surroundings)
        directory = Directory(store: store, now: { clock.now })
        identifiers = Identifiers(store: store)
        submissions = Submissions(
            exchange: GatewayExchange(
                store: store, directory: directory, roster: roster, identifiers: identifiers,
                surroundings: surroundings),
            sleep: { try await (patience ?? clock).sleep($0) })
        operations = Operations(
            store: store, directory: directory, submissions: submissions, roster: roster,
            identifiers: identifiers, surroundings: surroundings)
    }

    /// Runs a body while the node takes gateway calls; then it stops at once, as a process that is killed.
    func running<T>(_ body: () async throws -> T) async throws -> T {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await submissions.run() }
            await submissions.untilRunning()
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Runs a body while the node takes gateway calls; then it finishes those that have begun, as on a clean stop.
    func runningToTheEnd<T>(_ body: () async throws -> T) async throws -> T {
        let services = ServiceGroup(services: [submissions], logger: Self.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            await submissions.untilRunning()
            let result = try await body()
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return result
        }
    }

    /// Lets workers take up all that is due by now to its end, and what falls due by that.
    func workOff() async throws {
        let now = clock.now
        for _ in 0..<Self.roundsMax {
            if try await store.read({ try $0.duePayouts(at: now, atMost: 1) }).isEmpty { return }
            try await takeUpOnce()
        }
        Issue.record("what is due stays due")
    }

    /// Moves the clock, and lets workers take up what is due then.
    func pass(_ duration: Duration) async throws {
        clock.move(by: duration)
        try await workOff()
    }

    /// Runs a worker, on a node of its own, until it finds nothing to take up; then stops it gracefully.
    func takeUpOnce() async throws {
        let idle = ServiceClock(at: clock.now)
        let submissions = Submissions(
            exchange: GatewayExchange(
                store: store, directory: Directory(store: store, now: { [clock] in clock.now }), roster: roster,
                identifiers: identifiers, surroundings: surroundings),
            sleep: { try await idle.sleep($0) })
        let services = ServiceGroup(services: [submissions], logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            await submissions.untilRunning()
            let worker = PayoutWorker(store: store, submissions: submissions, surroundings: surroundings)
            let work = Task { try await worker.run() }
            await idle.untilSomebodySleeps(for: .seconds(1))
            work.cancel()
            try await work.value
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    private static func surroundings(_ clock: ServiceClock, database: ServiceClock) -> Surroundings {
        Surroundings(
            now: { clock.now }, sleep: { try await clock.sleep($0) }, logger: logger, databaseNow: { database.now })
    }
}

extension Submissions {
    /// Returns once calls are taken.
    func untilRunning() async {
        // The place that is tried is never given back; there are two thousand.
        while permit() == nil { await Task.yield() }
    }
}

/// Lends a node over a fresh store that holds the fixtures, with a simulator that behaves as told.
func withNode<T>(
    _ engine: Engine = .sqliteInMemory, config: SimulatorConfig = SimulatorConfig(seed: 7),
    _ body: (ServiceNode, SimulatorBook) async throws -> T
) async throws -> T {
    try await withBooks(engine) { store in
        let clock = ServiceClock(at: Fixtures.now)
        let gateway = try SimulatorGateway(config, now: { clock.now }, sleep: { try await clock.sleep($0) })
        return try await body(ServiceNode(store: store, clock: clock, gateway: gateway), gateway.book)
    }
}

/// Lends a node as `withNode` does, which takes gateway calls meanwhile.
func withService<T>(
    _ engine: Engine = .sqliteInMemory, config: SimulatorConfig = SimulatorConfig(seed: 7),
    _ body: (ServiceNode, SimulatorBook) async throws -> T
) async throws -> T {
    try await withNode(engine, config: config) { node, book in
        try await node.running { try await body(node, book) }
    }
}

/// Lends a store that holds the fixtures, with its series of numbers above theirs.
func withBooks<T>(_ engine: Engine, _ body: (any Store) async throws -> T) async throws -> T {
    try await withFixtures(engine) { store in
        try await raiseSeries(in: store)
        return try await body(store)
    }
}

/// Lets the series of note numbers go on after the notes of the fixtures.
func raiseSeries(in store: any Store) async throws {
    let id = Fixtures.organization.id
    let count = Int64(Fixtures.notes.count)
    try await store.write(for: id) { try $0.raiseNumbers(of: .creditNote, beyond: count, for: id) }
}
