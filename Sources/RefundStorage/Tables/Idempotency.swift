package import RefundDomain

enum IdempotencySQL {
    /// Takes a key; no row where it is taken already.
    static let take: SQLText = """
        insert into idempotency_records (organization_id, space, key, digest, refund_id, created_at) \
        values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning created_at
        """

    static let find: SQLText = """
        select digest, refund_id, created_at, answer_status, answer_body from idempotency_records \
        where organization_id = $1 and space = $2 and key = $3
        """

    static let answer: SQLText = """
        update idempotency_records set answer_status = $1, answer_body = $2 \
        where organization_id = $3 and space = $4 and key = $5 and answer_status is null
        """

    /// Frees the keys of refused requests, whose answers are no longer replayed.
    static let forget: SQLText = """
        delete from idempotency_records \
        where organization_id = $1 and space = $2 and key = $3 and refund_id is null and created_at <= $4
        """

    static let all = [take, find, answer, forget]
}

/// What became of the first request with a key.
package struct IdempotencyRecord: Hashable, Sendable, Stored {
    package let digest: String
    /// Nil where the request was refused.
    package let refund: RefundID?
    package let createdAt: Instant
    /// The answer, for dialects that replay it byte for byte.
    package let answer: StoredAnswer?

    package init(row: inout RowReader) throws(StorageError) {
        digest = row.text()
        refund = row.optionalIdentifier()
        createdAt = row.instant()
        let status = row.optionalInteger()
        let body = row.optionalBytes()
        answer = status.map { StoredAnswer(status: Int($0), body: body ?? []) }
    }
}

extension Session {
    /// Takes a key for a refund, or for a refusal where it is nil; the answer is empty where it is taken already.
    package func take(
        _ key: IdempotencyKey, for refund: RefundID?, of organization: OrganizationID, at now: Instant
    ) throws(StorageError) -> Answer<StoredInteger> {
        try ask(
            StoredInteger.self, IdempotencySQL.take,
            [
                .integer(organization.value), .text(key.space), .text(key.key), .text(key.digest),
                .integer(refund?.value), .integer(now.microseconds),
            ])
    }

    /// What became of the first request with a key, or nil.
    package func idempotencyRecord(
        _ key: IdempotencyKey, of organization: OrganizationID
    ) throws(StorageError) -> IdempotencyRecord? {
        try row(
            IdempotencyRecord.self, IdempotencySQL.find,
            [.integer(organization.value), .text(key.space), .text(key.key)])
    }

    /// Keeps the first answer of a key; a later one changes nothing.
    package func keep(
        _ answer: StoredAnswer, under key: IdempotencyKey, of organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            IdempotencySQL.answer,
            [
                .integer(answer.status), .bytes(answer.body), .integer(organization.value), .text(key.space),
                .text(key.key),
            ])
    }

    /// Frees a key whose request was refused at or before a moment.
    package func forgetRefusal(
        _ key: IdempotencyKey, before moment: Instant, of organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            IdempotencySQL.forget,
            [
                .integer(organization.value), .text(key.space), .text(key.key), .integer(moment.microseconds),
            ])
    }
}
