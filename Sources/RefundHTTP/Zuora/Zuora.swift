import HTTPTypes
package import RefundDomain
package import RefundService

/// The refund API of Zuora, version 1, as its SDK of API version 2025-08-12 calls it.
///
/// A tenant is what the token belongs to: no path and no header names one.
package struct Zuora: Dialect {
    /// What a token has to carry.
    enum Scope {
        static let readRefunds = "zuora.refunds.read"
        static let writeRefunds = "zuora.refunds.write"
    }

    static let dialectName = DialectName("zuora")

    let operations: Operations
    let bounds: CallBounds

    /// `sleep` waits so long, for the time that a call may take.
    package init(
        operations: Operations,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.operations = operations
        bounds = CallBounds(operations: operations, sleep: sleep)
    }

    package var name: DialectName { Self.dialectName }

    package var prefixes: [String] { ["/v1"] }

    package var routes: [Route] { creditMemoRefundRoutes + refundRoutes }

    /// The caller behind a bearer token that carries the scope.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller {
        let caller = try await Admission(operations).caller(of: call, schemes: ["bearer"])
        guard caller.scopes.contains(scope) else { throw .denied(scope: scope) }
        guard TrackID(call)?.isValid ?? true else { throw TrackID.problem }
        return caller
    }

    /// Names the call in every answer, by our identifier and by the caller's own.
    package func finish(_ reply: Reply, for call: Call) -> Reply {
        var reply = reply
        reply.headers[.fieldName("Zuora-Request-Id")] = call.requestID
        if let id = TrackID(call), id.isValid { reply.headers[TrackID.field] = id.text }
        return reply
    }
}

/// The name by which a caller traces a call through its own systems and ours.
private struct TrackID {
    static let field = HTTPField.Name.fieldName("Zuora-Track-Id")

    static let problem = Failure.input([
        InputProblem(
            field: "Zuora-Track-Id",
            kind: .value(#"at most 64 characters of US-ASCII, and none of colon, semicolon, " and '"#))
    ])

    let text: String

    /// Reads the header of a call; nil where there is none, or an empty one.
    init?(_ call: Call) {
        guard let text = call.headers[Self.field], !text.isEmpty else { return nil }
        self.text = text
    }

    var isValid: Bool {
        text.utf8.count <= 64 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) && !Self.forbidden.contains($0) }
    }

    private static let forbidden = Array(#":;"'"#.utf8)
}
