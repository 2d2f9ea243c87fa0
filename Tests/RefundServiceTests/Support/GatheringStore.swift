import RefundDomain
import RefundStorage
import RefundTesting
import Synchronization

/// A store that lets a few units wait for each other when it is told to, so that they run in one group.
final class GatheringStore: Store {
    private struct Gathering {
        var unitsMissing = 0
        var queueings: [@Sendable () -> Void] = []
        var opening: @Sendable () -> Void = {}
    }

    private let store: any Store
    private let gathering = Mutex(Gathering())

    init(_ store: any Store) {
        self.store = store
    }

    /// Holds the next so many units back until the last of them has come; `opening` is called before they run.
    func gather(_ count: Int, opening: @escaping @Sendable () -> Void) {
        gathering.withLock { $0 = Gathering(unitsMissing: count, opening: opening) }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try await store.read(body)
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        let run: @Sendable () async throws -> T = { [store] in
            try await store.write(for: organization, ordered: key, asking: asking, then: then, proof: proof)
        }
        guard gathering.withLock({ $0.unitsMissing > 0 }) else { return try await run() }
        return try await withCheckedThrowingContinuation { caller in
            let queueing: @Sendable () -> Void = {
                Task.immediate {
                    do {
                        caller.resume(returning: try await run())
                    } catch {
                        caller.resume(throwing: error)
                    }
                }
            }
            join(queueing, for: organization, ordered: key)
        }
    }

    /// The last to come queues all from within a unit of its own, while the writer is busy with that.
    private func join(_ queueing: @escaping @Sendable () -> Void, for organization: OrganizationID, ordered key: Int64)
    {
        let complete = gathering.withLock { gathering -> Gathering? in
            gathering.unitsMissing -= 1
            gathering.queueings.append(queueing)
            return gathering.unitsMissing == 0 ? gathering : nil
        }
        guard let complete else { return }
        Task {
            try await store.write(for: organization, ordered: key) { _ in
                complete.opening()
                for queueing in complete.queueings { queueing() }
            }
        }
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}
