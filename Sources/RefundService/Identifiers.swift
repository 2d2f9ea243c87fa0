package import RefundDomain
package import RefundStorage
import Synchronization

/// The one source of identifiers of a process.
///
/// An identifier carries a node's number and a moment. Which moments of which number are this process's is a lease that
/// the database keeps: it is taken when the first identifier is drawn and renewed by drawing, so that a process that
/// draws none needs none.
package final class Identifiers: Sendable {
    fileprivate struct State {
        var lease: NodeLease?
        var sequence = IdentifierSequence(node: 0)
        /// Under way: of many callers who need one, one asks.
        var renewal: Task<Void, any Error>?
    }

    private let store: any Store
    private let state = Mutex(State())

    package init(store: any Store) {
        self.store = store
    }

    /// The next identifier of this process, of any kind of record.
    ///
    /// Throws what the store throws, and `busy` where all numbers are taken, once no lease is left.
    package func next<Record>(at now: Instant) async throws -> Identifier<Record> {
        let (drawn, renewal) = state.withLock { state in
            let drawn = state.draw(at: now)
            guard drawn == nil || (state.isRenewalDue(at: now) && state.renewal == nil) else {
                return (drawn, Task<Void, any Error>?.none)
            }
            let renewal = state.renewal ?? Task { try await self.renew(at: now) }
            state.renewal = renewal
            return (drawn, renewal)
        }
        if let drawn {
            // Early enough to fail: the next caller asks again.
            _ = await renewal?.result
            return Identifier(drawn)
        }
        try await renewal?.value
        guard let drawn = state.withLock({ $0.draw(at: now) }) else {
            throw StorageError(.unavailable, "the lease of a node's number ends before \(now)")
        }
        return Identifier(drawn)
    }

    /// Lets another process have the number at once; one that is not given back is free when its lease has ended.
    package func giveBack() async {
        let (lease, end) = state.withLock { state in
            defer { state.lease = nil }
            return (state.lease, state.sequence.end)
        }
        guard let lease else { return }
        _ = try? await store.write(for: Self.nobody) { try $0.renew(lease, until: max(lease.from, end)) }
    }

    private func renew(at now: Instant) async throws {
        defer { state.withLock { $0.renewal = nil } }
        let (held, start) = state.withLock { ($0.lease, $0.position(at: now)) }
        let end = start + Limits.nodeLease
        let lease = try await store.write(for: Self.nobody) { session in
            if let held, let renewed = try session.renew(held, until: end) { return Optional(renewed) }
            return try session.takeNode(from: now, until: end)
        }
        guard let lease else { throw StorageError(.busy, "all numbers of nodes are taken") }
        state.withLock { state in
            let isRenewed = held.map { ($0.number, $0.from) == (lease.number, lease.from) } ?? false
            if !isRenewed { state.sequence = IdentifierSequence(node: lease.number) }
            state.lease = lease
        }
    }

    /// The numbers of nodes are no organization's.
    private static let nobody = OrganizationID(0)
}

extension Identifiers.State {
    fileprivate mutating func draw(at now: Instant) -> Int64? {
        guard let lease else { return nil }
        return sequence.next(at: max(now, lease.from), before: lease.until)
    }

    /// Whether less than half of a lease is left.
    fileprivate func isRenewalDue(at now: Instant) -> Bool {
        guard let lease else { return true }
        return lease.until < position(at: now) + Limits.nodeLease / 2
    }

    /// Where the next identifier is drawn at the earliest: many at once are drawn ahead of the clock.
    fileprivate func position(at now: Instant) -> Instant {
        guard let lease else { return now }
        return max(now, lease.from, sequence.end)
    }
}
