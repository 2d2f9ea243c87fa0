/// Brings a PostgreSQL database to the schema of this program, in one transaction that all nodes take turns at.
struct PostgresMigrator {
    private let session: PostgresSession

    init(_ session: PostgresSession) {
        self.session = session
    }

    /// Applies what is missing; with `migrating: false`, throws `unavailable` where something is.
    ///
    /// Throws `newerSchema` where a later version of the program made the schema, which is left untouched, and `busy`
    /// while processes are at work that would draw the same identifiers.
    func bringUpToDate(migrating: Bool) throws(StorageError) {
        try apply(after: try begin(migrating: migrating))
        try session.commit()
    }

    /// What bringing it up to date would change: it is done, looked at, and rolled back.
    func check() throws(StorageError) -> MigrationCheck {
        let version = try begin(migrating: true)
        let before = try MigratedData(session, version: version)
        try apply(after: version)
        let after = try MigratedData(session, version: Schema.current)
        try session.rollBack()
        return MigrationCheck(from: version, before: before, after: after)
    }

    /// Begins a transaction that is alone at the schema; the version that it has.
    private func begin(migrating: Bool) throws(StorageError) -> Int {
        try session.begin(.beginWriting)
        // Held to the end of the transaction: of nodes that start together, one migrates.
        _ = try session.rows(Ignored.self, .lock, [])
        let version = try version()
        guard version <= Schema.current else {
            throw StorageError(
                .newerSchema, "the schema has version \(version), this program knows \(Schema.current)")
        }
        guard migrating || version == Schema.current else {
            throw StorageError(.unavailable, "the schema has version \(version), \(Schema.current) is needed: migrate")
        }
        if (1...2).contains(version), try session.row(StoredInteger.self, .earlierProcess, []) != nil {
            throw StorageError(.busy, "a process of schema version \(version) or before is running: stop it first")
        }
        return version
    }

    private func apply(after version: Int) throws(StorageError) {
        let distribution = PostgresDistribution(session)
        for (index, statements) in Schema.versions.enumerated().dropFirst(version) {
            for statement in statements.map(Self.respelled) {
                let parts = DistributedTable.statements(for: statement, distributed: try distribution.tables())
                for part in parts { try session.execute(SQLText(stringLiteral: part), []) }
            }
            try session.execute(.insertVersion, [.integer(index + 1)])
        }
    }

    /// A statement of the schema in PostgreSQL's words: `exact_share` is a quotient of numbers without limit.
    static func respelled(_ statement: String) -> String {
        var rest = statement[...]
        var words = ""
        while let call = rest.firstRange(of: "exact_share(") {
            let (arguments, end) = Schema.arguments(in: rest[call.upperBound...])
            guard arguments.count == 3 else { break }
            let (amount, whole, parts) = (arguments[0], arguments[1], arguments[2])
            words += rest[..<call.lowerBound]
            words += "cast(div(cast(\(amount) as numeric) * (\(whole)) + (\(parts)) / 2, \(parts)) as bigint)"
            rest = rest[end...]
        }
        return words + rest
    }

    private func version() throws(StorageError) -> Int {
        guard try session.row(StoredInteger.self, .hasVersions, []) != nil else { return 0 }
        return Int(try session.row(StoredInteger.self, .version, [])?.value ?? 0)
    }
}

private struct Ignored: Stored {
    init(row: inout RowReader) throws(StorageError) {}
}

extension SQLText {
    /// A number that only this program locks, in this database.
    fileprivate static let lock: SQLText = "select pg_advisory_xact_lock(90417263581204)"
    /// The lock by which processes numbered themselves before there was a table of nodes, of which they know nothing.
    fileprivate static let earlierProcess: SQLText = """
        select 1 from pg_locks where locktype = 'advisory' and classid = 904172635 \
        and database = (select oid from pg_database where datname = current_database()) limit 1
        """
    fileprivate static let hasVersions: SQLText = """
        select 1 from pg_tables where schemaname = current_schema() and tablename = 'schema_versions'
        """
    fileprivate static let version: SQLText = "select coalesce(max(version), 0) from schema_versions"
    fileprivate static let insertVersion: SQLText = "insert into schema_versions (version) values ($1)"
}
