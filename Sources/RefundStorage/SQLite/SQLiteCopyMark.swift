import GRDB

/// Marks a copy of a SQLite file, so that whoever serves it knows that it may be behind the gateways.
enum SQLiteCopyMark {
    private static let reason = "the database is a copy"

    /// Turns sending off in a copy; in one of an earlier version of the schema, notes that it has to be turned off.
    static func set(in connection: Database) throws {
        if try connection.tableExists("sending") {
            try turnOff(in: connection)
        } else {
            try connection.execute(sql: "pragma user_version = 1")
        }
    }

    /// Turns sending off where a copy of an earlier version has been brought up to date.
    static func settle(_ database: any DatabaseWriter) throws {
        // A look first: a command that opens the file beside a server is not to wait for its lock.
        guard try database.read({ try Int.fetchOne($0, sql: "pragma user_version") }) == 1 else { return }
        try database.write { connection in
            try turnOff(in: connection)
            try connection.execute(sql: "pragma user_version = 0")
        }
    }

    private static func turnOff(in connection: Database) throws {
        try connection.execute(
            sql: "update sending set state = 'off', reason = ? where id = 1", arguments: [reason])
    }
}
