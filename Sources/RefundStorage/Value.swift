/// A value bound to a parameter of a statement.
package enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
}

extension Value {
    /// The integer, widened.
    package static func integer(_ value: Int) -> Value { .integer(Int64(value)) }

    /// The text, or null.
    package static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }

    /// The integer, or null.
    package static func integer(_ value: Int64?) -> Value { value.map { .integer($0) } ?? .null }
}

/// A statement's text, written once in PostgreSQL words and made once in the life of the program.
///
/// Parameters are `$1…$n` and first appear in ascending order: PostgreSQL numbers them by their digits, SQLite by
/// first appearance. Its identity is the object's, so that a prepared statement is found without reading the text.
package final class SQLText: Sendable, ExpressibleByStringInterpolation {
    package let text: String

    package init(stringLiteral text: String) {
        self.text = text
    }
}

extension SQLText: Hashable {
    package static func == (a: SQLText, b: SQLText) -> Bool { a === b }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
