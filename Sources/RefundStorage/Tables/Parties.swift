package import RefundDomain

enum PartySQL {
    static let find: SQLText = """
        select id, role, name, email, is_active from parties where organization_id = $1 and id = $2
        """

    /// Inserts a party, or brings the one with its identifier up to date; a role never changes.
    static let put: SQLText = """
        insert into parties (organization_id, id, role, name, email, is_active) values ($1, $2, $3, $4, $5, $6) \
        on conflict (organization_id, id) do update \
        set name = excluded.name, email = excluded.email, is_active = excluded.is_active
        """

    static let all = [find, put]
}

extension Party: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        self.init(
            id: row.identifier(), role: try row.parsed(Role.init(rawValue:)), name: row.text(), email: row.text(),
            isActive: row.bool())
    }
}

extension Session {
    /// A party by its identifier, or nil.
    package func party(_ id: PartyID, of organization: OrganizationID) throws(StorageError) -> Party? {
        try row(Party.self, PartySQL.find, [.integer(organization.value), .integer(id.value)])
    }

    /// Writes a party, or brings the one with its identifier up to date; a role never changes.
    package func put(_ party: Party, for organization: OrganizationID) throws(StorageError) {
        try execute(
            PartySQL.put,
            [
                .integer(organization.value), .integer(party.id.value), .text(party.role.rawValue),
                .text(party.name), .text(party.email), .integer(party.isActive ? 1 : 0),
            ])
    }
}
