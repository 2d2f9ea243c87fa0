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
        guard let first = lines.first else { return .zero }
        let now = now()
        let latest = now + patience + Limits.gatewayBurst
        let horizon = now + Limits.turnWaitMax + Limits.gatewayBurst + Limits.gatewayPauseMax
        return try await store.write(for: first.organization, ordered: first.place) { session -> Duration? in
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
        try await store.write(for: line.organization, ordered: line.place) { session in
            try session.closeLine(line, until: end)
        }
    }
}

extension TurnLine {
    /// Where a group of units takes it, so that no two processes wait for each other.
    ///
    /// Those of a gateway are together, in one order in every process, and before any record, whose identifiers are
    /// positive.
    fileprivate var place: Int64 {
        let hash = gateway.text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return -1 - Int64(hash >> 1)
    }
}
