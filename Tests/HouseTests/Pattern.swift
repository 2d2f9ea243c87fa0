import Foundation

/// A regular expression in which `^` and `$` stand at the ends of every line.
struct Pattern: Sendable {
    private let expression: NSRegularExpression

    init(_ text: String, caseInsensitive: Bool = false) {
        let options: NSRegularExpression.Options = caseInsensitive ? [.caseInsensitive] : []
        guard
            let expression = try? NSRegularExpression(pattern: text, options: options.union(.anchorsMatchLines))
        else { preconditionFailure("not a regular expression: \(text)") }
        self.expression = expression
    }

    /// Every match of a text, in its order.
    func matches(in text: String) -> [PatternMatch] {
        var line = 1
        var reached = text.startIndex
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
            guard let range = Range(match.range, in: text) else { return nil }
            line += text.utf8[reached..<range.lowerBound].count { $0 == UInt8(ascii: "\n") }
            reached = range.lowerBound
            let groups = (0..<match.numberOfRanges).map { group in
                Range(match.range(at: group), in: text).map { String(text[$0]) } ?? ""
            }
            return PatternMatch(line: line, range: range, groups: groups)
        }
    }
}

/// Where a pattern was met, and what its groups hold.
struct PatternMatch: Sendable {
    /// The line on which the match begins, counted from one.
    let line: Int
    let range: Range<String.Index>
    /// The whole match, then each group; a group that took no part is empty.
    let groups: [String]
}
