import HTTPTypes
import RefundDomain
import RefundService

extension ZohoAccounts {
    /// The token endpoint.
    ///
    /// A token is shown to its caller once, and kept as its hash; neither it nor a secret is ever logged.
    struct Tokens: Sendable {
        private static let lifetimeSeconds: Int64 = 3600

        let operations: Operations
        let drawSecret: @Sendable () -> [UInt8]

        /// `POST /token`.
        func issue(_ call: Call) async throws(Failure) -> Reply {
            switch try await exchange(try Parameters(of: call)) {
            case .success(let token): write(token, for: call)
            case .failure(let refusal): refusal.reply
            }
        }

        private func exchange(_ parameters: Parameters) async throws(Failure) -> Result<String, Refusal> {
            guard !parameters.clientID.isEmpty else { return .failure(.invalidClient) }
            guard let grant = Grant(rawValue: parameters.grantType) else { return .failure(.unsupportedGrantType) }
            let client: Client
            switch try await operations.client(
                publicID: parameters.clientID, secretHash: secretHash(parameters.clientSecret))
            {
            case .success(let known): client = known
            case .failure(let refusal): return .failure(Refusal(refusal))
            }
            switch try await scopes(under: grant, parameters, of: client) {
            case .success(let scopes): return .success(try await token(for: client, scopes))
            case .failure(let refusal): return .failure(refusal)
            }
        }

        private func scopes(
            under grant: Grant, _ parameters: Parameters, of client: Client
        ) async throws(Failure) -> Result<ScopeSet, Refusal> {
            switch grant {
            case .refreshToken:
                try await operations.refreshScopes(tokenHash: secretHash(parameters.refreshToken), of: client)
                    .mapError { Refusal($0) }
            case .clientCredentials:
                scopes(asked: parameters, of: client, in: try await operations.organization(client.organization))
            }
        }

        /// What a client may have by itself: scopes of its own, for the tenant that it names.
        private func scopes(
            asked parameters: Parameters, of client: Client, in organization: Organization
        ) -> Result<ScopeSet, Refusal> {
            guard let tenant = Tenant(soid: parameters.soid) else { return .failure(.missingOrganization) }
            guard organization.isKnown(as: tenant.id, to: tenant.dialect) else { return .failure(.accessDenied) }
            let asked = ScopeSet(text: parameters.scope)
            return !asked.names.isEmpty && client.scopes.allows(asked) ? .success(asked) : .failure(.invalidScope)
        }

        private func token(for client: Client, _ scopes: ScopeSet) async throws(Failure) -> String {
            let token = Vocabulary.token(of: drawSecret())
            _ = try await operations.createToken(
                hash: secretHash(token), purpose: .access, scopes: scopes, lifetime: .seconds(Self.lifetimeSeconds),
                for: client)
            return token
        }

        private func write(_ token: String, for call: Call) -> Reply {
            var reply = Reply.json(.ok) { body in
                body.field("access_token", token)
                body.field("api_domain", call.origin)
                body.field("token_type", "Bearer")
                body.field("expires_in", Self.lifetimeSeconds)
            }
            reply.headers[.cacheControl] = "no-store"
            return reply
        }
    }

    /// What a caller sends: in the query or in a form, wherever it likes, and never as JSON.
    struct Parameters: Sendable {
        private let pairs: [(name: String, value: String)]

        /// Throws `Failure.input` for a form that cannot be read.
        init(of call: Call) throws(Failure) {
            let mediaType = (call.headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased().trimmingBlanks
            let isForm = mediaType == "application/x-www-form-urlencoded"
            pairs = call.query + (isForm ? try call.formPairs() : [])
        }

        var grantType: String { value("grant_type") }
        var clientID: String { value("client_id") }
        var clientSecret: String { value("client_secret") }
        var refreshToken: String { value("refresh_token") }
        var scope: String { value("scope") }
        var soid: String { value("soid") }

        private func value(_ name: String) -> String { pairs.first { $0.name == name }?.value ?? "" }
    }
}
