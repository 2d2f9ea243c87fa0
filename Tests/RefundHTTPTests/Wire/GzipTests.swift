import RefundHTTP
import Testing

@Suite struct `A gzip text` {
    /// What `printf '{"amount":200.10}' | gzip -n` prints.
    private static let amount: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xAB, 0x56, 0x4A, 0xCC, 0xCD, 0x2F, 0xCD, 0x2B,
        0x51,
        0xB2, 0x32, 0x32, 0x30, 0xD0, 0x33, 0x34, 0xA8, 0x05, 0x00, 0xF8, 0xF7, 0xDD, 0x96, 0x11, 0x00, 0x00, 0x00,
    ]
    private static let plain = Array(#"{"amount":200.10}"#.utf8)

    @Test func `reads what another program wrote`() throws {
        #expect(try Gzip.inflate(Self.amount, atMost: 100) == Self.plain)
    }

    @Test(arguments: [0, 1, 100, 16_383, 16_384, 16_385, 32_768, 200_000])
    func `reads back what it wrote`(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        #expect(try Gzip.inflate(Gzip.deflate(bytes), atMost: count) == bytes)
    }

    @Test func `makes a body shorter, and the same bytes each time`() {
        let body = Array(String(repeating: #"{"refund_id":"982000000567114"},"#, count: 100).utf8)
        #expect(Gzip.deflate(body).count < body.count / 10)
        #expect(Gzip.deflate(body) == Gzip.deflate(body))
    }

    @Test func `stops at the limit`() throws {
        #expect(try Gzip.inflate(Self.amount, atMost: Self.plain.count) == Self.plain)
        #expect(throws: GzipError.tooLarge) { try Gzip.inflate(Self.amount, atMost: Self.plain.count - 1) }
    }

    /// 64 MiB in 64 KiB: refused once the limit is passed, and not inflated to its end.
    @Test func `defuses a bomb`() {
        let bomb = Gzip.deflate([UInt8](repeating: 0, count: 1 << 26))
        #expect(bomb.count < 1 << 17)
        #expect(throws: GzipError.tooLarge) { try Gzip.inflate(bomb, atMost: 1 << 20) }
    }

    @Test(arguments: 1..<amount.count)
    func `notices that bytes break off`(count: Int) {
        #expect(throws: GzipError.truncated) { try Gzip.inflate(Array(Self.amount.prefix(count)), atMost: 100) }
    }

    @Test(
        arguments: [
            Array(#"{"amount":200.10}"#.utf8), [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01],
            [0x1F, 0x8B, 0x07, 0, 0, 0, 0, 0, 0, 3],
            amount + [0], amount + amount, Array(amount.dropLast(5)) + [0, 0, 0, 0, 0], [0x1F, 0x8C],
        ] as [[UInt8]])
    func `refuses what is not one whole member`(bytes: [UInt8]) {
        #expect(throws: GzipError.notGzip) { try Gzip.inflate(bytes, atMost: 100) }
    }

    @Test func `refuses nothing at all`() {
        #expect(throws: GzipError.self) { try Gzip.inflate([], atMost: 100) }
    }

    @Test func `never crashes on damaged bytes`() {
        for index in Self.amount.indices {
            for bit in 0..<8 {
                var damaged = Self.amount
                damaged[index] ^= 1 << bit
                guard let inflated = try? Gzip.inflate(damaged, atMost: 100) else { continue }
                #expect(inflated == Self.plain, "only the header holds bits that do not matter")
            }
        }
    }
}
