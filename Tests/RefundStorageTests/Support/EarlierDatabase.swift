import Foundation
import GRDB
import RefundTesting

@testable import RefundStorage

/// Lends a database of an earlier version, with rows in it; it is gone after the test.
func withEarlierPlace(
    _ engine: Engine, version: Int, _ rows: EarlierDatabase.Rows = [],
    _ body: (EarlierDatabase) async throws -> Void
) async throws {
    guard engine == .postgres else {
        return try await withTemporaryFolder { folder in
            let path = folder.path("refundry.sqlite")
            try EarlierDatabase.fillSQLite(path, version: version, rows)
            try await body(.sqlite(path))
        }
    }
    try await withPostgresSchema { address in
        try EarlierDatabase.fillPostgres(address, version: version, rows)
        try await body(.postgres(address))
    }
}

/// A table as an earlier version of the schema had it.
struct EarlierTable: Sendable {
    let table: SchemaTable
    private let columns: String
    let selection: SQLText

    /// Those with data of organizations, each behind those that it refers to.
    static func all(of version: Int) -> [EarlierTable] {
        Schema.tables(madeBy: Schema.versions.prefix(version).joined())
            .filter { $0.columns.contains { $0.name == "organization_id" } }.map(EarlierTable.init)
    }

    private init(_ table: SchemaTable) {
        self.table = table
        columns = table.columns.map(\.name).joined(separator: ", ")
        // A column that a later version dropped held nothing here.
        let present = Schema.tables.first { $0.name == table.name }
        let known = Set(present?.columns.map(\.name) ?? [])
        let kept = table.columns.map { known.contains($0.name) ? $0.name : "0 as \($0.name)" }
        selection = sql(
            "select \(kept.joined(separator: ", ")) from \(present?.name ?? "organizations where 1 = 0")")
    }

    /// Its parameters are as an engine spells them, told their numbers from 1.
    func insertion(_ parameter: (Int) -> String) -> String {
        let parameters = table.columns.indices.map { parameter($0 + 1) }.joined(separator: ", ")
        return "insert into \(table.name) (\(columns)) values (\(parameters))"
    }
}

/// A database with the schema and the rows of an earlier version.
enum EarlierDatabase {
    typealias Rows = [(EarlierTable, [StoredValues])]

    case sqlite(String)
    case postgres(String)

    /// Runs a statement as a server of that version would.
    func run(_ statement: String) throws { try run([statement]) }

    /// Runs statements as a server of that version would, in one transaction.
    func run(_ statements: [String]) throws {
        switch self {
        case .sqlite(let path):
            let database = try DatabaseQueue(path: path)
            try database.write { for statement in statements { try $0.execute(sql: statement) } }
            try database.close()
        case .postgres(let address):
            let session = try PostgresConnection.connect(address)
            try session.begin("begin")
            for statement in statements { try session.run(statement) }
            try session.commit()
        }
    }

    /// What bringing it up to date would change.
    func check() throws -> MigrationCheck {
        switch self {
        case .sqlite(let path): try MigrationCheck(file: path)
        case .postgres(let address): try MigrationCheck(postgres: address)
        }
    }

    func open(migrating: Bool) throws(StorageError) -> any Store {
        switch self {
        case .sqlite(let path): try SQLiteStore(path: path, migrating: migrating)
        case .postgres(let address): try PostgresStore(address, migrating: migrating)
        }
    }

    static func fillSQLite(_ path: String, version: Int, _ rows: Rows) throws {
        let database = try SchemaFile.database(at: path, version: version)
        try database.write { connection in
            for (table, rows) in rows {
                for row in rows {
                    try connection.execute(
                        sql: table.insertion { _ in "?" }, arguments: StatementArguments(row.values.map(\.bound)))
                }
            }
        }
        try database.close()
    }

    static func fillPostgres(_ address: String, version: Int, _ rows: Rows) throws {
        let session = try PostgresConnection.connect(address)
        try session.begin("begin")
        for (index, statements) in Schema.versions.prefix(version).enumerated() {
            for statement in statements { try session.run(PostgresMigrator.respelled(statement)) }
            try session.run("insert into schema_versions (version) values ($1)", [.integer(index + 1)])
        }
        for (table, rows) in rows {
            for row in rows { try session.run(table.insertion { "$\($0)" }, row.values) }
        }
        try session.commit()
    }
}

extension Value {
    fileprivate var bound: (any DatabaseValueConvertible)? {
        switch self {
        case .null: nil
        case .integer(let integer): integer
        case .text(let text): text
        case .bytes(let bytes): Data(bytes)
        }
    }
}
