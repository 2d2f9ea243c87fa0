import RefundTesting
import Testing

/// PostgreSQL servers that may forget what they have answered.
@Suite struct `A server that does not write to the disk` {
    @Test(.timeLimit(.minutes(1)))
    func `was served silently`() async throws {
        try await withFolder { folder in
            let postgres = try await RunningPostgres(durable: false)
            let options = ["--database", postgres.url, "--simulator", "\(folder)/book"]
            let refused = try await Program.run(["serve", "--port", "0"] + options)
            #expect(refused.status == 78)
            #expect(refused.errors.contains("fsync is off"), "\(refused.errors)")
            #expect(refused.errors.contains("fsync = on"), "what to do")
            #expect(refused.output == "")

            let server = try await RunningServer(["--accept-data-loss"] + options)
            await server.stop()
        }
    }
}
