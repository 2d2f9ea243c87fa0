import Foundation
import Testing

/// What another target may use says what it is.
enum CommentRule {
    /// Requirements of the standard library, whose meaning is written there.
    static let witnesses = ["hash(into", "next()"]

    private static let declaration = Pattern(
        #"^[ \t]*(?:@\w+(?:\([^\n]*\))?[ \t]+)*(?:\w+[ \t]+)*?package[ \t]+(?:\w+(?:\(\w+\))?[ \t]+)*?"#
            + #"(struct|enum|class|actor|protocol|func)[ \t]+([\w`][^\n{]*)"#)

    /// Package types, protocols and functions without a comment, or with an empty first line.
    ///
    /// An operator is its own sentence.
    static func breaches(in file: SourceFile) -> [Breach] {
        let code = SourceFile.lines(of: file.code)
        return declaration.matches(in: file.code).compactMap { match in
            let named = match.groups[2]
            guard !(match.groups[1] == "func" && witnesses.contains(where: named.hasPrefix)) else { return nil }
            let comment = comment(above: match.line - 1, in: file.lines, code: code)
            guard comment.first.map(\.isEmpty) ?? true else { return nil }
            let name = named.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "`" }
            return Breach(
                path: file.path, line: match.line,
                remedy: "say in one sentence of `///` what \(match.groups[1]) \(name) is")
        }
    }

    /// The lines of the comment that stands above a declaration and its attributes.
    private static func comment(above line: Int, in lines: [Substring], code: [Substring]) -> [String] {
        var line = line - 1
        var open = 0  // Parentheses of an attribute over several lines, read from its end.
        while line >= 0 {
            let words = code[line].trimmingCharacters(in: .whitespaces)
            let isAttribute = open > 0 || ["@", ")", "#if"].contains(where: words.hasPrefix)
            guard isAttribute || lines[line].contains("// swift-format-ignore") else { break }
            open += words.count { $0 == ")" } - words.count { $0 == "(" }
            line -= 1
        }
        var comment: [String] = []
        while line >= 0 {
            let words = lines[line].trimmingCharacters(in: .whitespaces)
            guard words.hasPrefix("///") else { break }
            comment.append(words.dropFirst(3).trimmingCharacters(in: .whitespaces))
            line -= 1
        }
        return comment.reversed()
    }
}

