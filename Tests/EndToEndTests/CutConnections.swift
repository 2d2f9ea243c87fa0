import AsyncHTTPClient
import Foundation
import RefundDomain
import RefundGateways
import RefundStorage
import RefundTesting
import Testing

/// Several nodes over one database, whose connections the server ends at random.
extension `Three nodes on one database` {
    private static let cutting = isLong ? Duration.seconds(60) : .seconds(4)
    private static let (refundsMin, endedMin) = (50, 20)

    @Test func `answer rightly or ask to come again, whichever of their connections end`() async throws {
        try await withDatabase(.postgres) { database in
            let nodes = try await Nodes(count: 3, options: ["--demo"] + database.options)
            let axe = try ConnectionAxe(database)
            let before = try await axe.refunds()
            let log = CallLog()
            let ended = try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    defer { log.end() }
                    return try await axe.swing(for: Self.cutting) { ended in
                        ended >= Self.endedMin && log.refunds.count >= Self.refundsMin
                    }
                }
                for worker in 0..<Self.callers {
                    group.addTask {
                        var number = 0
                        while !log.isOver {
                            number += 1
                            await ask("cut-\(worker)-\(number)", twice: number % 4 == 0, nodes, worker + number, log)
                        }
                        return 0
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(log.strange == [])
            #expect(ended >= Self.endedMin, "\(ended) connections were ended")
            if Self.isLong { try await expectDrained(nodes.caller(0)) }
            await nodes.stop()
            let made = try await axe.refunds().filter { before[$0.key] == nil }
            await axe.close()
            try expect(log.refunds, made, in: database)
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            print("\(log.refunds.count) refunds were answered while \(ended) connections ended")
        }
    }

    /// Asks under a key at one node after another until it is answered; then, where `twice`, at the next node again.
    private func ask(_ key: String, twice: Bool, _ nodes: Nodes, _ first: Int, _ log: CallLog) async {
        var answered: Caller.Answer?
        for attempt in 0..<400 {
            do {
                let answer = try await refund(nodes.caller(first + attempt), key: key)
                switch answer.status {
                case 201:
                    if let answered {
                        if answered.text("refund", "refund_id") != answer.text("refund", "refund_id") {
                            log.add(strange: "\(key): first \(answered.body), then \(answer.body)")
                        }
                        return
                    }
                    if answer.text("refund", "amount") != "0.01" { log.add(strange: "\(key): \(answer.body)") }
                    log.add(refund: answer.text("refund", "refund_id"))
                    guard twice else { return }
                    answered = answer
                case 503, 409: try? await Task.sleep(for: .milliseconds(50))
                default: return log.add(strange: "\(key): \(answer.status) \(answer.body)")
                }
            } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
                // A busy machine: the caller does not know, and comes again.
            } catch {
                return log.add(strange: "\(key): \(error)")
            }
        }
        log.add(strange: "\(key): was never answered")
    }

    /// What was answered is there, nothing else is, and each was carried out once where it is done.
    private func expect(_ answered: [String], _ made: [RefundID: String], in database: ProgramDatabase) throws {
        #expect(answered.count >= Self.refundsMin)
        #expect(Set(answered).count == answered.count, "each intent has a refund of its own")
        #expect(Set(answered) == Set(made.keys.map(\.description)), "what was answered is what is there")
        let effects = try SimulatorBook.effects(inFile: database.book).map(\.submission.refund)
        #expect(Set(effects).count == effects.count, "no refund was carried out twice")
        #expect(Set(effects).isSubset(of: made.keys), "no gateway was called without an intent")
        let done = made.filter { $0.value == "succeeded" }.keys
        #expect(Set(done).isSubset(of: effects), "what is done was carried out")
        if Self.isLong { #expect(effects.count == answered.count) }
    }
}

/// Someone who ends connections of the nodes, and looks at what they have written.
private struct ConnectionAxe: Sendable {
    private let store: PostgresStore

    init(_ database: ProgramDatabase) throws {
        store = try PostgresStore(database.url + "?application_name=axe", migrating: false)
    }

    /// Ends one or two at a time, several times a second, for so long and until it is enough; how many.
    func swing(for duration: Duration, until isEnough: (Int) -> Bool) async throws -> Int {
        let start = ContinuousClock.now
        var ended = 0
        while ContinuousClock.now < start + duration || (!isEnough(ended) && ContinuousClock.now < start + .seconds(60))
        {
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...200)))
            ended += Int(try await store.read { try $0.row(StoredInteger.self, Self.cut, [])?.value ?? 0 })
        }
        return ended
    }

    /// All refunds, with the state of each.
    func refunds() async throws -> [RefundID: String] {
        let rows = try await store.read { try $0.rows(StoredValues.self, Self.states, []).map(\.values) }
        return Dictionary(
            rows.compactMap { row in
                guard case .integer(let id) = row[0], case .text(let state) = row[1] else { return nil }
                return (RefundID(id), state)
            }, uniquingKeysWith: { $1 })
    }

    func close() async { await store.close() }

    private static let cut: SQLText = """
        select cast(count(pg_terminate_backend(pid)) as bigint) from (select pid from pg_stat_activity \
        where application_name = 'refundry' order by random() limit 2) connections
        """
    private static let states: SQLText = "select id, state from refunds"
}
