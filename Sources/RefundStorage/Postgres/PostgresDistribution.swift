/// A PostgreSQL database whose tables the extension Citus spreads over several servers: all rows of an organization
/// lie on one of them.
package struct PostgresDistribution {
    private let session: PostgresSession

    /// Connects, as a connection string says.
    ///
    /// Throws `unavailable`.
    package init(_ connectionString: String) throws(StorageError) {
        self.init(try PostgresConnection.connect(connectionString))
    }

    init(_ session: PostgresSession) {
        self.session = session
    }

    /// Whether the extension is created in this database.
    package func isPossible() throws(StorageError) -> Bool {
        try inTransaction { () throws(StorageError) in try hasExtension() }
    }

    /// Distributes one table; false where it was done already.
    ///
    /// In a transaction of its own: run again after a failure, the next run goes on where this one ended. Throws
    /// `unavailable` with what the extension says.
    package func distribute(_ table: DistributedTable) throws(StorageError) -> Bool {
        try inTransaction { () throws(StorageError) in
            if try session.rows(StoredDistribution.self, .distributed, []).contains(where: table.isDone) {
                return false
            }
            try session.execute(table.statement, [])
            return true
        }
    }

    /// Whether a transaction over several organizations would span several servers.
    func isInPlace() throws(StorageError) -> Bool {
        try inTransaction { () throws(StorageError) in
            let found = try tables()
            return DistributedTable.all.contains { $0.place == .byOrganization && found.contains($0.name) }
        }
    }

    /// The tables that are distributed, in the transaction that is under way.
    func tables() throws(StorageError) -> Set<String> {
        guard try hasExtension() else { return [] }
        let found = try session.rows(StoredDistribution.self, .distributed, [])
        return Set(DistributedTable.all.filter { found.contains(where: $0.isDone) }.map(\.name))
    }

    private func hasExtension() throws(StorageError) -> Bool {
        try session.row(StoredInteger.self, .hasCatalogue, []) != nil
    }

    private func inTransaction<T>(_ body: () throws(StorageError) -> T) throws(StorageError) -> T {
        do throws(StorageError) {
            try session.begin(.beginWriting)
            let result = try body()
            try session.commit()
            return result
        } catch {
            if !session.isLost { try? session.rollBack() }
            throw error
        }
    }
}

/// A table of the schema, and where its rows lie once it is distributed.
package struct DistributedTable: Sendable {
    /// Where rows lie.
    package enum Place: Sendable {
        /// On the server of their organization, beside the rows of all other such tables.
        case byOrganization
        /// On every server, all of them.
        case everywhere
    }

    package let name: String
    package let place: Place
    let statement: SQLText

    /// All tables, each behind those that it refers to: the extension takes a reference to what is distributed, and
    /// none from what is to what is not.
    package static let all = Schema.tables.map(DistributedTable.init)

    private init(_ table: SchemaTable) {
        name = table.name
        guard Schema.dataTables.contains(table) else {
            place = .everywhere
            statement = "select create_reference_table('\(table.name)')"
            return
        }
        place = .byOrganization
        // The first makes a group of its own, whatever else is distributed in the database.
        let first = Schema.dataTables.first?.name
        let group = table.name == first ? "none" : first ?? "none"
        statement = """
            select create_distributed_table('\(table.name)', 'organization_id', colocate_with => '\(group)')
            """
    }

    /// What does in a database with distributed tables what a statement of the schema does in any.
    ///
    /// A new table is distributed before it refers to tables that are. Where these are not, or not all, it is a plain
    /// one, which the command that distributes tables finds.
    static func statements(for statement: String, distributed: Set<String>) -> [String] {
        guard !distributed.isEmpty, let made = Schema.tables(madeBy: [statement]).first,
            made.references.isSubset(of: distributed), let table = all.first(where: { $0.name == made.name })
        else { return [statement] }
        let items = SchemaTable.items(of: statement).map { $0.split { $0.isWhitespace }.joined(separator: " ") }
        let ownItems = items.filter { !$0.hasPrefix("foreign ") }.joined(separator: ", ")
        let references = items.filter { $0.hasPrefix("foreign ") }.map { "alter table \(made.name) add \($0)" }
        return ["create table \(made.name) (\(ownItems))", table.statement.text] + references
    }

    fileprivate func isDone(_ found: StoredDistribution) -> Bool {
        found.table == name && found.isHashed == (place == .byOrganization)
    }
}

private struct StoredDistribution: Stored {
    let table: String
    let isHashed: Bool

    init(row: inout RowReader) throws(StorageError) {
        table = row.text()
        isHashed = row.bool()
    }
}

extension SQLText {
    /// The extension's own catalogue: it is there where the extension was created.
    fileprivate static let hasCatalogue: SQLText = "select 1 where to_regclass('pg_dist_partition') is not null"

    /// Tables by hash, and tables that are kept on every server; those that the extension knows but left on this one
    /// server, for they refer to others, are neither.
    fileprivate static let distributed: SQLText = """
        select cast(c.relname as text), case when p.partmethod = 'h' then 1 else 0 end from pg_dist_partition p \
        join pg_class c on c.oid = p.logicalrelid join pg_namespace n on n.oid = c.relnamespace \
        where n.nspname = current_schema() and (p.partmethod = 'h' or (p.partmethod = 'n' and p.repmodel = 't'))
        """
}
