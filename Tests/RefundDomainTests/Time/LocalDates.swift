import RefundDomain
import Testing

@Suite struct `A local day` {
    @Test(
        arguments: [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("1970-01-02", 1),
            ("0001-01-01", -719_162),
            ("1600-02-29", -135_081),
            ("1900-02-28", -25_509),
            ("1900-03-01", -25_508),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2023-11-10", 19_671),
            ("2024-02-29", 19_782),
            ("2024-03-01", 19_783),
            ("2024-12-31", 20_088),
            ("2038-01-19", 24_855),
            ("9999-12-31", 2_932_896),
        ] as [(String, Int32)])
    func `is counted from 1970`(text: String, days: Int32) {
        #expect(LocalDate(text)?.daysSinceEpoch == days)
        #expect(LocalDate(daysSinceEpoch: days).description == text)
    }

    @Test func `follows the one before it, for four hundred years`() {
        var (year, month, day) = (1900, 1, 1)
        let first: Int32 = -25_567
        for count in 0..<Int32(146_097) {
            let date = LocalDate(daysSinceEpoch: first + count)
            guard date.components == (year, month, day), LocalDate(year: year, month: month, day: day) == date else {
                Issue.record("\(year)-\(month)-\(day) is taken for \(date)")
                return
            }
            day += 1
            if day > Self.length(ofMonth: month, in: year) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2300, 1, 1))
    }

    @Test func `reads back from its text, on any day there is`() {
        forEachSeed { random in
            let days = Int32(random.number(in: -719_162...2_932_896))
            let date = LocalDate(daysSinceEpoch: days)
            try demand(LocalDate(date.description) == date, "day \(days) printed \(date)")
        }
    }

    @Test(arguments: [
        // Days that no calendar has.
        "2023-02-29", "1900-02-29", "2100-02-29", "2024-02-30", "2024-04-31", "2024-06-31", "2024-09-31", "2024-11-31",
        "2024-01-32", "2024-01-00", "2024-00-10", "2024-13-01", "0000-01-01",
        // Other forms.
        "", "2024", "2024-01", "24-01-01", "2024-1-1", "2024-01-1", "02024-01-1", "2024/01/01", "2024.01.01",
        "20240101",
        "01-01-2024", "2024-01-01T00:00:00", "2024-01-01Z", "2024-01-01 ", " 2024-01-01", "+024-01-01", "-024-01-01",
        "2024-+1-01", "2024- 1-01", "2024-0a-01", "2024\u{2010}01\u{2010}01", "\u{662}024-01-01", "yyyy-mm-dd",
    ])
    func `is refused in any other form, and where there is no such day`(text: String) {
        #expect(LocalDate(text) == nil)
    }

    @Test(arguments: [
        (0, 1, 1), (10_000, 1, 1), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0), (2024, 1, -1), (2023, 2, 29),
    ])
    func `needs a year, a month and a day that exist`(year: Int, month: Int, day: Int) {
        #expect(LocalDate(year: year, month: month, day: day) == nil)
    }

    @Test(
        arguments: [
            // Midnight in UTC at the start of 2024 is second 1704067200.
            (1_704_067_200, 0, "2024-01-01"),
            (1_704_067_199, 0, "2023-12-31"),
            // Kolkata, five and a half hours ahead: its day starts at 18:30.
            (1_704_047_400, 19_800, "2024-01-01"),
            (1_704_047_399, 19_800, "2023-12-31"),
            // New York, five hours behind: its day starts at 05:00.
            (1_704_085_200, -18_000, "2024-01-01"),
            (1_704_085_199, -18_000, "2023-12-31"),
            // Kiritimati, fourteen hours ahead, and an offset of odd seconds.
            (1_704_016_800, 50_400, "2024-01-01"),
            (1_704_016_799, 50_400, "2023-12-31"),
            (1_704_067_200, -1, "2023-12-31"),
            // The leap day, and before 1970.
            (1_709_164_800, 0, "2024-02-29"),
            (1_709_251_199, 0, "2024-02-29"),
            (1_709_251_200, 0, "2024-03-01"),
            (-1, 0, "1969-12-31"),
            (-86_400, 0, "1969-12-31"),
            (-86_401, 0, "1969-12-30"),
            (-1, 1, "1970-01-01"),
        ] as [(Int64, Int, String)])
    func `begins at midnight of its zone`(seconds: Int64, offset: Int, text: String) {
        #expect(LocalDate(Instant(seconds: seconds), utcOffsetSeconds: offset) == day(text))
    }

    @Test func `lasts to its last microsecond`() {
        let midnight = Instant(seconds: 1_704_067_200)
        #expect(LocalDate(midnight - .microseconds(1), utcOffsetSeconds: 0) == day("2023-12-31"))
        #expect(LocalDate(midnight + .microseconds(1), utcOffsetSeconds: 0) == day("2024-01-01"))
    }

    @Test(arguments: [
        ("2024-02-28", 1, "2024-02-29"),
        ("2024-02-28", 2, "2024-03-01"),
        ("2023-02-28", 1, "2023-03-01"),
        ("2024-01-01", -1, "2023-12-31"),
        ("2024-02-29", 366, "2025-03-01"),
        ("2024-02-29", 0, "2024-02-29"),
    ])
    func `is so many days from another`(text: String, days: Int, other: String) {
        #expect(day(text).adding(days: days) == day(other))
        #expect(day(other).adding(days: -days) == day(text))
        #expect((day(text) < day(other)) == (days > 0))
    }

    @Test(
        arguments: [
            (0, Int(Int32.max), .max),
            (1, Int(Int32.max), .max),
            (-1, Int(Int32.max), .max - 1),
            (0, Int(Int32.min), .min),
            (-1, Int(Int32.min), .min),
            (1, Int(Int32.min), .min + 1),
            (0, .max, .max),
            (-1, .max, .max),
            (.max, .max, .max),
            (0, .min, .min),
            (1, .min, .min),
            (.min, .min, .min),
            (.min, .max, .max),
            (.max, .min, .min),
        ] as [(Int32, Int, Int32)])
    func `beyond those that can be counted is the last or the first of them`(from: Int32, days: Int, to: Int32) {
        #expect(LocalDate(daysSinceEpoch: from).adding(days: days) == LocalDate(daysSinceEpoch: to))
    }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }
}
