package import RefundDomain

/// A JSON value as it was written: numbers keep their digits, objects keep their order.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The literal of a JSON number, digit by digit.
///
/// It never becomes binary floating point: `200.10` stays `200.10`, and `1e400` stays a text that no amount accepts.
/// Two literals are equal when their texts are: `1` and `1.0` differ.
package struct JSONNumber: Hashable, Sendable {
    /// The number as written.
    package let text: String

    /// Takes a text that has the form of a JSON number; nil for any other.
    package init?(_ text: String) {
        guard Self.matches(text) else { return nil }
        self.text = text
    }

    /// A whole number.
    package init(_ number: Int64) {
        text = String(number)
    }

    /// Takes a text that has been matched already.
    init(matched text: String) {
        self.text = text
    }

    /// The number as an amount; nil where it has a sign, an exponent, or more digits than an amount may have.
    package var decimal: DecimalAmount? { DecimalAmount(text) }

    /// The number as an integer; nil where it has a point or an exponent, or does not fit.
    package var integer: Int64? { Int64(text) }

    /// Whether a text has the form of a JSON number.
    static func matches(_ text: String) -> Bool {
        let bytes = text.utf8.span
        return end(in: bytes, from: 0) == bytes.count
    }

    /// Where the number that opens at an index ends: `-? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?`.
    ///
    /// Nil where no number stands there, or one that breaks off behind its sign, point or exponent.
    static func end(in bytes: Span<UInt8>, from start: Int) -> Int? {
        func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
        func digitsEnd(from first: Int) -> Int? {
            var index = first
            while byte(at: index).isDigit { index += 1 }
            return index > first ? index : nil
        }
        let first = byte(at: start) == UInt8(ascii: "-") ? start + 1 : start
        guard var end = digitsEnd(from: first) else { return nil }
        if byte(at: first) == UInt8(ascii: "0"), end > first + 1 { return nil }
        if byte(at: end) == UInt8(ascii: ".") {
            guard let fractionEnd = digitsEnd(from: end + 1) else { return nil }
            end = fractionEnd
        }
        if byte(at: end) | 0x20 == UInt8(ascii: "e") {
            let sign = byte(at: end + 1)
            let hasSign = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
            guard let exponentEnd = digitsEnd(from: end + (hasSign ? 2 : 1)) else { return nil }
            end = exponentEnd
        }
        return end
    }
}

/// The fields of a JSON object in the order written, no name twice.
///
/// Names are compared byte by byte.
package struct JSONObject: Equatable, Sendable {
    /// A name and its value.
    package struct Field: Equatable, Sendable {
        package let name: String
        package let value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// The fields in the order written.
    package let fields: [Field]

    /// The object without fields.
    package static let empty = JSONObject(JSONFieldList())

    /// Takes fields in their order; nil where a name stands twice.
    package init?(_ fields: [Field]) {
        var list = JSONFieldList()
        for field in fields {
            guard list.append(field) else { return nil }
        }
        self.init(list)
    }

    /// Takes fields whose names are known to differ.
    init(_ list: JSONFieldList) {
        fields = list.fields
    }

    /// The value of a name; nil where the object has no such field.
    package subscript(_ name: String) -> JSONValue? {
        for field in fields where ExactText(field.name) == ExactText(name) { return field.value }
        return nil
    }
}

/// Fields on their way into an object, kept without a repeated name.
struct JSONFieldList {
    private(set) var fields: [JSONObject.Field] = []

    /// The names, once there are too many to compare one by one.
    private var names: Set<ExactText> = []
    private static let comparedFieldsMax = 16

    init() {
        fields.reserveCapacity(8)
    }

    /// Appends a field, unless its name stands there already: then it answers false.
    mutating func append(_ field: JSONObject.Field) -> Bool {
        guard isNew(ExactText(field.name)) else { return false }
        fields.append(field)
        return true
    }

    private mutating func isNew(_ name: ExactText) -> Bool {
        guard fields.count >= Self.comparedFieldsMax else {
            for field in fields where ExactText(field.name) == name { return false }
            return true
        }
        if names.isEmpty { names = Set(fields.lazy.map { ExactText($0.name) }) }
        return names.insert(name).inserted
    }
}

/// A text compared byte by byte, as JSON compares names.
///
/// Swift's own `==` knows canonical equivalence: to it, the sign of the Kelvin (U+212A) is a `K`.
private struct ExactText: Hashable {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (a: ExactText, b: ExactText) -> Bool {
        guard a.text.utf8.count == b.text.utf8.count else { return false }
        let bytes = a.text.utf8.span
        let others = b.text.utf8.span
        return bytes.indices.allSatisfy { bytes[$0] == others[$0] }
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
