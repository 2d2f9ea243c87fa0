import Foundation
import RefundDomain

/// Units that wait, and the threads that take them.
///
/// An engine's threads may block: they are their own, and no task ever runs on one.
// Unchecked: what changes does so only while `gate` is held; a `Mutex` cannot wait for a change, as the threads do.
final class UnitQueue: @unchecked Sendable {
    private let gate = NSCondition()
    private var waiting: [any Unit] = []
    private var isClosing = false
    private var threadsRunning: Int
    private var closers: [CheckedContinuation<Void, Never>] = []
    private let unitsPerGroupMax: Int
    private let isByOrganization: Bool

    /// Starts so many threads, each of which calls `work` once: it takes groups until there are none.
    ///
    /// Where it goes by organization, a group holds units of one.
    init(
        named name: String, threads: Int = 1, unitsPerGroupMax: Int, isByOrganization: Bool = false,
        work: @escaping @Sendable (UnitQueue) -> Void
    ) {
        self.unitsPerGroupMax = unitsPerGroupMax
        self.isByOrganization = isByOrganization
        threadsRunning = threads
        for _ in 0..<threads {
            let thread = Thread { [self] in
                work(self)
                threadEnded()
            }
            thread.name = name
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    /// Queues a unit; its caller hears when it has run, or at once that too many wait.
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

    /// Waits for units that may share a transaction, in the order in which they came; nil once the queue is closed and
    /// empty.
    func nextGroup() -> [any Unit]? {
        gate.lock()
        defer { gate.unlock() }
        while waiting.isEmpty {
            if isClosing { return nil }
            gate.wait()
        }
        return isByOrganization ? takeOfOneOrganization() : takeFirst()
    }

    private func takeFirst() -> [any Unit] {
        let group = Array(waiting.prefix(unitsPerGroupMax))
        waiting.removeFirst(group.count)
        return group
    }

    /// The organization that has waited longest is served; units of one place keep their order.
    private func takeOfOneOrganization() -> [any Unit] {
        let organization = waiting.first?.place.organization
        var (group, rest): ([any Unit], [any Unit]) = ([], [])
        for unit in waiting {
            if group.count < unitsPerGroupMax, unit.place.organization == organization {
                group.append(unit)
            } else {
                rest.append(unit)
            }
        }
        waiting = rest
        return group
    }

    /// Takes no more units; those that wait are run.
    func takeNoMore() {
        gate.lock()
        isClosing = true
        gate.broadcast()
        gate.unlock()
    }

    /// Takes no more units, and returns when the threads have ended after the last that waits.
    func close() async {
        takeNoMore()
        await withCheckedContinuation { continuation in
            gate.lock()
            let haveEnded = threadsRunning == 0
            if !haveEnded { closers.append(continuation) }
            gate.unlock()
            if haveEnded { continuation.resume() }
        }
    }

    private func threadEnded() {
        gate.lock()
        threadsRunning -= 1
        let heard = threadsRunning == 0 ? closers : []
        if threadsRunning == 0 { closers = [] }
        gate.unlock()
        for closer in heard { closer.resume() }
    }
}
