import HTTPTypes
import RefundDomain
import RefundService
import Testing

@testable import RefundHTTP

@Suite struct `Bounds of the calls of a tenant` {
    /// A clock whose waits end at once, and one whose waits never end by themselves.
    private static let hasty: @Sendable (Duration) async throws -> Void = { _ in }
    private static let patient: @Sendable (Duration) async throws -> Void = { _ in
        try await Task.sleep(for: .seconds(86_400))
    }

    @Test func `a call beyond those in flight is told to come again, and one that ends makes room`() async throws {
        try await withBounds(["zuora.concurrent_calls": "1"], Self.patient) { bounds, caller in
            let (started, starting) = AsyncStream.makeStream(of: Void.self)
            let (ended, ending) = AsyncStream.makeStream(of: Void.self)
            let slow = bounds.bounding { (_, _) throws(Failure) in
                starting.yield()
                for await _ in ended { break }
                return Reply(status: .ok)
            }
            let quick = bounds.bounding { (_, _) throws(Failure) in Reply(status: .ok) }

            async let first = slow(.test(.post), caller)
            for await _ in started { break }
            let second = try await quick(.test(.get), caller)
            #expect(second.status == .tooManyRequests)
            #expect(second.headers[.retryAfter] == "1")
            #expect(second.headers[.fieldName("Concurrency-Limit-Remaining")] == "0")
            #expect(String(decoding: second.body, as: UTF8.self).contains(#""code":50000070"#))
            let stranger = Caller(organization: OrganizationID(2), client: ClientID(2), scopes: ScopeSet([]))
            let others = try await quick(.test(.get), stranger)
            #expect(others.status == .ok)

            ending.yield()
            let replies = (try await first, try await quick(.test(.get), caller))
            #expect(replies.0.status == .ok)
            #expect(replies.1.status == .ok)
        }
    }

    @Test func `a call beyond those of a minute is told how long to wait`() async throws {
        try await withBounds(["zuora.calls_per_minute": "2"], Self.patient) { bounds, caller in
            let handler = bounds.bounding { (_, _) throws(Failure) in throw .bug }
            var replies: [Reply] = []
            for _ in 0..<3 { replies.append(try await handler(.test(.post), caller)) }
            #expect(replies.map(\.status.code) == [500, 500, 429])
            #expect(replies.map { $0.headers[.fieldName("RateLimit-Limit")] } == ["2", "2", "2"])
            #expect(replies.map { $0.headers[.fieldName("RateLimit-Remaining")] } == ["1", "0", "0"])
            #expect(replies.map { $0.headers[.fieldName("Concurrency-Limit-Remaining")] } == ["199", "199", "199"])
            let reset = replies[2].headers[.fieldName("RateLimit-Reset")].flatMap { Int($0) } ?? 0
            #expect((1...60).contains(reset))
            #expect(replies[2].headers[.retryAfter] == "\(reset)")
            #expect(replies.map { $0.headers[.retryAfter] != nil } == [false, false, true])
        }
    }

    @Test func `a call that only reads is given up in the end`() async throws {
        try await withBounds([:], Self.hasty) { bounds, caller in
            let endless = bounds.bounding { (_, _) throws(Failure) in
                let (never, continuation) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                continuation.finish()
                return Reply(status: .ok)
            }
            let reply = try await endless(.test(.get), caller)
            #expect(reply.status == .gatewayTimeout)
            #expect(String(decoding: reply.body, as: UTF8.self).contains(#""code":50000060"#))
        }
    }

    @Test func `a call that may have queued a write is waited for`() async throws {
        try await withBounds([:], Self.hasty) { bounds, caller in
            let handler = bounds.bounding { (_, _) throws(Failure) in
                for _ in 0..<100 { await Task.yield() }
                return Reply(status: .ok)
            }
            let reply = try await handler(.test(.post), caller)
            #expect(reply.status == .ok)
        }
    }

    /// Bounds of two organizations, the first with settings, and a caller of that.
    private func withBounds(
        _ settings: [String: String], _ sleep: @escaping @Sendable (Duration) async throws -> Void,
        _ body: (Zuora.CallBounds, Caller) async throws -> Void
    ) async throws {
        try await withOperations(settings: settings) { operations in
            let caller = Caller(organization: OrganizationID(1), client: ClientID(1), scopes: ScopeSet([]))
            try await body(Zuora.CallBounds(operations: operations, sleep: sleep), caller)
        }
    }
}

extension Call {
    fileprivate static func test(_ method: HTTPRequest.Method) -> Call {
        Call(method: method, path: "/v1/refunds", requestID: "00000000-0000-4000-8000-000000000001")
    }
}
