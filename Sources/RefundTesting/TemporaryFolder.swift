import Foundation

/// A folder of its own for one test.
package struct TemporaryFolder: Sendable {
    private let url: URL

    fileprivate init(_ url: URL) {
        self.url = url
    }

    /// The path of a file in the folder.
    package func path(_ name: String) -> String { url.appending(path: name).path }

    /// The names of the files in the folder, in order.
    package func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }

    /// What a file in the folder holds.
    package func bytes(of name: String) throws -> [UInt8] { Array(try Data(contentsOf: url.appending(path: name))) }

    /// Writes a file in the folder, over the one that has its name.
    package func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: url.appending(path: name))
    }
}

/// Lends an empty folder, and removes it with all that is in it however the body ends.
package func withTemporaryFolder<T>(_ body: (TemporaryFolder) async throws -> T) async throws -> T {
    let url = FileManager.default.temporaryDirectory.appending(path: "refundry-\(UInt64.random(in: 0...UInt64.max))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(TemporaryFolder(url))
}
