package import RefundDomain
import RefundStorage

/// An account at a gateway as it may be shown: of a secret, only that it is there.
package struct GatewayAccount: Hashable, Sendable {
    package let instance: GatewayInstance
    /// By name; nil stands for a secret.
    package let settings: [(name: String, value: String?)]

    package static func == (a: GatewayAccount, b: GatewayAccount) -> Bool { a.instance == b.instance }

    package func hash(into hasher: inout Hasher) { hasher.combine(instance) }

    /// Where its gateway sends notices.
    package var noticePath: String { "/gateways/\(instance.id)/notices" }
}

/// What is to become of an account; what is nil or not named stays as it is.
package struct GatewayChange: Hashable, Sendable {
    package let name: GatewayName
    /// Needed for a new account; an existing one keeps its kind.
    package let kind: String?
    package let isActive: Bool?
    /// By name; nil takes a setting away.
    package let settings: [String: String?]

    package init(name: GatewayName, kind: String? = nil, isActive: Bool? = nil, settings: [String: String?] = [:]) {
        self.name = name
        self.kind = kind
        self.isActive = isActive
        self.settings = settings
    }
}

extension Operations {
    /// Makes an account at a gateway, or changes one; secrets are sealed before they are stored.
    ///
    /// Throws `input` for a name, kind or setting that cannot be, `conflict` where others changed it at the same time.
    package func putGateway(
        _ change: GatewayChange, of organization: OrganizationID
    ) async throws(Failure) -> GatewayAccount {
        try checkName(change.name)
        let accounts = try await listGateways(of: organization)
        let known = accounts.first { $0.instance.name == change.name }?.instance
        let id: Identifier<GatewayInstance> = try await attempt(report: report) {
            try await identifiers.next(at: surroundings.now())
        }
        let instance = try revised(known, by: change, of: organization, newID: id)
        if let field = roster.missingField(of: instance) {
            throw .input([InputProblem(field: field.name, kind: .missing)])
        }
        try checkKey(of: instance, among: accounts)
        let sharesCharges: Bool
        do throws(GatewayMisconfigured) {
            sharesCharges = try roster.connect(instance).capabilities.provider != nil
        } catch {
            throw .input([InputProblem(field: error.field, kind: .value(error.expected))])
        }
        // Payments may have been put by the name of an account that was not there.
        let siblings = accounts.map(\.instance)
            .filter { known == nil && sharesCharges && $0.kind == instance.kind }.map(\.name)
        try await attempt(report: report) {
            guard try await directory.organization(organization) != nil else {
                throw Failure.conflict("there is no organization \(organization)")
            }
            let isWritten = try await store.write(for: organization) { session in
                for sibling in siblings {
                    let payment = try session.payment(of: change.name, sharingChargeWith: sibling, in: organization)
                    if let payment { throw Failure.sharedCharge(of: payment, with: sibling) }
                }
                return known == nil ? try session.insert(instance) : try session.update(instance)
            }
            guard isWritten else { throw Failure.conflict("the gateway \(change.name) was changed meanwhile") }
        }
        roster.forget(organization)
        return try await gateway(change.name, of: organization)
    }

    /// Throws `conflict` where another account has the same key: everything would be told, and could be refunded,
    /// twice.
    private func checkKey(
        of instance: GatewayInstance, among accounts: [GatewayAccount]
    ) throws(Failure) {
        for field in roster.connectors[instance.kind]?.fields ?? [] where field.isKey {
            guard let key = roster.value(of: field, of: instance) else { continue }
            let twin = accounts.map(\.instance).first { other in
                other.name != instance.name && other.kind == instance.kind
                    && roster.value(of: field, of: other) == key
            }
            if let twin { throw .conflict("the gateway \(twin.name) has the same \(field.name)") }
        }
    }

    /// The accounts of an organization, the oldest first.
    package func listGateways(of organization: OrganizationID) async throws(Failure) -> [GatewayAccount] {
        try await attempt(report: report) {
            try await store.read { try $0.gateways(of: organization) }.map(GatewayAccount.init)
        }
    }

    /// An account by its name.
    ///
    /// Throws `gatewayUnknown`.
    package func gateway(
        _ name: GatewayName, of organization: OrganizationID
    ) async throws(Failure) -> GatewayAccount {
        let accounts = try await listGateways(of: organization)
        guard let account = accounts.first(where: { $0.instance.name == name }) else {
            throw .refund(.gatewayUnknown(name))
        }
        return account
    }

