package import RefundDomain

/// A database, as units of work: what happens in one closure happens wholly or not at all.
///
/// A closure cannot await, so no gateway is ever called inside a transaction. It may be run again after a conflict:
/// identifiers, the clock, keys and leases are drawn before, and it has no effect but its session's.
package protocol Store: Sendable {
    /// Reads one consistent state of the database, beside the writers.
    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T

    /// Runs a unit in two phases: questions first, which an engine may ask for many units in one trip, then the
    /// decision and its writes.
    ///
    /// `organization` and `key` say where the unit writes: units with one key run in the order in which they came,
    /// but a unit that throws may run again after its neighbours, for its refusal may rest on what they did.
    /// `proof` tells by an identifier that the unit writes, made before it, whether the unit took effect: it is asked
    /// where a connection was lost at COMMIT, and without one the caller hears `unavailable`. It speaks for all
    /// units of a group, so nobody else may be able to make it true.
    ///
    /// It returns once the unit is durable. Throws what the closures throw, after rolling back, or `StorageError`;
    /// `CancellationError` only where the unit had not been queued yet.
    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T

    /// What the engine finds broken in its own files and settings, a line each; empty where all is whole.
    ///
    /// It reads everything, beside the writers.
    func damages() async throws -> [String]

    /// Settings of a server, by name, under which it may lose what it has answered; empty where there are none.
    func unsafeSettings() async throws -> [String]

    /// Finishes what is queued and lets go of the database; nothing may be asked of the store afterwards.
    func close() async
}

extension Store {
    /// None, unless the engine says otherwise: one that opens its files itself opens them safely.
    package func unsafeSettings() async throws -> [String] { [] }

    /// Runs a unit that has no questions to ask first.
    package func write<T: Sendable>(
        for organization: OrganizationID, ordered key: Int64 = 0,
        proof: (@Sendable (any Session) throws -> Bool)? = nil,
        _ body: @escaping @Sendable (any Session) throws -> T
    ) async throws -> T {
        try await write(
            for: organization, ordered: key, asking: { _ in }, then: { session, _ in try body(session) }, proof: proof)
    }

    /// Runs a unit in two phases that carries nothing to look for.
    package func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T
    ) async throws -> T {
        try await write(for: organization, ordered: key, asking: asking, then: then, proof: nil)
    }
}
