import Testing

/// How long a thing may be and still be read at one sitting.
enum SizeLimits {
    static let fileLinesMax = 400
    static let functionLinesMax = 60
    static let lineCharactersMax = 120

    /// Files, lines and functions beyond their limit.
    static func breaches(in file: SourceFile) -> [Breach] {
        var breaches: [Breach] = []
        if file.lines.count > fileLinesMax {
            let remedy = "\(file.lines.count) lines, at most \(fileLinesMax): split it by what it says"
            breaches.append(Breach(path: file.path, line: fileLinesMax + 1, remedy: remedy))
        }
        for (index, line) in file.lines.enumerated() where line.count > lineCharactersMax {
            let remedy = "\(line.count) characters, at most \(lineCharactersMax): break the line"
            breaches.append(Breach(path: file.path, line: index + 1, remedy: remedy))
        }
        for function in FunctionSpan.all(in: file) where function.lines > functionLinesMax {
            let remedy = "\(function.name) has \(function.lines) lines, at most \(functionLinesMax): name its steps"
            breaches.append(Breach(path: file.path, line: function.line, remedy: remedy))
        }
        return breaches
    }
}

/// A function with a body, and how many lines it takes from `func` to its last brace.
struct FunctionSpan {
    let name: String
    let line: Int
    let lines: Int

    private static let head = Pattern(
        #"\bfunc\s+[^\s(<]+|(?<![.\w])(?:init[?]?(?=\s*[<(])|deinit\b|subscript(?=\s*[<(]))"#)
    private static let continuations = ["{", "->", "throws", "async", "rethrows", "where"]
    private static let unfinished = [",", "&", ":", "->", "where"]

    /// Every function, initialiser and subscript of a file.
    static func all(in file: SourceFile) -> [FunctionSpan] {
        head.matches(in: file.code).compactMap { match in
            let code = file.code.utf8
            guard
                let opening = body(of: code[match.range.upperBound...]),
                let closing = close(of: code[opening...])
            else { return nil }
            let newlines = code[match.range.lowerBound..<closing].count { $0 == UInt8(ascii: "\n") }
            return FunctionSpan(name: name(of: match, in: file), line: match.line, lines: newlines + 1)
        }
    }

    /// The brace that opens the body, or nothing where a requirement has none.
    private static func body(of rest: Substring.UTF8View) -> String.Index? {
        var depth = 0
        for index in rest.indices {
            switch rest[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return index
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "\n") where depth == 0:
                let before = Substring(rest[..<index]).trimmed
                let after = Substring(rest[index...]).trimmed
                let goesOn = unfinished.contains(where: before.hasSuffix)
                guard goesOn || continuations.contains(where: after.hasPrefix) else { return nil }
            default: break
            }
        }
        return nil
    }

    private static func close(of rest: Substring.UTF8View) -> String.Index? {
        var depth = 0
        for index in rest.indices {
            if rest[index] == UInt8(ascii: "{") { depth += 1 }
            if rest[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// The name as written: a raw identifier is blanked in the code.
    private static func name(of match: PatternMatch, in file: SourceFile) -> String {
        guard match.groups[0].hasSuffix("`") else { return match.groups[0] }
        let parts = file.lines[match.line - 1].split(separator: "`", omittingEmptySubsequences: false)
        return parts.count > 1 ? "func `\(parts[1])`" : match.groups[0]
    }
}

extension Substring {
    /// Without the spaces and newlines at either end.
    fileprivate var trimmed: Substring {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}

/// What fits a screen.
@Suite struct Sizes {
    @Test func `Files, functions and lines keep their limits`() {
        expectNone(of: SourceTree.current.swift().flatMap(SizeLimits.breaches))
    }

    @Test func `A long file is caught`() {
        #expect(breaches(in: String(repeating: "let a = 1\n", count: SizeLimits.fileLinesMax)).isEmpty)
        #expect(breaches(in: String(repeating: "let a = 1\n", count: SizeLimits.fileLinesMax + 1)).count == 1)
    }

    @Test func `A long line is caught, by its characters`() {
        #expect(breaches(in: String(repeating: "ä", count: SizeLimits.lineCharactersMax) + "\n").isEmpty)
        #expect(breaches(in: String(repeating: "ä", count: SizeLimits.lineCharactersMax + 1) + "\n").count == 1)
    }

    @Test(arguments: ["func a() {", "init(a: Int = { 1 }()) {", "func a()\n    async throws(E) -> A\n{"])
    func `A long function is caught`(head: String) {
        let rest = SizeLimits.functionLinesMax - SourceFile.lines(of: head).count - 1
        let fits = head + "\n" + String(repeating: "    b(\"}\")  // }\n", count: rest) + "}\n"
        #expect(breaches(in: fits).isEmpty)
        #expect(breaches(in: head + "\n" + fits.dropFirst(head.count)).count == 1)
    }

    @Test func `A function is measured from its head to its last brace`() {
        let source = """
            protocol Gateway {
                func submit(_ call: Call) async throws(GatewayError)
                    -> Outcome
                init(a: Int)
                func status() -> Outcome
            }
            struct Simulator {
                init?(seed: Int) { self.init(other: seed) }
                subscript(index: Int) -> Int { index }
                func submit(_ call: Call, then: (Int) -> Void = { _ in }) async throws(GatewayError)
                    -> Outcome
                where Call: Sendable {
                    if true { "\\(call.map { $0 })" }
                }
                @Test func `A sentence (with parentheses)`() {
                }
                deinit {}
            }
            """
        let spans = FunctionSpan.all(in: SourceFile(path: "Sample.swift", text: source))
        let names = ["init?", "subscript", "func submit", "func `A sentence (with parentheses)`", "deinit"]
        #expect(spans.map(\.name) == names)
        #expect(spans.map(\.line) == [8, 9, 10, 15, 17])
        #expect(spans.map(\.lines) == [1, 1, 5, 2, 1])
    }

    private func breaches(in text: String) -> [Breach] {
        SizeLimits.breaches(in: SourceFile(path: "Sources/Sample.swift", text: text))
    }
}
