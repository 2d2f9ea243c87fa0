package import RefundDomain
package import RefundService

extension Call {
    /// The record that a placeholder of the path names, in a dialect that shows identifiers as decimal digits.
    ///
    /// Throws `notFound` for any other text: no record is shown by it.
    package func record(
        _ kind: RecordKind, at placeholder: String, of dialect: DialectName
    ) throws(Failure) -> RecordReference {
        let text = parameter(placeholder)
        guard text.isDecimalDigits else { throw .notFound(kind, text) }
        let generated = Int64(text).flatMap { String($0) == text ? $0 : nil }
        return RecordReference(dialect: dialect, text: text, generated: generated)
    }

    /// A whole number that a query parameter gives in digits; nil where the parameter is absent.
    ///
    /// Throws `Failure.input` for any other text, and for a number outside the range.
    package func wholeNumber(_ name: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let text = queryValue(name) else { return nil }
        guard text.isDecimalDigits, let number = Int(text), range.contains(number) else {
            let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw .input([InputProblem(field: name, kind: .value(allowed))])
        }
        return number
    }
}

extension RefundView {
    /// The identifier of a record as a dialect of decimal digits shows it: the one that came in with data, else the
    /// generated one.
    package func decimalID<Record>(of id: Identifier<Record>) -> String { externalID(of: id) ?? id.description }
}

extension String {
    /// Whether the text is one ASCII digit or more, and nothing else.
    package var isDecimalDigits: Bool { !isEmpty && utf8.allSatisfy(\.isDigit) }
}
