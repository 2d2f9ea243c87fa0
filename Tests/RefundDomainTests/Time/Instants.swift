import RefundDomain
import Testing

@Suite struct `An instant` {
    @Test(
        arguments: [
            (0, 0, 0),
            (999, 0, 0),
            (1_000, 1, 0),
            (999_999, 999, 0),
            (1_000_000, 1_000, 1),
            (-1, -1, -1),
            (-1_000, -1, -1),
            (-1_001, -2, -1),
            (-1_000_000, -1_000, -1),
            (-1_000_001, -1_001, -2),
            (253_402_300_799_000_001, 253_402_300_799_000, 253_402_300_799),
            (.max, 253_402_300_799_000, 253_402_300_799),
            (.min, -62_135_596_800_000, -62_135_596_800),
        ] as [(Int64, Int64, Int64)])
    func `is rounded down to milliseconds and seconds`(microseconds: Int64, milliseconds: Int64, seconds: Int64) {
        let instant = Instant(microseconds: microseconds)
        #expect(instant.milliseconds == milliseconds)
        #expect(instant.seconds == seconds)
    }

    @Test(arguments: [Int64.max, .max - 1, 253_402_300_800, -62_135_596_801, .min])
    func `that somebody tells outside the years 1 to 9999 is refused`(seconds: Int64) {
        #expect(Instant(told: seconds) == nil)
        #expect(
            Instant(toldMicroseconds: seconds) == nil
                || (-62_135_596_800...253_402_300_799).contains(seconds / 1_000_000))
    }

    @Test(arguments: [Int64.min, -62_135_596_800, -1, 0, 253_402_300_799, .max])
    func `never overflows, whatever is added, taken away or compared`(seconds: Int64) {
        let instant = Instant(seconds: seconds)
        for duration in [Duration.zero, .seconds(1), .seconds(Int64.max), .seconds(Int64.min), .seconds(-1)] {
            let bounds = Instant(seconds: .min)...Instant(seconds: .max)
            #expect(bounds.contains(instant + duration) && bounds.contains(instant - duration))
            #expect((instant + duration).since(instant - duration).wholeMicroseconds.magnitude < Int64.max.magnitude)
        }
        #expect(Instant(told: 253_402_300_799) == Instant(seconds: .max))
    }

    @Test func `moves by durations, and they lie between two of them`() {
        let instant = Instant(seconds: 1_704_067_200)
        #expect(instant + .seconds(30) == Instant(seconds: 1_704_067_230))
        #expect(instant - .milliseconds(1_500) == Instant(microseconds: 1_704_067_198_500_000))
        #expect((instant + .seconds(30)).since(instant) == .seconds(30))
        #expect(instant.since(instant + .microseconds(1)) == .microseconds(-1))
        #expect(instant < instant + .microseconds(1))
    }

    @Test(
        arguments: [
            (Duration.seconds(2), 2_000_000),
            (.milliseconds(1_500), 1_500_000),
            (.nanoseconds(1_999), 1),
            (.nanoseconds(-1_999), -1),
            (.milliseconds(-1_500), -1_500_000),
            (.zero, 0),
        ] as [(Duration, Int64)])
    func `counts whole microseconds of a duration`(duration: Duration, microseconds: Int64) {
        #expect(duration.wholeMicroseconds == microseconds)
    }
}
