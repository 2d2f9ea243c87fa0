package import RefundService

/// Why a text is no JSON that we read, and where.
package struct JSONError: Error, Hashable, Sendable {
    /// How many bytes stand before the place.
    package let offset: Int

    /// What was found there.
    package let reason: Reason

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    /// What stands where it may not, in words that a caller can be shown.
    package enum Reason: String, Sendable {
        case byteOrderMark = "a byte order mark"
        case controlCharacter = "a control character inside a string"
        case duplicateName = "a name that was given before"
        case invalidUTF8 = "invalid UTF-8"
        case loneSurrogate = "half of a surrogate pair"
        case malformedNumber = "a malformed number"
        case nulCharacter = "the character U+0000"
        case notAnObject = "a value that is not an object"
        case tooDeep = "too deep a nesting"
        case trailingText = "text behind the end"
        case unexpectedByte = "an unexpected character"
        case unexpectedEnd = "an early end"
        case unknownEscape = "an unknown escape"
    }
}

extension JSONError {
    /// The problem to tell a caller of; the field is the one that held the text, empty for the body itself.
    package func problem(in field: String = "") -> InputProblem {
        let place = "\(reason.rawValue) at byte \(offset)"
        switch reason {
        case .nulCharacter:
            return InputProblem(field: field, kind: .value("free of \(place)"))
        case .byteOrderMark, .controlCharacter, .duplicateName, .invalidUTF8, .loneSurrogate, .malformedNumber,
            .notAnObject, .tooDeep, .trailingText, .unexpectedByte, .unexpectedEnd, .unknownEscape:
            return InputProblem(field: field, kind: .malformed(place))
        }
    }
}
