package import RefundDomain
package import RefundStorage

/// A body that a store runs as one unit.
package typealias UnitBody<T> = @Sendable (any Session) throws -> T

/// Queues a unit on the caller's thread before it returns: the units of one thread are queued in its order.
package func queue<T: Sendable>(
    _ store: any Store, ordered key: Int64 = 1, for organization: OrganizationID = Fixtures.organization.id,
    _ body: @escaping UnitBody<T>
) -> Task<T, any Error> {
    Task.immediate { try await store.write(for: organization, ordered: key, body) }
}

/// Runs units in one group, in this order, and gives what each caller heard.
///
/// They are queued from within another unit, while the writer is busy with it: so the next group takes them all.
package func inOneGroup<T: Sendable>(
    _ store: any Store, _ bodies: UnitBody<T>...
) async throws -> [Result<T, any Error>] {
    try await inOneGroup(store, count: bodies.count) { number, session in try bodies[number](session) }
}

/// Runs so many units in one group, each told its place in it from 0, and gives what each caller heard.
package func inOneGroup<T: Sendable>(
    _ store: any Store, count: Int, _ body: @escaping @Sendable (Int, any Session) throws -> T
) async throws -> [Result<T, any Error>] {
    let callers = try await store.write(for: Fixtures.organization.id, ordered: 1) { _ in
        (0..<count).map { number in queue(store) { session in try body(number, session) } }
    }
    var heard: [Result<T, any Error>] = []
    for caller in callers { heard.append(await caller.result) }
    return heard
}
