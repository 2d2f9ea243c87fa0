import Foundation
import GRDB
import GRDBSQLite

/// A session on one SQLite connection: prepared statements, bound and stepped by position through the C interface.
///
/// Used by one thread at a time, inside GRDB's access to the connection.
final class SQLiteSession: Session {
    private let database: Database
    private let preparing: (Database, String) throws -> Statement
    private var statements: [SQLText: Statement] = [:]

    /// The error that failed the session; the engine clears it between units.
    var failure: StorageError?

    /// `preparing` makes the statement, or finds the one that the connection keeps.
    init(_ database: Database, preparing: @escaping (Database, String) throws -> Statement) {
        self.database = database
        self.preparing = preparing
    }

    /// Whether a transaction is open: SQLite ends one by itself when a disk is full or memory runs out.
    var isInTransaction: Bool { sqlite3_get_autocommit(database.sqliteConnection) == 0 }

    func execute(_ sql: SQLText, _ values: [Value]) throws(StorageError) {
        try run(sql, values) { (_) throws(StorageError) in }
    }

    func rows<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> [T] {
        var rows: [T] = []
        try run(sql, values) { (columns) throws(StorageError) in
            var reader = RowReader(columns)
            rows.append(try T(row: &reader))
        }
        return rows
    }

    func ask<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> Answer<T> {
        Answer(try rows(type, sql, values))
    }

    /// The machine's clock: SQLite has none of its own.
    func databaseTime() throws(StorageError) -> Answer<StoredInteger> {
        if let failure { throw failure }
        return Answer([StoredInteger(value: Int64(Date().timeIntervalSince1970 * 1_000_000))])
    }

    private func run(
        _ sql: SQLText, _ values: [Value], eachRow: (SQLiteColumns) throws(StorageError) -> Void
    ) throws(StorageError) {
        if let failure { throw failure }
        let statement = try prepared(sql).sqliteStatement
        defer { sqlite3_reset(statement) }
        bind(values, to: statement)
        while true {
            let code = sqlite3_step(statement)
            switch code {
            case SQLITE_ROW:
                do throws(StorageError) {
                    try eachRow(SQLiteColumns(statement: statement))
                } catch {
                    throw fail(error)
                }
            case SQLITE_DONE: return
            default: throw fail(StorageError(sqlite: database.sqliteConnection, while: sql.text))
            }
        }
    }

    private func prepared(_ sql: SQLText) throws(StorageError) -> Statement {
        if let statement = statements[sql] { return statement }
        do {
            let statement = try preparing(database, sql.text)
            statements[sql] = statement
            return statement
        } catch {
            throw fail(StorageError(error, while: sql.text))
        }
    }

    private func fail(_ error: StorageError) -> StorageError {
        failure = failure ?? error
        return error
    }

    /// Tells SQLite to copy what is bound: the Swift buffers end with this call.
    private nonisolated(unsafe) static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bind(_ values: [Value], to statement: OpaquePointer) {
        for (index, value) in values.enumerated() {
            let position = Int32(index + 1)
            switch value {
            case .null:
                sqlite3_bind_null(statement, position)
            case .integer(let integer):
                sqlite3_bind_int64(statement, position, integer)
            case .text(var text):
                text.withUTF8 { utf8 in
                    utf8.withMemoryRebound(to: CChar.self) { characters in
                        // An empty buffer may have no address, and SQLite would bind null for none.
                        guard let start = characters.baseAddress else { return }
                        sqlite3_bind_text(statement, position, start, Int32(characters.count), Self.transient)
                    }
                }
                if text.isEmpty { sqlite3_bind_text(statement, position, "", 0, Self.transient) }
            case .bytes(let bytes):
                _ = bytes.withUnsafeBytes {
                    $0.isEmpty
                        ? sqlite3_bind_zeroblob(statement, position, 0)
                        : sqlite3_bind_blob(statement, position, $0.baseAddress, Int32($0.count), Self.transient)
                }
            }
        }
    }
}

/// The columns of the row that a statement stands on.
struct SQLiteColumns: Columns {
    let statement: OpaquePointer

    func isNull(_ position: Int) -> Bool { sqlite3_column_type(statement, Int32(position)) == SQLITE_NULL }

    func integer(_ position: Int) -> Int64 { sqlite3_column_int64(statement, Int32(position)) }

    func text(_ position: Int) -> String {
        guard let start = sqlite3_column_text(statement, Int32(position)) else { return "" }
        let length = Int(sqlite3_column_bytes(statement, Int32(position)))
        return String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }

    func bytes(_ position: Int) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, Int32(position)) else { return [] }
        let length = Int(sqlite3_column_bytes(statement, Int32(position)))
        return Array(UnsafeRawBufferPointer(start: start, count: length))
    }

    var count: Int { Int(sqlite3_column_count(statement)) }

    func value(_ position: Int) -> Value {
        switch sqlite3_column_type(statement, Int32(position)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer(integer(position))
        case SQLITE_TEXT: .text(text(position))
        default: .bytes(bytes(position))
        }
    }
}
