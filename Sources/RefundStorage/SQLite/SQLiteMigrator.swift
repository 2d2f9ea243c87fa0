import Foundation
import GRDB
import RefundDomain

/// Brings a SQLite file to the schema of this program, one version after another, in one transaction each.
struct SQLiteMigrator {
    private let database: any DatabaseWriter

    init(_ database: any DatabaseWriter) {
        self.database = database
    }

    /// Throws where the file is none that this program may write to, before a byte of it is changed.
    ///
    /// Throws `newerSchema` where a later version made it, `corrupt` where another program did. No file is no fault.
    static func check(fileAt path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        var configuration = Configuration()
        configuration.readonly = true
        let file = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? file.close() }
        let version = try file.read(Self.version)
        let tables = try file.read { try Int.fetchOne($0, sql: "select count(*) from sqlite_schema") ?? 0 }
        guard version <= Schema.current else {
            throw StorageError(
                .newerSchema, "the schema has version \(version), this program knows \(Schema.current)")
        }
        guard version > 0 || tables == 0 else { throw StorageError(.corrupt, "it holds tables of another program") }
    }

    /// Applies what is missing; with `migrating: false`, throws `unavailable` where something is.
    func bringUpToDate(migrating: Bool) throws {
        let version = try database.read(Self.version)
        guard version < Schema.current else { return }
        guard migrating else {
            throw StorageError(.unavailable, "the schema has version \(version), \(Schema.current) is needed: migrate")
        }
        for (index, statements) in Schema.versions.enumerated().dropFirst(version) {
            try database.write { connection in
                // Another process may have come first, between the look above and this lock.
                guard try Self.version(connection) == index else { return }
                try Self.apply(statements, to: connection)
                try connection.execute(sql: "insert into schema_versions (version) values (\(index + 1))")
            }
        }
        try database.write(SQLiteStatistics.write)
    }

    /// What bringing a file up to date would change: it is done to a copy in the folder for temporary files.
    static func check(whatWouldChangeIn path: String) throws -> MigrationCheck {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appending(path: "refundry-check-\(UUID().uuidString)")
        try files.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? files.removeItem(at: folder) }
        let copy = try SQLiteCopy(of: path, at: folder.appending(path: "copy").path)
        let database = try DatabaseQueue(path: copy.path)
        defer { try? database.close() }
        let before = try data(of: database, version: copy.schemaVersion)
        try Self(database).bringUpToDate(migrating: true)
        return MigrationCheck(
            from: copy.schemaVersion, before: before, after: try data(of: database, version: Schema.current))
    }

    private static func data(of database: DatabaseQueue, version: Int) throws -> MigratedData {
        try database.read { connection in
            try MigratedData(SQLiteSession(connection) { try $0.makeStatement(sql: $1) }, version: version)
        }
    }

    /// The version of the schema that a database has; 0 where it has none.
    static func version(_ connection: Database) throws -> Int {
        guard try connection.tableExists("schema_versions") else { return 0 }
        return try Int.fetchOne(connection, sql: "select max(version) from schema_versions") ?? 0
    }

    /// Runs statements of the schema.
    static func apply(_ statements: [String], to connection: Database) throws {
        connection.add(function: exactShare)
        for statement in statements { try connection.execute(sql: respelled(statement)) }
    }

    /// `exact_share` of the schema: SQLite's own integers end at 64 bits, and its other numbers are not exact.
    private static let exactShare = DatabaseFunction("exact_share", argumentCount: 3, pure: true) { values in
        let numbers = values.compactMap { Int64.fromDatabaseValue($0) }
        guard numbers.count == 3 else { return nil }
        return try Schema.exactShare(numbers[0], of: numbers[1], among: numbers[2])
    }

    /// A statement of the schema in SQLite's words: its own names of types, and tables that check them.
    ///
    /// Tables are kept in the order of their primary keys, which rise with time, so that a row is one write.
    static func respelled(_ statement: String) -> String {
        let words =
            statement
            .replacingWord("bigint", with: "integer")
            .replacingWord("bytea", with: "blob")
        return words.hasPrefix("create table") ? words + " strict, without rowid" : words
    }
}

extension String {
    /// Replaces a word that stands between characters that are no part of a name.
    fileprivate func replacingWord(_ word: String, with replacement: String) -> String {
        var result = ""
        var name = ""
        func isName(_ character: Character) -> Bool { character.isLetter || character.isNumber || character == "_" }
        for character in self + "\n" {
            if isName(character) {
                name.append(character)
                continue
            }
            result += name == word ? replacement : name
            name = ""
            result.append(character)
        }
        result.removeLast()
        return result
    }
}
