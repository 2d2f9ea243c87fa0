import Foundation
import RefundHTTP

/// What stands in a request between double braces, and is written out before the request is sent.
///
/// `{{long:N}}` becomes N letters. `{{2.refunds.0.id}}` becomes what the answer to the second step has at that path:
/// names of fields and places in lists, the latter counted from 0.
struct Placeholders {
    /// The bodies of the answers so far.
    private(set) var answers: [[UInt8]] = []

    mutating func add(answer: [UInt8]) { answers.append(answer) }

    /// The text with all its placeholders written out.
    ///
    /// Throws `Exchange.Malformed` for one that means nothing.
    func filled(_ text: String) throws -> String {
        guard let start = text.range(of: "{{"), let end = text.range(of: "}}", range: start.upperBound..<text.endIndex)
        else { return text }
        let value = try value(of: String(text[start.upperBound..<end.lowerBound]))
        return text[..<start.lowerBound] + value + (try filled(String(text[end.upperBound...])))
    }

    private func value(of placeholder: String) throws -> String {
        if placeholder.hasPrefix("long:"), let count = Int(placeholder.dropFirst(5)) {
            return String(repeating: "x", count: count)
        }
        let steps = placeholder.split(separator: ".")
        guard let number = steps.first.flatMap({ Int($0) }), answers.indices.contains(number - 1) else {
            throw Exchange.Malformed("{{\(placeholder)}} names no earlier step")
        }
        var found: JSONValue? = try JSONReader.parse(answers[number - 1])
        for step in steps.dropFirst() { found = found?.entry(step) }
        switch found {
        case .string(let text): return text
        case .number(let number): return number.text
        case .null, .bool, .array, .object, nil:
            throw Exchange.Malformed("{{\(placeholder)}} is no text and no number of that answer")
        }
    }
}

extension JSONValue {
    /// The field of that name, or the entry at that place.
    fileprivate func entry(_ step: Substring) -> JSONValue? {
        switch self {
        case .object(let object): object[String(step)]
        case .array(let values): Int(step).flatMap { values.indices.contains($0) ? values[$0] : nil }
        case .null, .bool, .string, .number: nil
        }
    }
}
