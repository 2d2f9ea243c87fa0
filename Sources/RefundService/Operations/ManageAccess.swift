package import RefundDomain
import RefundStorage

extension Operations {
    /// Creates an organization, or, where one has its identifier, renames it and adds to its tenants and settings.
    ///
    /// Base currency and time zone of an existing one are left as they are. Throws `input` where the zone is unknown.
    package func putOrganization(_ organization: Organization) async throws(Failure) -> Organization {
        guard calendar.utcOffsetSeconds(of: organization.timeZone, at: surroundings.now()) != nil else {
            throw .input([InputProblem(field: "time_zone", kind: .value("a name of the IANA time zone database"))])
        }
        let stored = try await attempt(report: report) {
            try await store.write(for: organization.id) { session in
                try session.put(organization)
                return try session.organization(organization.id)
            }
        }
        directory.forget(organization.id)
        guard let stored else { throw .bug }
        return stored
    }

    /// An identifier for an organization that is about to be created.
    package func newOrganizationID() async throws(Failure) -> OrganizationID {
        try await attempt(report: report) { try await identifiers.next(at: surroundings.now()) }
    }

    /// All organizations of the database, for the people who run it.
    package func listOrganizations() async throws(Failure) -> [Organization] {
        try await attempt(report: report) { try await store.read { try $0.organizations() } }
    }

    /// Creates a client of an organization; `secretHash` is the SHA-256 of its secret in hexadecimal digits.
    ///
    /// One that is there under the same public identifier stays as it is, and is returned.
    package func createClient(
        named name: String, publicID: String, secretHash: String, scopes: ScopeSet, of organization: OrganizationID
    ) async throws(Failure) -> Client {
        try await attempt(report: report) {
            guard try await directory.organization(organization) != nil else {
                throw Failure.conflict("there is no organization \(organization)")
            }
            let client = Client(
                id: try await identifiers.next(at: surroundings.now()), organization: organization, publicID: publicID,
                name: name, scopes: scopes)
            return try await store.write(for: organization) { session in
                let known = try session.clients(publicID: publicID).first { $0.client.organization == organization }
                if let known { return known.client }
                try session.insert(StoredClient(client: client, secretHash: secretHash))
                return client
            }
        }
    }

    /// The clients of an organization, revoked ones included.
    package func listClients(of organization: OrganizationID) async throws(Failure) -> [StoredClient] {
        try await attempt(report: report) { try await store.read { try $0.clients(of: organization) } }
    }

    /// Ends a client and all its tokens, on every node within `Limits.directoryLifetime`.
    package func revokeClient(_ client: ClientID, of organization: OrganizationID) async throws(Failure) {
        let now = surroundings.now()
        try await attempt(report: report) {
            try await store.write(for: organization) { try $0.revoke(client, of: organization, at: now) }
        }
        directory.forget(organization)
    }

    /// Keeps a token that was made outside; what it carries is cut to what its client may have.
    package func createToken(
        hash: String, purpose: StoredToken.Purpose, scopes: ScopeSet, lifetime: Duration?, for client: Client
    ) async throws(Failure) -> StoredToken {
        let token = StoredToken(
            organization: client.organization, hash: hash, client: client.id, purpose: purpose,
            scopes: ScopeSet(scopes.names.filter { client.scopes.allows($0) }),
            expiresAt: lifetime.map { surroundings.now() + $0 })
        try await attempt(report: report) {
            try await store.write(for: client.organization) { try $0.insert(token) }
        }
        return token
    }

    /// The tokens of an organization, by their hashes, dead ones included.
    package func listTokens(of organization: OrganizationID) async throws(Failure) -> [StoredToken] {
        try await attempt(report: report) { try await store.read { try $0.tokens(of: organization) } }
    }

    /// Ends a token, on every node within `Limits.directoryLifetime`.
    package func revokeToken(hash: String, of organization: OrganizationID) async throws(Failure) {
        let now = surroundings.now()
        try await attempt(report: report) {
            try await store.write(for: organization) { try $0.revokeToken(hash: hash, of: organization, at: now) }
        }
        directory.forget(organization)
    }
}
