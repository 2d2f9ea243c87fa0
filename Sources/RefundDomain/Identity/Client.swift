/// A program that calls on behalf of one organization.
package struct Client: Hashable, Sendable {
    package let id: ClientID
    package let organization: OrganizationID
    /// The identifier that the client sends when it asks for a token.
    package let publicID: String
    package let name: String
    /// What its tokens may carry at most.
    package let scopes: ScopeSet

    package init(id: ClientID, organization: OrganizationID, publicID: String, name: String, scopes: ScopeSet) {
        self.id = id
        self.organization = organization
        self.publicID = publicID
        self.name = name
        self.scopes = scopes
    }
}

/// What a token may do: names such as `refunds.READ`, as the dialect that checks them spells them.
package struct ScopeSet: Hashable, Sendable {
    package let names: Set<String>

    package init(_ names: some Sequence<String>) {
        self.names = Set(names)
    }

    /// Reads names parted by commas or blanks.
    package init(text: String) {
        self.init(text.split { $0 == "," || $0 == " " }.map(String.init))
    }

    /// The names in order, parted by commas.
    package var text: String { names.sorted().joined(separator: ",") }

    /// Whether a scope of this very name is among them.
    package func contains(_ name: String) -> Bool { names.contains(name) }

    /// Whether the set holds a scope, or one that implies it.
    ///
    /// Of scopes of the form `service.module.OPERATION`, `service.module.ALL` implies every operation of its module,
    /// and `service.fullaccess.all` everything of its service. Names are matched by case, but for those two last words
    /// of full access.
    package func allows(_ scope: String) -> Bool {
        let parts = scope.split(separator: ".")
        guard parts.count == 3, !contains(scope) else { return contains(scope) }
        let fullAccess = "\(parts[0]).fullaccess.all".lowercased()
        return contains("\(parts[0]).\(parts[1]).ALL")
            || names.contains { $0.hasPrefix("\(parts[0]).") && $0.lowercased() == fullAccess }
    }

    /// Whether the set allows all of another.
    package func allows(_ scopes: ScopeSet) -> Bool { scopes.names.allSatisfy { allows($0) } }
}

/// Who is calling: the client, its organization, and what its token allows.
package struct Caller: Hashable, Sendable {
    package let organization: OrganizationID
    package let client: ClientID
    package let scopes: ScopeSet

    package init(organization: OrganizationID, client: ClientID, scopes: ScopeSet) {
        self.organization = organization
        self.client = client
        self.scopes = scopes
    }
}
