package import AsyncHTTPClient
import Metrics
import NIOCore
import NIOHTTP1
package import RefundDomain
import Synchronization

/// Outbound HTTP to one gateway: in its turn, bounded in time and size, over verified TLS, and honest about what left.
///
/// It follows no redirect, and its errors carry fixed words alone: no address, no header, nothing of a body.
package struct Transport: Sendable {
    private let client: HTTPClient
    private let gateway: GatewayName
    private let pace: Pace
    private let sleep: @Sendable (_ until: ContinuousClock.Instant) async throws -> Void

    /// A transport that waits by no other means than `sleep`.
    package init(
        client: HTTPClient, gateway: GatewayName, pace: Pace,
        sleep: @escaping @Sendable (_ until: ContinuousClock.Instant) async throws -> Void = {
            try await Task.sleep(until: $0, clock: .continuous)
        }
    ) {
        self.client = client
        self.gateway = gateway
        self.pace = pace
        self.sleep = sleep
    }

    /// The client of the whole process, which ends with it.
    package static let processClient = client()

    /// A client for `init`; whoever makes it shuts it down, or keeps it as long as the process lives.
    ///
    /// Certificates are verified, which is the client's own setting where it is told nothing.
    package static func client(
        connectTimeout: Duration = Limits.gatewayConnectTimeout, readTimeout: Duration = Limits.gatewayTimeout
    ) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(
                connect: .microseconds(connectTimeout.wholeMicroseconds),
                read: .microseconds(readTimeout.wholeMicroseconds)))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Limits.gatewayConnectionsMax
        // Whoever calls tries again later; a call that waits for the network would hold its place meanwhile.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Sends a call, and gives the whole answer whatever its status.
    ///
    /// Throws `notSent` where no connection came about, `busy` where the turn did not come, and `lost` for whatever
    /// else goes wrong.
    package func send(
        _ call: HTTPCall, bearing credential: Secret, by deadline: ContinuousClock.Instant
    ) async throws(TransportError) -> HTTPReply {
        let start = ContinuousClock.now
        let outcome: Result<HTTPReply, TransportError>
        do throws(TransportError) {
            try await takeTurn(of: call, by: deadline)
            outcome = .success(try await exchange(call, bearing: credential, by: deadline))
        } catch {
            outcome = .failure(error)
        }
        observe(outcome, since: start)
        return try outcome.get()
    }

    private func takeTurn(
        of call: HTTPCall, by deadline: ContinuousClock.Instant
    ) async throws(TransportError) {
        let wait: Duration?
        do {
            wait = try await pace.turn(of: call)
        } catch {
            throw .busy("no turn could be taken")
        }
        let now = ContinuousClock.now
        guard let wait, now + wait < deadline else { throw .busy("too many calls are waiting for the gateway") }
        do {
            try Task.checkCancellation()
            if wait > .zero { try await sleep(now + wait) }
        } catch {
            throw .notSent("the call was given up before it was sent")
        }
    }

    private func exchange(
        _ call: HTTPCall, bearing credential: Secret, by deadline: ContinuousClock.Instant
    ) async throws(TransportError) -> HTTPReply {
        let body = WatchedBody(call.body)
        let request = request(for: call, with: body, bearing: credential)
        do {
            let reply = try await within(deadline) { try await answer(to: request) }
            if reply.status == 429 { await pause(asTold: reply) }
            return reply
        } catch {
            // A body is asked for once the head of its request is on the way, and nothing is carried out without it.
            let isUnsent = call.body.isEmpty ? Self.comesBeforeSending(error) : !body.wasAskedFor
            throw isUnsent ? .notSent(Self.words(for: error)) : .lost(Self.words(for: error))
        }
    }

    private func request(
        for call: HTTPCall, with body: WatchedBody, bearing credential: Secret
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: call.url)
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        request.headers = HTTPHeaders(call.fields.map { ($0.name, $0.value) })
        request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(credential.exposed)")
        request.headers.replaceOrAdd(name: "User-Agent", value: "Refundry")
        if !call.body.isEmpty { request.body = .stream(body, length: .known(Int64(call.body.count))) }
        return request
    }

    private func answer(to request: HTTPClientRequest) async throws -> HTTPReply {
        // The deadline around this call ends it; this one only satisfies the client.
        let response = try await client.execute(request, timeout: .hours(1))
        let body = try await response.body.collect(upTo: Limits.gatewayReplyBytesMax)
        return HTTPReply(
            status: Int(response.status.code), fields: response.headers.map { ($0.name, $0.value) },
            body: Array(body.readableBytesView))
    }

    /// Runs work until it ends or its time is over, whichever comes first.
    private func within<Value: Sendable>(
        _ deadline: ContinuousClock.Instant, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await sleep(deadline)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw HTTPClientError.cancelled }
            return value
        }
    }

    private func pause(asTold reply: HTTPReply) async {
        // A second where the gateway says nothing, or something that is no number of seconds.
        let seconds = reply.field("Retry-After").flatMap { UInt16($0) } ?? 1
        await pace.pause(for: .seconds(Int64(seconds)))
    }

    /// Whether an error is one of those that only come before a connection is there.
    private static func comesBeforeSending(_ error: any Error) -> Bool {
        guard let error = error as? HTTPClientError else { return false }
        return [.connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout].contains(error)
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: "the call ended early: \(error.shortDescription)"
        case is NIOTooManyBytesError: "the answer is too long"
        case is CancellationError: "the call was given up"
        default: "the connection failed"
        }
    }

    private func observe(_ outcome: Result<HTTPReply, TransportError>, since start: ContinuousClock.Instant) {
        let word =
            switch outcome {
            case .success(let reply): "\(reply.status / 100)xx"
            case .failure(.notSent): "not_sent"
            case .failure(.busy): "busy"
            case .failure(.lost): "lost"
            }
        let elapsed = start.duration(to: .now)
        Metrics.Timer(label: "refundry_gateway_calls", dimensions: [("gateway", gateway.text), ("outcome", word)])
            .recordNanoseconds(elapsed.wholeMicroseconds * 1_000)
    }
}

extension GatewayError {
    init(_ error: TransportError) {
        self =
            switch error {
            case .notSent(let words): .notSent(words)
            case .busy(let words): .busy(words)
            case .lost(let words): .ambiguous(words)
            }
    }
}

/// The body of a request, which knows whether a connection has asked for it.
private final class WatchedBody: AsyncSequence, Sendable {
    private let bytes: [UInt8]
    private let isAskedFor = Atomic(false)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var wasAskedFor: Bool { isAskedFor.load(ordering: .acquiring) }

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: WatchedBody
        private var isDone = false

        fileprivate init(body: WatchedBody) {
            self.body = body
        }

        mutating func next() async -> ByteBuffer? {
            body.isAskedFor.store(true, ordering: .releasing)
            guard !isDone else { return nil }
            isDone = true
            return ByteBuffer(bytes: body.bytes)
        }
    }
}
