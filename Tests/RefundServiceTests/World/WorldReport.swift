import RefundDomain

/// What became of one story.
struct WorldReport: Sendable {
    /// Each step in words, with what came of it.
    private(set) var lines: [String] = []
    /// The first thing that ought not to have happened; the story ends there.
    private(set) var complaint: String?
    /// How often which thing happened.
    private(set) var counts: [String: Int] = [:]
    var stepsTaken = 0

    mutating func add(_ line: String) { lines.append(line) }

    mutating func complain(_ text: String) {
        complaint = complaint ?? text
        lines.append("  WRONG: \(text)")
    }

    mutating func count(_ what: String, times: Int = 1) { counts[what, default: 0] += times }

    /// Gives its lines to another report.
    mutating func drain() -> [String] {
        defer { lines = [] }
        return lines
    }
}

/// A story that fails, with the fewest steps that still do.
struct WorldFailure: Sendable {
    let story: WorldStory
    let report: WorldReport
    let stepsBefore: Int

    /// The story in words and the line that tells it again.
    var text: String {
        let seed = story.world.seed
        return """
            \(report.complaint ?? "nothing was wrong")
            \(story.steps.count) of \(stepsBefore) steps are left of the story of seed \(seed):
            \(story.world.text)
            \(report.lines.joined(separator: "\n"))
            Again: REFUNDRY_WORLD_SEED=\(seed) swift test --disable-xctest --filter 'A world with an oracle'
            """
    }
}
