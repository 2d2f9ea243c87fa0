import CPostgres
import Foundation
import RefundDomain

/// One connection to PostgreSQL in libpq's pipeline mode: statements wait until an answer is needed.
///
/// Used by one thread, which it blocks while it waits. Once lost, it is of no more use.
final class PostgresPipeline {
    /// Reads the result of one statement.
    typealias Reading = (OpaquePointer) throws(StorageError) -> Void

    private enum Expected {
        case preparation(SQLText)
        case result(SQLText, Reading)
        case synchronization
    }

    private let connection: OpaquePointer
    private var prepared: [SQLText: String] = [:]
    private var namesGiven = 0
    private var expected: [Expected] = []
    private var parameters = PostgresParameters()
    /// The tag of the last statement that came through, such as `COMMIT`.
    private(set) var lastTag = ""
    private(set) var isLost = false

    /// Connects, as a connection string says: `postgres://…`, or `host=… dbname=…`.
    ///
    /// Throws `unavailable`.
    init(_ connectionString: String) throws(StorageError) {
        // What stands in the string comes later, and wins.
        let settings = [
            ("connect_timeout", "5"), ("keepalives_idle", "30"), ("tcp_user_timeout", "30000"),
            ("fallback_application_name", "refundry"), ("client_encoding", "UTF8"), ("dbname", connectionString),
        ]
        guard let connection = Self.connect(settings) else { throw StorageError(.unavailable, "no memory") }
        guard PQstatus(connection) == CONNECTION_OK, PQenterPipelineMode(connection) == 1 else {
            let error = StorageError(postgres: connection)
            PQfinish(connection)
            throw error
        }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        self.connection = connection
    }

    deinit { PQfinish(connection) }

    /// Queues a statement, prepared under a name when it is first used; `reading` is called when its result is there.
    func send(_ sql: SQLText, _ values: [Value], reading: @escaping Reading) throws(StorageError) {
        let name = try prepare(sql, values)
        let isSent = parameters.encode(values) { count, values, lengths, formats in
            PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw loss() }
        expected.append(.result(sql, reading))
        // A long unit is answered in parts: what waits for its answer takes room on both sides.
        if expected.count >= Limits.pipelinedStatementsMax { try flush() }
    }

    /// Waits until all that is queued is answered: one round trip.
    ///
    /// Throws the first error; all that was queued behind it did nothing.
    func flush() throws(StorageError) {
        guard !expected.isEmpty else { return }
        guard PQsendFlushRequest(connection) == 1, PQflush(connection) >= 0 else { throw loss() }
        try receive()
    }

    /// As `flush()`, and an end to what an error has stopped: statements queued after it are run again.
    func synchronize() throws(StorageError) {
        guard PQpipelineSync(connection) == 1 else { throw loss() }
        expected.append(.synchronization)
        try receive()
    }

    private func prepare(_ sql: SQLText, _ values: [Value]) throws(StorageError) -> String {
        if let name = prepared[sql] { return name }
        namesGiven += 1
        let name = "s\(namesGiven)"
        // Types are told, where a value shows them: the server's own guess for `$1 + 1` is a narrower integer.
        let types = values.map(\.postgresType)
        guard PQsendPrepare(connection, name, sql.text, Int32(types.count), types) == 1 else { throw loss() }
        prepared[sql] = name
        expected.append(.preparation(sql))
        return name
    }

    private func receive() throws(StorageError) {
        var first: StorageError?
        let awaited = expected
        expected.removeAll(keepingCapacity: true)
        for item in awaited {
            do throws(StorageError) {
                try receive(item)
            } catch {
                if isLost { throw error }
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    private func receive(_ item: Expected) throws(StorageError) {
        switch item {
        case .synchronization:
            // In its place the server may say that it ends the connection, before the connection has ended.
            let result = PQgetResult(connection)
            defer { PQclear(result) }
            guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else { throw loss() }
        case .preparation(let sql):
            do throws(StorageError) {
                try receive(sql) { (_) throws(StorageError) in }
            } catch {
                // The server has forgotten it, or never heard of it.
                prepared[sql] = nil
                throw error
            }
        case .result(let sql, let reading):
            try receive(sql, reading)
        }
    }

    private func receive(_ sql: SQLText, _ reading: Reading) throws(StorageError) {
        guard let result = PQgetResult(connection) else { throw loss() }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            lastTag = String(cString: PQcmdStatus(result))
            try endOfStatement()
            try reading(result)
        case PGRES_PIPELINE_ABORTED:
            try endOfStatement()
            throw StorageError(.failedBefore, sql.text)
        default:
            let error = StorageError(postgres: result, while: sql.text)
            let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
            isLost = StorageError.endsConnection(state: state) || PQstatus(connection) != CONNECTION_OK
            if isLost { throw StorageError(.unavailable, error.detail) }
            try endOfStatement()
            throw error
        }
    }

    /// Each statement's results end in a null.
    private func endOfStatement() throws(StorageError) {
        guard let surplus = PQgetResult(connection) else { return }
        PQclear(surplus)
        throw loss()
    }

    private func loss() -> StorageError {
        isLost = true
        return StorageError(postgres: connection)
    }

    private static func connect(_ settings: [(String, String)]) -> OpaquePointer? {
        let keywords = settings.map { strdup($0.0) }
        let values = settings.map { strdup($0.1) }
        defer { for text in keywords + values { free(text) } }
        return PQconnectdbParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
    }
}
