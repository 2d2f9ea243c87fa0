/// A customer or a vendor: contact, customer and account at once, whatever a dialect calls it.
package struct Party: Hashable, Sendable {
    /// Who owes whom: customers are sold to, vendors bought from.
    package enum Role: String, CaseIterable, Sendable {
        case customer, vendor
    }

    package let id: PartyID
    package let role: Role
    package let name: String
    package let email: String
    package let isActive: Bool

    package init(id: PartyID, role: Role, name: String, email: String = "", isActive: Bool = true) {
        self.id = id
        self.role = role
        self.name = name
        self.email = email
        self.isActive = isActive
    }
}
