import Foundation
package import Testing

/// Texts that are kept beside the tests and reviewed like code.
///
/// With `UPDATE_GOLDEN=1` in the environment the files are written anew instead.
package enum Golden {
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"
    /// Lines of a difference that a failure prints.
    private static let shownLinesMax = 60

    /// Fails the running test where a text is not what `Golden/<name>` beside the test's file holds.
    package static func expect(
        _ text: String, in name: String, beside test: String = #filePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let file = URL(filePath: test).deletingLastPathComponent().appending(path: "Golden").appending(path: name)
        guard let complaint = complaint(about: text, in: file) else { return }
        Issue.record(Comment(rawValue: complaint), sourceLocation: sourceLocation)
    }

    private static func complaint(about text: String, in file: URL) -> String? {
        let kept = try? String(contentsOf: file, encoding: .utf8)
        guard kept != text else { return nil }
        guard !isUpdating else { return rewrite(file, with: text) }
        let name = "Golden/\(file.lastPathComponent)"
        guard let kept else { return "\(name) is missing: UPDATE_GOLDEN=1 writes it." }
        return """
            \(name) differs (- kept, + seen); UPDATE_GOLDEN=1 writes it anew:
            \(difference(from: kept, to: text).joined(separator: "\n"))
            """
    }

    private static func rewrite(_ file: URL, with text: String) -> String? {
        do {
            let folder = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return nil
        } catch {
            return "\(file.lastPathComponent) could not be written: \(error)"
        }
    }

    /// The lines that went and came, each with its number, in the order of the texts.
    static func difference(from kept: String, to seen: String) -> [String] {
        let (old, new) = (lines(of: kept), lines(of: seen))
        let changes = new.difference(from: old)
        let removed = Set(changes.removals.map(\.offset))
        let inserted = Set(changes.insertions.map(\.offset))
        var shown: [String] = []
        var (oldIndex, newIndex) = (0, 0)
        while oldIndex < old.count || newIndex < new.count {
            if removed.contains(oldIndex) {
                shown.append("- \(oldIndex + 1): \(old[oldIndex])")
                oldIndex += 1
            } else if inserted.contains(newIndex) {
                shown.append("+ \(newIndex + 1): \(new[newIndex])")
                newIndex += 1
            } else {
                oldIndex += 1
                newIndex += 1
            }
        }
        guard shown.count > shownLinesMax else { return shown }
        return shown.prefix(shownLinesMax) + ["… and \(shown.count - shownLinesMax) lines more"]
    }

    private static func lines(of text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
