/// Turns at calling a gateway, which all processes take at one place: together they keep below its limits.
package protocol GatewayTurns: Sendable {
    /// Takes the next turn on each of several lines of one organization, and says how long to wait for it.
    ///
    /// Nil, and a turn on none, where that is longer than `patience`. Throws where no turns can be taken now.
    func take(_ lines: [TurnLine], patience: Duration) async throws -> Duration?

    /// Lets nobody have a turn on a line for so long.
    func close(_ line: TurnLine, for duration: Duration) async throws
}

/// Calls that a gateway counts together, and wants to come one after another.
package struct TurnLine: Hashable, Sendable {
    /// Whose account is called.
    package let organization: OrganizationID
    package let gateway: GatewayName
    /// Which of the account's calls: an endpoint, or all of them by the empty name.
    package let name: String
    /// Between one turn and the next; what falls into `Limits.gatewayBurst` may come at once.
    package let distance: Duration

    package init(organization: OrganizationID, gateway: GatewayName, name: String, distance: Duration) {
        self.organization = organization
        self.gateway = gateway
        self.name = name
        self.distance = distance
    }
}
