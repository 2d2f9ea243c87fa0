import HTTPTypes
package import RefundDomain
package import RefundService

/// Where clients of Zuora's API get their tokens: `POST /oauth/token`, outside of any version.
///
/// The client's identifier and secret stand in a form. An `Authorization` header is not looked at: from the second call
/// on, the SDK sends the token that is about to end.
package struct ZuoraOAuth: Dialect {
    /// How long a token opens calls.
    private static let lifetime = Duration.seconds(3_600)
    /// What the answer says of it, in seconds: a little less, so that no client uses a token at its very end.
    private static let announcedSeconds: Int64 = 3_598

    private let operations: Operations
    private let drawSecret: @Sendable () -> [UInt8]

    package init(
        operations: Operations, drawSecret: @escaping @Sendable () -> [UInt8] = DrawnSecret.random
    ) {
        self.operations = operations
        self.drawSecret = drawSecret
    }

    package var name: DialectName { Zuora.dialectName }

    package var prefixes: [String] { ["/oauth"] }

    package var routes: [Route] { [.open(.post, "/token", createToken)] }

    /// Nobody is admitted here: the one route checks for itself who is calling.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller { throw .unauthenticated }

    /// `POST /oauth/token`.
    private func createToken(_ call: Call) async throws(Failure) -> Reply {
        let form = try TokenForm(reading: call)
        let client = try await operations.client(
            publicID: form.clientID, secretHash: secretHash(form.clientSecret))
        switch client {
        case .success(let client): return reply(with: try await newToken(for: client))
        case .failure(let refusal): return reply(to: refusal)
        }
    }

    private func newToken(for client: Client) async throws(Failure) -> (token: String, scopes: ScopeSet) {
        let token = drawSecret().hexadecimal
        let stored = try await operations.createToken(
            hash: secretHash(token), purpose: .access, scopes: client.scopes, lifetime: Self.lifetime, for: client)
        return (token, stored.scopes)
    }

    private func reply(with grant: (token: String, scopes: ScopeSet)) -> Reply {
        var reply = Reply.json(.ok) { body in
            body.field("access_token", grant.token)
            body.field("token_type", "bearer")
            body.field("expires_in", Self.announcedSeconds)
            body.field("scope", grant.scopes.names.sorted().joined(separator: " "))
            // Names the token; what is kept of it is its hash, and not told.
            body.field("jti", String(secretHash(secretHash(grant.token)).prefix(32)))
        }
        reply.headers[.cacheControl] = "no-store"
        return reply
    }
}

/// The form of the client credentials grant (RFC 6749, section 4.4.2).
private struct TokenForm {
    let clientID: String
    let clientSecret: String

    init(reading call: Call) throws(Failure) {
        let mediaType = (call.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased().trimmingBlanks
        guard mediaType == "application/x-www-form-urlencoded" else {
            throw .input([InputProblem(field: "Content-Type", kind: .value("application/x-www-form-urlencoded"))])
        }
        let values = Dictionary(
            try call.formPairs().map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        let names = ["grant_type", "client_id", "client_secret"]
        let missing = names.filter { (values[$0] ?? "").isEmpty }
        guard missing.isEmpty, let id = values["client_id"], let secret = values["client_secret"] else {
            throw .input(missing.map { InputProblem(field: $0, kind: .missing) })
        }
        guard values["grant_type"] == "client_credentials" else {
            throw .input([InputProblem(field: "grant_type", kind: .value("client_credentials"))])
        }
        clientID = id
        clientSecret = secret
    }
}

// MARK: Failures

extension ZuoraOAuth {
    /// Which of the two was wrong is not told.
    private func reply(to refusal: GrantRefusal) -> Reply {
        switch refusal {
        case .unknownClient, .wrongSecret, .unknownToken, .scopeNotAllowed:
            .json(.unauthorized) { $0.field("message", "The client id or the client secret is wrong.") }
        }
    }

    /// A failure in the forms of the token endpoint.
    package func reply(to failure: Failure, of call: Call) -> Reply {
        reply(Zuora.Refusal(failure))
    }

    /// The same for what is wrong with a request before it reaches the handler.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply {
        reply(Zuora.Refusal(problem))
    }

    /// `{"code":…,"message":…}`: the shape that the SDK knows for failures here.
    private func reply(_ refusal: Zuora.Refusal) -> Reply {
        // What the API answers with 200, a business failure, is a bad request here.
        .json(refusal.status == .ok ? .badRequest : refusal.status) { body in
            body.field("code", refusal.code(on: .authentication))
            body.field("message", refusal.message)
        }
    }
}
