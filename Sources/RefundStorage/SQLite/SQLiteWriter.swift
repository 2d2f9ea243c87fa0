import GRDB
import RefundDomain

/// The one thread that writes: it takes all units that wait, runs each in a savepoint, and commits them together.
///
/// One fsync serves the whole group, each unit is still atomic by itself, and nobody is answered before COMMIT: a
/// refusal may rest on a neighbour's write.
struct SQLiteWriter: Sendable {
    private let queue: UnitQueue

    init(_ database: any DatabaseWriter, unitsPerGroupMax: Int) {
        queue = UnitQueue(named: "refundry-writer", unitsPerGroupMax: unitsPerGroupMax) { queue in
            Self.work(on: database, queue)
        }
    }

    /// Queues a unit; its caller hears when its group is committed, or at once that too many wait.
    func enqueue(_ unit: any Unit) { queue.enqueue(unit) }

    /// Ends the thread after the last unit that waits.
    func close() async { await queue.close() }

    private static func work(on database: any DatabaseWriter, _ queue: UnitQueue) {
        var session: SQLiteSession?
        while let units = queue.nextGroup() {
            // GRDB lends its connection only inside a closure; between groups, readers of an in-memory database use it.
            database.writeWithoutTransaction { connection in
                let current = session ?? SQLiteSession(connection) { try $0.makeStatement(sql: $1) }
                session = current
                SQLiteGroup(units, current).commit()
            }
        }
        // Statements are finalized on the connection that they belong to.
        database.writeWithoutTransaction { _ in session = nil }
    }
}
