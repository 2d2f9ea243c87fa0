/// A record as a caller names it: by an identifier of one dialect, or by its number.
///
/// Identifiers that came in with data win; one that the program generated is recognised by the form in which the
/// dialect shows it.
package struct RecordReference: Hashable, Sendable {
    package let dialect: DialectName
    /// As the caller wrote it.
    package let text: String
    /// The generated identifier that the text is the dialect's form of; nil where it has not that form.
    package let generated: Int64?
    /// Whether the dialect also takes a document's number in this place.
    package let mayBeNumber: Bool

    package init(dialect: DialectName, text: String, generated: Int64?, mayBeNumber: Bool = false) {
        self.dialect = dialect
        self.text = text
        self.generated = generated
        self.mayBeNumber = mayBeNumber
    }
}
