import Foundation
import RefundDomain
import RefundGateways
import Synchronization
import Testing

/// The program is killed while it works, and started again.
@Suite struct `A power cut` {
    private static let refunds = 1_000

    @Test func `in the middle of a thousand refunds loses none that was answered, and doubles none`() async throws {
        try await withFolder { folder in
            let database = "sqlite:\(folder)/demo.sqlite"
            let server = try await RunningServer(["--demo", "--database", database])
            let acknowledged = await issueUntilKilled(server)
            #expect(!acknowledged.isEmpty)

            let restarted = try await RunningServer(["--demo", "--database", database])
            let caller = Caller(origin: restarted.origin)
            for id in acknowledged {
                let answer = try await caller.get("/api/v1/refunds/\(id)?account_id=23137556")
                #expect(answer.text("refund", "status") == "succeeded")
            }
            await restarted.stop()
            let effects = try SimulatorBook.effects(inFile: "\(folder)/demo.sqlite.simulator")
            let refunds = effects.map(\.submission.refund)
            #expect(Set(refunds).count == refunds.count, "no refund was carried out twice")
            #expect(effects.count >= acknowledged.count)
            let verified = try await Program.run("verify", "--database", database)
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    /// Sends refunds from several callers, and kills the server half-way; the identifiers that were answered.
    private func issueUntilKilled(_ server: RunningServer) async -> [String] {
        let caller = Caller(origin: server.origin)
        let acknowledged = Acknowledged()
        let path = "/api/v1/payments/731000001449003/refunds?account_id=23137556"
        await withTaskGroup { group in
            for worker in 0..<16 {
                group.addTask {
                    for number in 0..<Self.refunds / 16 {
                        let key = [("Idempotency-Key", "cut-\(worker)-\(number)")]
                        let body = #"{"amount": 0.10, "reason": "others"}"#
                        guard let answer = try? await caller.post(path, key, body), answer.status == 201 else { return }
                        let count = acknowledged.add(answer.text("refund", "refund_id"))
                        if count == Self.refunds / 2 { await server.kill9() }
                    }
                }
            }
        }
        return acknowledged.all
    }
}

/// The refunds that were answered with success, in the order of their answers.
private final class Acknowledged: Sendable {
    private let identifiers = Mutex<[String]>([])

    var all: [String] { identifiers.withLock { $0 } }

    /// Adds one; how many there are.
    func add(_ identifier: String) -> Int {
        identifiers.withLock { identifiers in
            identifiers.append(identifier)
            return identifiers.count
        }
    }
}

/// Callers who all want the same money.
@Suite struct `Fifty callers` {
    @Test func `for the last hundred rupees of a payment get exactly that`() async throws {
        try await withFolder { folder in
            let server = try await RunningServer(["--demo", "--database", "sqlite:\(folder)/demo.sqlite"])
            let caller = Caller(origin: server.origin)
            let path = "/api/v1/payments/731000001449100/refunds?account_id=23137556"
            let statuses = await withTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        (try? await caller.post(path, [], #"{"amount": 20, "reason": "others"}"#).status) ?? 0
                    }
                }
                return await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [201: 5, 400: 45])
            await server.stop()
        }
    }
}
