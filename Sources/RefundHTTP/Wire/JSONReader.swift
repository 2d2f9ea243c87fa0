import RefundDomain

/// A strict reader of JSON texts, as RFC 8259 writes them.
///
/// It refuses what readers are known to disagree on: a name that stands twice, lone surrogates, invalid UTF-8, a byte
/// order mark, `NaN`, a number with leading zeros, text behind the value; and a NUL, which not every store can hold as
/// text. Nesting is limited to `Limits.jsonDepthMax`.
package struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the one value that a text consists of.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes)
        let value = try reader.readValue()
        reader.skipBlanks()
        guard reader.position == bytes.count else { throw reader.error(.trailingText) }
        return value
    }

    /// Reads a text that has to be one object, as the body of a request is.
    package static func parseObject(_ bytes: [UInt8]) throws(JSONError) -> JSONObject {
        guard case .object(let object) = try parse(bytes) else { throw JSONError(offset: 0, reason: .notAnObject) }
        return object
    }

    private mutating func readValue() throws(JSONError) -> JSONValue {
        skipBlanks()
        switch byte {
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "{"): return .object(try readObject())
        case UInt8(ascii: "["): return .array(try readArray())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        default: return .number(try readNumber())
        }
    }

    private mutating func readObject() throws(JSONError) -> JSONObject {
        try enter()
        var list = JSONFieldList()
        skipBlanks()
        if skip(UInt8(ascii: "}")) { return leave(with: JSONObject(list)) }
        repeat {
            skipBlanks()
            let nameOffset = position
            guard byte == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try readString()
            skipBlanks()
            guard skip(UInt8(ascii: ":")) else { throw unexpected() }
            guard list.append(JSONObject.Field(name, try readValue())) else {
                throw JSONError(offset: nameOffset, reason: .duplicateName)
            }
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw unexpected() }
        return leave(with: JSONObject(list))
    }

    private mutating func readArray() throws(JSONError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        skipBlanks()
        if skip(UInt8(ascii: "]")) { return leave(with: elements) }
        repeat {
            elements.append(try readValue())
            skipBlanks()
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw unexpected() }
        return leave(with: elements)
    }

    private mutating func readWord(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for letter in word.utf8 {
            guard skip(letter) else { throw unexpected() }
        }
        return value
    }

    private mutating func readNumber() throws(JSONError) -> JSONNumber {
        guard byte.isDigit || byte == UInt8(ascii: "-") else { throw unexpected() }
        guard let end = JSONNumber.end(in: bytes.span, from: position) else { throw error(.malformedNumber) }
        defer { position = end }
        return JSONNumber(matched: try text(position..<end))
    }

    private mutating func readString() throws(JSONError) -> String {
        let start = position + 1
        var end = bytes.span.plainTextEnd(from: start)
        var isPlain = true
        while end < bytes.count, bytes[end] == UInt8(ascii: "\\") {
            isPlain = false
            // Whatever the backslash escapes, a quote above all, does not end the string.
            end = bytes.span.plainTextEnd(from: end + 2)
        }
        guard end < bytes.count else { throw JSONError(offset: bytes.count, reason: .unexpectedEnd) }
        guard bytes[end] == UInt8(ascii: "\"") else { throw JSONError(offset: end, reason: .controlCharacter) }
        position = end + 1
        return isPlain ? try text(start..<end) : try unescapedText(start..<end)
    }

    private func text(_ range: Range<Int>) throws(JSONError) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
        } catch {
            throw JSONError(offset: range.lowerBound + error.byteOffsets.lowerBound, reason: .invalidUTF8)
        }
    }

    /// The text of a range in which every backslash has a byte behind it.
    private func unescapedText(_ range: Range<Int>) throws(JSONError) -> String {
        _ = try text(range)
        var plain: [UInt8] = []
        plain.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(bytes[index + 1])
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "t"): plain.append(0x09)
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "f"): plain.append(0x0C)
            case UInt8(ascii: "r"): plain.append(0x0D)
            case UInt8(ascii: "u"):
                let scalar = try escapedScalar(at: index, before: range.upperBound)
                guard scalar.value != 0 else { throw JSONError(offset: index, reason: .nulCharacter) }
                plain.append(contentsOf: Character(scalar).utf8)
                index += scalar.value > 0xFFFF ? 10 : 4
            default: throw JSONError(offset: index, reason: .unknownEscape)
            }
            index += 2
        }
        return String(decoding: plain, as: UTF8.self)
    }

    /// The character that `\uXXXX` stands for, or, above U+FFFF, a surrogate pair of two such.
    private func escapedScalar(at index: Int, before end: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try escapedUnit(at: index, before: end)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let loneSurrogate = JSONError(offset: index, reason: .loneSurrogate)
        guard UTF16.isLeadSurrogate(unit), index + 7 < end, bytes[index + 6] == UInt8(ascii: "\\"),
            bytes[index + 7] == UInt8(ascii: "u")
        else { throw loneSurrogate }
        let trail = try escapedUnit(at: index + 6, before: end)
        guard UTF16.isTrailSurrogate(trail) else { throw loneSurrogate }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    /// The four hexadecimal digits of `\uXXXX`.
    private func escapedUnit(at index: Int, before end: Int) throws(JSONError) -> UInt16 {
        guard index + 6 <= end else { throw JSONError(offset: index, reason: .unknownEscape) }
        var unit: UInt16 = 0
        for digit in bytes[index + 2..<index + 6] {
            guard let value = digit.hexadecimalValue else { throw JSONError(offset: index, reason: .unknownEscape) }
            unit = unit << 4 | UInt16(value)
        }
        return unit
    }

    private mutating func enter() throws(JSONError) {
        guard depth < Limits.jsonDepthMax else { throw error(.tooDeep) }
        depth += 1
        position += 1
    }

    private mutating func leave<Value>(with value: Value) -> Value {
        depth -= 1
        return value
    }

    /// The byte at the position; behind the end a NUL, which no JSON text has outside of a string.
    private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skip(_ expected: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == expected else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] <= UInt8(ascii: " ") {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private func unexpected() -> JSONError {
        if position == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return error(.byteOrderMark) }
        return error(position < bytes.count ? .unexpectedByte : .unexpectedEnd)
    }

    private func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(offset: position, reason: reason)
    }
}
