import GRDB

/// What SQLite finds broken in a file.
enum SQLiteDamages {
    /// Reads every page, and follows every foreign key; a line for each that is broken.
    static func find(_ connection: Database) throws -> [String] {
        do {
            let pages = try String.fetchAll(connection, sql: "pragma integrity_check").filter { $0 != "ok" }
            guard pages.isEmpty else { return pages }
            return try Row.fetchAll(connection, sql: "pragma foreign_key_check").map { row in
                "a row of \(row["table"] as String) refers to none of \(row["parent"] as String)"
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return [error.message ?? "the file cannot be read"]
        }
    }
}
