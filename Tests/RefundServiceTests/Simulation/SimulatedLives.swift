import Foundation
import RefundTesting
import Testing

/// Thousands of lives that follow from nothing but their seeds.
///
/// `make chaos` lives ten thousand of them; `REFUNDRY_SEED=n` lives one, and prints what happens in it.
@Suite struct `A simulated life` {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["REFUNDRY_SEED"].flatMap { UInt64($0) }
    private static let lives: UInt64 = environment["REFUNDRY_CHAOS"] == "1" ? 10_000 : 400
    private static let lanes: UInt64 = 4
    /// Failures that are printed with all that happened.
    private static let shownMax = 3

    @Test func `Gives back once whatever fails, and ends settled or explicitly unknown`() async throws {
        let reports = try await reports(of: Self.seed.map { $0...$0 } ?? 1...Self.lives)
        let wrong = reports.filter { !$0.complaints.isEmpty }
        for report in wrong.prefix(Self.shownMax) {
            Issue.record(
                """
                \(report.complaints.joined(separator: "\n"))
                Again: \(report.replay)
                \(report.text)
                """)
        }
        #expect(wrong.map(\.seed) == [])
        if Self.seed != nil { return print(reports.map(\.text).joined()) }
        let counts = reports.reduce(into: [:]) { $0.merge($1.counts, uniquingKeysWith: +) }
        #expect(Self.expected.filter { counts[$0] == nil } == [], "a simulation that meets too little shows nothing")
        print(
            (["\(reports.count) simulated lives:"]
                + counts.sorted { $0.key < $1.key }.map { "  \($0.value) × \($0.key)" })
                .joined(separator: "\n"))
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13, 21, 34] as [UInt64])
    func `Is the same to the byte for the same seed, whatever was lived before`(seed: UInt64) async throws {
        let alone = try await withStore(.sqliteInMemory) { try await SimulatedLife.live(seed: seed, in: $0) }
        let later = try await withStore(.sqliteInMemory) { store in
            for other in seed + 100...seed + 102 { _ = try await SimulatedLife.live(seed: other, in: store) }
            return try await SimulatedLife.live(seed: seed, in: store)
        }
        #expect(Array(later.text.utf8) == Array(alone.text.utf8))
        #expect(alone.trace.count > 5)
    }

    /// What has to happen among all lives, or they are about nothing.
    private static let expected =
        ["succeeded", "failed", "canceled", "returned", "voided", "unknown"].map { "end: \($0)" }
        + ["attempt 1 heard late: report", "the gateway carries out a re"].map { "exception: \($0)" }
        + [
            "request", "recordByHand", "repeatRequest", "misuseKey", "cancel", "haveAsked", "notice", "resolve",
            "pass", "interrupt", "dieAfter",
        ].map { "step: \($0)" }
        + [
            "ambiguous(\"the answer was lost\")", "ambiguous(\"the gateway answered 500\")",
            "ambiguous(\"no answer in time\")", "notSent(\"the simulated line is down\")", "pending", "succeeded",
        ].map { "submit: \($0)" }
        + ["never taken", "not found yet", "pending", "succeeded", "canceled"].map { "inquire: \($0)" }
        + ["cancel: canceled", "notices"]

    /// Lives the lives of some seeds, a few at a time, and gives them in their order.
    private func reports(of seeds: ClosedRange<UInt64>) async throws -> [LifeReport] {
        try await withThrowingTaskGroup(of: [LifeReport].self) { group in
            for lane in 0..<Self.lanes {
                group.addTask {
                    try await withStore(.sqliteInMemory) { store in
                        var reports: [LifeReport] = []
                        for seed in seeds where seed % Self.lanes == lane {
                            reports.append(try await SimulatedLife.live(seed: seed, in: store))
                        }
                        return reports
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.seed < $1.seed }
        }
    }
}
