import HTTPTypes
package import RefundDomain
package import RefundService

/// Where gateways tell by themselves what became of refunds: `POST /gateways/{instance}/notices`.
///
/// A notice is acknowledged as soon as it is durable, and applied afterwards; a gateway that hears anything but 200
/// sends it again. Its signature stands in for a token.
package struct GatewayNotices: Dialect {
    package let name = DialectName("gateways")
    package let prefixes = ["/gateways"]
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package var routes: [Route] {
        [.open(.post, "/{instance}/notices", receive)]
    }

    /// Its route is open: nobody is admitted to any other.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller { throw .unauthenticated }

    @Sendable private func receive(_ call: Call) async throws(Failure) -> Reply {
        let pairs = call.headers.map { ($0.name.canonicalName, $0.value) }
        let message = GatewayMessage(
            headers: Dictionary(pairs, uniquingKeysWith: { first, _ in first }), body: call.body,
            receivedAt: operations.receptionTime)
        try await operations.receiveNotice(at: call.parameter("instance"), message)
        return .json(.ok) { $0.field("received", true) }
    }

    /// `{"error": …}`, one plain sentence.
    package func reply(to failure: Failure, of call: Call) -> Reply {
        switch failure {
        case .unauthenticated:
            reply(.unauthorized, "The signature is missing, does not fit, or is too old.")
        case .input(let problems):
            reply(.badRequest, "The notice cannot be read\(problems.first.map(Self.reason) ?? "").")
        case .refund(.gatewayUnknown):
            reply(.notFound, "No gateway of this name sends notices here.")
        case .unavailable:
            reply(.serviceUnavailable, "Nothing was kept; send the same notice again.")
        case .refund, .notFound, .conflict, .chargeOfAnotherPayment, .denied, .foreignTenant, .sendingOff, .bug:
            reply(.internalServerError, "Something went wrong on our side.")
        }
    }

    /// The same form for what is wrong with a request before it reaches the route.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply {
        reply(problem.status, problem.message)
    }

    private static func reason(of problem: InputProblem) -> String {
        if case .malformed(let reason) = problem.kind { ": \(reason)" } else { "" }
    }

    private func reply(_ status: HTTPResponse.Status, _ message: String) -> Reply {
        .json(status) { $0.field("error", message) }
    }
}
