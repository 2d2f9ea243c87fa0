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
    let gateways: [GatewayName: any Gateway]
    let exchange: GatewayExchange
    let identifiers: Identifiers
    let numbers: RefundNumbers
    let calendar: Calendar
    let surroundings: Surroundings

    /// `submissions` is to run as a service beside whoever calls; until it runs, electronic refunds only wait.
    package init(
        store: any Store, directory: Directory, submissions: Submissions, gateways: [GatewayName: any Gateway],
        identifiers: Identifiers, surroundings: Surroundings
    ) {
        self.store = store
        self.directory = directory
        self.submissions = submissions
        self.gateways = gateways
        self.exchange = GatewayExchange(
            store: store, directory: directory, gateways: gateways, surroundings: surroundings)
        self.identifiers = identifiers
        self.numbers = RefundNumbers(store: store)
        self.calendar = Calendar()
        self.surroundings = surroundings
    }

    /// What each configured gateway can do.
    var capabilities: [GatewayName: GatewayCapabilities] { gateways.mapValues(\.capabilities) }

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

    /// The name that documents print for a gateway.
    package func label(of gateway: GatewayName) -> String {
        gateways[gateway]?.capabilities.label ?? gateway.text
    }

    func report(_ error: any Error) {
        surroundings.logger.error("operation failed", metadata: ["error": "\(String(reflecting: error))"])
    }
}
