import GRDB
import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// The schema, and how a database gets to it.
@Suite struct `The schema` {
    @Test func `The schema in SQLite's words is the one that was reviewed`() throws {
        Golden.expect(try fresh(), in: "schema-sqlite.sql")
    }

    @Test(arguments: 0..<Schema.current)
    func `A database of an earlier version becomes what a fresh one is`(version: Int) throws {
        let database = try SchemaFile.database(at: nil, version: version)
        try SQLiteMigrator(database).bringUpToDate(migrating: true)
        #expect(try database.read(SchemaFile.dump) == fresh())
    }

    @Test func `All versions one after another are the schema of a store`() async throws {
        let flattened = try flattened()
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path("fresh.sqlite")) { _ in }
            let made = try await OtherConnection(to: folder.path("fresh.sqlite")).dump()
            #expect(made == flattened)
        }
    }

    @Test(arguments: 0...Schema.current)
    func `Bringing a database up to date twice changes nothing the second time`(version: Int) throws {
        let database = try SchemaFile.database(at: nil, version: version)
        try SQLiteMigrator(database).bringUpToDate(migrating: true)
        let once = try database.read(SchemaFile.dump)
        for migrating in [true, false] { try SQLiteMigrator(database).bringUpToDate(migrating: migrating) }
        #expect(try database.read(SchemaFile.dump) == once)
    }

    @Test func `A step that fails leaves the version before it whole`() throws {
        let database = try DatabaseQueue()
        // The step will find a table of a name that it wants to give.
        try database.write { try $0.execute(sql: "create table refunds (id integer)") }
        #expect(throws: (any Error).self) { try SQLiteMigrator(database).bringUpToDate(migrating: true) }
        let tables = try database.read { try String.fetchAll($0, sql: "select name from sqlite_schema") }
        #expect(tables == ["refunds"])
    }

    @Test(arguments: [
        ("create table a (b bigint not null)", "create table a (b integer not null) strict, without rowid"),
        ("create table a (b bytea, c text)", "create table a (b blob, c text) strict, without rowid"),
        (
            "create table a (bigint_b text, abigint text)",
            "create table a (bigint_b text, abigint text) strict, without rowid"
        ),
        ("create index bytea_a on a (b)", "create index bytea_a on a (b)"),
        ("alter table a add column b bigint", "alter table a add column b integer"),
    ])
    func `Types are respelled, and names that hold their words are not`(statement: String, respelled: String) {
        #expect(SQLiteMigrator.respelled(statement) == respelled)
    }

    private func flattened() throws -> String {
        try SchemaFile.database(at: nil, version: Schema.current).read(SchemaFile.dump)
    }

    private func fresh() throws -> String {
        let database = try DatabaseQueue()
        try SQLiteMigrator(database).bringUpToDate(migrating: true)
        return try database.read(SchemaFile.dump)
    }
}
