import RefundDomain
import RefundStorage
import RefundTesting

/// What a closed database consists of, by the names of its files.
typealias DatabaseFiles = [String: [UInt8]]

/// A database, a gateway and a clock that outlive the processes that use them.
struct CrashScene: Sendable {
    private enum Place: Sendable {
        /// Each process opens the database in the folder.
        case files(TemporaryFolder)
        /// One store for all processes.
        case memory(any Store)
    }

    private static let databaseName = "refundry.sqlite"
    private static let bookName = "simulator.book"

    private let place: Place
    private let gateway: SceneGateway
    private let clock: ServiceClock

    /// What the gateway did in truth.
    func effects() async throws -> [SceneGateway.Effect] { try await gateway.effects() }

    /// Runs a process with objects of its own, which stops without a farewell; with a fuse it may die before.
    ///
    /// What is to happen while the gateway is called happens before its answer.
    func process<T>(
        fuse: Fuse = Fuse(moments: .max), duringCalls meanwhile: @escaping @Sendable () async -> Void = {},
        _ body: (ServiceNode) async throws -> T
    ) async throws -> T {
        let gateway = try gateway.reached()
        return try await withPlace { store in
            let node = ServiceNode(
                store: MortalStore(store: store, fuse: fuse), clock: clock,
                gateway: MortalGateway(gateway: gateway, fuse: fuse, meanwhile: meanwhile))
            return try await node.running { try await body(node) }
        }
    }

    private func withPlace<T>(_ body: (any Store) async throws -> T) async throws -> T {
        switch place {
        case .memory(let store): try await body(store)
        case .files(let folder): try await withStore(at: folder.path(Self.databaseName), body)
        }
    }
}

extension CrashScene {
    /// Lends a scene over one store, in memory where nothing else is said, with the sources of electronic refunds.
    static func inMemory<T>(
        _ engine: Engine = .sqliteInMemory, card: String, _ body: (CrashScene) async throws -> T
    ) async throws -> T {
        try await withBooks(engine) { store in
            try await ElectronicSource.put(card: card, in: store)
            return try await body(try over(store))
        }
    }

    /// A scene over a store that holds the sources of electronic refunds.
    static func over(_ store: any Store) throws -> CrashScene {
        let clock = ServiceClock(at: Fixtures.now)
        return CrashScene(place: .memory(store), gateway: try .simulator(clock), clock: clock)
    }

    /// As above, with Stripe as the gateway.
    static func over(_ store: any Store, stripeWith trouble: SceneGateway.Trouble) async throws -> CrashScene {
        let clock = ServiceClock(at: Fixtures.now)
        return CrashScene(place: .memory(store), gateway: try await .stripe(trouble, clock), clock: clock)
    }

    /// The same clock and gateway, reached over another store of the same database.
    func over(_ store: any Store) -> CrashScene {
        CrashScene(place: .memory(store), gateway: gateway, clock: clock)
    }

    /// Lends a scene in a folder of its own, over a copy of a database.
    static func inFiles<T>(_ database: DatabaseFiles, _ body: (CrashScene) async throws -> T) async throws -> T {
        try await withTemporaryFolder { folder in
            for (name, bytes) in database { try folder.write(bytes, to: name) }
            let clock = ServiceClock(at: Fixtures.now)
            let gateway = SceneGateway.simulator(bookAt: folder.path(bookName), clock)
            return try await body(CrashScene(place: .files(folder), gateway: gateway, clock: clock))
        }
    }

    /// A database with the sources of electronic refunds, closed.
    static func database(card: String) async throws -> DatabaseFiles {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(databaseName)) { store in
                try await Fixtures.put(in: store)
                try await raiseSeries(in: store)
                try await ElectronicSource.put(card: card, in: store)
            }
            return try Dictionary(uniqueKeysWithValues: folder.names().map { ($0, try folder.bytes(of: $0)) })
        }
    }
}
