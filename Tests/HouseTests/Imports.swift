import Testing

/// What each target may import: the table of `docs/architecture.md`, word for word.
///
/// The compiler's own check lets pass what is reachable through another target; this one reads every line.
enum ImportTable {
    /// Free to every target but the domain.
    static let free: Set<String> = ["Logging", "Metrics", "ServiceLifecycle", "Synchronization"]

    /// Free to every target but the domain, outside the hot paths.
    static let foundation: Set<String> = ["Foundation", "FoundationEssentials"]

    /// What comes with Foundation, and so is as far from a hot path.
    static let foundationCompanions: Set<String> = ["FoundationNetworking", "NIOFoundationCompat"]

    static let allowed: [String: Set<String>] = [
        "RefundDomain": [],
        "RefundStorage": ["RefundDomain", "GRDB", "GRDBSQLite", "CPostgres"],
        // NIOCore and NIOHTTP1 are the client's vocabulary: buffers and headers.
        "RefundGateways": ["RefundDomain", "AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1"],
        "RefundService": ["RefundDomain", "RefundStorage"],
        // The NIO and Hummingbird modules behind HTTPTypes are the server's vocabulary: buffers, bodies, channels.
        "RefundHTTP": [
            "RefundDomain", "RefundService", "Hummingbird", "HummingbirdCore", "HTTPTypes", "Mustache", "Crypto",
            "CZlib", "NIOCore", "NIOFoundationCompat",
        ],
        "RefundTesting": ["RefundDomain", "RefundStorage", "RefundService", "Testing"],
        "refundry": [
            "UnixSignals",
            "RefundDomain", "RefundStorage", "RefundGateways", "RefundService", "RefundHTTP", "ArgumentParser",
            "AsyncHTTPClient", "Crypto", "GRDB", "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore",
            "NIOHTTP1", "NIOPosix",
            "Glibc",
        ],
    ]

    /// Hot paths and the domain, by the beginning of their path.
    static let foundationFree = [
        "Sources/RefundDomain/", "Sources/RefundHTTP/Wire/", "Sources/RefundStorage/Tables/",
        "Sources/RefundStorage/Session.swift",
    ]

    private static let line = Pattern(
        #"^[ \t]*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:(?:package|public|internal|fileprivate|private)\s+)?"#
            + #"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(\w+)"#)

    /// Imports of a file that its target may not have.
    static func breaches(in file: SourceFile) -> [Breach] {
        guard file.folders.first == "Sources", file.folders.count > 1 else { return [] }
        let target = file.folders[1]
        guard let own = allowed[target] else {
            return [Breach(path: file.path, line: 1, remedy: "give the target \(target) a row in the table of imports")]
        }
        return line.matches(in: file.code).compactMap { match in
            let module = match.groups[1]
            return remedy(module, in: file, of: target, allowing: own).map {
                Breach(path: file.path, line: match.line, remedy: $0)
            }
        }
    }

    private static func remedy(
        _ module: String, in file: SourceFile, of target: String, allowing own: Set<String>
    ) -> String? {
        if target == "RefundDomain" {
            return "RefundDomain stands on the standard library alone: pass what \(module) gives in as a value"
        }
        if foundation.contains(module) || foundationCompanions.contains(module) {
            if foundationFree.contains(where: file.path.hasPrefix) {
                return "a hot path has no \(module): integers for times, bytes for text, Int64 for money"
            }
            if foundation.contains(module) { return nil }
        }
        if free.contains(module) || own.contains(module) { return nil }
        let table = own.sorted().joined(separator: ", ")
        return "\(target) may import \(table), not \(module): move the code, or change the table with a decision"
    }
}

/// Who may lean on whom.
@Suite struct Imports {
    @Test func `Every import stands in the table`() {
        expectNone(of: SourceTree.current.swift(under: "Sources/").flatMap(ImportTable.breaches))
    }

    @Test(arguments: [
        ("RefundDomain/Money/Money.swift", "import Synchronization"),
        ("RefundDomain/Money/Money.swift", "import Foundation"),
        ("RefundStorage/Tables/Refunds.swift", "import Foundation"),
        ("RefundStorage/Session.swift", "internal import FoundationEssentials"),
        ("RefundHTTP/Wire/JSONWriter.swift", "import NIOFoundationCompat"),
        ("RefundHTTP/Zuora/Zuora.swift", "package import RefundStorage"),
        ("RefundHTTP/Zuora/Zuora.swift", "@preconcurrency import AsyncHTTPClient"),
        ("RefundService/Failure.swift", "@testable import RefundHTTP"),
        ("RefundService/Failure.swift", "import struct RefundHTTP.Page"),
        ("RefundGateways/Transport.swift", "import Glibc"),
        ("RefundGateways/Transport.swift", "import FoundationNetworking"),
        ("RefundLedger/Journal.swift", "let line = 1"),
    ])
    func `An import outside the table is caught`(path: String, line: String) {
        #expect(ImportTable.breaches(in: SourceFile(path: "Sources/\(path)", text: line)).count == 1)
    }

    @Test(arguments: [
        ("RefundDomain/Money/Money.swift", "// import Foundation"),
        ("RefundStorage/SQLite/SQLite.swift", "import Foundation\nimport GRDB\npackage import RefundDomain"),
        ("RefundService/Failure.swift", "internal import Logging\nimport Synchronization"),
        ("RefundHTTP/Wire/JSONWriter.swift", "package import NIOCore\nlet say = \"\"\"\nimport Glibc\n\"\"\""),
        ("refundry/Composition.swift", "import RefundHTTP\n@preconcurrency import NIOPosix"),
    ])
    func `An import of the table passes`(path: String, lines: String) {
        expectNone(of: ImportTable.breaches(in: SourceFile(path: "Sources/\(path)", text: lines)))
    }
}
