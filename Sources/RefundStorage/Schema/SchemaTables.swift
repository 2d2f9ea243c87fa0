/// A table, as the statements of the schema describe it.
///
/// There is no second list of tables and columns that could go stale: what handles all tables alike reads these.
package struct SchemaTable: Hashable, Sendable {
    package internal(set) var name: String
    package internal(set) var columns: [SchemaColumn]
    /// The columns of the primary key, in its order.
    package internal(set) var key: [String]
    /// The tables that its foreign keys name.
    package internal(set) var references: Set<String>
}

/// A column of a table.
package struct SchemaColumn: Hashable, Sendable {
    package let name: String
    package let type: ColumnType

    /// The types that a schema uses, in PostgreSQL's words.
    package enum ColumnType: String, Sendable {
        case bigint, text, bytea
    }
}

extension SchemaColumn {
    /// Reads `name type …`; nil where it is a constraint.
    fileprivate init?(_ words: some Collection<String>) {
        guard let name = words.first, let type = words.dropFirst().first.flatMap(ColumnType.init(rawValue:)) else {
            return nil
        }
        self.init(name: name, type: type)
    }
}

extension Schema {
    /// The tables of the current version, each behind those that it refers to.
    package static let tables = ordered(tables(madeBy: versions.joined()))

    /// The tables that hold the data of organizations; the others are about the database itself.
    package static let dataTables = tables.filter { $0.columns.contains { $0.name == "organization_id" } }

    /// The tables that statements leave, in the order in which they were made.
    ///
    /// It knows how a schema is written here, no more; a test holds what it reads against both engines' catalogues.
    static func tables(madeBy statements: some Sequence<String>) -> [SchemaTable] {
        var tables: [SchemaTable] = []
        for statement in statements {
            let words = statement.split { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == "," }.map(String.init)
            let index = tables.firstIndex { words.count > 2 && $0.name == words[2] }
            switch (words.prefix(2), index) {
            case (["create", "table"], _): tables.append(SchemaTable(creation: statement, name: words[2]))
            case (["drop", "table"], let index?): tables.remove(at: index)
            case (["alter", "table"], let index?): tables[index].alter(words.dropFirst(3))
            case (_, _): continue
            }
        }
        return tables
    }

    private static func ordered(_ tables: [SchemaTable]) -> [SchemaTable] {
        var (placed, waiting): ([SchemaTable], [SchemaTable]) = ([], tables)
        while let next = waiting.firstIndex(where: { $0.references.isSubset(of: placed.map(\.name) + [$0.name]) }) {
            placed.append(waiting.remove(at: next))
        }
        return placed + waiting
    }
}

extension SchemaTable {
    /// Reads `create table name (column type …, constraint …)`.
    fileprivate init(creation statement: String, name: String) {
        self.init(name: name, columns: [], key: [], references: [])
        for item in Self.items(of: statement) {
            let words = item.split { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == "," }.map(String.init)
            if words.first == "primary" { key = Array(words.dropFirst(2)) }
            if let column = SchemaColumn(words) { columns.append(column) }
            refer(words[...])
        }
    }

    /// Follows `alter table name …`, told from behind the name on.
    fileprivate mutating func alter(_ words: ArraySlice<String>) {
        let words = Array(words)
        switch words.prefix(2) {
        case ["add", "column"]:
            if let column = SchemaColumn(words.dropFirst(2)) { columns.append(column) }
            refer(words[...])
        case ["drop", "column"]: columns.removeAll { $0.name == words[2] }
        case ["rename", "to"]: name = words[2]
        default: break
        }
    }

    private mutating func refer(_ words: ArraySlice<String>) {
        guard let place = words.firstIndex(of: "references") else { return }
        references.insert(words[words.index(after: place)])
    }

    /// What stands between the outermost parentheses, taken apart at the commas that stand in no others.
    static func items(of statement: String) -> [String] {
        var items: [String] = []
        var item = ""
        var depth = 0
        for character in statement {
            if character == ")" { depth -= 1 }
            if depth == 1, character == "," {
                items.append(item)
                item = ""
            } else if depth > 0 {
                item.append(character)
            }
            if character == "(" { depth += 1 }
        }
        return items + [item]
    }
}
