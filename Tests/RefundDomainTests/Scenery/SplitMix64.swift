import Testing

/// A small generator with a seed: the same seed gives the same run on every machine.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(in range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }

    mutating func index(below count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    mutating func element<Element>(of values: [Element]) -> Element { values[index(below: values.count)] }

    /// True once in so many times.
    mutating func isOnce(in times: Int) -> Bool { index(below: times) == 0 }

    /// A number of one to so many digits, each length as likely as another: small and large ones both come up.
    mutating func digits(atMost digitsMax: Int) -> Int64 {
        var bound: Int64 = 10
        for _ in 0..<index(below: digitsMax) { bound *= 10 }
        return number(in: 0...bound - 1)
    }
}

/// What a property found that it should not have.
struct Counterexample: Error, CustomStringConvertible {
    let description: String
}

/// Throws a counterexample where something does not hold.
func demand(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(Counterexample) {
    guard holds else { throw Counterexample(description: otherwise()) }
}

/// Holds a property against many seeds; the first seed that breaks it is told, and breaks it again on every run.
func forEachSeed(
    _ seeds: Int = 2_000, sourceLocation: SourceLocation = #_sourceLocation,
    _ property: (inout SplitMix64) throws -> Void
) {
    for seed in 0..<UInt64(seeds) {
        var random = SplitMix64(seed: seed)
        do {
            try property(&random)
        } catch {
            Issue.record("seed \(seed): \(error)", sourceLocation: sourceLocation)
            return
        }
    }
}
