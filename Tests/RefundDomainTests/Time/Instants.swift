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
            (.max, 9_223_372_036_854_775, 9_223_372_036_854),
            (.min, -9_223_372_036_854_776, -9_223_372_036_855),
        ] as [(Int64, Int64, Int64)])
    func `is rounded down to milliseconds and seconds`(microseconds: Int64, milliseconds: Int64, seconds: Int64) {
        let instant = Instant(microseconds: microseconds)
        #expect(instant.milliseconds == milliseconds)
        #expect(instant.seconds == seconds)
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
