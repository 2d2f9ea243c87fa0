package import RefundDomain
import RefundStorage

extension Operations {
    /// Keeps a refusal that was decided before there was a command, for dialects that replay refusals too.
    ///
    /// Where the key is taken already, the answer is what became of its first request. Throws `keyReused` where that
    /// was another one.
    package func refuse(
        _ failure: Failure, under key: IdempotencyKey, of organization: OrganizationID, in dialect: DialectName,
        render: @Sendable (Result<RefundView, Failure>) -> StoredAnswer
    ) async throws(Failure) -> IssuedRefund {
        try await keepRefusal(render(.failure(failure)), under: key, of: organization, in: dialect)
    }

    /// Keeps the answer to a refused request, and gives it back; of a key that is taken, what became of it.
    func keepRefusal(
        _ answer: StoredAnswer, under key: IdempotencyKey, of organization: OrganizationID, in dialect: DialectName
    ) async throws(Failure) -> IssuedRefund {
        try await attempt(report: report) {
            if try await keepIfFree(answer, under: key, of: organization) { return .replay(answer) }
            return try await replay(key, of: organization, in: dialect) {
                _ = try await keepIfFree(answer, under: key, of: organization)
                return .replay(answer)
            }
        }
    }

    /// Answers a request whose key is taken, from what became of the first one.
    ///
    /// `afterExpiry` runs the request where the key was only ever used for a refusal that is no longer replayed; the
    /// key is free then. Where the dialect replays no refusals, a key without a refund is that of another call.
    func replay(
        _ key: IdempotencyKey, of organization: OrganizationID, in dialect: DialectName, replaysRefusals: Bool = true,
        afterExpiry: () async throws -> IssuedRefund
    ) async throws -> IssuedRefund {
        let now = surroundings.now()
        let found = try await store.read { session -> (IdempotencyRecord, RefundView?)? in
            guard let record = try session.idempotencyRecord(key, of: organization) else { return nil }
            guard let id = record.refund, let refund = try session.refund(id, of: organization) else {
                return (record, nil)
            }
            return (record, try session.view(of: refund, for: dialect, of: organization))
        }
        guard let (record, view) = found else { throw Failure.unavailable }
        let isFresh = record.createdAt + Limits.replayLifetime > now
        guard isFresh || record.refund != nil || !replaysRefusals else {
            try await store.write(for: organization) { session in
                try session.forgetRefusal(key, before: now - Limits.replayLifetime, of: organization)
            }
            return try await afterExpiry()
        }
        guard record.digest == key.digest else { throw RefundError.keyReused }
        if let answer = record.answer, isFresh { return .replay(answer) }
        guard let view else { throw RefundError.keyInProgress }
        let mayBeWaiting = record.createdAt + Limits.outcomeWait > now
        if mayBeWaiting, [.approved, .submitting].contains(view.refund.state) { throw RefundError.keyInProgress }
        return .refund(view)
    }

    private func keepIfFree(
        _ answer: StoredAnswer, under key: IdempotencyKey, of organization: OrganizationID
    ) async throws -> Bool {
        let now = surroundings.now()
        return try await store.write(for: organization) { session in
            guard try session.take(key, for: nil, of: organization, at: now).first() != nil else { return false }
            try session.keep(answer, under: key, of: organization)
            return true
        }
    }
}
