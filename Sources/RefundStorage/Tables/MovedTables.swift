/// The statements that move tables whole, made once from the schema's own description.
enum MovedTableSQL {
    static let all = MovedTable.all.flatMap { [$0.firstPage, $0.nextPage, $0.insertion, $0.figures] }
}

/// A table with the statements that read it page by page, fill it, and sum it up.
package struct MovedTable: Sendable {
    package let name: String
    /// Where the columns of the primary key stand in a row.
    private let keyPositions: [Int]
    fileprivate let firstPage: SQLText
    fileprivate let nextPage: SQLText
    fileprivate let insertion: SQLText
    fileprivate let figures: SQLText

    /// All that hold data of organizations, each behind those that it refers to.
    package static let all = Schema.dataTables.map(MovedTable.init)

    private init(_ table: SchemaTable) {
        let names = table.columns.map(\.name)
        let columns = names.joined(separator: ", ")
        let key = table.key.joined(separator: ", ")
        let behind = Self.parameters(table.key.count)
        name = table.name
        keyPositions = table.key.compactMap(names.firstIndex(of:))
        firstPage = "select \(columns) from \(table.name) order by \(key) limit $1"
        nextPage = """
            select \(columns) from \(table.name) where (\(key)) > (\(behind)) order by \(key) \
            limit $\(table.key.count + 1)
            """
        insertion = "insert into \(table.name) (\(columns)) values (\(Self.parameters(names.count)))"
        figures = "select \((["count(*)"] + table.columns.flatMap(Self.figures)).joined(separator: ", ")) from \(name)"
    }

    private static func parameters(_ count: Int) -> String {
        (1...count).map { "$\($0)" }.joined(separator: ", ")
    }

    /// How many values there are, and their sum in two parts: identifiers alone add up to more than 64 bits hold.
    private static func figures(of column: SchemaColumn) -> [String] {
        let name = column.name
        guard column.type == .bigint else { return ["count(\(name))"] }
        return [
            "count(\(name))", "coalesce(cast(sum(\(name) / 4294967296) as bigint), 0)",
            "coalesce(cast(sum(\(name) % 4294967296) as bigint), 0)",
        ]
    }

    fileprivate func key(of row: StoredValues) -> [Value] { keyPositions.map { row.values[$0] } }
}

/// A row as it is stored, whatever its table.
package struct StoredValues: Hashable, Stored {
    package let values: [Value]

    package init(row: inout RowReader) throws(StorageError) { values = row.values() }
}

/// How many rows a table has, how many values in each column, and what its integers add up to.
package struct TableFigures: Hashable, Sendable {
    package let rows: Int64
    private let values: [Value]

    fileprivate init(_ row: StoredValues) throws(StorageError) {
        guard case .integer(let rows)? = row.values.first else { throw StorageError(.corrupt, "a count is no integer") }
        self.rows = rows
        values = row.values
    }
}

extension Session {
    /// Rows in the order of the primary key, behind a row or from the first.
    package func rows(
        of table: MovedTable, after last: StoredValues?, limit: Int
    ) throws(StorageError) -> [StoredValues] {
        guard let last else { return try rows(StoredValues.self, table.firstPage, [.integer(limit)]) }
        return try rows(StoredValues.self, table.nextPage, table.key(of: last) + [.integer(limit)])
    }

    /// Inserts a row of the same table of another database.
    package func insert(_ row: StoredValues, into table: MovedTable) throws(StorageError) {
        try execute(table.insertion, row.values)
    }

    /// Counts and sums over the whole table, alike in both engines where the rows are.
    package func figures(of table: MovedTable) throws(StorageError) -> TableFigures {
        guard let row = try row(StoredValues.self, table.figures, []) else {
            throw StorageError(.corrupt, "no figures of \(table.name)")
        }
        return try TableFigures(row)
    }
}
