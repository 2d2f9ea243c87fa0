import Foundation
import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// The statements of the tables, one by one.
@Suite struct `The texts of the tables` {
    @Test func `Every enum of texts stands in the catalogue`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/RefundStorage/Tables").standardized
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        var found: Set<String> = []
        for file in files {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            found.formUnion(text.matches(of: /enum (\w+SQL)\b/).map { String($0.1) })
        }
        #expect(found == Set(SQLCatalogue.all.map(\.name)))
    }

    @Test func `Every static text of an enum is one of its all`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/RefundStorage/Tables").standardized
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        let declared = try files.reduce(0) { count, file in
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            return count + text.matches(of: /static let \w+: SQLText =/).count
        }
        let built = RefundListingSQL.all.count + MovedTableSQL.all.count
        #expect(SQLCatalogue.texts.count - built == declared)
    }

    @Test func `The texts are the ones that were reviewed`() {
        let pages = SQLCatalogue.all.map { name, texts in
            "-- \(name)\n\n" + texts.map { $0.text + ";\n" }.joined(separator: "\n")
        }
        Golden.expect(pages.joined(separator: "\n\n"), in: "statements.sql")
    }

    @Test func `Parameters first appear in ascending order and without gaps`() {
        for text in SQLCatalogue.texts {
            var seen: [Int] = []
            for parameter in text.sql.parameters where !seen.contains(parameter) { seen.append(parameter) }
            #expect(seen == Array(1..<seen.count + 1), "\(text.home): \(text.text)")
        }
    }

    @Test func `No text is there twice`() {
        // Those of whole tables are made from the schema, and may come out as one that was written.
        let written = SQLCatalogue.texts.filter { $0.home != "MovedTableSQL" }
        let texts = Dictionary(grouping: written, by: \.text).filter { $0.value.count > 1 }
        #expect(texts.keys.sorted() == [])
    }

    static let banned: [(word: String, why: String)] = [
        (#"\bnow\s*\(|\bcurrent_(?:timestamp|date|time)\b|\bdatetime\s*\("#, "the clock is drawn before the unit"),
        (#"\brandom\s*\(|\bgen_random_uuid\b"#, "identifiers are drawn before the unit"),
        (#"->|#>|@>|\bjsonb?\w*\s*\("#, "the engines' JSON differs"),
        (
            #"\bfor\s+(?:no\s+key\s+)?(?:update|share)\b|\bskip\s+locked\b|\block\s+table\b"#,
            "a claim is a guarded update"
        ),
        (
            #"::|\bilike\b|\bany\s*\(|\barray\b|\breturning\s+\*|\bselect\s+\*"#,
            "one engine's words, or columns unnamed"
        ),
        (#"\b(?:begin|commit|rollback|savepoint)\b"#, "transactions belong to the engine"),
    ]

    @Test(arguments: banned)
    func `No text says what is banned`(word: String, why: String) throws {
        let pattern = try Regex(word).ignoresCase()
        for text in SQLCatalogue.texts where text.text.contains(pattern) {
            Issue.record("\(text.home): \(why): \(text.text)")
        }
    }

    @Test func `No statement anywhere in the storage locks by a clause`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/RefundStorage").standardized
        let files = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        let clause = try Regex(#"\bfor\s+(?:no\s+key\s+)?(?:update|share)\b|\bskip\s+locked\b|\block\s+table\b"#)
            .ignoresCase()
        let sources = files.filter { $0.hasSuffix(".swift") }
        #expect(sources.count > 40)
        for file in sources {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            let code = text.split(separator: "\n").filter { !$0.contains("//") }.joined(separator: "\n")
            #expect(!code.contains(clause), "\(file): a table over several servers takes no such clause")
        }
    }

    @Test func `Every text stays within one organization, or has a reason`() {
        for text in SQLCatalogue.texts where !TextExceptions.organization.holds(text) {
            let isBound =
                text.text.contains(/\borganization_id = \$\d+/)
                || text.text.contains(/^insert into \w+ \(organization_id, [^)]*\) values \(\$1[,)]/)
            #expect(isBound, "\(text.home): \(text.text)")
        }
    }

    @Test func `Reasons are kept for texts that exist and need one`() {
        #expect(TextExceptions.organization.strangers == [])
        #expect(TextExceptions.scan.strangers == [])
        #expect(TextExceptions.walk.strangers == [])
        let needless = SQLCatalogue.texts.filter {
            TextExceptions.organization.holds($0) && $0.text.contains(/\borganization_id = \$\d+/)
        }
        #expect(needless.map(\.text) == [])
    }

    @Test func `SQLite takes every text, and scans no table without a reason`() async throws {
        for (text, plan) in try await plans() where !TextExceptions.scan.holds(text) {
            let scans = plan.filter { $0.hasPrefix("SCAN") }
            #expect(scans == [], "\(text.home): \(text.text)")
        }
    }

    @Test func `SQLite walks through no whole organization without a reason`() async throws {
        let walkers = try await plans().filter { text, plan in
            // Bounds of identifiers and numbers are there in every listing, and by default hold everything.
            !TextExceptions.walk.holds(text)
                && plan.contains {
                    $0.contains(/\(organization_id=\?(?: AND (?:id|number)>\? AND (?:id|number)<\?)?\)/)
                }
        }.map(\.0)
        #expect(walkers.map(\.text) == [])
    }

    @Test func `PostgreSQL takes every text, and scans no table without a reason`() async throws {
        let plans = try await withStore(.postgres) { store in
            try await store.read { session in
                // The tables are empty, and whatever has an index is to show it; plans are made without the values.
                try session.run("set local enable_seqscan = off")
                try session.run("set local plan_cache_mode = force_generic_plan")
                return try SQLCatalogue.texts.enumerated().map { index, text in
                    // By itself, the server would not know the type of what is only compared with itself.
                    let typed = text.text.replacing("$2 = $2", with: "cast($2 as bigint) = $2")
                    try session.run("prepare text_\(index) as \(typed)")
                    let count = text.sql.parameters.max() ?? 0
                    let values =
                        count == 0 ? "" : "(" + repeatElement("null", count: count).joined(separator: ", ") + ")"
                    return (text, try session.texts("explain execute text_\(index)\(values)"))
                }
            }
        }
        for (text, plan) in plans where !TextExceptions.scan.holds(text) {
            #expect(!plan.contains { $0.contains("Seq Scan") }, "\(text.home): \(text.text) \(plan)")
        }
    }

    /// Each text with the steps of SQLite's plan on a fresh schema.
    private func plans() async throws -> [(CataloguedText, [String])] {
        try await withStore(.sqliteInMemory) { store in
            // Not as a reading: what writes may not even be explained there.
            try await store.write(for: OrganizationID(0)) { session in
                try SQLCatalogue.texts.map { text in
                    (text, try session.rows(PlanStep.self, sql("explain query plan " + text.text), []).map(\.detail))
                }
            }
        }
    }
}

/// A step of `explain query plan`.
private struct PlanStep: Stored {
    let detail: String

    init(row: inout RowReader) throws(StorageError) {
        _ = (row.integer(), row.integer(), row.integer())
        detail = row.text()
    }
}
