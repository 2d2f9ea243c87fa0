import CPostgres

/// A session on one connection: statements and questions are queued, and go out when an answer is read.
///
/// A statement that returns no rows is answered with the next question, or at COMMIT: what is wrong with it shows only
/// then.
final class PostgresSession: Session {
    private let pipeline: PostgresPipeline

    /// The server's process behind the connection, as the server names it.
    var backend = ""

    /// The error that failed the session; the engine clears it between transactions.
    private(set) var failure: StorageError?

    init(_ pipeline: PostgresPipeline) {
        self.pipeline = pipeline
    }

    /// Whether the connection is gone, and with it all that was not committed.
    var isLost: Bool { pipeline.isLost }

    func execute(_ sql: SQLText, _ values: [Value]) throws(StorageError) {
        try unlessFailed { () throws(StorageError) in
            try pipeline.send(sql, values) { (_) throws(StorageError) in }
        }
    }

    func rows<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> [T] {
        try ask(type, sql, values).rows()
    }

    func ask<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> Answer<T> {
        let found = Found<T>()
        try unlessFailed { () throws(StorageError) in
            try pipeline.send(sql, values) { (result) throws(StorageError) in
                var rows: [T] = []
                for row in 0..<PQntuples(result) {
                    var reader = RowReader(PostgresColumns(result: result, row: row))
                    rows.append(try T(row: &reader))
                }
                found.rows = rows
            }
        }
        return Answer { [self] () throws(StorageError) in
            if found.rows == nil { try flush() }
            return found.rows ?? []
        }
    }

    /// The server's clock as it goes, not as the transaction began.
    func databaseTime() throws(StorageError) -> Answer<StoredInteger> {
        try ask(StoredInteger.self, .clock, [])
    }

    /// Answers all that is queued.
    func flush() throws(StorageError) {
        try unlessFailed { () throws(StorageError) in try pipeline.flush() }
    }

    // MARK: Transactions

    /// Queues the beginning of a transaction.
    func begin(_ kind: SQLText) throws(StorageError) {
        failure = nil
        try execute(kind, [])
    }

    /// Commits, and returns once it is durable.
    ///
    /// Throws what went wrong with a statement that was still queued; where `isLost` after that, COMMIT may have
    /// happened all the same.
    func commit() throws(StorageError) {
        try execute(.commit, [])
        try unlessFailed { () throws(StorageError) in try pipeline.synchronize() }
        // COMMIT of a transaction that has failed is no error: it says what it did instead.
        guard pipeline.lastTag != "ROLLBACK" else { throw fail(StorageError(.failedBefore, "commit")) }
    }

    /// Undoes the transaction, whatever state it is in.
    ///
    /// Throws only where the connection is lost.
    func rollBack() throws(StorageError) {
        failure = nil
        do throws(StorageError) {
            try pipeline.synchronize()
        } catch {
            // What was queued before may say once more what is wrong with it.
            if isLost { throw fail(error) }
        }
        try execute(.rollback, [])
        try unlessFailed { () throws(StorageError) in try pipeline.synchronize() }
    }

    private func unlessFailed(_ body: () throws(StorageError) -> Void) throws(StorageError) {
        if let failure { throw failure }
        do throws(StorageError) { try body() } catch { throw fail(error) }
    }

    private func fail(_ error: StorageError) -> StorageError {
        failure = failure ?? error
        return error
    }
}

/// Rows that have come, or not yet.
private final class Found<T: Stored> {
    var rows: [T]?
}

extension SQLText {
    fileprivate static let commit: SQLText = "commit"
    fileprivate static let clock: SQLText =
        "select cast(extract(epoch from clock_timestamp()) * 1000000 as bigint)"
    fileprivate static let rollback: SQLText = "rollback"
}
