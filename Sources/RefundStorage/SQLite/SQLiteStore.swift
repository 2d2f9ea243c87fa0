import GRDB
import GRDBSQLite
package import RefundDomain
import Synchronization

/// A store in one SQLite file, or in memory for tests.
///
/// WAL with `synchronous = full`: a unit that was answered survives `kill -9` and power loss. One writer thread groups
/// the commits; a few threads read beside it, each on a connection of its own.
package final class SQLiteStore: Store {
    private let database: DatabaseQueue
    private let writer: SQLiteWriter
    private let reader: SQLiteReader
    private let isClosed = Mutex(false)

    /// Opens the file at a path, or a database in memory where it is nil, and brings its schema up to date.
    ///
    /// With `migrating: false` an older schema is refused instead. Throws `newerSchema`, `readOnly`, `busy`, `corrupt`
    /// (also for another program's database) or `unavailable`; the file is then as it was.
    package init(
        path: String?, migrating: Bool = true, unitsPerGroupMax: Int = Limits.groupUnitsMax
    ) throws(StorageError) {
        do {
            if let path { try SQLiteMigrator.check(fileAt: path) }
            database = try Self.open(path)
            try Self.prepareWriter(database, isFile: path != nil)
            try SQLiteMigrator(database).bringUpToDate(migrating: migrating)
            try SQLiteCopyMark.settle(database)
        } catch {
            throw StorageError(error, while: "opening \(path ?? "memory")")
        }
        writer = SQLiteWriter(database, unitsPerGroupMax: unitsPerGroupMax)
        reader = SQLiteReader(path.map(SQLiteReader.Source.file) ?? .memory(database))
    }

    /// Reads beside the writer; a database in memory has one connection, and they take turns.
    package func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try Task.checkCancellation()
        return try await withUnsafeThrowingContinuation { caller in
            reader.enqueue(TwoPhaseUnit(reading: body, caller: caller))
        }
    }

    /// Queues a unit for the writer; no proof is needed, as SQLite says of each COMMIT how it ended.
    package func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        try Task.checkCancellation()
        return try await withUnsafeThrowingContinuation { caller in
            writer.enqueue(
                TwoPhaseUnit(
                    at: UnitPlace(organization: organization, key: key), asking: asking, then: then, caller: caller))
        }
    }

    /// Reads every page, and follows every foreign key.
    package func damages() async throws -> [String] {
        do {
            return try await database.read(SQLiteDamages.find)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return [error.message ?? "the file cannot be read"]
        }
    }

    /// Ends the writer after its last unit, and closes the file.
    package func close() async {
        let wasClosed = isClosed.withLock { closed in
            defer { closed = true }
            return closed
        }
        guard !wasClosed else { return }
        await writer.close()
        await reader.close()
        try? database.close()
    }

    private static func open(_ path: String?) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.label = "refundry"
        configuration.prepareDatabase { connection in
            try connection.execute(sql: "pragma temp_store = memory; pragma cache_size = -65536")
        }
        guard let path else { return try DatabaseQueue(configuration: configuration) }
        configuration.journalMode = .wal
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// GRDB's set-up of WAL puts `synchronous` back to NORMAL; durability is set after it, and read back.
    private static func prepareWriter(_ database: DatabaseQueue, isFile: Bool) throws {
        try database.writeWithoutTransaction { connection in
            // SQLite opens what it may not write without a word, and refuses the first write.
            guard sqlite3_db_readonly(connection.sqliteConnection, "main") == 0 else {
                throw StorageError(.readOnly, "the file may not be written")
            }
            try connection.execute(sql: "pragma synchronous = full; pragma wal_autocheckpoint = 4000")
            let synchronous = try Int.fetchOne(connection, sql: "pragma synchronous")
            let isWriteAhead = try String.fetchOne(connection, sql: "pragma journal_mode") == "wal"
            guard synchronous == 2, isWriteAhead || !isFile else {
                throw StorageError(.unavailable, "SQLite does not accept WAL with synchronous = full")
            }
        }
    }
}
