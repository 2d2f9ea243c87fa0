import GRDB
import RefundDomain

/// The threads that read, each with a connection and prepared statements of its own.
struct SQLiteReader: Sendable {
    /// What is read.
    enum Source: Sendable {
        case file(String)
        /// Memory has one connection, and the writer is on it between groups.
        case memory(DatabaseQueue)
    }

    private let queue: UnitQueue

    init(_ source: Source) {
        let threads =
            switch source {
            case .file: Limits.readingConnections
            case .memory: 1
            }
        queue = UnitQueue(named: "refundry-reader", threads: threads, unitsPerGroupMax: 1) { queue in
            Self.work(on: source, queue)
        }
    }

    /// Queues a read; its caller hears when it has run, or at once that too many wait.
    func enqueue(_ unit: any Unit) { queue.enqueue(unit) }

    /// Ends the threads after the last read that waits.
    func close() async { await queue.close() }

    private static func work(on source: Source, _ queue: UnitQueue) {
        var database: DatabaseQueue?
        var session: SQLiteSession?
        while let units = queue.nextGroup() {
            for unit in units {
                let failure: StorageError?
                do {
                    let current = try database ?? open(source)
                    database = current
                    failure = try read(current, of: source) { connection in
                        let reading = session ?? SQLiteSession(connection, preparing: readingStatement)
                        session = reading
                        return run(unit, in: reading)
                    }
                } catch {
                    failure = StorageError(error, while: "reading")
                }
                unit.finish(failure)
            }
        }
        // Statements are finalized on the connection that they belong to.
        try? database?.read { _ in session = nil }
    }

    /// Reads in one consistent state.
    ///
    /// In memory there is nobody beside; GRDB's own guard against writing would have all statements prepared again.
    private static func read<T>(
        _ database: DatabaseQueue, of source: Source, _ body: (Database) throws -> T
    ) throws -> T {
        switch source {
        case .file: try database.read(body)
        case .memory: try database.unsafeRead(body)
        }
    }

    private static func readingStatement(_ connection: Database, _ sql: String) throws -> Statement {
        let statement = try connection.makeStatement(sql: sql)
        guard statement.isReadonly else { throw StorageError(.readOnly, sql) }
        return statement
    }

    /// The storage error that the unit's closure did not throw, if any.
    private static func run(_ unit: any Unit, in session: SQLiteSession) -> StorageError? {
        session.failure = nil
        let thrown = unit.ask(in: session) ?? unit.decide(in: session)
        return thrown == nil ? session.failure : nil
    }

    private static func open(_ source: Source) throws -> DatabaseQueue {
        switch source {
        case .memory(let database): return database
        case .file(let path):
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            configuration.label = "refundry-reader"
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }
}
