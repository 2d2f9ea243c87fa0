import RefundDomain
import RefundTesting

/// What became of a simulated life.
struct LifeReport: Sendable {
    let seed: UInt64
    /// Everything that happened, a line each, with the seconds since the life began.
    private(set) var trace: [String] = []
    /// What ought not to have happened.
    private(set) var complaints: [String] = []
    /// How often which thing happened.
    private(set) var counts: [String: Int] = [:]

    init(seed: UInt64) {
        self.seed = seed
    }

    /// The trace as it is printed.
    var text: String { trace.joined(separator: "\n") }

    /// The line that lives this life again, alone.
    var replay: String { "REFUNDRY_SEED=\(seed) swift test --disable-xctest --filter 'A simulated life'" }

    mutating func note(at moment: Instant, _ line: String, counted what: String? = nil) {
        let passed = moment.since(Fixtures.now).wholeMicroseconds
        let fraction = String(1_000_000 + passed % 1_000_000).dropFirst()
        trace.append("\(passed / 1_000_000).\(fraction)  \(line)")
        if let what { count(what) }
    }

    mutating func complain(at moment: Instant, _ complaint: String) {
        complaints.append(complaint)
        note(at: moment, "WRONG: \(complaint)")
    }

    mutating func count(_ what: String) { counts[what, default: 0] += 1 }
}