    /// Asks a gateway whether it takes the account's credentials, and says what it answered.
    ///
    /// Throws `gatewayUnknown`, or `conflict` with the gateway's reason.
    package func testGateway(_ name: GatewayName, of organization: OrganizationID) async throws(Failure) -> String {
        let gateways = try await attempt(report: report) { try await roster.gateways(of: organization) }
        guard let gateway = gateways[name] else { throw .refund(.gatewayUnknown(name)) }
        do throws(GatewayError) {
            return try await gateway.check()
        } catch {
            throw .conflict("the gateway \(name) cannot be used: \(error.reason)")
        }
    }

    /// Seals every secret of an organization's accounts by the key that seals now; how many were sealed by another.
    ///
    /// Throws `input` where a secret does not open.
    package func resealGateways(of organization: OrganizationID) async throws(Failure) -> Int {
        guard let vault = roster.vault else { throw .noVault }
        var count = 0
        for account in try await listGateways(of: organization) {
            let old = account.instance.settings.filter { $0.isSealed && !vault.isCurrent($0.value) }
            guard !old.isEmpty else { continue }
            let opened = Dictionary(uniqueKeysWithValues: old.map { ($0.name, roster.open($0, of: account.instance)) })
            if let lost = opened.first(where: { $0.value == nil }) {
                throw .input([InputProblem(field: lost.key, kind: .value("a secret that a key of this program opens"))])
            }
            _ = try await putGateway(GatewayChange(name: account.instance.name, settings: opened), of: organization)
            count += old.count
        }
        return count
    }

    /// What the kinds of gateways are told.
    package var gatewayKinds: [String: [GatewayField]] { roster.connectors.mapValues(\.fields) }

    private func checkName(_ name: GatewayName) throws(Failure) {
        let isPlain = name.text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7a, 0x2d, 0x5f: true
            default: false
            }
        }
        guard isPlain, (1...Limits.gatewayNameLengthMax).contains(name.text.utf8.count), !roster.isReserved(name) else {
            throw .input([
                InputProblem(
                    field: "name",
                    kind: .value("lower-case letters, digits, - and _, and not a gateway of the program's own"))
            ])
        }
    }

    private func revised(
        _ known: GatewayInstance?, by change: GatewayChange, of organization: OrganizationID,
        newID: Identifier<GatewayInstance>
    ) throws(Failure) -> GatewayInstance {
        guard let kind = known?.kind ?? change.kind, let connector = roster.connectors[kind] else {
            let kinds = roster.connectors.keys.sorted().joined(separator: ", ")
            throw .input([InputProblem(field: "kind", kind: .value("one of \(kinds)"))])
        }
        var instance =
            known
            ?? GatewayInstance(
                id: newID, organization: organization, name: change.name, kind: kind,
                settings: [])
        instance.isActive = change.isActive ?? instance.isActive
        for (name, value) in change.settings {
            guard let field = connector.fields.first(where: { $0.name == name }) else {
                let names = connector.fields.map(\.name).joined(separator: ", ")
                throw .input([InputProblem(field: name, kind: .value("one of \(names)"))])
            }
            instance.settings.removeAll { $0.name == name }
            if let value { instance.settings.append(try setting(field, value, of: instance)) }
        }
        instance.settings.sort { $0.name < $1.name }
        return instance
    }

    private func setting(
        _ field: GatewayField, _ value: String, of instance: GatewayInstance
    ) throws(Failure) -> GatewaySetting {
        guard field.isSecret else { return GatewaySetting(name: field.name, value: value, isSealed: false) }
        guard let vault = roster.vault else { throw .noVault }
        return GatewaySetting(
            name: field.name, value: vault.seal(value, for: instance.place(of: field.name)), isSealed: true)
    }
}

extension GatewayAccount {
    fileprivate init(_ instance: GatewayInstance) {
        self.instance = instance
        settings = instance.settings.map { ($0.name, $0.isSealed ? nil : $0.value) }
    }
}

extension Failure {
    fileprivate static func sharedCharge(of payment: PaymentID, with account: GatewayName) -> Failure {
        .conflict("payment \(payment) has a charge that is a payment of the gateway \(account) already")
    }

    fileprivate static let noVault = Failure.conflict(
        "the program has no key to seal secrets with: give it one with REFUNDRY_KEY_FILE")
}

extension GatewayError {
    /// What went wrong, for the people who configure the account.
    var reason: String {
        switch self {
        case .notSent(let text), .busy(let text), .ambiguous(let text), .misunderstood(let text): text
        case .refused(_, let code, let message, _): "\(message) (\(code))"
        }
    }
}
