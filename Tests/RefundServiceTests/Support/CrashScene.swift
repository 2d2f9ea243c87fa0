import RefundDomain
import RefundGateways
import RefundStorage
import RefundTesting

/// What a closed database consists of, by the names of its files.
typealias DatabaseFiles = [String: [UInt8]]

/// A database, a gateway and a clock that outlive the processes that use them.
struct CrashScene: Sendable {
    private enum Place: Sendable {
        /// Each process opens the file, and its gateway the book beside it.
        case files(TemporaryFolder)
        /// One store and one gateway for all processes.
        case memory(any Store, SimulatorGateway)
    }

    private static let databaseName = "refundry.sqlite"
    private static let bookName = "simulator.book"

    private let place: Place
    private let clock: ServiceClock

    /// What the gateway did in truth.
    func effects() throws -> [SimulatorEffect] {
        switch place {
        case .memory(_, let gateway): gateway.book.effects()
        case .files(let folder): try SimulatorBook.effects(inFile: folder.path(Self.bookName))
        }
    }

    /// Runs a process with objects of its own, which stops without a farewell; with a fuse it may die before.
    ///
    /// What is to happen while the gateway is called happens before its answer.
    func process<T>(
        fuse: Fuse = Fuse(moments: .max), duringCalls meanwhile: @escaping @Sendable () async -> Void = {},
        _ body: (ServiceNode) async throws -> T
    ) async throws -> T {
        try await withPlace { store, gateway in
            let node = ServiceNode(
                store: MortalStore(store: store, fuse: fuse), clock: clock,
                gateway: MortalGateway(gateway: gateway, fuse: fuse, meanwhile: meanwhile))
            return try await node.running { try await body(node) }
        }
    }

    private func withPlace<T>(_ body: (any Store, SimulatorGateway) async throws -> T) async throws -> T {
        switch place {
        case .memory(let store, let gateway): return try await body(store, gateway)
        case .files(let folder):
            let gateway = try Self.gateway(.file(path: folder.path(Self.bookName)), clock)
            return try await withStore(at: folder.path(Self.databaseName)) { try await body($0, gateway) }
        }
    }

    private static func gateway(
        _ book: SimulatorConfig.BookPlace, _ clock: ServiceClock
    ) throws -> SimulatorGateway {
        try SimulatorGateway(
            SimulatorConfig(seed: 7, book: book), now: { clock.now }, sleep: { try await clock.sleep($0) })
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
        return CrashScene(place: .memory(store, try gateway(.memory, clock)), clock: clock)
    }

    /// The same clock and gateway, reached over another store of the same database.
    func over(_ store: any Store) -> CrashScene {
        switch place {
        case .memory(_, let gateway): CrashScene(place: .memory(store, gateway), clock: clock)
        case .files: self
        }
    }

    /// Lends a scene in a folder of its own, over a copy of a database.
    static func inFiles<T>(_ database: DatabaseFiles, _ body: (CrashScene) async throws -> T) async throws -> T {
        try await withTemporaryFolder { folder in
            for (name, bytes) in database { try folder.write(bytes, to: name) }
            return try await body(CrashScene(place: .files(folder), clock: ServiceClock(at: Fixtures.now)))
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
