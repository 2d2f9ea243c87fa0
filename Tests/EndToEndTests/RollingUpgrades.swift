import RefundDomain
import RefundStorage
import Testing

/// Servers of one version, and a schema of another.
@Suite struct `A rolling upgrade` {
    /// The later version adds, and takes nothing away.
    private static let later: [SQLText] = [
        "alter table refunds add column of_later integer not null default 0",
        "create index refunds_of_later on refunds (organization_id, of_later)",
    ]

    @Test(arguments: DatabaseKind.allCases)
    func `leaves servers of the earlier version at work, and lets none of them start again`(
        kind: DatabaseKind
    ) async throws {
        try await withDatabase(kind) { database in
            let server = try await RunningServer(["--demo"] + database.options)
            let calls = DemoCalls(server)
            let before = try await calls.refundPayment(key: "before")
            #expect(before.status == 201)

            let store = try database.open()
            try await store.write(for: OrganizationID(0)) { session in
                for statement in Self.later { try session.execute(statement, []) }
                let version = Schema.current + 1
                try session.execute("insert into schema_versions (version) values (\(version))", [])
            }
            await store.close()

            #expect(try await calls.refundPayment(key: "before").body == before.body)
            let after = try await calls.refundPayment(key: "after")
            #expect(after.status == 201, "\(after.body)")
            #expect(try await calls.retrieve(after.text("refund", "refund_id")).text("refund", "status") == "succeeded")
            #expect(try await calls.refundMemo(key: "after")["success"] as? Bool == true)
            await server.stop()
            for command in [["serve", "--port", "0"], ["serve", "--port", "0", "--no-migrate"], ["verify"]] {
                #expect(try await Program.run(command + database.options).status == 78, "\(command)")
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `waits for somebody to migrate where servers and commands may not`(kind: DatabaseKind) async throws {
        try await withDatabase(kind) { database in
            for command in [["serve", "--port", "0", "--no-migrate"], ["verify"], ["organization", "list"]] {
                let refused = try await Program.run(command + database.options)
                #expect(refused.status == 69, "\(command): \(refused.errors)")
                #expect(refused.errors.contains("the schema has version 0, \(Schema.current) is needed: migrate"))
            }
            #expect(try await Program.run(["migrate"] + database.options).status == 0)
            let server = try await RunningServer(["--no-migrate", "--demo"] + database.options)
            #expect(try await DemoCalls(server).refundPayment(key: "migrated").status == 201)
            await server.stop()
        }
    }

    @Test func `of nodes one after another costs callers who come again nothing`() async throws {
        try await withDatabase(.postgres) { database in
            let nodes = try await Nodes(count: 2, options: ["--demo"] + database.options)
            let log = CallLog()
            await withTaskGroup { group in
                group.addTask {
                    for number in 0..<2 { await nodes.replace(number) }
                    log.end()
                }
                for worker in 0..<4 {
                    group.addTask {
                        var number = 0
                        while !log.isOver {
                            number += 1
                            let first = worker + number
                            switch await answer(to: "roll-\(worker)-\(number)", from: { nodes.caller(first + $0) }) {
                            case .success(let refund): log.add(refund: refund)
                            case .failure(let answer): log.add(strange: answer.text)
                            }
                        }
                    }
                }
            }
            #expect(log.strange == [])
            #expect(Set(log.refunds).count == log.refunds.count)
            #expect(!log.refunds.isEmpty)
            // A clean stop finishes what has begun: nothing is left to be asked about.
            let states = try await states(of: log.refunds, at: nodes.caller(0))
            #expect(states == ["succeeded": log.refunds.count])
            await nodes.stop()
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    private func states(of refunds: [String], at caller: Caller) async throws -> [String: Int] {
        var states: [String: Int] = [:]
        for id in refunds {
            let answer = try await caller.get("/api/v1/refunds/\(id)?account_id=23137556")
            states[answer.text("refund", "status"), default: 0] += 1
        }
        return states
    }
}
