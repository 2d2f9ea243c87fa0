package import RefundDomain
import Synchronization

/// Turns that come at once, but on lines that were closed: those are never opened again.
package final class EveryTurn: GatewayTurns {
    private let closed = Mutex<[TurnLine: Duration]>([:])

    package init() {}

    package func take(_ lines: [TurnLine], patience: Duration) async throws -> Duration? {
        closed.withLock { closed in lines.contains { closed[$0] != nil } } ? nil : .zero
    }

    package func close(_ line: TurnLine, for duration: Duration) async throws {
        closed.withLock { $0[line] = duration }
    }

    /// For how long each closed line was to be closed.
    package var closings: [TurnLine: Duration] { closed.withLock { $0 } }
}
