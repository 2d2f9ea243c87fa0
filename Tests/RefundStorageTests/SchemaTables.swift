import RefundTesting
import Testing

@testable import RefundStorage

/// What the program reads out of its own schema.
@Suite struct `The tables of the schema` {
    @Test(arguments: [Engine.sqliteFile, .postgres])
    func `The description is what the engine's catalogue says`(engine: Engine) async throws {
        let catalogue = engine == .postgres ? Catalogue.postgres : Catalogue.sqlite
        let columns = try await rows(of: catalogue.columns, in: engine)
        let described = Schema.tables.sorted { $0.name < $1.name }.flatMap { table in
            table.columns.map { [Value.text(table.name), .text($0.name), .text(catalogue.types[$0.type])] }
        }
        #expect(columns == described)
        let keys = try await rows(of: catalogue.keys, in: engine)
        let describedKeys = Schema.tables.sorted { $0.name < $1.name }.flatMap { table in
            table.key.map { [Value.text(table.name), Value.text($0)] }
        }
        #expect(keys == describedKeys)
    }

    @Test func `Each table comes behind those that it refers to`() {
        for (place, table) in Schema.tables.enumerated() {
            let before = Schema.tables[..<place].map(\.name)
            #expect(table.references.isSubset(of: before), "\(table.name)")
        }
    }

    @Test func `Only what is about the database itself stays behind in a move`() {
        let left = Set(Schema.tables.map(\.name)).subtracting(MovedTable.all.map(\.name))
        #expect(left == ["schema_versions", "nodes", "sending"])
    }

    @Test func `Later statements change what earlier ones have made`() {
        let tables = Schema.tables(madeBy: [
            "create table a (b bigint not null, c text check (c in ('x', 'y')), primary key (b))",
            "create table d (\n    e bytea,\n    primary key (e),\n    foreign key (e) references a (b)\n)",
            "create index d_by_e on d (e)",
            "alter table a add column f bigint references d (e)",
            "alter table a drop column c",
            "create table g (h text, primary key (h))",
            "drop table d",
            "alter table g rename to d",
            "insert into a (b) values (1)",
        ])
        #expect(
            tables == [
                SchemaTable(
                    name: "a",
                    columns: [SchemaColumn(name: "b", type: .bigint), SchemaColumn(name: "f", type: .bigint)],
                    key: ["b"], references: ["d"]),
                SchemaTable(name: "d", columns: [SchemaColumn(name: "h", type: .text)], key: ["h"], references: []),
            ])
    }

    private func rows(of text: String, in engine: Engine) async throws -> [[Value]] {
        try await withStore(engine) { store in
            try await store.read { session in try session.rows(StoredValues.self, sql(text), []).map(\.values) }
        }
    }
}

/// Where an engine says which tables it has.
private struct Catalogue {
    let columns: String
    let keys: String
    let types: [SchemaColumn.ColumnType: String]

    static let sqlite = Catalogue(
        columns: """
            select t.name, c.name, lower(c.type) from sqlite_schema t join pragma_table_info(t.name) c \
            where t.type = 'table' and t.name not like 'sqlite_%' order by t.name, c.cid
            """,
        keys: """
            select t.name, c.name from sqlite_schema t join pragma_table_info(t.name) c \
            where t.type = 'table' and t.name not like 'sqlite_%' and c.pk > 0 order by t.name, c.pk
            """,
        types: [.bigint: "integer", .text: "text", .bytea: "blob"])

    static let postgres = Catalogue(
        columns: """
            select cast(table_name as text), cast(column_name as text), cast(data_type as text) \
            from information_schema.columns where table_schema = current_schema() \
            order by table_name collate "C", ordinal_position
            """,
        keys: """
            select cast(k.table_name as text), cast(k.column_name as text) \
            from information_schema.key_column_usage k join information_schema.table_constraints c \
            on c.constraint_schema = k.constraint_schema and c.constraint_name = k.constraint_name \
            and c.table_name = k.table_name \
            where k.table_schema = current_schema() and c.constraint_type = 'PRIMARY KEY' \
            order by k.table_name collate "C", k.ordinal_position
            """,
        types: [.bigint: "bigint", .text: "text", .bytea: "bytea"])
}
