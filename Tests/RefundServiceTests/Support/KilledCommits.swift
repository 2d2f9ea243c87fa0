import RefundDomain
import RefundStorage
import RefundTesting

/// Connections to PostgreSQL that end at COMMIT, before it is done: by a constraint that the server looks at last.
extension Store {
    /// Ends the connection that is about to commit the nth step of a refund, counted from 1 and from now on.
    func killAtCommit(ofStep number: Int) async throws {
        let statements: [String] = [
            "create sequence steps_kept",
            """
            create function kill_once() returns trigger language plpgsql as \
            'begin if nextval(''steps_kept'') = \(number) then perform pg_terminate_backend(pg_backend_pid()); \
            end if; return null; end'
            """,
            """
            create constraint trigger kill_at_commit after insert on refund_steps deferrable initially deferred \
            for each row execute function kill_once()
            """,
        ]
        try await write(for: Fixtures.organization.id) { session in
            for statement in statements { try session.execute(SQLText(stringLiteral: statement), []) }
        }
    }

    /// Whether that many steps have come.
    func hasKilled(atStep number: Int) async throws -> Bool {
        try await read { try $0.row(StepsKept.self, "select last_value from steps_kept", []) }?.count ?? 0 >= number
    }
}

private struct StepsKept: Stored {
    let count: Int

    init(row: inout RowReader) throws(StorageError) { count = Int(row.integer()) }
}
