import Foundation
import RefundDomain
import RefundStorage
import Testing

/// The commands, as a person or a script runs them.
@Suite struct `The command line` {
    @Test func `makes a database, an organization, a client and a token, and takes over records`() async throws {
        try await withFolder { folder in
            let database = "sqlite:\(folder)/books.sqlite"
            #expect(try await Program.run("migrate", "--database", database).status == 0)
            let organization = try await Program.run(
                "organization", "create", "--database", database, "--currency", "INR", "--time-zone", "Asia/Kolkata",
                "--tenant", "zoho_books=777", "Ada Stores")
            #expect(organization.status == 0, "\(organization.errors)")
            let client = try await Program.run(
                "client", "create", "--database", database, "--organization", "777", "--scopes",
                "refundry.refunds.read", "Desk")
            let publicID = client.output.split(separator: "\n").first?.split(separator: "\t").last.map(String.init)
            let token = try await Program.run(
                "token", "create", "--database", database, "--organization", "777", "--client", publicID ?? "")
            #expect(token.status == 0, "\(token.errors)")
            #expect(token.output.hasPrefix("1000."))

            let file = "\(folder)/records.json"
            let records = #"{"parties": [{"external_ids": {"native": "C-1"}, "name": "Ada"}]}"#
            try records.write(toFile: file, atomically: true, encoding: .utf8)
            let loaded = try await Program.run("load", "--database", database, "--organization", "777", file)
            #expect(loaded.output == "1 records: 1 new, 0 there already\n", "\(loaded.errors)")
            let again = try await Program.run("load", "--database", database, "--organization", "777", file)
            #expect(again.output == "1 records: 0 new, 1 there already\n")
            #expect(try await Program.run("verify", "--database", database).status == 0)
        }
    }

    @Test func `takes over nothing of a file with one wrong record, and names it`() async throws {
        try await withFolder { folder in
            let database = "sqlite:\(folder)/books.sqlite"
            _ = try await Program.run("migrate", "--database", database)
            _ = try await Program.run(
                "organization", "create", "--database", database, "--currency", "INR", "--time-zone", "Asia/Kolkata",
                "Ada Stores")
            let file = "\(folder)/records.json"
            let records = #"""
                {"parties": [{"external_ids": {"native": "C-1"}, "name": "Ada"}],
                 "payments": [{"external_ids": {"native": "P-1"}, "party": "native:C-1", "currency": "INR",
                               "captured": "1.234", "received_on": "2026-01-10"}]}
                """#
            try records.write(toFile: file, atomically: true, encoding: .utf8)
            let loaded = try await Program.run("load", "--database", database, "--organization", "Ada Stores", file)
            #expect(loaded.status == 65)
            #expect(loaded.errors.contains("payments[0].captured"))
            let fixed = records.replacingOccurrences(of: "1.234", with: "1.23")
            try fixed.write(toFile: file, atomically: true, encoding: .utf8)
            let again = try await Program.run("load", "--database", database, "--organization", "Ada Stores", file)
            #expect(again.output == "2 records: 2 new, 0 there already\n", "nothing had stayed of the first")
        }
    }

    @Test func `lists exceptions, and says which it does not know`() async throws {
        try await withFolder { folder in
            let database = "sqlite:\(folder)/books.sqlite"
            _ = try await Program.run("migrate", "--database", database)
            _ = try await Program.run(
                "organization", "create", "--database", database, "--currency", "INR", "--time-zone", "Asia/Kolkata",
                "Ada Stores")
            let options = ["--database", database, "--organization", "Ada Stores"]
            let listed = try await Program.run(["exception", "list"] + options)
            #expect(listed.status == 0, "\(listed.errors)")
            #expect(listed.output.isEmpty)
            #expect(try await Program.run(["exception", "list", "--kind", "strange"] + options).status == 64)
            let unknown = try await Program.run(
                ["exception", "resolve", "late.refund.1", "--reason", "seen", "--person", "Ada"] + options)
            #expect(unknown.status == 66)
            #expect(unknown.errors.contains("there is no exception late.refund.1"))
            let resumed = try await Program.run("resume", "--database", database)
            #expect(resumed.output.contains("Sending is on."), "\(resumed.errors)")
        }
    }

    @Test func `says what is wrong with a file that is no database`() async throws {
        try await withFolder { folder in
            let path = "\(folder)/novel.txt"
            let text = String(repeating: "No database at all. ", count: 500)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let verified = try await Program.run("verify", "--database", "sqlite:\(path)")
            #expect(verified.status == 65)
            #expect(verified.errors.contains(path))
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `leaves a database of a later version alone`(kind: DatabaseKind) async throws {
        try await withDatabase(kind) { database in
            #expect(try await Program.run(["migrate"] + database.options).status == 0)
            let store = try database.open()
            try await store.write(for: OrganizationID(0)) { session in
                let version = Schema.current + 1
                try session.execute("insert into schema_versions (version) values (\(version))", [])
            }
            await store.close()
            for command in ["migrate", "verify", "serve"] {
                let refused = try await Program.run([command] + database.options)
                #expect(refused.status == 78, "\(command): \(refused.errors)")
                #expect(refused.errors.contains("later version"))
            }
        }
    }

    @Test func `is told to try again while another process holds the file, and changes nothing`() async throws {
        try await withFolder { folder in
            let path = "\(folder)/books.sqlite"
            let create = [
                "organization", "create", "--database", "sqlite:\(path)", "--currency", "INR", "--time-zone", "UTC",
                "Ada",
            ]
            let store = try SQLiteStore(path: path)
            // The store's own thread waits, with its transaction open.
            let (status, errors) = try await store.write(for: OrganizationID(0)) { _ in
                let process = Process()
                let pipe = Pipe()
                process.executableURL = URL(filePath: Program.path)
                process.arguments = create
                process.standardError = pipe
                try process.run()
                process.waitUntilExit()
                return (process.terminationStatus, pipe.fileHandleForReading.availableData)
            }
            await store.close()
            #expect(status == 75)
            #expect(String(decoding: errors, as: UTF8.self).contains("nothing was changed"))
            let list = try await Program.run("organization", "list", "--database", "sqlite:\(path)")
            #expect(list.output.isEmpty)
            #expect(try await Program.run(create).status == 0)
        }
    }

    @Test func `refuses to show the demo to anybody but this machine`() async throws {
        try await withFolder { folder in
            let served = try await Program.run(
                "serve", "--demo", "--host", "0.0.0.0", "--database", "sqlite:\(folder)/demo.sqlite")
            #expect(served.status == 64)
        }
    }
}
