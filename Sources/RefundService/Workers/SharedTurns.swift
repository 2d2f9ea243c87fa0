package import RefundDomain
package import RefundStorage

/// Turns that are taken in the database, so that no number of processes calls a gateway more often than it allows.
///
/// A turn is a moment by the clock of whoever takes it: a process whose clock is behind waits the longer, and one whose
/// clock is wrong by more than a minute is not minded.
package struct SharedTurns: GatewayTurns {
    private let store: any Store
    private let now: @Sendable () -> Instant

    package init(store: any Store, now: @escaping @Sendable () -> Instant) {
        self.store = store
        self.now = now
    }

    /// Takes the next turn on each line; throws what the store throws.
    package func take(_ lines: [TurnLine], patience: Duration) async throws -> Duration? {
        guard let organization = lines.first?.organization else { return .zero }
        let now = now()
        let latest = now + patience + Limits.gatewayBurst
        let horizon = now + Limits.turnWaitMax + Limits.gatewayBurst + Limits.gatewayPauseMax
        // An organization's turns are taken one after another.
        return try await store.write(for: organization, ordered: organization.value) { session -> Duration? in
            var last = now
            for (index, line) in lines.enumerated() {
                guard let turn = try session.takeTurn(on: line, at: now, notLaterThan: latest, horizon: horizon)
                else {
                    for taken in lines[..<index] { try session.giveBackTurn(on: taken) }
                    return nil
                }
                last = max(last, turn)
            }
            return max(.zero, last.since(now) - Limits.gatewayBurst)
        }
    }

    /// Closes a line; throws what the store throws.
    package func close(_ line: TurnLine, for duration: Duration) async throws {
        let end = now() + duration + Limits.gatewayBurst
        try await store.write(for: line.organization, ordered: line.organization.value) { session in
            try session.closeLine(line, until: end)
        }
    }
}
