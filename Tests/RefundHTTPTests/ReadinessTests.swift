import Hummingbird
import HummingbirdTesting
import RefundDomain
import Testing

/// What a server says of itself to those who send callers to it.
@Suite struct `Readiness` {
    @Test(
        arguments: [
            (0, 200, "ready"), (30, 200, "ready"), (-30, 200, "ready"), (31, 503, "clock differs from the database's"),
            (-8_640, 503, "clock differs from the database's"),
        ])
    func `is of a server whose clock is near the database's`(seconds: Int, status: Int, word: String) async throws {
        try await DemoServer.run(databaseNow: DemoServer.now + .seconds(seconds)) { client in
            let answer = try await client.execute(uri: "/health/ready", method: .get)
            #expect(answer.status.code == status)
            #expect(String(buffer: answer.body).hasPrefix(#"{"status":"\#(word)""#))
            #expect(try await client.execute(uri: "/health/live", method: .get).status == .ok)
        }
    }
}
