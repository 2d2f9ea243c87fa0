import Foundation
import Testing

/// The rules of a formatter's configuration, by name.
struct FormatterRules {
    /// Every rule named, and whether it is on.
    let rules: [String: Bool]
    let lineLength: Int?
    let indentation: [String: Int]?

    init?(json: Data) {
        guard
            let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any],
            let rules = object["rules"] as? [String: Bool]
        else { return nil }
        self.rules = rules
        lineLength = object["lineLength"] as? Int
        indentation = object["indentation"] as? [String: Int]
    }

    /// What differs between the rules we name and those that the toolchain knows.
    func breaches(against known: FormatterRules) -> [Breach] {
        let missing = Set(known.rules.keys).subtracting(rules.keys).sorted()
        let unknown = Set(rules.keys).subtracting(known.rules.keys).sorted()
        let remedies =
            missing.map { "name \($0), or it is silently off" }
            + unknown.map { "drop \($0), which the toolchain has no more" }
        return remedies.map { Breach(path: ".swift-format", line: 1, remedy: $0) }
    }
}

/// The Swift toolchain that runs these tests.
enum Toolchain {
    /// Where `swift` lies, by PATH.
    static var swift: URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").lazy.map { URL(filePath: String($0)).appending(path: "swift") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// What `swift` prints for some arguments.
    static func output(of arguments: [String]) throws -> Data {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = swift
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return output
    }
}

/// The formatter's configuration.
@Suite struct Formatting {
    private static var ours: FormatterRules? {
        let path = SourceTree.current.root.appending(path: ".swift-format")
        return (try? Data(contentsOf: path)).flatMap(FormatterRules.init(json:))
    }

    @Test(.enabled(if: Toolchain.swift != nil, "There is no swift in PATH."))
    func `Every rule of the toolchain is named`() throws {
        let known = try #require(
            FormatterRules(json: try Toolchain.output(of: ["format", "dump-configuration"])),
            "swift format dump-configuration printed no configuration")
        expectNone(of: try #require(Self.ours).breaches(against: known))
    }

    @Test func `Formatter and house agree on the width of a line`() throws {
        let ours = try #require(Self.ours)
        #expect(ours.lineLength == SizeLimits.lineCharactersMax)
        #expect(ours.indentation == ["spaces": 4])
    }

    @Test func `A rule left out is caught, and one that is gone`() throws {
        let ours = try #require(FormatterRules(json: Data(#"{"rules": {"A": true, "Gone": false}}"#.utf8)))
        let known = try #require(FormatterRules(json: Data(#"{"rules": {"A": false, "B": true}}"#.utf8)))
        let remedies = ours.breaches(against: known).map(\.remedy)
        #expect(remedies == ["name B, or it is silently off", "drop Gone, which the toolchain has no more"])
    }
}
