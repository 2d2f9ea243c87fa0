import Testing

/// The reading that all other rules rest on.
@Suite struct Reading {
    @Test func `The tree is the repository of Refundry`() {
        let tree = SourceTree.current
        #expect(tree.holds("Package.swift"))
        #expect(!tree.swift(under: "Sources/").isEmpty)
        #expect(tree.swift(under: "Tests/").contains { $0.name == "Reading.swift" })
        #expect(!tree.files.contains { $0.path.hasPrefix(".") })
    }

    // What is banned stands in these texts as samples of what is no code.
    @Test(arguments: [
        ("let a = 1 // a note", "let a = 1"),
        ("a /* one /* two */ three */ b", "a b"),
        (#"say("all this")"#, #"say(" ")"#),
        (#"say("a \(b(c)) \"d\" e")"#, #"say(" \(b(c)) ")"#),
        (##"say(#"a "quoted" \(b) \#(c)"#)"##, ##"say(#" \#(c)"#)"##),
        ("let t = \"\"\"\n  a \"b\" // c\n  \"\"\"\nd", "let t = \"\"\"\n\n\"\"\"\nd"),
        ("func `No x! here`() {}", "func `__________`() {}"),
        ("let `default` = 1", "let `default` = 1"),
        ("\"never closed\nnext", "\" \nnext"),
    ])
    func `Comments and literals are blanked, code is kept`(source: String, code: String) {
        let squeezed = SourceFile.lines(of: SwiftText(source).code).map(Self.squeezed).joined(separator: "\n")
        #expect(squeezed == SourceFile.lines(of: code).map(Self.squeezed).joined(separator: "\n"))
    }

    @Test func `Every byte keeps its place`() {
        let source = "let note = \"«größer»\" // größer\nlet next = 2\n"
        let text = SwiftText(source)
        #expect(text.code.utf8.count == source.utf8.count)
        #expect(text.codeAndLiterals.utf8.count == source.utf8.count)
        #expect(text.codeAndLiterals.contains("«größer»"))
        #expect(text.code.hasSuffix("\nlet next = 2\n"))
    }

    @Test func `A match knows its line`() {
        let matches = Pattern("^b(.)$").matches(in: "a\nb1\n\nb2\n")
        #expect(matches.map(\.line) == [2, 4])
        #expect(matches.map(\.groups) == [["b1", "1"], ["b2", "2"]])
    }

    private static func squeezed(_ line: Substring) -> String {
        line.split(separator: " ").joined(separator: " ")
    }
}
