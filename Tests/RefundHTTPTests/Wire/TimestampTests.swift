import RefundDomain
import RefundHTTP
import Testing

@Suite struct `A timestamp` {
    @Test(
        arguments: [
            (1_465_093_808, 0, "2016-06-05 02:30:08"), (1_465_093_808, -25_200, "2016-06-04 19:30:08"),
            (1_465_093_808, 19_800, "2016-06-05 08:00:08"), (0, 0, "1970-01-01 00:00:00"),
            (0, -1, "1969-12-31 23:59:59"),
            (-1, 0, "1969-12-31 23:59:59"), (1_709_251_199, 0, "2024-02-29 23:59:59"),
            (1_709_251_199, 1, "2024-03-01 00:00:00"),
            (253_402_300_799, 0, "9999-12-31 23:59:59"), (-62_135_596_800, 0, "0001-01-01 00:00:00"),
        ] as [(Int64, Int, String)])
    func `is written and read in a zone`(seconds: Int64, utcOffsetSeconds: Int, text: String) {
        let instant = Instant(seconds: seconds)
        #expect(Timestamps.plain(instant, utcOffsetSeconds: utcOffsetSeconds) == text)
        #expect(Timestamps.parse(text, utcOffsetSeconds: utcOffsetSeconds) == instant)
    }

    @Test func `is written in UTC with whole seconds`() {
        #expect(Timestamps.utc(Instant(microseconds: 1_465_093_808_999_999)) == "2016-06-05T02:30:08Z")
        #expect(Timestamps.utc(Instant(microseconds: -1)) == "1969-12-31T23:59:59Z")
    }

    @Test(arguments: [
        "2016-06-05 02:30:08", "2016-06-05T02:30:08", "2016-06-05T02:30:08Z", "2016-06-05T02:30:08.5",
        "2016-06-05 02:30:08.123456789", "2016-06-05T02:30:08.000Z",
    ])
    func `is read in each of its forms`(text: String) {
        #expect(Timestamps.parse(text) == Instant(seconds: 1_465_093_808))
    }

    @Test func `is UTC where it says so`() {
        #expect(Timestamps.parse("2016-06-05T02:30:08Z", utcOffsetSeconds: 19_800) == Instant(seconds: 1_465_093_808))
    }

    @Test(arguments: [
        "", "2016-06-05", "2016-06-05 02:30", "2016-06-05_02:30:08", "2016-06-05  2:30:08", "2016-02-30 02:30:08",
        "2016-06-05 24:00:00", "2016-06-05 23:60:00", "2016-06-05 23:59:60", "2016-06-05 02:30:08.",
        "2016-06-05 02:30:08,5",
        "2016-06-05T02:30:08+05:30", "2016-06-05 02:30:08 ", " 2016-06-05 02:30:08", "2016-06-05 02-30-08",
        "2016-06-05t02:30:08z", "2016-06-05 +2:30:08", "2016-06-05 ٠٢:30:08", "2016-06-05T02:30:08ZZ",
    ])
    func `is nothing else`(text: String) {
        #expect(Timestamps.parse(text) == nil)
    }
}
