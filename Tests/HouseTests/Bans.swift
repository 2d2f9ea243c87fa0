import Testing

/// A construct that the house does without, what to write in its stead, and a sample of each to keep the rule awake.
struct Ban: Sendable, CustomTestStringConvertible {
    /// Which reading of a file the pattern is held against.
    enum Reading {
        case code
        case text
    }

    let construct: String
    let pattern: Pattern
    let reading: Reading
    /// Beginnings of the paths where the ban holds.
    let inside: [String]
    /// Beginnings of the paths where it does not, after all.
    let outside: [String]
    let remedy: String
    /// A path and lines that must be caught, each by itself.
    let caught: (path: String, lines: [String])
    /// A path and lines that must pass.
    let passed: (path: String, lines: [String])

    init(
        _ construct: String, _ pattern: String, reading: Reading = .code, inside: [String] = [""],
        outside: [String] = [], remedy: String, caught: (path: String, lines: [String]),
        passed: (path: String, lines: [String])
    ) {
        self.construct = construct
        self.pattern = Pattern(pattern)
        self.reading = reading
        self.inside = inside
        self.outside = outside
        self.remedy = remedy
        self.caught = caught
        self.passed = passed
    }

    var testDescription: String { construct }

    /// Uses of the construct in a file where the ban holds.
    func breaches(in file: SourceFile) -> [Breach] {
        let holds = inside.contains(where: file.path.hasPrefix) && !outside.contains(where: file.path.hasPrefix)
        guard holds, file.isSwift || reading == .text else { return [] }
        return pattern.matches(in: reading == .text ? file.text : file.code).map { match in
            Breach(path: file.path, line: match.line, remedy: "no \(construct) here: \(remedy)")
        }
    }
}

/// What is not used, and where.
@Suite struct Bans {
    @Test(arguments: Ban.all)
    func `Nothing banned is used`(ban: Ban) {
        expectNone(of: SourceTree.current.files.flatMap(ban.breaches))
    }

    @Test(arguments: Ban.all)
    func `What is banned is caught`(ban: Ban) {
        for line in ban.caught.lines {
            #expect(ban.breaches(in: SourceFile(path: ban.caught.path, text: line)).count == 1, "\(line)")
        }
    }

    @Test(arguments: Ban.all)
    func `What only looks banned passes`(ban: Ban) {
        for line in ban.passed.lines {
            #expect(ban.breaches(in: SourceFile(path: ban.passed.path, text: line)).isEmpty, "\(line)")
        }
    }
}
