import Foundation
package import Logging
package import RefundDomain

/// What the service takes from outside: time, waiting, a log.
///
/// Tests bring their own.
package struct Surroundings: Sendable {
    package let now: @Sendable () -> Instant
    package let sleep: @Sendable (Duration) async throws -> Void
    package let logger: Logger
    /// What stands in for the database's clock; nil for its own.
    let databaseNow: (@Sendable () -> Instant)?

    /// A clock that somebody brings is the database's too, unless that has one of its own.
    package init(
        now: @escaping @Sendable () -> Instant, sleep: @escaping @Sendable (Duration) async throws -> Void,
        logger: Logger, databaseNow: (@Sendable () -> Instant)? = nil
    ) {
        self.init(now: now, sleep: sleep, logger: logger, clockOfDatabase: databaseNow ?? now)
    }

    private init(
        now: @escaping @Sendable () -> Instant, sleep: @escaping @Sendable (Duration) async throws -> Void,
        logger: Logger, clockOfDatabase: (@Sendable () -> Instant)?
    ) {
        self.now = now
        self.sleep = sleep
        self.logger = logger
        databaseNow = clockOfDatabase
    }

    /// The machine's clock, and the database's own.
    package static func system(logger: Logger) -> Surroundings {
        Surroundings(
            now: { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) },
            sleep: { try await Task.sleep(for: $0) }, logger: logger, clockOfDatabase: nil)
    }
}

/// The local days of time zones.
package struct Calendar: Sendable {
    package init() {}

    /// How many seconds a zone is ahead of UTC at a moment; nil where the zone is unknown.
    package func utcOffsetSeconds(of zone: String, at now: Instant) -> Int? {
        TimeZone(identifier: zone)?.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(now.seconds)))
    }

    /// The local day of a moment in a zone; the day of UTC where the zone is unknown.
    package func day(of now: Instant, in zone: String) -> LocalDate {
        LocalDate(now, utcOffsetSeconds: utcOffsetSeconds(of: zone, at: now) ?? 0)
    }
}
