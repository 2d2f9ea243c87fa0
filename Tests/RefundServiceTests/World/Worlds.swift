import Foundation
import RefundStorage
import RefundTesting
import Testing

/// Thousands of steps in worlds that follow from nothing but their seeds, each compared with the oracle.
///
/// `make chaos` tells stories for `REFUNDRY_WORLD_MINUTES` (30); `REFUNDRY_WORLD_SEED=n` tells one, and prints it.
@Suite struct `A world with an oracle` {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["REFUNDRY_WORLD_SEED"].flatMap { UInt64($0) }
    private static let isChaos = environment["REFUNDRY_CHAOS"] == "1"
    private static let minutes = environment["REFUNDRY_WORLD_MINUTES"].flatMap { Int($0) } ?? 30
    private static let lanes = 4
    private static let failuresMax = 3
    private static let shrinkingTriesMax = 400

    @Test(arguments: [Engine.sqliteInMemory, .postgres])
    func `Agrees with it after every step, whatever happens`(engine: Engine) async throws {
        if let seed = Self.seed { return try await tellAlone(seed, engine) }
        let stories: UInt64 = engine == .postgres ? 24 : 160
        let tally = try await tell(in: engine) { number, _ in number < stories }
        judge(tally, engine)
    }

    @Test(.enabled(if: isChaos && seed == nil), arguments: [Engine.sqliteInMemory, .postgres])
    func `Agrees with it for as long as it is asked to`(engine: Engine) async throws {
        let share = engine == .postgres ? 4 : 1
        let end = ContinuousClock.now + .seconds(60 * Self.minutes / share)
        // Other seeds than those of the ordinary tests, and others each day.
        let first = UInt64(Date().timeIntervalSince1970) / 86_400 * 1_000_000
        let tally = try await tell(in: engine, from: first) { _, failures in
            ContinuousClock.now < end && failures < Self.failuresMax
        }
        judge(tally, engine)
    }

    @Test func `Leaves out of a story what its failure does not need`() async {
        let story = Array(1...60)
        let left = await story.shrunk(triesMax: 1_000) { $0.contains(7) && $0.contains(41) }
        #expect(left == [7, 41])
        #expect(await story.shrunk(triesMax: 0) { _ in true } == story)
    }

    // MARK: Telling

    private struct Tally: Sendable {
        var stories = 0
        var steps = 0
        var counts: [String: Int] = [:]
        var failures: [WorldFailure] = []

        mutating func add(_ other: Tally) {
            stories += other.stories
            steps += other.steps
            counts.merge(other.counts, uniquingKeysWith: +)
            failures += other.failures
        }
    }

    private func tell(
        in engine: Engine, from first: UInt64 = 1, while goesOn: @escaping @Sendable (UInt64, Int) -> Bool
    ) async throws -> Tally {
        try await withThrowingTaskGroup(of: Tally.self) { group in
            for lane in 0..<Self.lanes {
                group.addTask {
                    try await withStore(engine) { store in
                        var tally = Tally()
                        var number = UInt64(lane)
                        while goesOn(number, tally.failures.count) {
                            try await Self.tell(first + number, in: store, &tally)
                            number += UInt64(Self.lanes)
                        }
                        return tally
                    }
                }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
    }

    private static func tell(_ seed: UInt64, in store: any Store, _ tally: inout Tally) async throws {
        let story = WorldStory(seed: seed)
        let report = try await WorldRun.tell(story, in: store)
        tally.stories += 1
        tally.steps += report.stepsTaken
        tally.counts.merge(report.counts, uniquingKeysWith: +)
        guard report.complaint != nil else { return }
        guard tally.failures.count < failuresMax else { return }
        tally.failures.append(try await shrink(story, failingAfter: report.stepsTaken, in: store))
    }

    private static func shrink(
        _ story: WorldStory, failingAfter stepsTaken: Int, in store: any Store
    ) async throws -> WorldFailure {
        let steps = try await Array(story.steps.prefix(stepsTaken)).shrunk(triesMax: shrinkingTriesMax) { left in
            try await WorldRun.tell(WorldStory(world: story.world, steps: left), in: store).complaint != nil
        }
        let left = WorldStory(world: story.world, steps: steps)
        return WorldFailure(
            story: left, report: try await WorldRun.tell(left, in: store), stepsBefore: story.steps.count)
    }

    private func tellAlone(_ seed: UInt64, _ engine: Engine) async throws {
        try await withStore(engine) { store in
            var tally = Tally()
            let story = WorldStory(seed: seed)
            let report = try await WorldRun.tell(story, in: store)
            print("\(engine), seed \(seed):\n\(story.world.text)\n\(report.lines.joined(separator: "\n"))")
            try await Self.tell(seed, in: store, &tally)
            judge(tally, engine, isAlone: true)
        }
    }

    private func judge(_ tally: Tally, _ engine: Engine, isAlone: Bool = false) {
        for failure in tally.failures.prefix(Self.failuresMax) { Issue.record("\(engine): \(failure.text)") }
        #expect(tally.failures.map(\.story.world.seed) == [])
        print(
            (["\(engine): \(tally.stories) stories of \(tally.steps) steps, \(tally.failures.count) of them wrong:"]
                + tally.counts.sorted { $0.key < $1.key }.map { "  \($0.value) × \($0.key)" })
                .joined(separator: "\n"))
    }
}
