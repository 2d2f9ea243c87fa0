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
