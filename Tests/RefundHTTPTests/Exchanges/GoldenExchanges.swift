import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// Every file of `Golden/` is one exchange over the documents' records.
///
/// `UPDATE_GOLDEN=1` writes the answers anew.
@Suite struct `Golden exchanges` {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden")

    /// The files, by dialect and name.
    static let files: [String] = {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".http") }.sorted()
    }()

    @Test(arguments: files)
    func `come out as written`(_ file: String) async throws {
        let url = Self.folder.appending(path: file)
        let written = try Exchange(parsing: try String(contentsOf: url, encoding: .utf8))
        let seen = try await DemoServer.run { client in
            var exchange = written
            var placeholders = Placeholders()
            for index in exchange.steps.indices {
                let response = try await client.answer(to: exchange.steps[index].request, with: placeholders)
                placeholders.add(answer: Array(response.body.readableBytesView))
                exchange.steps[index].response = Exchange.Message(
                    head: "\(response.status.code)",
                    headers: (exchange.steps[index].response?.headers ?? [("Content-Type", "")]).map { header in
                        (header.name, HTTPField.Name(header.name).flatMap { response.headers[$0] } ?? "")
                    },
                    body: String(buffer: response.body))
            }
            return exchange
        }
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try seen.text.write(to: url, atomically: true, encoding: .utf8)
        } else {
            #expect(seen.text == written.text, "\(file): \(written.title)")
        }
    }

    @Test func `are there for every dialect`() {
        let folders = Set(Self.files.compactMap { $0.split(separator: "/").first.map(String.init) })
        let dialects = ["Gateways", "Native", "ZohoAccounts", "ZohoBilling", "ZohoBooks", "ZohoPayments", "Zuora"]
        #expect(folders.isSuperset(of: dialects))
    }
}
