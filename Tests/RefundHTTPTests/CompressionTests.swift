import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import RefundHTTP

@Suite struct `Compression of bodies` {
    private static let list = "/refundry/v1/refunds"
    private static let token = HTTPField(name: .authorization, value: "Bearer \(demoToken)")
    private static let demoToken = "1000.41d9xxxxxxxxxxxxxxxxxxxxxxxxc2d1.8fccxxxxxxxxxxxxxxxxxxxxxxxx125f"

    @Test(arguments: [
        ("gzip", true), ("deflate, gzip;q=0.5", true), ("GZIP", true), ("gzip;q=0", false), ("gzip; q=0.0", false),
        ("identity", false), ("", false),
    ])
    func `of answers is for those who ask for it`(accepted: String, isCompressed: Bool) async throws {
        try await DemoServer.run { client in
            let plain = try await client.execute(
                uri: Self.list, method: .get, headers: [.authorization: Self.token.value])
            let asked = try await client.execute(
                uri: Self.list, method: .get,
                headers: [.authorization: Self.token.value, .acceptEncoding: accepted])
            let bytes = Array(asked.body.readableBytesView)
            #expect(plain.headers[.contentEncoding] == nil)
            #expect(asked.headers[.contentEncoding] == (isCompressed ? "gzip" : nil))
            #expect(asked.headers[.vary] == (isCompressed ? "Accept-Encoding" : nil))
            let body = isCompressed ? try Gzip.inflate(bytes, atMost: 1 << 20) : bytes
            #expect(body == Array(plain.body.readableBytesView))
        }
    }

    @Test func `of answers is for bodies of more than a thousand bytes`() {
        let short = Compression.compress(reply(of: 1_000), for: [.acceptEncoding: "gzip"])
        #expect(short.headers[.contentEncoding] == nil)
        let long = Compression.compress(reply(of: 1_001), for: [.acceptEncoding: "gzip"])
        #expect(long.headers[.contentEncoding] == "gzip")
        #expect(long.body.count < 1_001)
    }

    @Test func `of requests is undone before they are read`() async throws {
        try await DemoServer.run { client in
            let body = Gzip.deflate(Array(#"{"payment":"zoho_payments:731000001449003","amount":"1"}"#.utf8))
            let response = try await client.execute(
                uri: "/refundry/v1/refunds", method: .post,
                headers: [
                    .authorization: Self.token.value, .contentType: "application/json", .contentEncoding: "gzip",
                ], body: ByteBuffer(bytes: body))
            #expect(response.status == .created)
        }
    }

    private func reply(of count: Int) -> Reply { Reply(status: .ok, body: [UInt8](repeating: 0x61, count: count)) }
}
