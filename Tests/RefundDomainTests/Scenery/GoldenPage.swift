import Foundation
import Testing

/// A page of the documentation, parts of which are made from the code.
///
/// A part stands between `<!-- begin name -->` and `<!-- end name -->`. With `UPDATE_GOLDEN=1` it is written anew.
struct GoldenPage {
    private let file: URL
    private var text: String
    private let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

    /// Opens a page by its path from the root of the repository.
    init(_ path: String) throws {
        file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../" + path).standardized
        text = try String(contentsOf: file, encoding: .utf8)
    }

    /// Expects a part to say this, or makes it say so.
    mutating func expect(_ name: String, says part: String) throws {
        let begin = try #require(text.range(of: "<!-- begin \(name) -->\n"), "no beginning of \(name)")
        let end = try #require(text.range(of: "<!-- end \(name) -->"), "no end of \(name)")
        let found = String(text[begin.upperBound..<end.lowerBound])
        guard found != part else { return }
        if isUpdating {
            text.replaceSubrange(begin.upperBound..<end.lowerBound, with: part)
            try text.write(to: file, atomically: true, encoding: .utf8)
        } else {
            let (old, new) = (found.split(separator: "\n"), part.split(separator: "\n"))
            let changes = new.difference(from: old).map { change in
                switch change {
                case .remove(_, let line, _): "\n    - \(line)"
                case .insert(_, let line, _): "\n    + \(line)"
                }
            }
            Issue.record("\(file.lastPathComponent) is behind the code, see UPDATE_GOLDEN=1:\(changes.joined())")
        }
    }
}
