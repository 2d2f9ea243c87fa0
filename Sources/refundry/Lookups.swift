import RefundDomain
import RefundService

extension Operations {
    /// The organization that a person names: by its identifier, by its name, or by the identifier of a dialect.
    ///
    /// Throws `CommandFailure` where there is none, or several.
    func organization(named text: String) async throws -> Organization {
        let matches = try await listOrganizations().filter { organization in
            organization.id.description == text || organization.name == text
                || organization.tenants.values.contains { $0.contains(text) }
        }
        guard let match = matches.first, matches.count == 1 else {
            let problem = matches.isEmpty ? "there is no organization" : "there are several organizations"
            throw CommandFailure("\(problem) \(text); see refundry organization list", exitCode: 66)
        }
        return match
    }

    /// The client of an organization by its public identifier.
    ///
    /// Throws `CommandFailure` where there is none.
    func client(_ publicID: String, in organization: String) async throws -> Client {
        let owner = try await self.organization(named: organization)
        guard let stored = try await listClients(of: owner.id).first(where: { $0.client.publicID == publicID }) else {
            throw CommandFailure("there is no client \(publicID)", exitCode: 66)
        }
        return stored.client
    }
}
