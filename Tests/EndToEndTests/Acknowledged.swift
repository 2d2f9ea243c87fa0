import Synchronization

/// The refunds that were answered with success, in the order of their answers.
final class Acknowledged: Sendable {
    private let identifiers = Mutex<[String]>([])

    var all: [String] { identifiers.withLock { $0 } }

    /// Adds one; how many there are.
    func add(_ identifier: String) -> Int {
        identifiers.withLock { identifiers in
            identifiers.append(identifier)
            return identifiers.count
        }
    }
}
