import RefundDomain
import RefundGateways
import Testing

@Suite struct `A key ring` {
    private static let place = SecretPlace(
        organization: OrganizationID(1), gateway: GatewayName("main"), field: "secret_key")
    private static let old = "old:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    private static let new = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

    private static func malformedLine(of text: String) -> Int? {
        do throws(KeyRingMalformed) {
            _ = try KeyRing(text: text)
            return nil
        } catch {
            return error.line
        }
    }

    @Test func `opens what it sealed, and seals the same secret differently each time`() throws {
        let ring = try KeyRing(text: Self.old)
        let sealed = (0..<2).map { _ in ring.seal("sk_test_é", for: Self.place) }
        #expect(sealed.map { ring.open($0, for: Self.place) } == ["sk_test_é", "sk_test_é"])
        #expect(sealed[0] != sealed[1])
        #expect(!sealed[0].contains("sk_test"))
    }

    @Test func `opens a secret in its own place alone`() throws {
        let ring = try KeyRing(text: Self.old)
        let sealed = ring.seal("sk", for: Self.place)
        for other in [
            SecretPlace(organization: OrganizationID(2), gateway: GatewayName("main"), field: "secret_key"),
            SecretPlace(organization: OrganizationID(1), gateway: GatewayName("other"), field: "secret_key"),
            SecretPlace(organization: OrganizationID(1), gateway: GatewayName("main"), field: "notice_secret"),
        ] { #expect(ring.open(sealed, for: other) == nil) }
        for damaged in ["", "v1.old", sealed + "A", String(sealed.dropLast(4)), sealed.replacing("v1.", with: "v2.")] {
            #expect(ring.open(damaged, for: Self.place) == nil)
        }
    }

    @Test func `seals with its first key, and opens with each`() throws {
        let before = try KeyRing(text: Self.old)
        let both = try KeyRing(text: "# keys\n\n \(Self.new)\n\(Self.old)\n")
        let after = try KeyRing(text: Self.new)
        let sealed = before.seal("sk", for: Self.place)
        #expect(both.open(sealed, for: Self.place) == "sk")
        #expect(!both.isCurrent(sealed) && before.isCurrent(sealed))
        #expect(after.open(sealed, for: Self.place) == nil)
        let again = both.seal("sk", for: Self.place)
        #expect(both.isCurrent(again) && after.open(again, for: Self.place) == "sk")
    }

    @Test(arguments: [
        ("", 1), ("# none", 1), ("old", 1), ("old:AAAA", 1), ("Old:" + String(repeating: "A", count: 44), 1),
    ])
    func `is refused where a line is no key`(text: String, line: Int) {
        #expect(Self.malformedLine(of: text) == line)
    }

    @Test func `is refused where a key stands twice`() {
        #expect(Self.malformedLine(of: "\(Self.old)\n\(Self.old)") == 2)
    }

    @Test func `takes the line of a new key`() throws {
        let lines = [KeyRing.newLine(named: "a"), KeyRing.newLine(named: "b")]
        #expect(lines[0].dropFirst(2) != lines[1].dropFirst(2))
        let ring = try KeyRing(text: lines.joined(separator: "\n"))
        #expect(ring.open(ring.seal("sk", for: Self.place), for: Self.place) == "sk")
    }
}
