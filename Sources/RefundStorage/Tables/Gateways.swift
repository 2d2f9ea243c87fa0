package import RefundDomain

enum GatewaySQL {
    private static let columns = "organization_id, id, name, kind, is_active, revision"

    static let list: SQLText = "select \(columns) from gateways where organization_id = $1 order by id"

    /// An account's address says by itself whose it is: a notice comes before its organization is known.
    static let findByID: SQLText = "select \(columns) from gateways where id = $1"

    static let insert: SQLText = """
        insert into gateways (\(columns)) values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id
        """

    /// Guarded by the revision that was read: of two people who change an account, one has to look again.
    static let update: SQLText = """
        update gateways set is_active = $1, revision = revision + 1 \
        where organization_id = $2 and id = $3 and revision = $4 returning revision
        """

    static let settings: SQLText = """
        select gateway_id, name, value, is_sealed from gateway_settings where organization_id = $1 \
        order by gateway_id, name
        """

    static let removeSettings: SQLText = "delete from gateway_settings where organization_id = $1 and gateway_id = $2"

    static let insertSetting: SQLText = """
        insert into gateway_settings (organization_id, gateway_id, name, value, is_sealed) values ($1, $2, $3, $4, $5)
        """

    static let all = [list, findByID, insert, update, settings, removeSettings, insertSetting]
}

private struct StoredGateway: Stored {
    let organization: OrganizationID
    let id: Identifier<GatewayInstance>
    let name: GatewayName
    let kind: String
    let isActive: Bool
    let revision: Int

    init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        id = row.identifier()
        name = GatewayName(row.text())
        kind = row.text()
        isActive = row.bool()
        revision = Int(row.integer())
    }
}

private struct StoredGatewaySetting: Stored {
    let gateway: Identifier<GatewayInstance>
    let setting: GatewaySetting

    init(row: inout RowReader) throws(StorageError) {
        gateway = row.identifier()
        setting = GatewaySetting(name: row.text(), value: row.text(), isSealed: row.bool())
    }
}

extension Session {
    /// The accounts of an organization, the oldest first.
    package func gateways(of organization: OrganizationID) throws(StorageError) -> [GatewayInstance] {
        let stored = try rows(StoredGateway.self, GatewaySQL.list, [.integer(organization.value)])
        guard !stored.isEmpty else { return [] }
        let settings = try rows(StoredGatewaySetting.self, GatewaySQL.settings, [.integer(organization.value)])
        return stored.map { gateway in
            GatewayInstance(
                id: gateway.id, organization: gateway.organization, name: gateway.name, kind: gateway.kind,
                isActive: gateway.isActive, revision: gateway.revision,
                settings: settings.filter { $0.gateway == gateway.id }.map(\.setting))
        }
    }

    /// Whose an account is, and how it is called there; nil where there is none.
    package func owner(
        ofGateway id: Identifier<GatewayInstance>
    ) throws(StorageError) -> (organization: OrganizationID, name: GatewayName)? {
        try row(StoredGateway.self, GatewaySQL.findByID, [.integer(id.value)]).map { ($0.organization, $0.name) }
    }

    /// Keeps a new account; false where the organization has one of this name.
    package func insert(_ gateway: GatewayInstance) throws(StorageError) -> Bool {
        let inserted = try row(
            StoredInteger.self, GatewaySQL.insert,
            [
                .integer(gateway.organization.value), .integer(gateway.id.value), .text(gateway.name.text),
                .text(gateway.kind), .integer(gateway.isActive ? 1 : 0), .integer(gateway.revision),
            ])
        guard inserted != nil else { return false }
        try insertSettings(of: gateway)
        return true
    }

    /// Writes an account's settings and whether it is active; false where it has been changed since it was read.
    package func update(_ gateway: GatewayInstance) throws(StorageError) -> Bool {
        let updated = try row(
            StoredInteger.self, GatewaySQL.update,
            [
                .integer(gateway.isActive ? 1 : 0), .integer(gateway.organization.value), .integer(gateway.id.value),
                .integer(gateway.revision),
            ])
        guard updated != nil else { return false }
        try execute(
            GatewaySQL.removeSettings, [.integer(gateway.organization.value), .integer(gateway.id.value)])
        try insertSettings(of: gateway)
        return true
    }

    private func insertSettings(of gateway: GatewayInstance) throws(StorageError) {
        for setting in gateway.settings {
            try execute(
                GatewaySQL.insertSetting,
                [
                    .integer(gateway.organization.value), .integer(gateway.id.value), .text(setting.name),
                    .text(setting.value), .integer(setting.isSealed ? 1 : 0),
                ])
        }
    }
}
