/// A writer of compact JSON, in which fields stand in the order of the calls.
///
///     let body = JSONWriter.object { body in
///         body.field("code", 0)
///         body.object("refund") { refund in
///             refund.field("refund_id", refundID)
///             refund.field("amount", number: amount.decimalText)
///             refund.array("tags") { $0.append("returned") }
///         }
///     }
///
/// Braces, commas and escapes are the writer's own affair, and what a closure opens is closed behind it. The mistake
/// left to make is to write a name twice.
package enum JSONWriter {
    /// The bytes of an object, whose fields the closure writes.
    package static func object(_ write: (inout JSONFields) -> Void) -> [UInt8] {
        var text = JSONText(capacity: 1_024)
        text.object(write)
        return text.bytes
    }

    /// The bytes of an array, whose elements the closure writes.
    package static func array(_ write: (inout JSONElements) -> Void) -> [UInt8] {
        var text = JSONText(capacity: 1_024)
        text.array(write)
        return text.bytes
    }

    /// The bytes of a value; what was read from them is equal to it.
    package static func bytes(of value: JSONValue) -> [UInt8] {
        var text = JSONText(capacity: 256)
        text.append(value)
        return text.bytes
    }
}

/// The fields of an object that is being written.
package struct JSONFields {
    fileprivate var text: JSONText

    /// Writes a text, or `null` for nil.
    package mutating func field(_ name: String, _ value: String?) {
        text.append(name: name)
        text.append(value)
    }

    /// Writes a whole number, or `null` for nil.
    package mutating func field(_ name: String, _ value: Int64?) {
        text.append(name: name)
        text.append(value)
    }

    /// Writes a whole number, or `null` for nil.
    package mutating func field(_ name: String, _ value: Int?) {
        field(name, value.map(Int64.init))
    }

    /// Writes `true` or `false`, or `null` for nil.
    package mutating func field(_ name: String, _ value: Bool?) {
        text.append(name: name)
        text.append(value)
    }

    /// Writes the digits of a number as they stand, such as the `decimalText` of money, or `null` for nil.
    ///
    /// The text is ours and has the form of a JSON number; one from outside goes through `JSONNumber` first.
    package mutating func field(_ name: String, number: String?) {
        text.append(name: name)
        text.append(number: number)
    }

    /// Writes a value that was read before.
    package mutating func field(_ name: String, _ value: JSONValue) {
        text.append(name: name)
        text.append(value)
    }

    /// Writes all fields of an object that was read before, among those of this one.
    package mutating func fields(of object: JSONObject) {
        for field in object.fields { self.field(field.name, field.value) }
    }

    /// Writes `null`.
    package mutating func null(_ name: String) {
        text.append(name: name)
        text.append(literal: "null")
    }

    /// Writes an object, whose fields the closure writes.
    package mutating func object(_ name: String, _ write: (inout JSONFields) -> Void) {
        text.append(name: name)
        text.object(write)
    }

    /// Writes an array, whose elements the closure writes.
    package mutating func array(_ name: String, _ write: (inout JSONElements) -> Void) {
        text.append(name: name)
        text.array(write)
    }
}

/// The elements of an array that is being written.
package struct JSONElements {
    fileprivate var text: JSONText

    /// Writes a text.
    package mutating func append(_ value: String) {
        text.separate()
        text.append(value)
    }

    /// Writes a whole number.
    package mutating func append(_ value: Int64) {
        text.separate()
        text.append(value)
    }

    /// Writes the digits of a number as they stand; the text has the form of a JSON number.
    package mutating func append(number: String) {
        text.separate()
        text.append(number: number)
    }

    /// Writes a value that was read before.
    package mutating func append(_ value: JSONValue) {
        text.separate()
        text.append(value)
    }

    /// Writes an object, whose fields the closure writes.
    package mutating func object(_ write: (inout JSONFields) -> Void) {
        text.separate()
        text.object(write)
    }

    /// Writes an array, whose elements the closure writes.
    package mutating func array(_ write: (inout JSONElements) -> Void) {
        text.separate()
        text.array(write)
    }
}

/// What has been written so far.
private struct JSONText {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Puts a comma behind what stands there, unless that is the bracket just opened.
    mutating func separate() {
        guard let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") else { return }
        bytes.append(UInt8(ascii: ","))
    }

    mutating func append(name: String) {
        separate()
        append(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func append(_ value: String?) {
        guard let value else { return append(literal: "null") }
        append(value)
    }

    mutating func append(_ value: Int64?) {
        guard let value else { return append(literal: "null") }
        append(utf8: String(value).utf8.span)
    }

    mutating func append(_ value: Bool?) {
        guard let value else { return append(literal: "null") }
        append(literal: value ? "true" : "false")
    }

    mutating func append(number: String?) {
        guard let number else { return append(literal: "null") }
        precondition(JSONNumber.matches(number), "Not the text of a JSON number")
        append(utf8: number.utf8.span)
    }

    mutating func append(_ value: JSONValue) {
        switch value {
        case .null: append(literal: "null")
        case .bool(let bool): append(bool)
        case .number(let number): append(utf8: number.text.utf8.span)
        case .string(let string): append(string)
        case .array(let elements): array { for element in elements { $0.append(element) } }
        case .object(let object): self.object { $0.fields(of: object) }
        }
    }

    mutating func append(_ value: String) {
        let utf8 = value.utf8.span
        guard utf8.isPlain else { return append(escaping: value) }
        bytes.append(addingCapacity: utf8.count + 2) { (output: inout OutputSpan<UInt8>) in
            output.append(UInt8(ascii: "\""))
            for index in utf8.indices { output.append(utf8[index]) }
            output.append(UInt8(ascii: "\""))
        }
    }

    mutating func append(literal: String) {
        append(utf8: literal.utf8.span)
    }

    mutating func object(_ write: (inout JSONFields) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        var fields = JSONFields(text: lend())
        write(&fields)
        self = fields.text
        bytes.append(UInt8(ascii: "}"))
    }

    mutating func array(_ write: (inout JSONElements) -> Void) {
        bytes.append(UInt8(ascii: "["))
        var elements = JSONElements(text: lend())
        write(&elements)
        self = elements.text
        bytes.append(UInt8(ascii: "]"))
    }

    /// Hands the bytes over and keeps none: bytes with two owners would be copied at the next write.
    private mutating func lend() -> JSONText {
        var lent = JSONText(capacity: 0)
        swap(&lent, &self)
        return lent
    }

    private mutating func append(utf8: Span<UInt8>) {
        bytes.append(addingCapacity: utf8.count) { (output: inout OutputSpan<UInt8>) in
            for index in utf8.indices { output.append(utf8[index]) }
        }
    }

    private mutating func append(escaping value: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 { append(escaping: byte) }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(literal: #"\""#)
        case UInt8(ascii: "\\"): append(literal: #"\\"#)
        case 0x08: append(literal: #"\b"#)
        case 0x09: append(literal: #"\t"#)
        case 0x0A: append(literal: #"\n"#)
        case 0x0C: append(literal: #"\f"#)
        case 0x0D: append(literal: #"\r"#)
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            append(literal: (digits.utf8.count == 1 ? #"\u000"# : #"\u00"#) + digits)
        default: bytes.append(byte)
        }
    }
}
