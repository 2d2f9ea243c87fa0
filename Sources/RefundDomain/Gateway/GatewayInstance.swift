/// An account at a gateway that an organization has configured.
package struct GatewayInstance: Hashable, Sendable {
    package let id: Identifier<GatewayInstance>
    package let organization: OrganizationID
    /// By this name payments and refunds know it, and its clearing account is called.
    package let name: GatewayName
    /// Which connector serves it, such as `stripe`.
    package let kind: String
    /// Whether refunds are sent to it; its notices are taken, and its refunds asked about, either way.
    package var isActive: Bool
    /// Counts its changes, from 1.
    package var revision: Int
    package var settings: [GatewaySetting]

    package init(
        id: Identifier<GatewayInstance>, organization: OrganizationID, name: GatewayName, kind: String,
        isActive: Bool = true, revision: Int = 1, settings: [GatewaySetting]
    ) {
        self.id = id
        self.organization = organization
        self.name = name
        self.kind = kind
        self.isActive = isActive
        self.revision = revision
        self.settings = settings
    }
}

/// One thing that a connector is told about an account.
package struct GatewaySetting: Hashable, Sendable {
    package let name: String
    /// As it is stored: a secret is sealed.
    package let value: String
    package let isSealed: Bool

    package init(name: String, value: String, isSealed: Bool) {
        self.name = name
        self.value = value
        self.isSealed = isSealed
    }
}

/// A setting that accounts of a kind have.
package struct GatewayField: Hashable, Sendable {
    package let name: String
    package let isSecret: Bool
    package let isRequired: Bool
    /// It opens the account at the provider: no two accounts of an organization have the same.
    package let isKey: Bool
    /// What it is, in a few words.
    package let summary: String

    package init(
        name: String, isSecret: Bool = false, isRequired: Bool = false, isKey: Bool = false, summary: String
    ) {
        self.name = name
        self.isSecret = isSecret
        self.isRequired = isRequired
        self.isKey = isKey
        self.summary = summary
    }
}

/// A kind of gateway that accounts can be configured for.
package protocol GatewayConnector: Sendable {
    /// What the kind is called, such as `stripe`.
    var kind: String { get }

    /// What an account is told; names that are not here are refused.
    var fields: [GatewayField] { get }

    /// A gateway that works with an account's settings, by their names; secrets are open, and required ones are there.
    ///
    /// No byte is sent yet. Throws `GatewayMisconfigured` for a value that cannot be one.
    func connect(_ instance: GatewayInstance, _ settings: [String: String]) throws(GatewayMisconfigured) -> any Gateway
}

/// A setting of an account that cannot be as it is.
package struct GatewayMisconfigured: Error, Hashable, Sendable {
    package let field: String
    /// What it has to be, to be read behind «must be».
    package let expected: String

    package init(field: String, expected: String) {
        self.field = field
        self.expected = expected
    }
}

/// Seals secrets before they are stored.
package protocol SecretVault: Sendable {
    /// The sealed form of a secret, which opens in the same place alone.
    func seal(_ secret: String, for place: SecretPlace) -> String

    /// The secret in a sealed form; nil where the form was made for another place, by a key that is not here, or is
    /// damaged.
    func open(_ sealed: String, for place: SecretPlace) -> String?

    /// Whether a sealed form was made by the key that seals now.
    func isCurrent(_ sealed: String) -> Bool
}

/// Where a secret belongs: elsewhere its sealed form does not open.
package struct SecretPlace: Hashable, Sendable {
    package let organization: OrganizationID
    package let gateway: GatewayName
    package let field: String

    package init(organization: OrganizationID, gateway: GatewayName, field: String) {
        self.organization = organization
        self.gateway = gateway
        self.field = field
    }
}
