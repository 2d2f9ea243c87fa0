import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// Where a PostgreSQL database lies, as it was kept in it.
@Suite struct `A database on another server` {
    @Test func `Has sending turned off once, until an operator resumes it`() async throws {
        try await withPostgresSchema { address in
            let first = try PostgresStore(address)
            #expect(try await first.read { try $0.sending() } == .on)
            let kept = try await first.read { try $0.texts("select server from sending") }
            #expect(kept.first?.split(separator: ".").count == 4, "system, timeline, database, schema: \(kept)")
            await first.close()

            let again = try PostgresStore(address)
            #expect(try await again.read { try $0.sending() } == .on, "the same server")
            try await again.write(for: OrganizationID(0)) { try $0.run("update sending set server = '7.1.2.public'") }
            await again.close()

            let moved = try PostgresStore(address)
            #expect(
                try await moved.read { try $0.sending() }
                    == .off("the database is on another server, or was taken back"))
            #expect(try await moved.read { try $0.texts("select server from sending") } == kept)
            try await moved.write(for: OrganizationID(0)) { try $0.turnSendingOn() }
            await moved.close()

            let resumed = try PostgresStore(address)
            #expect(try await resumed.read { try $0.sending() } == .on)
            await resumed.close()
        }
    }
}
