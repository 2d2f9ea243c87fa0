import Foundation
import Testing

/// The repository as the rules of the house see it: every text file, read once.
struct SourceTree: Sendable {
    /// The tree that these tests stand in, or the one that `REFUNDRY_ROOT` names.
    static let current = SourceTree(root: currentRoot)

    /// Folders that hold no source of ours; hidden ones are left out by their dot.
    private static let foldersLeftOut: Set<String> = ["var", "node_modules", "venv", "__pycache__"]

    /// Endings of the files that are read; scripts and the Makefile have none.
    private static let endings: Set<String> = ["swift", "md", "sql", "sh", ""]

    let root: URL
    let files: [SourceFile]

    init(root: URL) {
        self.root = root
        files = Self.paths(under: root).compactMap { path in
            guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
            return SourceFile(path: path, text: text)
        }
    }

    /// Swift files, all of them or those below a folder.
    func swift(under folder: String = "") -> [SourceFile] {
        files.filter { $0.isSwift && $0.path.hasPrefix(folder) }
    }

    /// Whether a path from the root leads to a file or a folder.
    func holds(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    private static var currentRoot: URL {
        if let named = ProcessInfo.processInfo.environment["REFUNDRY_ROOT"] {
            return URL(filePath: named, directoryHint: .isDirectory)
        }
        return URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    }

    private static func paths(under root: URL) -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
        var paths: [String] = []
        while let path = walk.nextObject() as? String {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if name.hasPrefix(".") || foldersLeftOut.contains(name) {
                walk.skipDescendants()
            } else if endings.contains(URL(filePath: name).pathExtension),
                walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular
            {
                paths.append(path)
            }
        }
        return paths.sorted()
    }
}

/// One file in its three readings: as written, without comments, and without comments and literals.
struct SourceFile: Sendable {
    /// The path from the root, with `/` between its parts.
    let path: String
    let text: String
    /// Comments blanked, literals kept; the same as `text` where the file is not Swift.
    let codeAndLiterals: String
    /// Comments blanked, and what stands inside string literals too.
    let code: String

    init(path: String, text: String) {
        self.path = path
        self.text = text
        let swift = path.hasSuffix(".swift") ? SwiftText(text) : nil
        codeAndLiterals = swift?.codeAndLiterals ?? text
        code = swift?.code ?? text
    }

    /// What stands inside string literals, at its place, with all else blanked; the text where the file is not Swift.
    var literals: String {
        guard isSwift else { return text }
        let bytes = zip(codeAndLiterals.utf8, code.utf8).map { spoken, blanked in
            spoken == blanked && spoken != UInt8(ascii: "\n") ? UInt8(ascii: " ") : spoken
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    var isSwift: Bool { path.hasSuffix(".swift") }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The names of the folders it lies in, outermost first.
    var folders: [String] { path.split(separator: "/").dropLast().map(String.init) }

    /// The lines as written; a final newline starts none.
    var lines: [Substring] { Self.lines(of: text) }

    /// The lines of a reading; a final newline starts none.
    static func lines(of reading: String) -> [Substring] {
        var lines = reading.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}

/// One place where the tree departs from a rule, and what to do instead.
struct Breach: CustomStringConvertible, Sendable {
    let path: String
    /// Counted from one.
    let line: Int
    let remedy: String

    var description: String { "\(path):\(line): \(remedy)" }
}

/// Fails the running test where a rule is broken, with one line for each breach.
func expectNone(of breaches: [Breach], sourceLocation: SourceLocation = #_sourceLocation) {
    guard !breaches.isEmpty else { return }
    let list = breaches.map { "\n    \($0)" }.joined()
    Issue.record(Comment(rawValue: "\(breaches.count) to mend:\(list)"), sourceLocation: sourceLocation)
}
