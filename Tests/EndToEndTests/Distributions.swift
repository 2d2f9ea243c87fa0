import Foundation
import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// The tables over several servers, as the people who run the program ask for it.
@Suite struct `A distribution` {
    private let migrate = ["migrate", "--distribute"]

    @Test func `is refused where the extension is missing, with what to install`() async throws {
        try await withDatabase(.postgres) { database in
            let refused = try await Program.run(migrate + database.options)
            #expect(refused.status == 69, "\(refused.output)\(refused.errors)")
            #expect(refused.errors.contains("create extension citus"))
            #expect(refused.output.hasSuffix("has schema version \(Schema.current)\n"))
        }
    }

    @Test func `of a file is refused before it is made`() async throws {
        try await withFolder { folder in
            let refused = try await Program.run(migrate + ["--database", "sqlite:\(folder)/books.sqlite"])
            #expect(refused.status == 64)
            #expect(refused.errors.contains("only a PostgreSQL database can be distributed"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }

    @Test func `tells each table once as done and then as done already, and the program serves on`() async throws {
        try await withDatabase(.postgres) { database in
            let store = try database.open()
            try await CitusStandIn.make(in: store)
            await store.close()
            for already in ["", "already "] {
                let done = try await Program.run(migrate + database.options)
                #expect(done.status == 0, "\(done.errors)")
                let lines = done.output.split(separator: "\n").dropFirst().map(String.init)
                #expect(lines.count == Schema.tables.count)
                #expect(lines.contains("refunds: \(already)by organization_id"))
                #expect(lines.contains("schema_versions: \(already)on every server"))
            }
            let server = try await RunningServer(["--demo"] + database.options)
            #expect(try await DemoCalls(server).refundPayment(key: "distributed").status == 201)
            await server.stop()
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    @Test func `that the extension refuses says at which table, and goes on there later`() async throws {
        try await withDatabase(.postgres) { database in
            let store = try database.open()
            try await CitusStandIn.make(in: store)
            try await store.write(for: OrganizationID(0)) {
                try $0.execute("alter table settings drop constraint settings_pkey", [])
            }
            try await store.write(for: OrganizationID(0)) {
                try $0.execute("create unique index names on settings (name)", [])
            }
            let refused = try await Program.run(migrate + database.options)
            #expect(refused.status == 69)
            #expect(refused.errors.contains("not distributed at settings"), "\(refused.errors)")
            #expect(refused.output.contains("organizations: by organization_id"))
            try await store.write(for: OrganizationID(0)) { try $0.execute("drop index names", []) }
            await store.close()
            let done = try await Program.run(migrate + database.options)
            #expect(done.status == 0, "\(done.errors)")
            #expect(done.output.contains("organizations: already by organization_id"))
            #expect(done.output.contains("settings: by organization_id"))
        }
    }
}
