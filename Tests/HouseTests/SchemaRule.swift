import Testing

/// Every key begins with the organization, so that no key crosses tenants and the tables can be distributed by it.
enum SchemaRule {
    static let tenant = "organization_id"

    /// Tables that are not a tenant's data, each with its reason.
    static let exceptions: [String: String] = [
        "schema_versions": "says which schema the database has, for all organizations at once",
        "sending": "says whether the database may be behind the gateways, for all organizations at once",
        "nodes": "numbers the processes that share a database, so that their identifiers differ",
    ]

    private static let comment = Pattern("--.*$")
    private static let word = Pattern(
        [
            #"\b(?:create|alter)\s+table\s+(?:if\s+not\s+exists\s+|only\s+)?"?(\w+)"#,
            #"\bcreate\s+unique\s+index\s[^;(]*?\bon\s+"?(\w+)"?\s*(?:using\s+\w+\s*)?\(\s*"?(\w*)"#,
            #"\b(primary\s+key|unique|foreign\s+key)\b(?:\s+nulls\s+(?:not\s+)?distinct)?\s*(\(\s*"?(\w*))?"#,
            #"\b(references)\s+"?\w+"?\s*(\(\s*"?(\w*))?"#,
        ].joined(separator: "|"), caseInsensitive: true)
    private static let column = Pattern(#"(?:^|[(,"])\s*"?(\w+)"?[^,(\n]*(?:\([^)]*\)[^,(\n]*)*$"#)

    /// Keys of a file that begin with something else.
    static func breaches(in file: SourceFile) -> [Breach] {
        var text = file.literals
        for match in comment.matches(in: text).reversed() { text.removeSubrange(match.range) }
        var table = ""
        return word.matches(in: text).compactMap { match in
            let groups = match.groups
            if !groups[1].isEmpty {
                table = groups[1].lowercased()
                return nil
            }
            if !groups[2].isEmpty {
                return breach(
                    "unique index", of: groups[2].lowercased(), beginsWith: groups[3], file: file, line: match.line)
            }
            let kind = groups[4].isEmpty ? groups[7] : groups[4]
            let listed = groups[4].isEmpty ? groups[8] : groups[5]
            let first = groups[4].isEmpty ? groups[9] : groups[6]
            // A key that lists no columns is that of the column it stands behind.
            let key = listed.isEmpty ? columnName(before: match.range.lowerBound, in: text) : first
            return breach(kind.lowercased(), of: table, beginsWith: key, file: file, line: match.line)
        }
    }

    private static func breach(
        _ kind: String, of table: String, beginsWith first: String, file: SourceFile, line: Int
    ) -> Breach? {
        guard first.lowercased() != tenant, exceptions[table] == nil else { return nil }
        let found = first.isEmpty ? "an expression" : first
        return Breach(
            path: file.path, line: line,
            remedy: "the \(kind) of \(table) begins with \(found): put \(tenant) first, or name the table's exception")
    }

    private static func columnName(before end: String.Index, in text: String) -> String {
        let line = text[..<end].split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        return column.matches(in: line).last?.groups[1] ?? ""
    }
}

/// The tables, and whose they are.
@Suite struct Schema {
    @Test func `Every key begins with the organization`() {
        let files = SourceTree.current.files.filter { $0.path.hasPrefix("Sources/RefundStorage/Schema/") }
        expectNone(of: files.flatMap(SchemaRule.breaches))
    }

    @Test(arguments: [
        "create table refunds (id bigint not null, primary key (id))",
        "create table refunds (\n    id bigint primary key,\n    organization_id bigint not null\n)",
        "create table refunds (organization_id bigint, number text, unique (number, organization_id))",
        "create table refunds (organization_id bigint, number varchar(20) unique)",
        "alter table refunds add constraint refunds_number unique nulls not distinct (number)",
        "create table draws (foreign key (refund_id) references refunds (organization_id, id))",
        "create table draws (foreign key (organization_id, refund_id) references refunds (id))",
        "create table draws (\n    refund_id bigint references refunds\n)",
        "create unique index if not exists refunds_number on refunds (number)",
        "create unique index refunds_number on refunds using btree (lower(number), organization_id)",
        "create table nodes (id bigint primary key); create table refunds (id bigint primary key)",
    ])
    func `A key that begins with something else is caught`(text: String) {
        #expect(SchemaRule.breaches(in: sample(text)).count == 1)
    }

    @Test(arguments: [
        "create table organizations (organization_id bigint primary key)",
        "create table if not exists refunds (\n  organization_id bigint,\n  primary key (organization_id, id)\n)",
        "create table refunds (\n  organization_id bigint not null references organizations (organization_id)\n)",
        "create table refunds (unique (\n    organization_id, number\n))",
        "create table draws (foreign key (organization_id, id) references refunds (organization_id, id))",
        "create unique index refunds_key on refunds (organization_id, key) where key is not null",
        "create index refunds_by_day on refunds (effective_on)",
        "create table nodes (id bigint primary key)",
        "create table refunds (id bigint) -- never a primary key (id)",
        "create table refunds (uniqueness text, unique_key text)",
    ])
    func `A key that begins with the organization passes`(text: String) {
        expectNone(of: SchemaRule.breaches(in: sample(text)))
    }

    private func sample(_ sql: String) -> SourceFile {
        let text = "/// Not SQL: primary key (id)\nthrow .unique(id)\nlet text = \"\"\"\n\(sql)\n\"\"\"\n"
        return SourceFile(path: "Sources/RefundStorage/Schema/Sample.swift", text: text)
    }
}
