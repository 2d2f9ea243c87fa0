import RefundDomain
import Testing

@testable import RefundTesting

/// What the other tests lean on.
@Suite struct `The tools of the tests` {
    @Test func `A seed gives the numbers of SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test(arguments: [
        ("a\nb\nc\n", "a\nb\nc\n", []),
        ("a\nb\nc\n", "a\nx\nc\n", ["- 2: b", "+ 2: x"]),
        ("a\nb\n", "a\n", ["- 2: b"]),
        ("", "a\n", ["+ 1: a"]),
        ("a", "a\n", ["+ 2: "]),
    ])
    func `A difference names the lines that went and came`(kept: String, seen: String, shown: [String]) {
        #expect(Golden.difference(from: kept, to: seen) == shown)
    }

    @Test func `A long difference is cut`() {
        let seen = (0..<100).map { "\($0)\n" }.joined()
        let shown = Golden.difference(from: "", to: seen)
        #expect(shown.count == 61)
        #expect(shown.last == "… and 40 lines more")
    }

    @Test(.enabled(if: !Golden.isUpdating, "It would be written."))
    func `A text without its file is not taken for right`() async throws {
        try await withTemporaryFolder { folder in
            withKnownIssue("the file is not there") {
                Golden.expect("a text", in: "text.txt", beside: folder.path("Test.swift"))
            } matching: { issue in
                issue.comments.contains { $0.rawValue.contains("is missing: UPDATE_GOLDEN=1 writes it") }
            }
        }
    }

    @Test func `A store and its folder are gone after an error`() async throws {
        struct Failure: Error {}
        var left: TemporaryFolder?
        await #expect(throws: Failure.self) {
            try await withTemporaryFolder { folder in
                left = folder
                try await withStore(at: folder.path("a.sqlite")) { _ in throw Failure() }
            }
        }
        let folder = try #require(left)
        #expect(throws: (any Error).self) { try folder.names() }
    }
}
