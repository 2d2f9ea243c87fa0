import Foundation
import RefundDomain
import RefundGateways
import RefundTesting
import Testing

/// Several nodes over one database, of which one after another is killed while all are asked for refunds.
///
/// `make chaos` runs it for a minute and until the backlog has drained; otherwise it is over in a few seconds.
@Suite struct `Three nodes on one database` {
    static let isLong = ProcessInfo.processInfo.environment["REFUNDRY_CHAOS"] == "1"
    private static let kills = isLong ? 60 : 4
    static let callers = 12
    /// The lease of an attempt, the first question about it, and a margin.
    private static let drainage = Duration.seconds(180)

    @Test func `lose no refund that was answered and make none twice, whichever is killed`() async throws {
        try await withDatabase(.postgres) { database in
            let nodes = try await Nodes(count: 3, options: ["--demo"] + database.options)
            let log = CallLog()
            await withTaskGroup { group in
                group.addTask {
                    for number in 0..<Self.kills {
                        try? await Task.sleep(for: .seconds(1))
                        await nodes.killAndRestart(number % 3)
                    }
                    log.end()
                }
                for worker in 0..<Self.callers {
                    group.addTask {
                        var number = 0
                        while !log.isOver {
                            number += 1
                            let key = "chaos-\(worker)-\(number)"
                            switch await answer(to: key, from: { nodes.caller(worker + number + $0) }) {
                            case .success(let refund): log.add(refund: refund)
                            case .failure(let answer): log.add(strange: answer.text)
                            }
                        }
                    }
                }
            }
            #expect(log.strange == [])
            let refunds = log.refunds
            #expect(!refunds.isEmpty)
            #expect(Set(refunds).count == refunds.count, "each intent has a refund of its own")
            if Self.isLong { try await expectDrained(nodes.caller(0)) }
            await nodes.stop()
            try expectDone(refunds, isDrained: Self.isLong, in: database)
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    /// Waits until no refund is left whose outcome is open.
    func expectDrained(_ caller: Caller) async throws {
        let deadline = ContinuousClock.now + Self.drainage
        var open = ["?"]
        while !open.isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .seconds(2))
            open = []
            for state in ["approved", "submitting", "unknown"] {
                let answer = try await caller.get(
                    "/refundry/v1/refunds?state=\(state)", [("Authorization", "Bearer \(Caller.token)")])
                if (answer["refunds"] as? [Any])?.isEmpty != true {
                    open.append("\(state): \(answer.body.prefix(300))")
                }
            }
        }
        #expect(open == [])
    }

    private func expectDone(_ refunds: [String], isDrained: Bool, in database: ProgramDatabase) throws {
        let effects = try SimulatorBook.effects(inFile: database.book).map(\.submission.refund)
        #expect(Set(effects).count == effects.count, "no refund was carried out twice")
        if isDrained { #expect(effects.count >= refunds.count) }
        print("\(refunds.count) refunds were answered, \(effects.count) were carried out, \(Self.kills) kills")
    }
}
