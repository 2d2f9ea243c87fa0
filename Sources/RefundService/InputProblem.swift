/// One thing that is wrong with what a caller sent: where it stands, and what was expected there.
///
/// A request is read to its end before it is refused, so that a caller hears of all its problems at once. A problem
/// never carries the value that was sent: it may be secret, hostile or long.
package struct InputProblem: Hashable, Sendable {
    /// The path of the field, such as `meta_data[0].key`; empty for the body as a whole.
    package let field: String

    /// What is wrong there.
    package let kind: Kind

    package init(field: String, kind: Kind) {
        self.field = field
        self.kind = kind
    }

    /// The ways in which a field can be wrong.
    package enum Kind: Hashable, Sendable {
        /// The text is not a JSON object; says what was found and where, as in `a control character at byte 12`.
        case malformed(String)
        /// The field has to be there.
        case missing
        /// Nobody knows a field of this name.
        case unknown
        /// The value is of another type than the expected one, given in words: `a number`.
        case type(String)
        /// The type is right and the value is not; says what is allowed, in words: `greater than zero`.
        case value(String)
        /// The text has more characters, counted as Unicode code points.
        case tooLong(max: Int)
        /// The list has more entries.
        case tooMany(max: Int)
        /// The number has more digits behind its point.
        case tooPrecise(decimals: Int)
        /// The same thing is named twice where once is allowed.
        case duplicate
    }
}

extension InputProblem {
    /// The problem as one plain sentence, fit to be shown to whoever sent the request.
    package var message: String {
        let subject = field.isEmpty ? "The body" : "The field \(field)"
        switch kind {
        case .malformed(let reason): return "\(subject) is not a valid JSON object: \(reason)."
        case .missing: return "\(subject) is missing."
        case .unknown: return "\(subject) is unknown."
        case .type(let expected): return "\(subject) must be \(expected)."
        case .value(let allowed): return "\(subject) must be \(allowed)."
        case .tooLong(let max): return "\(subject) must have at most \(max) characters."
        case .tooMany(let max): return "\(subject) must have at most \(max) entries."
        case .tooPrecise(let decimals): return "\(subject) must have at most \(decimals) decimals."
        case .duplicate: return "\(subject) is given more than once."
        }
    }
}
