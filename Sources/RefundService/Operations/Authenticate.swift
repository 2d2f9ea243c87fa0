package import RefundDomain
import RefundStorage

/// Why no token is given.
package enum GrantRefusal: Error, Hashable, Sendable {
    case unknownClient, wrongSecret, unknownToken, scopeNotAllowed
}

extension Operations {
    /// The caller that an access token stands for.
    ///
    /// Throws `unauthenticated` where it opens nothing.
    package func authenticate(tokenHash: String) async throws(Failure) -> Caller {
        try await attempt(report: report) {
            guard let caller = try await directory.caller(tokenHash: tokenHash) else {
                throw Failure.unauthenticated
            }
            return caller
        }
    }

    /// The client that a public identifier and the hash of a secret stand for.
    ///
    /// The outer failure is the program's, the inner the caller's.
    package func client(
        publicID: String, secretHash: String
    ) async throws(Failure) -> Result<Client, GrantRefusal> {
        let stored = try await attempt(report: report) {
            try await store.read { try $0.clients(publicID: publicID) }.filter { $0.revokedAt == nil }
        }
        guard !stored.isEmpty else { return .failure(.unknownClient) }
        guard let match = stored.first(where: { isEqualInConstantTime($0.secretHash, secretHash) }) else {
            return .failure(.wrongSecret)
        }
        return .success(match.client)
    }

    /// The scopes of a client's refresh token, by the token's hash.
    package func refreshScopes(
        tokenHash: String, of client: Client
    ) async throws(Failure) -> Result<ScopeSet, GrantRefusal> {
        let now = surroundings.now()
        let token = try await attempt(report: report) { try await store.read { try $0.token(hash: tokenHash) } }
        guard let token, token.purpose == .refresh, token.isAlive(at: now), token.client == client.id,
            token.organization == client.organization
        else { return .failure(.unknownToken) }
        return .success(token.scopes)
    }
}

/// Compares two texts in a time that depends on their lengths alone, so that a guess learns nothing from it.
private func isEqualInConstantTime(_ a: String, _ b: String) -> Bool {
    guard a.utf8.count == b.utf8.count else { return false }
    return zip(a.utf8, b.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
