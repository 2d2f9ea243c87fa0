package import RefundDomain

enum OrganizationSQL {
    static let find: SQLText = """
        select organization_id, name, base_currency, time_zone from organizations where organization_id = $1
        """

    /// All organizations of the database, for the people who run it.
    static let list: SQLText = """
        select organization_id, name, base_currency, time_zone from organizations order by organization_id
        """

    /// Inserts an organization, or renames it; its base currency and time zone are fixed by what is posted.
    static let put: SQLText = """
        insert into organizations (organization_id, name, base_currency, time_zone) values ($1, $2, $3, $4) \
        on conflict (organization_id) do update set name = excluded.name
        """

    static let tenants: SQLText = """
        select dialect, external_id from tenants where organization_id = $1 order by dialect, external_id
        """

    static let putTenant: SQLText = """
        insert into tenants (organization_id, dialect, external_id) values ($1, $2, $3) on conflict do nothing
        """

    static let settings: SQLText = "select name, value from settings where organization_id = $1 order by name"

    static let putSetting: SQLText = """
        insert into settings (organization_id, name, value) values ($1, $2, $3) \
        on conflict (organization_id, name) do update set value = excluded.value
        """

    static let all = [find, list, put, tenants, putTenant, settings, putSetting]
}

private struct StoredOrganization: Stored {
    let id: OrganizationID
    let name: String
    let baseCurrency: Currency
    let timeZone: String

    init(row: inout RowReader) throws(StorageError) {
        id = row.identifier()
        name = row.text()
        baseCurrency = try row.parsed(Currency.init)
        timeZone = row.text()
    }
}

private struct StoredPair: Stored {
    let name: String
    let value: String

    init(row: inout RowReader) throws(StorageError) {
        name = row.text()
        value = row.text()
    }
}

extension Session {
    /// An organization with its tenants and settings, or nil.
    package func organization(_ id: OrganizationID) throws(StorageError) -> Organization? {
        guard let stored = try row(StoredOrganization.self, OrganizationSQL.find, [.integer(id.value)]) else {
            return nil
        }
        return try complete(stored)
    }

    /// All organizations, for the people who run the database.
    package func organizations() throws(StorageError) -> [Organization] {
        var organizations: [Organization] = []
        for stored in try rows(StoredOrganization.self, OrganizationSQL.list, []) {
            organizations.append(try complete(stored))
        }
        return organizations
    }

    /// Writes an organization with its tenants and settings; what it already has and is not named stays.
    package func put(_ organization: Organization) throws(StorageError) {
        let id = Value.integer(organization.id.value)
        try execute(
            OrganizationSQL.put,
            [
                id, .text(organization.name), .text(organization.baseCurrency.code), .text(organization.timeZone),
            ])
        for (dialect, tenants) in organization.tenants.sorted(by: { $0.key.text < $1.key.text }) {
            for tenant in tenants { try execute(OrganizationSQL.putTenant, [id, .text(dialect.text), .text(tenant)]) }
        }
        for (name, value) in organization.settings.stored.sorted(by: { $0.key < $1.key }) {
            try execute(OrganizationSQL.putSetting, [id, .text(name), .text(value)])
        }
    }

    private func complete(_ stored: StoredOrganization) throws(StorageError) -> Organization {
        var tenants: [DialectName: [String]] = [:]
        for pair in try rows(StoredPair.self, OrganizationSQL.tenants, [.integer(stored.id.value)]) {
            tenants[DialectName(pair.name), default: []].append(pair.value)
        }
        let pairs = try rows(StoredPair.self, OrganizationSQL.settings, [.integer(stored.id.value)])
        let settings = OrganizationSettings(stored: Dictionary(pairs.map { ($0.name, $0.value) }) { $1 })
        guard let settings else { throw StorageError(.corrupt, "settings of organization \(stored.id)") }
        return Organization(
            id: stored.id, name: stored.name, baseCurrency: stored.baseCurrency, timeZone: stored.timeZone,
            tenants: tenants, settings: settings)
    }
}
