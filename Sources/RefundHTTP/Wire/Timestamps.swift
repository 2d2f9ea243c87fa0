package import RefundDomain

/// Moments as text, by integers alone.
package enum Timestamps {
    /// `yyyy-mm-dd hh:mm:ss`, without a zone, in one that is so many seconds ahead of UTC.
    package static func plain(_ instant: Instant, utcOffsetSeconds: Int = 0) -> String {
        text(instant, utcOffsetSeconds, separator: " ")
    }

    /// `yyyy-mm-ddThh:mm:ssZ` of RFC 3339, whole seconds, in UTC.
    package static func utc(_ instant: Instant) -> String {
        text(instant, 0, separator: "T") + "Z"
    }

    /// Reads `yyyy-mm-dd hh:mm:ss`, with `T` for the blank, a fraction and a `Z` allowed; the fraction is dropped.
    ///
    /// The offset is that of a text without a zone: a `Z` says UTC, whatever the offset.
    package static func parse(_ text: String, utcOffsetSeconds: Int = 0) -> Instant? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let date = LocalDate(String(decoding: bytes[0..<10], as: UTF8.self)),
            let hour = number(bytes[11..<13], below: 24), let minute = number(bytes[14..<16], below: 60),
            let second = number(bytes[17..<19], below: 60), isEnd(bytes[19...])
        else { return nil }
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        return Instant(seconds: bytes.last == UInt8(ascii: "Z") ? seconds : seconds - Int64(utcOffsetSeconds))
    }

    private static func text(_ instant: Instant, _ utcOffsetSeconds: Int, separator: String) -> String {
        let date = LocalDate(instant, utcOffsetSeconds: utcOffsetSeconds)
        let second = Int(instant.seconds + Int64(utcOffsetSeconds) - Int64(date.daysSinceEpoch) * 86_400)
        let time = [second / 3_600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(date)\(separator)\(time)"
    }

    private static func number(_ digits: ArraySlice<UInt8>, below limit: Int) -> Int? {
        guard digits.allSatisfy(\.isDigit) else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return value < limit ? value : nil
    }

    /// Whether what follows the seconds is a fraction, a `Z`, both or nothing.
    private static func isEnd(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        if rest.last == UInt8(ascii: "Z") { rest.removeLast() }
        guard let first = rest.first else { return true }
        return first == UInt8(ascii: ".") && rest.count > 1 && rest.dropFirst().allSatisfy(\.isDigit)
    }
}
