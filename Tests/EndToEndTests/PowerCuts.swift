import Foundation
import RefundDomain
import RefundGateways
import RefundTesting
import Testing

/// The program is killed while it works, and started again.
@Suite struct `A power cut` {
    private static let refunds = 1_000

    @Test(arguments: DatabaseKind.allCases)
    func `in the middle of a thousand refunds loses none that was answered, and doubles none`(
        kind: DatabaseKind
    ) async throws {
        try await withDatabase(kind) { database in
            let server = try await RunningServer(["--demo"] + database.options)
            let acknowledged = await issueUntilKilled(server)
            #expect(!acknowledged.isEmpty)

            let restarted = try await RunningServer(["--demo"] + database.options)
            let states = try await states(of: acknowledged, at: restarted.origin)
            #expect(states == ["succeeded": acknowledged.count])
            await restarted.stop()
            try expectOnce(atLeast: acknowledged.count, in: database)
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    /// A caller who is told to come again does so, under its key.
    @Test func `of the database lets every intent come to exactly one refund`() async throws {
        try await withDatabase(.postgres) { database in
            let server = try await RunningServer(["--demo"] + database.options)
            let caller = Caller(origin: server.origin)
            let (acknowledged, strange) = (Acknowledged(), Acknowledged())
            await withTaskGroup { group in
                for worker in 0..<16 {
                    group.addTask {
                        for number in 0..<20 {
                            switch await answer(to: "crash-\(worker)-\(number)", from: { _ in caller }) {
                            case .success(let refund): _ = acknowledged.add(refund)
                            case .failure(let answer): _ = strange.add(answer.text)
                            }
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<3 {
                        try? await Task.sleep(for: .milliseconds(400))
                        try? await database.server?.crash()
                    }
                }
            }
            #expect(strange.all == [])
            #expect(Set(acknowledged.all).count == 320)
            // Those whose outcome could not be written are asked about later.
            let states = try await states(of: acknowledged.all, at: server.origin)
            #expect(Set(states.keys).isSubset(of: ["succeeded", "initiated", "pending"]))
            await server.stop()
            try expectOnce(atLeast: states["succeeded"] ?? 0, in: database)
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    /// The states that refunds show, and how many show each.
    private func states(of refunds: [String], at origin: String) async throws -> [String: Int] {
        let caller = Caller(origin: origin)
        var states: [String: Int] = [:]
        for id in refunds {
            let answer = try await caller.get("/api/v1/refunds/\(id)?account_id=23137556")
            states[answer.text("refund", "status"), default: 0] += 1
        }
        return states
    }

    /// No refund reached the gateway twice, and so many did.
    private func expectOnce(atLeast count: Int, in database: ProgramDatabase) throws {
        let effects = try SimulatorBook.effects(inFile: database.book).map(\.submission.refund)
        #expect(Set(effects).count == effects.count, "no refund was carried out twice")
        #expect(effects.count >= count)
    }

    /// Sends refunds from several callers, and kills the server half-way; the identifiers that were answered.
    private func issueUntilKilled(_ server: RunningServer) async -> [String] {
        let caller = Caller(origin: server.origin)
        let acknowledged = Acknowledged()
        await withTaskGroup { group in
            for worker in 0..<16 {
                group.addTask {
                    for number in 0..<Self.refunds / 16 {
                        let answer = try? await refund(caller, key: "cut-\(worker)-\(number)")
                        guard let answer, answer.status == 201 else { return }
                        let count = acknowledged.add(answer.text("refund", "refund_id"))
                        if count == Self.refunds / 2 { await server.kill9() }
                    }
                }
            }
        }
        return acknowledged.all
    }
}

/// Callers who all want the same money.
@Suite struct `Fifty callers` {
    @Test(arguments: [(DatabaseKind.sqlite, 1), (.postgres, 3)])
    func `for the last hundred rupees of a payment get exactly that`(kind: DatabaseKind, nodes: Int) async throws {
        try await withDatabase(kind) { database in
            var servers: [RunningServer] = []
            for _ in 0..<nodes { servers.append(try await RunningServer(["--demo"] + database.options)) }
            let callers = servers.map { Caller(origin: $0.origin) }
            let path = "/api/v1/payments/731000001449100/refunds?account_id=23137556"
            let statuses = await withTaskGroup { group in
                for number in 0..<50 {
                    group.addTask {
                        let caller = callers[number % nodes]
                        let body = #"{"amount": 20, "reason": "others", "description": "caller \#(number)"}"#
                        return (try? await caller.post(path, [], body).status) ?? 0
                    }
                }
                return await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [201: 5, 400: 45])
            for server in servers { await server.stop() }
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }
}
