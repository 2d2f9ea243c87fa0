/// A credential, which prints as dots wherever it is put.
package struct Secret: Sendable {
    /// A closure, because whatever prints the parts of a value finds nothing to print in one.
    private let reveal: @Sendable () -> String

    package init(_ text: String) {
        reveal = { text }
    }

    /// The credential itself, for the one place that sends it or checks with it.
    package var exposed: String { reveal() }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "••••" }
    package var debugDescription: String { description }
}
