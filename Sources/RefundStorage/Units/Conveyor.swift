import Foundation

/// A few things on their way from a unit that makes them to a unit that takes them, on two engines' threads.
///
/// Either thread waits for the other, so that only a few things are in memory at a time: they are the engines' own
/// threads, and no task ever runs on one.
///
/// Unchecked: `items` and `end` change only while `gate` is held; a `Mutex` cannot wait for a change, as both do.
package final class Conveyor<Item: Sendable>: @unchecked Sendable {
    private let gate = NSCondition()
    private let itemsMax: Int
    private var items: [Item] = []
    private var end: Result<Void, any Error>?

    package init(itemsMax: Int) {
        self.itemsMax = itemsMax
    }

    /// Waits until there is a place, and puts an item on.
    ///
    /// Throws the error with which the other side has stopped.
    package func put(_ item: Item) throws {
        gate.lock()
        defer { gate.unlock() }
        while items.count >= itemsMax, end == nil { gate.wait() }
        try end?.get()
        items.append(item)
        gate.broadcast()
    }

    /// Waits for the next item; nil after the last.
    ///
    /// Throws the error with which the other side has stopped.
    package func take() throws -> Item? {
        gate.lock()
        defer { gate.unlock() }
        while items.isEmpty, end == nil { gate.wait() }
        if case .failure(let error) = end { throw error }
        defer { gate.broadcast() }
        return items.isEmpty ? nil : items.removeFirst()
    }

    /// Ends it: after the items that are on it, or with an error that both sides hear at once.
    ///
    /// The first end is the one that counts.
    package func stop(_ end: Result<Void, any Error>) {
        gate.lock()
        defer { gate.unlock() }
        self.end = self.end ?? end
        gate.broadcast()
    }
}
