package import RefundDomain
package import RefundService

/// Reads the fields of one JSON object, and gathers what is wrong with them in the order asked.
///
/// A field that is absent or null reads as nil; one that is wrong reads as nil too, and is a problem. Nothing is ever
/// coerced: a number is no text, and a text no number, unless the reading says that both are accepted.
package struct FieldReader {
    /// What a decimal may be written as.
    package enum DecimalForm: Sendable {
        case number
        /// Some callers send money as text, because their languages have no decimal numbers.
        case numberOrText
    }

    private let object: JSONObject
    private let path: String

    /// What has been found wrong so far, as far as `Limits.inputProblemsMax`.
    package private(set) var problems: [InputProblem] = []

    /// Reads an object that stands at a path of the body, or the body itself.
    package init(_ object: JSONObject, at path: String = "") {
        self.object = object
        self.path = path
    }

    /// Throws `Failure.input` where anything was wrong.
    package func finish() throws(Failure) {
        if !problems.isEmpty { throw .input(problems) }
    }

    /// Notes a problem of a field.
    package mutating func problem(_ name: String, _ kind: InputProblem.Kind) {
        if problems.count < Limits.inputProblemsMax {
            problems.append(InputProblem(field: fieldPath(name), kind: kind))
        }
    }

    /// Takes over what another reader found wrong.
    package mutating func take(problemsOf other: FieldReader) {
        problems += other.problems.prefix(Limits.inputProblemsMax - problems.count)
    }

    // MARK: Texts

    /// A text of at most so many Unicode code points.
    package mutating func text(_ name: String, maxLength: Int) -> String? {
        guard let value = present(name) else { return nil }
        guard case .string(let text) = value else { return refuse(name, .type("a text")) }
        // No text has more code points than bytes, and bytes need no counting.
        guard text.utf8.count <= maxLength || text.unicodeScalars.count <= maxLength else {
            return refuse(name, .tooLong(max: maxLength))
        }
        return text
    }

    /// A text that has to be there, and not be empty.
    package mutating func requiredText(_ name: String, maxLength: Int) -> String? {
        guard require(name) else { return nil }
        guard let text = text(name, maxLength: maxLength) else { return nil }
        return text.isEmpty ? refuse(name, .missing) : text
    }

    /// One of the words of a table.
    package mutating func choice<T>(_ name: String, among words: [(String, T)]) -> T? {
        guard let value = present(name) else { return nil }
        guard case .string(let text) = value else { return refuse(name, .type("a text")) }
        guard let match = words.first(where: { $0.0 == text }) else {
            return refuse(name, .value("one of \(words.map(\.0).joined(separator: ", "))"))
        }
        return match.1
    }

    /// One of the words of a table, which has to be there.
    package mutating func requiredChoice<T>(_ name: String, among words: [(String, T)]) -> T? {
        require(name) ? choice(name, among: words) : nil
    }

    /// One of the words that an enumeration is written as.
    package mutating func choice<T: RawRepresentable & CaseIterable>(_ name: String, among type: T.Type) -> T?
    where T.RawValue == String {
        choice(name, among: type.allCases.map { ($0.rawValue, $0) })
    }

    /// A day, as `yyyy-mm-dd`.
    package mutating func date(_ name: String) -> LocalDate? {
        guard let value = present(name) else { return nil }
        guard case .string(let text) = value, let date = LocalDate(text) else {
            return refuse(name, .value("a date as yyyy-mm-dd"))
        }
        return date
    }

    // MARK: Numbers

    /// An amount greater than zero, digit by digit as it was written.
    package mutating func decimal(_ name: String, accepting form: DecimalForm) -> DecimalAmount? {
        guard let amount = decimalOrZero(name, accepting: form) else { return nil }
        return amount.unscaled > 0 ? amount : refuse(name, .value("greater than zero"))
    }

    /// An amount greater than zero, which has to be there.
    package mutating func requiredDecimal(_ name: String, accepting form: DecimalForm) -> DecimalAmount? {
        require(name) ? decimal(name, accepting: form) : nil
    }

    /// An amount that may be zero.
    package mutating func decimalOrZero(_ name: String, accepting form: DecimalForm) -> DecimalAmount? {
        guard let value = present(name) else { return nil }
        let text: String
        switch (value, form) {
        case (.number(let number), _): text = number.text
        case (.string(let string), .numberOrText): text = string
        case (_, .number): return refuse(name, .type("a number"))
        case (_, .numberOrText): return refuse(name, .type("a number, or a number as text"))
        }
        guard let amount = DecimalAmount(text) else {
            return refuse(name, Self.isTooPrecise(text) ? Self.tooPrecise : .value("an amount such as 200.00"))
        }
        return amount
    }

    /// A whole number.
    package mutating func integer(_ name: String) -> Int64? {
        guard let value = present(name) else { return nil }
        guard case .number(let number) = value, let integer = number.integer else {
            return refuse(name, .type("a whole number"))
        }
        return integer
    }

    /// True or false.
    package mutating func bool(_ name: String) -> Bool? {
        guard let value = present(name) else { return nil }
        guard case .bool(let bool) = value else { return refuse(name, .type("true or false")) }
        return bool
    }

    // MARK: Structures

    /// A list of at most so many entries.
    package mutating func array(_ name: String, maxCount: Int) -> [JSONValue]? {
        guard let value = present(name) else { return nil }
        guard case .array(let array) = value else { return refuse(name, .type("a list")) }
        return array.count <= maxCount ? array : refuse(name, .tooMany(max: maxCount))
    }

    /// A reader of each entry of a list of objects; entries that are none are problems.
    package mutating func objects(_ name: String, maxCount: Int) -> [FieldReader] {
        var readers: [FieldReader] = []
        for (index, value) in (array(name, maxCount: maxCount) ?? []).enumerated() {
            if case .object(let object) = value {
                readers.append(FieldReader(object, at: "\(fieldPath(name))[\(index)]"))
            } else {
                problem("\(name)[\(index)]", .type("an object"))
            }
        }
        return readers
    }

    /// A reader of a nested object.
    package mutating func object(_ name: String) -> FieldReader? {
        guard let value = present(name) else { return nil }
        guard case .object(let object) = value else { return refuse(name, .type("an object")) }
        return FieldReader(object, at: fieldPath(name))
    }

    /// The value of a field as it was written; nil where it is absent or null.
    package func value(_ name: String) -> JSONValue? { present(name) }

    /// The names that are there, in their order.
    package var names: [String] { object.fields.map(\.name) }

    /// Notes every field that nobody knows: neither one of the known names, nor of a form that is accepted.
    package mutating func refuseUnknown(
        except known: Set<String>, where isAccepted: (String) -> Bool = { _ in false }
    ) {
        for name in names where !known.contains(name) && !isAccepted(name) { problem(name, .unknown) }
    }

    // MARK: Within

    private static let tooPrecise = InputProblem.Kind.tooPrecise(decimals: Limits.amountFractionDigitsMax)

    private func fieldPath(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private func present(_ name: String) -> JSONValue? {
        let value = object[name]
        return value == .null ? nil : value
    }

    private mutating func require(_ name: String) -> Bool {
        guard present(name) == nil else { return true }
        problem(name, .missing)
        return false
    }

    private mutating func refuse<T>(_ name: String, _ kind: InputProblem.Kind) -> T? {
        problem(name, kind)
        return nil
    }

    /// Whether a text would be an amount, were it not for the number of its decimals.
    private static func isTooPrecise(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count > Limits.amountFractionDigitsMax else { return false }
        return parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isDigit) }
    }
}
