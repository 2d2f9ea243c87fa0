/// A moment of the years 1 to 9999, in microseconds since 1970-01-01T00:00:00Z.
///
/// Arithmetic never traps, whoever told the moment: what comes out of those years is the first or the last moment of
/// them. What outsiders tell is read by `init(told:)`, which refuses it instead.
package struct Instant: Hashable, Comparable, Sendable {
    /// Of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z; the distance of any two moments fits as well.
    private static let secondsRange = Int64(-62_135_596_800)...253_402_300_799
    private static let range = secondsRange.lowerBound * 1_000_000...secondsRange.upperBound * 1_000_000

    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.range.lowerBound), Self.range.upperBound)
    }

    package init(seconds: Int64) {
        let bounded = min(max(seconds, Self.secondsRange.lowerBound), Self.secondsRange.upperBound)
        self.init(microseconds: bounded * 1_000_000)
    }

    /// A moment that somebody outside tells, in seconds since 1970; nil outside the years 1 to 9999.
    package init?(told seconds: Int64) {
        guard Self.secondsRange.contains(seconds) else { return nil }
        self.init(seconds: seconds)
    }

    /// A moment that somebody outside tells, in microseconds since 1970; nil outside the years 1 to 9999.
    package init?(toldMicroseconds microseconds: Int64) {
        guard Self.range.contains(microseconds) else { return nil }
        self.init(microseconds: microseconds)
    }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { floorDivide(microseconds, 1_000_000) }

    /// Whole milliseconds since 1970, rounded down.
    package var milliseconds: Int64 { floorDivide(microseconds, 1_000) }

    package static func < (a: Instant, b: Instant) -> Bool { a.microseconds < b.microseconds }

    package static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        return Instant(microseconds: overflow ? (duration > .zero ? .max : .min) : sum)
    }

    package static func - (instant: Instant, duration: Duration) -> Instant {
        let (rest, overflow) = instant.microseconds.subtractingReportingOverflow(duration.wholeMicroseconds)
        return Instant(microseconds: overflow ? (duration > .zero ? .min : .max) : rest)
    }

    /// The time that has passed since another moment.
    package func since(_ earlier: Instant) -> Duration {
        .microseconds(microseconds - earlier.microseconds)
    }
}

extension Duration {
    /// The duration in microseconds, cut towards zero; the longest that fits where it is longer.
    package var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let longest = Int64.max / 1_000_000 - 1
        return min(max(seconds, -longest), longest) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

/// Quotient rounded down, also for negative numbers.
func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : (value + 1) / divisor - 1
}
