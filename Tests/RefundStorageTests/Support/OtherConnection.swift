import GRDB

@testable import RefundStorage

/// A connection of another process, as far as locks are concerned.
struct OtherConnection: Sendable {
    private let queue: DatabaseQueue

    /// A heedless one holds neither to foreign keys nor to checks.
    init(to path: String, isHeedless: Bool = false) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.foreignKeysEnabled = !isHeedless
        configuration.prepareDatabase { connection in
            if isHeedless { try connection.execute(sql: "pragma ignore_check_constraints = on") }
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Runs statements; a transaction that they begin stays open.
    func run(_ sql: String) async throws {
        try await queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    /// The schema and its version, as text.
    func dump() async throws -> String {
        try await queue.read(SchemaFile.dump)
    }

    /// Brings all that is in the log into the file.
    static func foldLog(of path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "pragma wal_checkpoint(truncate)") }
        try queue.close()
    }
}

/// Files as earlier versions of the program left them.
enum SchemaFile {
    /// Makes a file with the schema of a version: 0 is an empty one.
    static func make(at path: String?, version: Int) throws {
        _ = try database(at: path, version: version)
    }

    /// A database with the schema of a version, made statement by statement.
    static func database(at path: String?, version: Int) throws -> DatabaseQueue {
        let database = try path.map { try DatabaseQueue(path: $0) } ?? DatabaseQueue()
        try database.write { connection in
            for (index, statements) in Schema.versions.prefix(version).enumerated() {
                try SQLiteMigrator.apply(statements, to: connection)
                try connection.execute(sql: "insert into schema_versions (version) values (\(index + 1))")
            }
        }
        return database
    }

    /// The statements that make the schema, each table with its indexes behind it, and the version it says it has.
    static func dump(_ connection: Database) throws -> String {
        let statements = try String.fetchAll(
            connection,
            sql: """
                select sql from sqlite_schema where sql is not null and name not like 'sqlite_%' \
                order by tbl_name, type desc, name
                """)
        let versions = try Int.fetchAll(connection, sql: "select version from schema_versions order by version")
        return statements.map { $0 + ";\n" }.joined(separator: "\n") + "\n-- versions: \(versions)\n"
    }
}
