import HTTPTypes
package import RefundDomain
package import RefundService

/// Issues a refund and writes it; the first answer under the same key is sent again as it was.
package func answer(
    issuing operation: @autoclosure () async throws(Failure) -> IssuedRefund, with write: (RefundView) -> Reply
) async throws(Failure) -> Reply {
    switch try await operation() {
    case .refund(let view): write(view)
    case .replay(let stored): .json(.init(code: stored.status), bytes: stored.body)
    }
}

/// Performs what a call asks for and writes it; the first answer under the same key is sent again as it was.
package func answer<Result>(
    performing operation: @autoclosure () async throws(Failure) -> Performed<Result>, with write: (Result) -> Reply
) async throws(Failure) -> Reply {
    switch try await operation() {
    case .done(let result): write(result)
    case .replay(let stored): .json(.init(code: stored.status), bytes: stored.body)
    }
}

extension Call {
    /// The key of a call whose answer is kept as it is written; nil where the call brought none.
    ///
    /// A client has one space of keys for all its calls. Throws `Failure.input` for a malformed key.
    package func answerKey<Result>(
        of caller: Caller, with write: @escaping @Sendable (Result) -> Reply
    ) throws(Failure) -> AnswerKey<Result>? {
        guard let key = try idempotencyKey(in: "client:\(caller.client)", caller: caller) else { return nil }
        return AnswerKey(key) { result in
            let reply = write(result)
            return StoredAnswer(status: reply.status.code, body: reply.body)
        }
    }
}

/// Reads what a body, or a query, asks of the record that the path names.
///
/// A path that leads to no record is told before arguments that are wrong: only then is the record looked up here.
package func readArguments<Arguments, Record>(
    _ arguments: @autoclosure () throws(Failure) -> Arguments,
    on record: @autoclosure () async throws(Failure) -> Record
) async throws(Failure) -> Arguments {
    do throws(Failure) {
        return try arguments()
    } catch {
        _ = try await record()
        throw error
    }
}
