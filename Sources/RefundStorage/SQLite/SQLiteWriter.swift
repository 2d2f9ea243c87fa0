import Foundation
import GRDB
import RefundDomain

/// The one thread that writes: it takes all units that wait, runs each in a savepoint, and commits them together.
///
/// One fsync serves the whole group, each unit is still atomic by itself, and nobody is answered before COMMIT: a
/// refusal may rest on a neighbour's write.
// Unchecked: `gate` guards the queue and the flags; the rest belongs to the writer's thread.
final class SQLiteWriter: @unchecked Sendable {
    private let database: any DatabaseWriter
    private let gate = NSCondition()
    private var waiting: [any Unit] = []
    private var isClosing = false
    private var closed: CheckedContinuation<Void, Never>?
    private let unitsPerGroupMax: Int

    init(_ database: any DatabaseWriter, unitsPerGroupMax: Int) {
        self.database = database
        self.unitsPerGroupMax = unitsPerGroupMax
        let thread = Thread { [self] in work() }
        thread.name = "refundry-writer"
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Queues a unit; its caller hears when its group is committed, or at once that too many wait.
    func enqueue(_ unit: any Unit) {
        gate.lock()
        let refusal =
            isClosing
            ? StorageError(.unavailable, "the store is closed")
            : waiting.count >= Limits.queuedUnitsMax ? StorageError(.busy, "too many units wait") : nil
        if refusal == nil { waiting.append(unit) }
        gate.unlock()
        if let refusal { unit.finish(refusal) } else { gate.signal() }
    }

    /// Ends the thread after the last unit that waits.
    func close() async {
        await withCheckedContinuation { continuation in
            gate.lock()
            isClosing = true
            closed = continuation
            gate.unlock()
            gate.signal()
        }
    }

    private func work() {
        var session: SQLiteSession?
        while let units = nextGroup() {
            // GRDB lends its connection only inside a closure; between groups, readers of an in-memory database use it.
            database.writeWithoutTransaction { connection in
                let current = session ?? SQLiteSession(connection) { try $0.makeStatement(sql: $1) }
                session = current
                SQLiteGroup(units, current).commit()
            }
        }
        // Statements are finalized on the connection that they belong to.
        database.writeWithoutTransaction { _ in session = nil }
        gate.lock()
        let continuation = closed
        gate.unlock()
        continuation?.resume()
    }

    /// Waits for work; nil once the writer is closed and nothing waits.
    private func nextGroup() -> [any Unit]? {
        gate.lock()
        defer { gate.unlock() }
        while waiting.isEmpty {
            if isClosing { return nil }
            gate.wait()
        }
        let group = Array(waiting.prefix(unitsPerGroupMax))
        waiting.removeFirst(group.count)
        return group
    }
}
