package import RefundDomain
import RefundStorage

/// The idempotency key of a call that changes something, and how its answer is written.
package struct AnswerKey<Result: Sendable>: Sendable {
    let key: IdempotencyKey
    let render: @Sendable (Result) -> StoredAnswer

    package init(_ key: IdempotencyKey, render: @escaping @Sendable (Result) -> StoredAnswer) {
        self.key = key
        self.render = render
    }
}

/// What a call that changes something comes to.
package enum Performed<Result: Sendable>: Sendable {
    case done(Result)
    /// The first answer under the same key, to be sent again as it was.
    case replay(StoredAnswer)
}

/// Thrown inside a unit to undo it, where its key turns out to be taken.
private struct KeyTaken: Error {}

extension Operations {
    /// Runs a unit once under its key: key, change and answer are there together or not at all.
    ///
    /// Where the key is taken, the first answer comes back. A unit that is refused burns no key. Throws what the body
    /// throws, and `keyReused` where the key was used with another request.
    func perform<Result>(
        under key: AnswerKey<Result>?, for organization: OrganizationID, ordered place: Int64,
        _ body: @escaping @Sendable (any Session) throws -> Result
    ) async throws -> Performed<Result> {
        let now = surroundings.now()
        do {
            return .done(
                try await store.write(for: organization, ordered: place) { session in
                    if let key, try session.take(key.key, for: nil, of: organization, at: now).first() == nil {
                        throw KeyTaken()
                    }
                    let result = try body(session)
                    if let key { try session.keep(key.render(result), under: key.key, of: organization) }
                    return result
                })
        } catch is KeyTaken {
            guard let first = try await firstAnswer(under: key, of: organization) else { throw Failure.unavailable }
            return .replay(first)
        }
    }

    /// The answer that the first call under a key got; nil where there was none.
    ///
    /// It is replayed for good: the change that it tells of must not be made again. Throws `keyReused` where the key
    /// was used with another request.
    func firstAnswer<Result>(
        under key: AnswerKey<Result>?, of organization: OrganizationID
    ) async throws -> StoredAnswer? {
        guard let key = key?.key else { return nil }
        guard let record = try await store.read({ try $0.idempotencyRecord(key, of: organization) }) else { return nil }
        guard record.digest == key.digest else { throw RefundError.keyReused }
        return record.answer
    }
}
