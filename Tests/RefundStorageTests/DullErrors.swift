import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// What is told of rows that the database does not take: logs outlive the people in them.
@Suite struct `An error of the database` {
    private static let person = "Hildegard Muster"

    private static let refused: [(SQLText, [Value], StorageError.Code?)] = [
        (
            "insert into parties (organization_id, id, role, name, email, is_active) values ($1, $2, $3, $4, $5, 1)",
            [.integer(10), .integer(1), .text("friend"), .text(person), .text(person)], .constraint
        ),
        (
            "insert into parties (organization_id, id, role, name, email, is_active) values ($1, $2, $3, $4, $5, 1)",
            [.integer(12), .integer(1), .text("customer"), .text(person), .text(person)], .constraint
        ),
        (
            "insert into settings (organization_id, name, value) values ($1, $2, $3), ($1, $2, $3)",
            [.integer(10), .text(person), .text(person)], .unique("settings.organization_id, settings.name")
        ),
        ("select cast($1 as numeric) / 0", [.text(person)], nil),
    ]

    @Test(arguments: Engine.allCases, refused.indices)
    func `told the row that was refused`(engine: Engine, index: Int) async throws {
        let (statement, values, code) = Self.refused[index]
        try await withFixtures(engine) { store -> Void in
            do {
                try await store.write(for: Fixtures.organization.id) { session in
                    try session.execute(statement, values)
                }
                // A value of any type fits any column of SQLite.
                #expect(code == nil && engine != .postgres)
            } catch let error as StorageError {
                if let code { #expect(error.code == code) }
                #expect(!error.detail.contains("Hildegard"), "\(error.detail)")
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `told the value that could not be read`(engine: Engine) async throws {
        try await withFixtures(engine) { store -> Void in
            await #expect(throws: StorageError(.corrupt, "column 1 cannot be read")) {
                _ = try await store.look { try $0.rows(Unreadable.self, "select name from parties", []).count }
            }
        }
    }
}

private struct Unreadable: Stored {
    let number: Int

    init(row: inout RowReader) throws(StorageError) { number = try row.parsed { Int($0) } }
}
