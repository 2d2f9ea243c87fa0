import Logging
import RefundDomain
package import RefundStorage
import ServiceLifecycle
import Synchronization

/// The database's time beside the node's own.
struct ClockReading: Sendable {
    let database: Instant
    let node: Instant

    /// Whether the node may judge leases and keys: its clock is within `Limits.clockDifferenceMax` of the database's.
    var agrees: Bool { database.since(node).magnitude <= Limits.clockDifferenceMax }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}

extension Surroundings {
    /// Asks a unit's database for its time, with the other questions of the unit.
    func askDatabaseTime(_ session: any Session) throws(StorageError) -> Answer<StoredInteger> {
        guard let databaseNow else { return try session.databaseTime() }
        return Answer([StoredInteger(value: databaseNow().microseconds)])
    }

    /// The answer beside the node's clock as it is when the answer has come.
    func reading(_ answer: Answer<StoredInteger>) throws(StorageError) -> ClockReading {
        guard let microseconds = try answer.first()?.value else {
            throw StorageError(.corrupt, "the database tells no time")
        }
        return ClockReading(database: Instant(microseconds: microseconds), node: now())
    }

    /// The database's time and the node's own.
    func readClocks(_ session: any Session) throws(StorageError) -> ClockReading {
        try reading(try askDatabaseTime(session))
    }
}

/// Compares the node's clock with the database's at the start and each minute, and logs where they differ.
///
/// A node whose clock differs claims and sends nothing, which each claiming unit sees for itself: an early clock ends
/// leases of calls that are under way, a late one sends keys that a gateway has forgotten.
package struct ClockWatch: Service {
    private let store: any Store
    private let surroundings: Surroundings

    package init(store: any Store, surroundings: Surroundings) {
        self.store = store
        self.surroundings = surroundings
    }

    /// Compares until shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await compare()
                try? await surroundings.sleep(Limits.clockComparisonPause)
            }
        }
    }

    private func compare() async {
        // A database that cannot be reached is told by whatever needs it.
        guard let clocks = try? await store.read({ [surroundings] in try surroundings.readClocks($0) }), !clocks.agrees
        else { return }
        surroundings.logger.error(
            "this machine's clock differs from the database's: nothing is claimed and nothing is sent to gateways",
            metadata: ["seconds": "\(clocks.node.since(clocks.database).components.seconds)"])
    }
}

extension Operations {
    /// Whether the node's clock is near enough to the database's for it to send refunds; reads the database.
    package func hasTrustedClock() async throws(Failure) -> Bool {
        try await attempt(report: report) {
            try await store.read { [surroundings] in try surroundings.readClocks($0) }.agrees
        }
    }
}
