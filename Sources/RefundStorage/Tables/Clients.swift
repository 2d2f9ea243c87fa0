package import RefundDomain

enum ClientSQL {
    private static let columns = "organization_id, id, public_id, name, secret_hash, scopes, revoked_at"

    /// A client asks for a token before its organization is known: it is found by what it calls itself.
    static let findByPublicID: SQLText = "select \(columns) from clients where public_id = $1"

    static let list: SQLText = "select \(columns) from clients where organization_id = $1 order by id"

    static let insert: SQLText = """
        insert into clients (\(columns)) values ($1, $2, $3, $4, $5, $6, $7)
        """

    static let revoke: SQLText = """
        update clients set revoked_at = $1 where organization_id = $2 and id = $3 and revoked_at is null
        """

    static let all = [findByPublicID, list, insert, revoke]
}

enum TokenSQL {
    private static let columns = "organization_id, hash, client_id, purpose, scopes, expires_at, revoked_at"

    /// A token says by itself whose it is: this question comes before its organization is known.
    ///
    /// A revoked client's tokens are revoked with it.
    static let findByHash: SQLText = """
        select t.organization_id, t.hash, t.client_id, t.purpose, t.scopes, t.expires_at, \
        coalesce(t.revoked_at, c.revoked_at) from tokens t \
        join clients c on c.organization_id = t.organization_id and c.id = t.client_id where t.hash = $1
        """

    static let list: SQLText = "select \(columns) from tokens where organization_id = $1 order by client_id, hash"

    static let insert: SQLText = """
        insert into tokens (\(columns)) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
        """

    static let revoke: SQLText = """
        update tokens set revoked_at = $1 where organization_id = $2 and hash = $3 and revoked_at is null
        """

    static let all = [findByHash, list, insert, revoke]
}

extension StoredClient: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let organization: OrganizationID = row.identifier()
        let id: ClientID = row.identifier()
        let publicID = row.text()
        let name = row.text()
        let secretHash = row.text()
        let client = Client(
            id: id, organization: organization, publicID: publicID, name: name, scopes: ScopeSet(text: row.text()))
        self.init(client: client, secretHash: secretHash, revokedAt: row.optionalInstant())
    }
}

extension StoredToken: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        self.init(
            organization: row.identifier(), hash: row.text(), client: row.identifier(),
            purpose: try row.parsed(Purpose.init(rawValue:)), scopes: ScopeSet(text: row.text()),
            expiresAt: row.optionalInstant(), revokedAt: row.optionalInstant())
    }
}

extension Session {
    /// The clients that call themselves so, of any organization.
    package func clients(publicID: String) throws(StorageError) -> [StoredClient] {
        try rows(StoredClient.self, ClientSQL.findByPublicID, [.text(publicID)])
    }

    /// The clients of an organization, revoked ones included.
    package func clients(of organization: OrganizationID) throws(StorageError) -> [StoredClient] {
        try rows(StoredClient.self, ClientSQL.list, [.integer(organization.value)])
    }

    /// Keeps a client.
    package func insert(_ stored: StoredClient) throws(StorageError) {
        let client = stored.client
        try execute(
            ClientSQL.insert,
            [
                .integer(client.organization.value), .integer(client.id.value), .text(client.publicID),
                .text(client.name), .text(stored.secretHash), .text(client.scopes.text),
                .integer(stored.revokedAt?.microseconds),
            ])
    }

    /// Ends a client; one that has ended stays as it is.
    package func revoke(
        _ client: ClientID, of organization: OrganizationID, at now: Instant
    ) throws(StorageError) {
        try execute(
            ClientSQL.revoke,
            [.integer(now.microseconds), .integer(organization.value), .integer(client.value)])
    }

    /// A token by its hash, revoked with its client where that is.
    package func token(hash: String) throws(StorageError) -> StoredToken? {
        try row(StoredToken.self, TokenSQL.findByHash, [.text(hash)])
    }

    /// The tokens of an organization, dead ones included.
    package func tokens(of organization: OrganizationID) throws(StorageError) -> [StoredToken] {
        try rows(StoredToken.self, TokenSQL.list, [.integer(organization.value)])
    }

    /// Keeps a token; one that is kept already stays as it is.
    package func insert(_ token: StoredToken) throws(StorageError) {
        try execute(
            TokenSQL.insert,
            [
                .integer(token.organization.value), .text(token.hash), .integer(token.client.value),
                .text(token.purpose.rawValue), .text(token.scopes.text), .integer(token.expiresAt?.microseconds),
                .integer(token.revokedAt?.microseconds),
            ])
    }

    /// Ends a token; one that has ended stays as it is.
    package func revokeToken(
        hash: String, of organization: OrganizationID, at now: Instant
    ) throws(StorageError) {
        try execute(
            TokenSQL.revoke, [.integer(now.microseconds), .integer(organization.value), .text(hash)])
    }
}