/// Pages that point at each other point at something.
enum LinkRule {
    private static let link = Pattern(#"\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\[[^\]\n]+\]:\s+(\S+)"#)
    private static let code = Pattern(#"(?s)^```.*?^```|`[^`\n]*`"#)
    private static let scheme = Pattern(#"^[A-Za-z][A-Za-z0-9+.-]*:"#)

    /// Relative links of a page whose target is missing.
    static func breaches(in page: SourceFile, holds: (String) -> Bool) -> [Breach] {
        link.matches(in: prose(of: page.text)).compactMap { match in
            let target = match.groups[1].isEmpty ? match.groups[2] : match.groups[1]
            let isElsewhere = target.hasPrefix("#") || target.hasPrefix("//") || !scheme.matches(in: target).isEmpty
            guard !isElsewhere else { return nil }
            let path = target.prefix { $0 != "#" && $0 != "?" }
            let decoded = String(path).removingPercentEncoding ?? String(path)
            let folder = page.folders.joined(separator: "/")
            if let place = resolved(decoded, from: folder), holds(place) { return nil }
            let remedy = "\(target) leads nowhere: mend the link, or write the page"
            return Breach(path: page.path, line: match.line, remedy: remedy)
        }
    }

    /// The page with its samples of code blanked, line for line.
    private static func prose(of text: String) -> String {
        var prose = text
        for match in code.matches(in: text).reversed() {
            prose.replaceSubrange(match.range, with: match.groups[0].filter { $0 == "\n" })
        }
        return prose
    }

    /// A path from the root, or nothing where it climbs out of the repository.
    private static func resolved(_ target: String, from folder: String) -> String? {
        var parts = target.hasPrefix("/") ? [] : folder.split(separator: "/")
        for part in target.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(part)
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.joined(separator: "/")
    }
}

/// Each threat of the model names the suites that hold it.
enum ThreatRule {
    private static let row = Pattern(#"^\| (?!threat \||---).*$"#)
    private static let tests = Pattern(#"\(tests?: (.*)\) \|$"#)
    private static let suite = Pattern(#"^[ \t]*(?:@Suite[^\n{]*? )?struct (?:`([^`\n]+)`|(\w+))"#)

    /// The suites of a text, by name.
    static func suites(in text: String) -> [String] {
        suite.matches(in: text).map { $0.groups[1] + $0.groups[2] }
    }

    /// Rows that name no test, or one that is not there.
    static func breaches(in page: SourceFile, suites: Set<String>) -> [Breach] {
        row.matches(in: page.text).flatMap { row in
            let named = tests.matches(in: row.groups[0]).flatMap { $0.groups[1].components(separatedBy: ", ") }
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "«»")) }
            let missing = named.isEmpty ? ["no test"] : named.filter { !suites.contains($0) }
            return missing.map {
                Breach(
                    path: page.path, line: row.line,
                    remedy: "the threat names \($0): name the suite that holds it, or write one")
            }
        }
    }
}

/// What is written for the next reader.
@Suite struct Documentation {
    @Test func `Every threat names tests that are there`() throws {
        let tree = SourceTree.current
        let page = try #require(tree.files.first { $0.path == "docs/threat-model.md" })
        let suites = Set(tree.swift(under: "Tests/").flatMap { ThreatRule.suites(in: $0.text) })
        expectNone(of: ThreatRule.breaches(in: page, suites: suites))
    }

    @Test(arguments: [
        ("| a | b (test: «A lock») |", 0), ("| a | b (tests: «A lock», Doors) |", 0), ("| a | b |", 1),
        ("| a | b (tests: «A lock», «A window») |", 1), ("| a | b (test: Windows) |", 1), ("| threat | answer |", 0),
        ("| --- | --- |", 0),
    ])
    func `A threat that no test holds is caught`(row: String, breaches: Int) {
        let page = SourceFile(path: "docs/threat-model.md", text: row)
        let suites = Set(ThreatRule.suites(in: "@Suite struct `A lock` {\n@Suite(.serialized)\nstruct Doors {"))
        #expect(ThreatRule.breaches(in: page, suites: suites).count == breaches)
    }

    @Test func `Every package declaration says what it is`() {
        expectNone(of: SourceTree.current.swift(under: "Sources/").flatMap(CommentRule.breaches))
    }

    @Test(.enabled(if: SourceTree.current.holds("README.md"), "There is no README.md yet."))
    func `Every link between pages leads somewhere`() {
        let tree = SourceTree.current
        let pages = tree.files.filter { $0.path.hasSuffix(".md") }
        expectNone(of: pages.flatMap { LinkRule.breaches(in: $0, holds: tree.holds) })
    }

    @Test(arguments: [
        "package struct Money {}",
        "// A note is not documentation.\npackage struct Money {}",
        "///\npackage enum State {}",
        "/// A state.\n\npackage enum State {}",
        "@frozen package final class Engine {}",
        "/// Another.\nlet a = 1\n@discardableResult\npackage func settle() {}",
        "    package static func settle() {}",
        "    package nonisolated(nonsending) func settle() async {}",
        "protocol A {\n    /// One.\n    func one(\n        b: Int)\n    package func settle() {}\n}",
    ])
    func `A declaration that says nothing is caught`(source: String) {
        #expect(CommentRule.breaches(in: SourceFile(path: "Sources/Sample.swift", text: source)).count == 1)
    }

    @Test(arguments: [
        "/// An amount.\npackage struct Money {}",
        "/// An amount.\n@frozen\npackage struct Money {}",
        "    /// Settles.\n    @discardableResult @inlinable\n    package static func settle() {}",
        "/// Settles.\n@available(\n    *, deprecated\n)\npackage func settle() {}",
        "/// Settles.\n// swift-format-ignore\npackage func settle() {}",
        "package static func == (one: Self, other: Self) -> Bool { true }\npackage func hash(into: inout Hasher) {}",
        "package init() {}\npackage let a = 1\npackage import B\nstruct C {}",
        "/* package struct Money {} */ let a = \"package struct Money {}\"",
    ])
    func `A declaration that says what it is passes`(source: String) {
        expectNone(of: CommentRule.breaches(in: SourceFile(path: "Sources/Sample.swift", text: source)))
    }

    @Test(arguments: [
        ("README.md", "[design](docs/missing.md)", 1),
        ("README.md", "[out](../elsewhere.md)", 1),
        ("docs/endpoints.md", "![picture](docs/life.svg \"Life\")", 1),
        ("docs/endpoints.md", "a\n\n[life]: life.txt\n", 1),
        ("README.md", "[life](docs/life.svg) [part](docs/life.svg#end) [site](https://example.com/a) [here](#end)", 0),
        ("docs/endpoints.md", "[life](life.svg) [life](../docs/./life.svg) [root](/docs/life.svg)", 0),
        ("README.md", "`[not](a-link)`\n```\n[nor](this)\n```\n", 0),
    ])
    func `A link that leads nowhere is caught`(path: String, text: String, breaches: Int) {
        let page = SourceFile(path: path, text: text)
        #expect(LinkRule.breaches(in: page) { $0 == "docs/life.svg" }.count == breaches)
    }
}
