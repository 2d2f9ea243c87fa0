/// A client as it is kept: with the SHA-256 of its secret, never the secret.
package struct StoredClient: Hashable, Sendable {
    package let client: Client
    /// 64 hexadecimal digits.
    package let secretHash: String
    package let revokedAt: Instant?

    package init(client: Client, secretHash: String, revokedAt: Instant? = nil) {
        self.client = client
        self.secretHash = secretHash
        self.revokedAt = revokedAt
    }
}

/// A token as it is kept: the SHA-256 of it, never the token.
package struct StoredToken: Hashable, Sendable {
    /// What a token is good for.
    package enum Purpose: String, CaseIterable, Sendable {
        /// It opens calls.
        case access
        /// It is exchanged for access tokens.
        case refresh
    }

    package let organization: OrganizationID
    /// 64 hexadecimal digits.
    package let hash: String
    package let client: ClientID
    package let purpose: Purpose
    package let scopes: ScopeSet
    package let expiresAt: Instant?
    package let revokedAt: Instant?

    package init(
        organization: OrganizationID, hash: String, client: ClientID, purpose: Purpose, scopes: ScopeSet,
        expiresAt: Instant?, revokedAt: Instant? = nil
    ) {
        self.organization = organization
        self.hash = hash
        self.client = client
        self.purpose = purpose
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// Whether it opens or exchanges anything at a moment.
    package func isAlive(at now: Instant) -> Bool {
        revokedAt == nil && (expiresAt.map { now < $0 } ?? true)
    }
}
