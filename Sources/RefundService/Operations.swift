import Logging
package import RefundDomain
package import RefundStorage

/// All that can be done with refunds, one file an operation.
///
/// Transactions begin and end here, and nowhere else: an operation has at most one write on each side of a gateway
/// call, and never a call inside one.
package struct Operations: Sendable {
    let store: any Store
    let directory: Directory
    let submissions: Submissions
    let roster: GatewayRoster
    let exchange: GatewayExchange
    let identifiers: Identifiers
    let numbers: RefundNumbers
    let calendar: Calendar
    let surroundings: Surroundings

    /// `submissions` is to run as a service beside whoever calls; until it runs, electronic refunds only wait.
    package init(
        store: any Store, directory: Directory, submissions: Submissions, roster: GatewayRoster,
        identifiers: Identifiers, surroundings: Surroundings
    ) {
        self.store = store
        self.directory = directory
        self.submissions = submissions
        self.roster = roster
        self.exchange = GatewayExchange(
            store: store, directory: directory, roster: roster, identifiers: identifiers,
            surroundings: surroundings)
        self.identifiers = identifiers
        self.numbers = RefundNumbers(store: store)
        self.calendar = Calendar()
        self.surroundings = surroundings
    }

    /// An organization that is known to exist.
    ///
    /// Throws `notFound` where it does not.
    package func organization(_ id: OrganizationID) async throws(Failure) -> Organization {
        try await attempt(report: report) {
            guard let organization = try await directory.organization(id) else {
                throw Failure.bug
            }
            return organization
        }
    }

    /// The names that documents print for the gateways of an organization.
    ///
    /// One that is no longer there has none, and goes by its own.
    package func gatewayLabels(of organization: OrganizationID) async throws(Failure) -> [GatewayName: String] {
        try await attempt(report: report) {
            try await roster.gateways(of: organization).mapValues(\.capabilities.label)
        }
    }

    func report(_ error: any Error) {
        surroundings.logger.error("operation failed", metadata: ["error": "\(String(reflecting: error))"])
    }
}
