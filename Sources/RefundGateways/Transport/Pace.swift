package import RefundDomain

/// Keeps the calls to an account below the limits that its gateway sets: one for all of them, and one for each
/// endpoint.
package struct Pace: Sendable {
    private let turns: any GatewayTurns
    private let organization: OrganizationID
    private let gateway: GatewayName
    private let callsPerSecond: Int
    private let callsPerSecondOfEndpoint: Int

    /// At least one call a second is always allowed.
    package init(
        callsPerSecond: Int, ofEndpoint callsPerSecondOfEndpoint: Int, of gateway: GatewayName,
        _ organization: OrganizationID, turns: any GatewayTurns
    ) {
        self.turns = turns
        self.organization = organization
        self.gateway = gateway
        self.callsPerSecond = callsPerSecond
        self.callsPerSecondOfEndpoint = callsPerSecondOfEndpoint
    }

    /// Takes a call's turn, and says how long to wait for it; nil, and no turn, where that is too long.
    ///
    /// The account's comes first, as all calls take one: who waits for it holds no other that somebody before him may
    /// want next. Throws where turns cannot be taken now.
    func turn(of call: HTTPCall) async throws -> Duration? {
        try await turns.take(
            [ofAccount, line(call.endpoint, callsPerSecondOfEndpoint)],
            patience: call.method == .get ? Limits.turnWaitOfQuestionMax : Limits.turnWaitMax)
    }

    /// Lets no call go for as long as the gateway asked, at most `Limits.gatewayPauseMax`.
    ///
    /// Where that cannot be told to the other processes, the gateway tells them itself.
    func pause(for duration: Duration) async {
        try? await turns.close(ofAccount, for: min(duration, Limits.gatewayPauseMax))
    }

    private var ofAccount: TurnLine { line("", callsPerSecond) }

    private func line(_ name: String, _ callsPerSecond: Int) -> TurnLine {
        TurnLine(
            organization: organization, gateway: gateway, name: name, distance: .seconds(1) / max(1, callsPerSecond))
    }
}
