import RefundDomain
package import RefundStorage
import Synchronization

/// Moves all data of one database into another, of whichever engine.
///
/// The source is read in one snapshot, the target filled in one transaction: whatever happens on the way, the target is
/// either complete and compared, or as empty as it was.
package struct MoveRecords: Sendable {
    private let source: any Store
    private let target: any Store

    package init(from source: any Store, to target: any Store) {
        self.source = source
        self.target = target
    }

    /// Moves, and compares counts and sums of every table before COMMIT; how many rows were moved.
    ///
    /// `progress` is called on a thread of the target's engine. Throws `MoveFailure`.
    package func run(progress: @escaping @Sendable (MoveProgress) -> Void) async throws -> Int64 {
        let conveyor = Conveyor<Load>(itemsMax: Limits.movedBatchesAhead)
        let (figures, drawnBefore) = try await stateOfSource()
        async let sending: Void = send(on: conveyor, unlessChangedFrom: figures)
        let received: Result<Int64, any Error>
        do {
            received = .success(try await receive(figures, drawnBefore, from: conveyor, progress: progress))
        } catch let error as StorageError {
            received = .failure(MoveFailure.target(error))
        } catch {
            received = .failure(error)
        }
        // Where the target has failed, its source has nobody to wait for.
        conveyor.stop(.failure(MoveFailure.cutShort))
        await sending
        return try received.get()
    }

    /// What goes from the source to the target.
    private enum Load: Sendable {
        case rows([StoredValues], of: MovedTable)
        /// What the source's table holds, before and after all rows were sent.
        case figures(TableFigures, of: MovedTable)
    }

    /// What the tables hold, and before which moment all identifiers were drawn.
    private func stateOfSource() async throws -> ([TableFigures], Instant) {
        do {
            return try await source.read { session in
                (try MovedTable.all.map { try session.figures(of: $0) }, try session.identifiersDrawnBefore())
            }
        } catch let error as StorageError {
            throw MoveFailure.source(error)
        }
    }

    private func send(on conveyor: Conveyor<Load>, unlessChangedFrom figures: [TableFigures]) async {
        do {
            let start = OneStart()
            try await source.read { session in
                try start.take()
                try Self.pour(session, onto: conveyor)
            }
            // In a new snapshot: what a server has written since the one that was sent would be lost.
            try await source.read { session in
                for (table, before) in zip(MovedTable.all, figures) {
                    guard try session.figures(of: table) == before else { throw MoveFailure.sourceChanged(table.name) }
                    try conveyor.put(.figures(before, of: table))
                }
            }
            conveyor.stop(.success(()))
        } catch let error as StorageError {
            conveyor.stop(.failure(MoveFailure.source(error)))
        } catch {
            conveyor.stop(.failure(error))
        }
    }

    private static func pour(_ session: any Session, onto conveyor: Conveyor<Load>) throws {
        for table in MovedTable.all {
            var page: [StoredValues] = []
            repeat {
                page = try session.rows(of: table, after: page.last, limit: Limits.movedRowsBatch)
                try conveyor.put(.rows(page, of: table))
            } while page.count == Limits.movedRowsBatch
        }
    }

    private func receive(
        _ figures: [TableFigures], _ drawnBefore: Instant, from conveyor: Conveyor<Load>,
        progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> Int64 {
        let start = OneStart()
        let isFilled: @Sendable (any Session) throws -> Bool = { session in
            try zip(MovedTable.all, figures).allSatisfy { try session.figures(of: $0) == $1 }
        }
        return try await target.write(for: OrganizationID(0), proof: isFilled) { session in
            try start.take()
            if let table = try Self.firstFilled(in: session) { throw MoveFailure.targetNotEmpty(table.name) }
            // Numbers of nodes stay behind; what was drawn with them comes along, and is not to be drawn again.
            try session.skipIdentifiers(before: drawnBefore)
            try session.turnSendingOff(because: "the data was moved from another database")
            var state = MoveProgress(rowsInAll: figures.map(\.rows).reduce(0, +))
            try Self.fill(session, from: conveyor) { rows, table in
                state.advance(by: rows, in: table)
                progress(state)
            }
            return state.rowsMoved
        }
    }

    private static func firstFilled(in session: any Session) throws -> MovedTable? {
        try MovedTable.all.first { try !session.rows(of: $0, after: nil, limit: 1).isEmpty }
    }

    private static func fill(
        _ session: any Session, from conveyor: Conveyor<Load>, advance: (Int, String) -> Void
    ) throws {
        while let load = try conveyor.take() {
            switch load {
            case .rows(let rows, let table):
                for row in rows { try session.insert(row, into: table) }
                // An engine sends what it holds back before it answers: no more than these are ever held.
                _ = try session.rows(of: table, after: rows.last, limit: 1)
                advance(rows.count, table.name)
            case .figures(let expected, let table):
                guard try session.figures(of: table) == expected else { throw MoveFailure.differs(table.name) }
            }
        }
    }
}

/// How far a move has come.
package struct MoveProgress: Hashable, Sendable {
    package private(set) var table = ""
    package private(set) var rowsMovedOfTable: Int64 = 0
    package private(set) var isTableDone = false
    package private(set) var rowsMoved: Int64 = 0
    package let rowsInAll: Int64

    fileprivate init(rowsInAll: Int64) {
        self.rowsInAll = rowsInAll
    }

    fileprivate mutating func advance(by count: Int, in name: String) {
        if name != table { (table, rowsMovedOfTable) = (name, 0) }
        rowsMovedOfTable += Int64(count)
        rowsMoved += Int64(count)
        isTableDone = count < Limits.movedRowsBatch
    }
}

/// Why nothing was moved; the target is as it was.
package enum MoveFailure: Error, Hashable, Sendable {
    case source(StorageError)
    case target(StorageError)
    /// The target holds rows already, in this table.
    case targetNotEmpty(String)
    /// The source's table was written to during the move.
    case sourceChanged(String)
    /// What was read back from the target's table is not what was sent.
    case differs(String)
    /// A connection was lost on the way.
    case cutShort
}

/// Lets a unit run once: what it has taken off the conveyor is gone when an engine would run it again.
private final class OneStart: Sendable {
    private let isTaken = Mutex(false)

    func take() throws(MoveFailure) {
        let wasTaken = isTaken.withLock { taken in
            defer { taken = true }
            return taken
        }
        if wasTaken { throw .cutShort }
    }
}
