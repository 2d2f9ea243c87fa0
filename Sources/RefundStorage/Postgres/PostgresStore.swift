package import RefundDomain

/// A store on a PostgreSQL server, 13 or later, over a few connections with a thread each.
///
/// Units of one place run on one connection, in groups; reads run beside them, each in a snapshot of its own.
package final class PostgresStore: Store {
    private let writers: [UnitQueue]
    private let readers: UnitQueue

    /// Connects, as a connection string says, and brings the schema up to date.
    ///
    /// Where the tables are distributed by now, a group holds units of one organization only.
    /// With `migrating: false` an older schema is refused instead. Throws `newerSchema` or `unavailable`.
    package init(
        _ connectionString: String, migrating: Bool = true, unitsPerGroupMax: Int = Limits.groupUnitsMax
    ) throws(StorageError) {
        let session = try PostgresConnection.connect(connectionString)
        try PostgresMigrator(session).bringUpToDate(migrating: migrating)
        let isDistributed = try PostgresDistribution(session).isInPlace()
        try PostgresServer.note(in: session)
        writers = (0..<Limits.writingConnections).map { _ in
            // Over several servers, COMMIT of what lies on one of them is the cheap one, and the sure one.
            UnitQueue(
                named: "refundry-writer", unitsPerGroupMax: unitsPerGroupMax, isByOrganization: isDistributed
            ) { queue in
                let connection = PostgresConnection(connectionString, notesServer: true)
                var statistics = PostgresStatistics()
                while let units = queue.nextGroup() {
                    PostgresGroup(units, connection).commit()
                    statistics.count(units.count, on: connection)
                }
            }
        }
        readers = UnitQueue(
            named: "refundry-reader", threads: Limits.readingConnections, unitsPerGroupMax: 1
        ) { queue in
            let connection = PostgresConnection(connectionString)
            while let units = queue.nextGroup() {
                for unit in units { PostgresReading(unit, connection).run() }
            }
        }
    }

    /// Reads in a snapshot of its own.
    package func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try Task.checkCancellation()
        return try await withUnsafeThrowingContinuation { caller in
            readers.enqueue(TwoPhaseUnit(reading: body, caller: caller))
        }
    }

    /// Queues a unit for the connection of its place; see `Store`.
    package func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        try Task.checkCancellation()
        let place = UnitPlace(organization: organization, key: key)
        return try await withUnsafeThrowingContinuation { caller in
            writer(of: place).enqueue(
                TwoPhaseUnit(at: place, asking: asking, then: then, proof: proof, caller: caller))
        }
    }

    /// Settings under which a server may lose what it has answered.
    ///
    /// Damaged pages show when they are read; PostgreSQL's own `amcheck` looks for them.
    package func damages() async throws -> [String] {
        try await unsafeSettings().map { "\($0) is off" }
    }

    /// Those of the server that are off; how a session commits is not among them, for each session sets it.
    package func unsafeSettings() async throws -> [String] {
        try await read { session in try session.rows(UnsafeSetting.self, .unsafeSettings, []).map(\.name) }
    }

    /// Ends the threads after what is queued, and closes their connections.
    package func close() async {
        for writer in writers { writer.takeNoMore() }
        for writer in writers { await writer.close() }
        await readers.close()
    }

    private func writer(of place: UnitPlace) -> UnitQueue {
        writers[Int(UInt64(bitPattern: place.organization.value &* 31 &+ place.key) % UInt64(writers.count))]
    }
}

/// One read on one connection.
struct PostgresReading {
    private let unit: any Unit
    private let connection: PostgresConnection

    init(_ unit: any Unit, _ connection: PostgresConnection) {
        self.unit = unit
        self.connection = connection
    }

    /// Runs the read, once more where the connection was lost, and lets its caller hear.
    func run() {
        for isLast in [false, true] {
            do throws(StorageError) {
                let session = try connection.session()
                let failure = attempt(in: session)
                if session.isLost, !isLast { continue }
                return unit.finish(failure)
            } catch {
                return unit.finish(error)
            }
        }
    }

    private func attempt(in session: PostgresSession) -> StorageError? {
        do throws(StorageError) {
            try session.begin(.beginReading)
            if unit.ask(in: session) ?? unit.decide(in: session) != nil {
                try session.rollBack()
                return nil
            }
            try session.commit()
            return nil
        } catch {
            if !session.isLost { try? session.rollBack() }
            return error
        }
    }
}

private struct UnsafeSetting: Stored {
    let name: String

    init(row: inout RowReader) throws(StorageError) { name = row.text() }
}

extension SQLText {
    fileprivate static let unsafeSettings: SQLText = """
        select name from pg_settings where name in ('fsync', 'full_page_writes') and setting = 'off' order by name
        """
}
