import HTTPTypes
package import Hummingbird
import Logging
import Metrics
import NIOCore
import RefundDomain
import RefundService

/// Answers every request that is HTTP at all, each in the form of the dialect whose path it is.
package struct RefundResponder: HTTPResponder {
    package typealias Context = BasicRequestContext

    private let dialects: [any Dialect]
    private let table: RouteTable
    /// Answers paths that are nobody's.
    private let fallback: any Dialect
    private let body = BodyReader()
    /// Where callers reach the program; nil for what they address.
    private let origin: String?
    private let makeRequestID: @Sendable () -> String

    /// `fallback` answers what begins as no dialect's paths do; `origin` is what answers name as the program's address,
    /// or nil for the address that each caller used.
    package init(
        _ dialects: [any Dialect], fallback: any Dialect, origin: String? = nil,
        makeRequestID: @escaping @Sendable () -> String = RequestID.make
    ) {
        self.dialects = dialects
        self.fallback = fallback
        self.origin = origin
        self.makeRequestID = makeRequestID
        table = RouteTable(dialects)
    }

    /// Answers one request; whatever goes wrong, in JSON and in the form of its dialect.
    package func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        let (path, query) = Self.split(request.head.path ?? "/")
        let pairs = PercentEncoding.decodeQuery(query)
        var draft = Call(
            // A HEAD is a GET whose body is not sent (RFC 9110, section 9.3.2).
            method: request.method == .head ? .get : request.method, path: path, query: pairs ?? [],
            headers: request.headers, origin: origin ?? "http://\(request.head.authority ?? "localhost")",
            requestID: makeRequestID())
        let (dialect, label, reply) = await reply(to: request, &draft, isQueryReadable: pairs != nil)
        let finished = Compression.compress(dialect.finish(reply, for: draft), for: request.headers)
        observe(finished, request.method, label, draft, since: start, context.logger)
        var headers = finished.headers
        if finished.status == .contentTooLarge || finished.status == .requestTimeout { headers[.connection] = "close" }
        let response = Response(
            status: finished.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: finished.body)))
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func reply(
        to request: Request, _ call: inout Call, isQueryReadable: Bool
    ) async -> (any Dialect, String, Reply) {
        switch table.match(call.method, call.path) {
        case .route(let index, let route, let parameters):
            let dialect = dialects[index]
            guard isQueryReadable else { return (dialect, route.path, dialect.reply(to: .badQuery, of: call)) }
            call = call.matched(parameters)
            return (dialect, route.path, await run(route, of: dialect, request, &call))
        case .otherMethods(let index, let methods):
            var reply = dialects[index].reply(to: .wrongMethod(allowed: methods), of: call)
            reply.headers[.allow] = methods.map(\.rawValue).sorted().joined(separator: ", ")
            return (dialects[index], "wrong method", reply)
        case .unknownPath(let index):
            return (dialects[index], "unknown path", dialects[index].reply(to: .noSuchPath, of: call))
        case .unknownPrefix:
            return (fallback, "unknown path", fallback.reply(to: .noSuchPath, of: call))
        }
    }

    /// Admits the caller, then reads the body, then runs the handler: a stranger's body is never read.
    private func run(_ route: Route, of dialect: any Dialect, _ request: Request, _ call: inout Call) async -> Reply {
        do throws(Failure) {
            switch route.access {
            case .open(let handler):
                try call.checkTexts()
                if let problem = await take(request, into: &call) { return dialect.reply(to: problem, of: call) }
                return try await handler(call)
            case .scoped(let scope, let handler):
                let caller = try await dialect.admit(call, scope: scope)
                try call.checkTexts()
                if let problem = await take(request, into: &call) { return dialect.reply(to: problem, of: call) }
                return try await handler(call, caller)
            }
        } catch {
            return dialect.reply(to: error, of: call)
        }
    }

    private func take(_ request: Request, into call: inout Call) async -> TransportProblem? {
        guard call.method != .get else { return nil }
        do throws(TransportFailure) {
            call = call.carrying(try await body.read(request))
            return nil
        } catch {
            return error.problem
        }
    }

    private func observe(
        _ reply: Reply, _ method: HTTPRequest.Method, _ route: String, _ call: Call,
        since start: ContinuousClock.Instant, _ logger: Logger
    ) {
        let elapsed = ContinuousClock.now - start
        let dimensions = [
            ("method", method.rawValue), ("route", route), ("status", "\(reply.status.code)"),
        ]
        Metrics.Timer(label: "refundry_http_requests", dimensions: dimensions)
            .recordNanoseconds(elapsed.wholeMicroseconds * 1_000)
        logger.info(
            "request",
            metadata: [
                "request": "\(call.requestID)", "method": "\(method)", "route": "\(route)",
                "status": "\(reply.status.code)", "microseconds": "\(elapsed.wholeMicroseconds)",
            ])
    }

    private static func split(_ target: String) -> (path: String, query: String) {
        let parts = target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        return (texts.first ?? "/", texts.count > 1 ? texts[1] : "")
    }
}

extension Call {
    fileprivate func matched(_ parameters: [String: String]) -> Call {
        Call(
            method: method, path: path, parameters: parameters, query: query, headers: headers,
            origin: origin, body: body, requestID: requestID)
    }

    fileprivate func carrying(_ body: [UInt8]) -> Call {
        Call(
            method: method, path: path, parameters: parameters, query: query, headers: headers,
            origin: origin, body: body, requestID: requestID)
    }
}

/// Names requests.
package enum RequestID {
    /// A new one, in the form of a UUID of version 4.
    @Sendable package static func make() -> String {
        var bytes: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { bytes.append(contentsOf: $0) } }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = bytes.hexadecimal
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}
