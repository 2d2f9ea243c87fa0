import Foundation
import RefundDomain
import RefundStorage
import Testing

/// Backups as the people who run the program make them.
@Suite struct `A backup` {
    @Test func `made under load is restored with every refund that was answered before it`() async throws {
        try await withDatabase(.sqlite) { database in
            try await withFolder { folder in
                let (backup, restored) = ("\(folder)/backup", "sqlite:\(folder)/restored.sqlite")
                let server = try await RunningServer(["--demo"] + database.options)
                let earlier = try await backUpUnderLoad(server, database, to: backup)
                #expect(earlier.count >= 100)
                await server.stop()

                let made = try await Program.run(["restore", backup, "--database", restored])
                #expect(made.status == 0, "\(made.errors)")
                #expect(made.output.contains("\(folder)/restored.sqlite.simulator"))
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
                let verified = try await Program.run(["verify", "--database", restored])
                #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
                let again = try await RunningServer(["--demo", "--database", restored, "--simulator", database.book])
                for refund in earlier {
                    #expect(try await DemoCalls(again).retrieve(refund).text("refund", "status") == "succeeded")
                }
                await again.stop()
            }
        }
    }

    /// Makes a backup while eight callers ask for refunds; those that had been answered when it began.
    private func backUpUnderLoad(
        _ server: RunningServer, _ database: ProgramDatabase, to backup: String
    ) async throws -> [String] {
        let acknowledged = Acknowledged()
        return try await withThrowingTaskGroup(of: [String].self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var earlier: [String] = []
                    for number in 0..<60 {
                        let answer = try await DemoCalls(server).refundPayment(key: "b-\(worker)-\(number)")
                        #expect(answer.status == 201)
                        guard acknowledged.add(answer.text("refund", "refund_id")) == 100 else { continue }
                        earlier = acknowledged.all
                        let made = try await Program.run(["backup", "--to", backup] + database.options)
                        #expect(made.status == 0, "\(made.errors)")
                        #expect(made.output.hasPrefix("\(backup): "))
                        #expect(made.output.hasSuffix(" bytes, schema version \(Schema.current), checked\n"))
                    }
                    return earlier
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    @Test func `of a database that nobody uses is the same rows again`() async throws {
        try await withFolder { folder in
            try await serveDemo("\(folder)/demo.sqlite", refunds: 3)
            let backup = ["--database", "sqlite:\(folder)/demo.sqlite", "--to", "\(folder)/backup"]
            #expect(try await Program.run(["backup"] + backup).status == 0)
            let restored = "\(folder)/restored.sqlite"
            let restore = ["restore", "\(folder)/backup", "--database", "sqlite:\(restored)"]
            #expect(try await Program.run(restore).status == 0)
            let original = try await allRows(of: try SQLiteStore(path: "\(folder)/demo.sqlite"))
            #expect(try await allRows(of: try SQLiteStore(path: restored)) == original)
            #expect(original["refunds"]?.count ?? 0 > 100)

            let overwriting = try await Program.run(["backup"] + backup)
            #expect(overwriting.status == 73)
            #expect(overwriting.errors == "refundry: \(folder)/backup is there already, and is left as it is\n")
            #expect(try await Program.run(restore).status == 73)
        }
    }

    @Test func `is made of a database and of nothing else`() async throws {
        try await withFolder { folder in
            let missing = try await Program.run(
                "backup", "--database", "sqlite:\(folder)/none", "--to", "\(folder)/backup")
            #expect(missing.status == 66)
            try "no database".write(toFile: "\(folder)/text", atomically: true, encoding: .utf8)
            let text = try await Program.run("restore", "\(folder)/text", "--database", "sqlite:\(folder)/new")
            #expect(text.status == 65)
            try await makeNewer("\(folder)/newer.sqlite")
            let newer = try await Program.run(
                "restore", "\(folder)/newer.sqlite", "--database", "sqlite:\(folder)/new")
            #expect(newer.status == 78)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/new"))
            for command in [["backup", "--to", "\(folder)/backup"], ["restore", "\(folder)/newer.sqlite"]] {
                let served = try await Program.run(command + ["--database", "postgres://localhost/books"])
                #expect(served.status == 64)
                #expect(served.errors.contains("pg_dump"))
            }
        }
    }
}

/// Serves the demo over a file for a few refunds through each of two dialects.
func serveDemo(_ path: String, refunds: Int) async throws {
    let server = try await RunningServer(["--demo", "--database", "sqlite:\(path)", "--simulator", "\(path).book"])
    for number in 0..<refunds {
        #expect(try await DemoCalls(server).refundPayment(key: "demo-\(number)").status == 201)
    }
    await server.stop()
}

/// Makes a file as a later version of the program would.
func makeNewer(_ path: String) async throws {
    let store = try SQLiteStore(path: path)
    try await store.write(for: OrganizationID(1)) { session in
        try session.execute("insert into schema_versions (version) values (99)", [])
    }
    await store.close()
}
