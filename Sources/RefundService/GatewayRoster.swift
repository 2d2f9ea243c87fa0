import Logging
package import RefundDomain
package import RefundStorage
import Synchronization

/// The gateways that an organization's refunds can go through: those of the program, and its own accounts.
///
/// Accounts are read from the database and remembered for a while; one that has not changed keeps its connector, and
/// so its connections and its pace. A change made by another node is seen within `Limits.directoryLifetime`.
package final class GatewayRoster: Sendable {
    private struct Connected: Sendable {
        let instance: GatewayInstance
        let gateway: any Gateway
    }

    private struct Remembered: Sendable {
        let accounts: [Connected]
        let until: Instant
    }

    /// What accounts can be configured for, by kind.
    let connectors: [String: any GatewayConnector]
    /// Nil where the program was given no key: then no account can have secrets.
    let vault: (any SecretVault)?
    private let builtIn: [GatewayName: any Gateway]
    private let reserved: Set<GatewayName>
    private let store: any Store
    private let surroundings: Surroundings
    private let remembered = Mutex<[OrganizationID: Remembered]>([:])

    /// `builtIn` serves every organization; no account has a name that is `reserved`, built in or not.
    package init(
        store: any Store, builtIn: [GatewayName: any Gateway], reserved: Set<GatewayName> = [],
        connectors: [any GatewayConnector] = [], vault: (any SecretVault)? = nil,
        surroundings: Surroundings
    ) {
        self.store = store
        self.builtIn = builtIn
        self.reserved = reserved
        self.connectors = Dictionary(connectors.map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
        self.vault = vault
        self.surroundings = surroundings
    }

    /// Whether the name is one of the program's own, and no account may have it.
    func isReserved(_ name: GatewayName) -> Bool { builtIn[name] != nil || reserved.contains(name) }

    /// The gateways of an organization, by name; inactive accounts included.
    ///
    /// Throws `StorageError`.
    func gateways(of organization: OrganizationID) async throws -> [GatewayName: any Gateway] {
        var gateways = builtIn
        for account in try await accounts(of: organization) { gateways[account.instance.name] = account.gateway }
        return gateways
    }

    /// As above, read anew where a name is not among what is remembered: another process may have made that account
    /// since.
    ///
    /// Throws `StorageError`.
    func gateways(
        of organization: OrganizationID, named names: [GatewayName]
    ) async throws -> [GatewayName: any Gateway] {
        let remembered = try await gateways(of: organization)
        guard names.contains(where: { remembered[$0] == nil }) else { return remembered }
        forget(organization)
        return try await gateways(of: organization)
    }

    /// What each gateway can do that new refunds of an organization may go through.
    ///
    /// Throws `StorageError`.
    func capabilities(of organization: OrganizationID) async throws -> [GatewayName: GatewayCapabilities] {
        var capabilities = builtIn.mapValues(\.capabilities)
        for account in try await accounts(of: organization) where account.instance.isActive {
            capabilities[account.instance.name] = account.gateway.capabilities
        }
        return capabilities
    }

    /// The gateway that an address of notices means: a name of the program's own, which belongs to no organization, or
    /// the identifier of an account, which belongs to one.
    ///
    /// Throws `StorageError`.
    func gateway(
        at address: String
    ) async throws -> (name: GatewayName, gateway: any Gateway, owner: OrganizationID?)? {
        if let gateway = builtIn[GatewayName(address)] { return (GatewayName(address), gateway, nil) }
        guard let id = Int64(address).map({ Identifier<GatewayInstance>($0) }),
            let owner = try await store.read({ try $0.owner(ofGateway: id) }),
            let gateway = try await gateways(of: owner.organization)[owner.name]
        else { return nil }
        return (owner.name, gateway, owner.organization)
    }

    /// Forgets what is remembered of an organization, after this node has changed it.
    func forget(_ organization: OrganizationID) {
        remembered.withLock { remembered in
            guard let known = remembered[organization] else { return }
            remembered[organization] = Remembered(accounts: known.accounts, until: surroundings.now())
        }
    }

    /// A gateway that works with an account's settings.
    ///
    /// Throws `GatewayMisconfigured`, also where a secret does not open.
    func connect(_ instance: GatewayInstance) throws(GatewayMisconfigured) -> any Gateway {
        guard let connector = connectors[instance.kind] else {
            throw GatewayMisconfigured(field: "kind", expected: "a kind that this program knows")
        }
        var settings: [String: String] = [:]
        for setting in instance.settings {
            guard let value = open(setting, of: instance) else {
                throw GatewayMisconfigured(field: setting.name, expected: "a secret that a key of this program opens")
            }
            settings[setting.name] = value
        }
        if let field = missingField(of: instance) {
            throw GatewayMisconfigured(field: field.name, expected: "there")
        }
        return try connector.connect(instance, settings)
    }

    /// What an account has to be told and is not; nil where it has all that its kind needs.
    func missingField(of instance: GatewayInstance) -> GatewayField? {
        connectors[instance.kind]?.fields.first { field in
            field.isRequired && !instance.settings.contains { $0.name == field.name }
        }
    }

    /// What an account is told of a field; nil where it is told nothing, or the secret does not open.
    func value(of field: GatewayField, of instance: GatewayInstance) -> String? {
        instance.settings.first { $0.name == field.name }.flatMap { open($0, of: instance) }
    }

    /// The value of a setting; nil where it is sealed and does not open.
    func open(_ setting: GatewaySetting, of instance: GatewayInstance) -> String? {
        guard setting.isSealed else { return setting.value }
        return vault?.open(setting.value, for: instance.place(of: setting.name))
    }

    private func accounts(of organization: OrganizationID) async throws -> [Connected] {
        let now = surroundings.now()
        let known = remembered.withLock { $0[organization] }
        if let known, known.until > now { return known.accounts }
        let instances = try await store.read { try $0.gateways(of: organization) }
        let accounts = instances.compactMap { instance in
            known?.accounts.first { $0.instance == instance } ?? connected(instance)
        }
        remembered.withLock {
            $0[organization] = Remembered(accounts: accounts, until: now + Limits.directoryLifetime)
        }
        return accounts
    }

    /// An account that cannot be connected is as one that is not there; the log says why.
    private func connected(_ instance: GatewayInstance) -> Connected? {
        do throws(GatewayMisconfigured) {
            return Connected(instance: instance, gateway: try connect(instance))
        } catch {
            surroundings.logger.error(
                "a gateway cannot be used",
                metadata: [
                    "gateway": "\(instance.name)", "organization": "\(instance.organization)",
                    "field": "\(error.field)", "expected": "\(error.expected)",
                ])
            return nil
        }
    }
}

extension GatewayInstance {
    /// Where a secret of the account belongs.
    func place(of field: String) -> SecretPlace {
        SecretPlace(organization: organization, gateway: name, field: field)
    }
}
