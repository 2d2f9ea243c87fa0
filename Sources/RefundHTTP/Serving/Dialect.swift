package import HTTPTypes
package import RefundDomain
package import RefundService

/// One API over the one core: it reads requests into commands, and writes results and failures in its own words.
///
/// A dialect is a folder and a line in the composition; no other code knows it.
package protocol Dialect: Sendable {
    /// Under which its identifiers are kept.
    var name: DialectName { get }

    /// Where its paths begin, such as `/books/v3`; the first is the documented one.
    var prefixes: [String] { get }

    var routes: [Route] { get }

    /// Who is calling, and whether it may: token, tenant, scope, in the dialect's order.
    ///
    /// Throws `unauthenticated`, `foreignTenant` or `denied`.
    func admit(_ call: Call, scope: String) async throws(Failure) -> Caller

    /// A failure in the dialect's words.
    func reply(to failure: Failure, of call: Call) -> Reply

    /// What is wrong with a request before it reaches a handler, in the dialect's words.
    func reply(to problem: TransportProblem, of call: Call) -> Reply

    /// Adds to every answer what the dialect sends with each.
    func finish(_ reply: Reply, for call: Call) -> Reply
}

extension Dialect {
    /// Adds nothing, unless a dialect says otherwise.
    package func finish(_ reply: Reply, for call: Call) -> Reply { reply }
}

extension Route {
    /// Reads a command, runs one operation, writes the result.
    package typealias Handler = @Sendable (Call, Caller) async throws(Failure) -> Reply

    /// The same, for whoever calls.
    package typealias OpenHandler = @Sendable (Call) async throws(Failure) -> Reply
}

/// What is wrong with a request before it reaches a handler.
package enum TransportProblem: Hashable, Sendable {
    case noSuchPath
    case wrongMethod(allowed: [HTTPRequest.Method])
    /// The query is not percent-encoded as it should be.
    case badQuery
    case bodyTooLarge
    case bodyTooSlow
    /// The body is said to be compressed and is not, or in a way that is not understood.
    case badEncoding
    /// Our own mistake.
    case bug

    /// The status that every dialect answers with, unless its documents say otherwise.
    package var status: HTTPResponse.Status {
        switch self {
        case .noSuchPath: .notFound
        case .wrongMethod: .methodNotAllowed
        case .bodyTooLarge: .contentTooLarge
        case .bodyTooSlow: .requestTimeout
        case .badQuery, .badEncoding: .badRequest
        case .bug: .internalServerError
        }
    }

    /// One plain sentence.
    package var message: String {
        switch self {
        case .noSuchPath: "There is nothing at this URL."
        case .wrongMethod(let allowed):
            "This URL does not take that method, but \(allowed.map(\.rawValue).sorted().joined(separator: ", "))."
        case .badQuery: "The query of the URL is not percent-encoded UTF-8."
        case .bodyTooLarge: "The body is larger than \(Limits.bodyBytesMax) bytes."
        case .bodyTooSlow: "The body did not arrive in time."
        case .badEncoding: "The body is not encoded as its Content-Encoding says."
        case .bug: "Something went wrong on our side."
        }
    }
}

/// Finds out who is calling.
package struct Admission: Sendable {
    private let operations: Operations

    package init(_ operations: Operations) {
        self.operations = operations
    }

    /// The caller whose token stands in the `Authorization` header under one of the schemes, matched without case.
    ///
    /// Throws `unauthenticated` where there is none, or where it opens nothing.
    package func caller(of call: Call, schemes: [String]) async throws(Failure) -> Caller {
        let parts = (call.headers[.authorization] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, schemes.contains(parts[0].lowercased()) else { throw .unauthenticated }
        return try await operations.authenticate(tokenHash: secretHash(String(parts[1]).trimmingBlanks))
    }
}

/// Runs an operation and writes its result: the shape of every handler.
package func answer<T>(
    _ operation: @autoclosure () async throws(Failure) -> T, with write: (T) -> Reply
) async throws(Failure) -> Reply {
    write(try await operation())
}
