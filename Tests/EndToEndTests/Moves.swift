import Foundation
import RefundStorage
import Synchronization
import Testing

/// From one database to another, as the people who run the program do it.
@Suite struct `A move between databases` {
    @Test func `from SQLite to PostgreSQL and back keeps every row, key and stored answer`() async throws {
        try await withFolder { folder in
            try await withDatabase(.postgres) { postgres in
                let (first, second) = ("\(folder)/first.sqlite", "\(folder)/second.sqlite")
                let book = "\(folder)/gateway.simulator"
                let served = try await RunningServer(["--demo", "--database", "sqlite:\(first)", "--simulator", book])
                let refund = try await DemoCalls(served).refundPayment(key: "kept")
                let memo = try await DemoCalls(served).refundMemo(key: "kept")
                #expect(refund.status == 201)
                #expect(memo["success"] as? Bool == true, "\(memo.body)")
                await served.stop()

                let there = try await Program.run("move", "--from", "sqlite:\(first)", "--to", postgres.url)
                #expect(there.status == 0, "\(there.errors)")
                #expect(there.output.contains("All \(9) invariants hold."))
                #expect(there.errors.split(separator: "\n").count == MovedTable.all.count)
                #expect(there.errors.contains("\nrefunds: "))
                let back = try await Program.run("move", "--from", postgres.url, "--to", "sqlite:\(second)")
                #expect(back.status == 0, "\(back.errors)")
                let rows = try await allRows(of: try SQLiteStore(path: first))
                #expect(try await allRows(of: try PostgresStore(postgres.url)) == rows)
                #expect(try await allRows(of: try SQLiteStore(path: second)) == rows)
                #expect(rows["journal_lines"]?.count ?? 0 > 100)

                for url in [postgres.url, "sqlite:\(second)"] {
                    let options = ["--database", url, "--simulator", book]
                    let server = try await RunningServer(["--demo"] + options)
                    let calls = DemoCalls(server)
                    let replay = try await calls.refundPayment(key: "kept")
                    #expect(replay.text("refund", "refund_id") == refund.text("refund", "refund_id"))
                    #expect(replay.body == refund.body)
                    #expect(try await calls.refundMemo(key: "kept").body == memo.body)
                    #expect(try await calls.refundPayment(key: "too early at \(url)").status == 503)
                    let listed = try await Program.run(["resume"] + options)
                    #expect(listed.status == 65, "the simulator does not list its charges: \(listed.errors)")
                    let resumed = try await Program.run(["resume", "--skip", "simulator"] + options)
                    #expect(resumed.status == 0, "\(resumed.errors)")
                    let next = try await calls.refundPayment(key: "new at \(url)")
                    #expect(next.status == 201, "\(next.body)")
                    await server.stop()
                    let verified = try await Program.run(["verify"] + options)
                    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
                }
            }
        }
    }

    @Test func `goes into an empty database alone, and leaves any other as it is`() async throws {
        try await withFolder { folder in
            try await serveDemo("\(folder)/demo.sqlite", refunds: 1)
            let source = "sqlite:\(folder)/demo.sqlite"
            let empty = "sqlite:\(folder)/empty.sqlite"
            #expect(try await Program.run("migrate", "--database", empty).status == 0)
            #expect(try await Program.run("move", "--from", source, "--to", empty).status == 0)

            let again = try await Program.run("move", "--from", source, "--to", empty)
            #expect(again.status == 73)
            #expect(again.errors.hasSuffix("not empty: there are rows in organizations; nothing was moved\n"))
            let detour = "sqlite:\(folder)/./demo.sqlite"
            #expect(try await Program.run("move", "--from", source, "--to", detour).status == 64)
            #expect(try await Program.run("move", "--from", source, "--to", source).status == 64)
            let missing = try await Program.run(
                "move", "--from", "sqlite:\(folder)/none", "--to", "sqlite:\(folder)/new")
            #expect(missing.status == 66)
            try await makeNewer("\(folder)/newer.sqlite")
            let newer = try await Program.run("move", "--from", source, "--to", "sqlite:\(folder)/newer.sqlite")
            #expect(newer.status == 78)
            #expect(newer.errors.contains("newer.sqlite"))
            let rows = try await allRows(of: try SQLiteStore(path: "\(folder)/demo.sqlite"))
            #expect(try await allRows(of: try SQLiteStore(path: "\(folder)/empty.sqlite")) == rows)
        }
    }

    @Test func `beside a server that goes on writing moves nothing, and all once it has stopped`() async throws {
        try await withDatabase(.sqlite) { source in
            try await withDatabase(.postgres) { target in
                let server = try await RunningServer(["--demo"] + source.options)
                let move = ["move", "--from", source.url, "--to", target.url]
                let load = try OutsideLoad(on: server.origin)
                let beside = try await Program.run(move)
                #expect(beside.status == 75, "\(beside.output)\(beside.errors)")
                #expect(beside.errors.contains("was written to during the move"))
                load.stop()
                await server.stop()

                let after = try await Program.run(move)
                #expect(after.status == 0, "\(after.errors)")
                let rows = try await allRows(of: try SQLiteStore(path: String(source.url.dropFirst("sqlite:".count))))
                #expect(try await allRows(of: try PostgresStore(target.url)) == rows)
            }
        }
    }

    @Test func `says which database cannot be reached`() async throws {
        try await withFolder { folder in
            try await serveDemo("\(folder)/demo.sqlite", refunds: 0)
            let nowhere = "postgres://postgres@127.0.0.1:1/books?connect_timeout=1"
            let moved = try await Program.run("move", "--from", "sqlite:\(folder)/demo.sqlite", "--to", nowhere)
            #expect(moved.status == 69)
            #expect(moved.errors.contains("postgres://postgres@127.0.0.1:1/books cannot be used"))
        }
    }
}

/// Refunds that go on whatever is answered, by processes of their own: the tests' own tasks wait for each other.
private final class OutsideLoad: Sendable {
    private let processes: Mutex<[Process]>

    init(on origin: String) throws {
        let port = origin.split(separator: ":").last.map(String.init) ?? ""
        let body = #"{"amount": 0.01, "reason": "others"}"#
        let request = """
            POST /api/v1/payments/731000001449003/refunds?account_id=23137556 HTTP/1.1\\r\\nHost: localhost\\r\\n\
            Authorization: Bearer \(Caller.token)\\r\\nContent-Type: application/json\\r\\n\
            Content-Length: \(body.utf8.count)\\r\\nConnection: close\\r\\n\\r\\n
            """
        let loop = """
            while exec 3<>/dev/tcp/127.0.0.1/\(port); do printf '\(request)' >&3; printf '\(body)' >&3; \
            cat <&3 >/dev/null; done
            """
        processes = Mutex(
            try (0..<3).map { _ in
                let process = Process()
                process.executableURL = URL(filePath: "/bin/bash")
                process.arguments = ["-c", loop]
                process.standardError = FileHandle.nullDevice
                try process.run()
                return process
            })
    }

    func stop() {
        processes.withLock { for process in $0 { process.terminate() } }
    }
}
