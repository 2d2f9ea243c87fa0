package import RefundDomain
import RefundStorage

/// What leaves an operation when it does not succeed.
///
/// Each dialect answers every case, in its own words.
package enum Failure: Error, Hashable, Sendable {
    /// A rule of refunds or money refuses it.
    case refund(RefundError)
    /// The request itself is wrong.
    case input([InputProblem])
    /// There is no such record, or it belongs to somebody else: the two are never told apart.
    case notFound(RecordKind, String)
    /// What is stored contradicts what is brought.
    case conflict(String)
    /// The charge of a payment that is brought belongs to another one, which differs; the text says so.
    case chargeOfAnotherPayment(PaymentID, String)
    /// The token is absent, dead or unknown.
    case unauthenticated
    /// The token does not reach so far.
    case denied(scope: String)
    /// The tenant that is named is not the caller's; nil where none is named.
    case foreignTenant(String?)
    /// The database or a gateway cannot do it just now; nothing was changed, and the same request may be sent again.
    case unavailable
    /// No refund is accepted or sent until an operator resumes it; nothing was changed.
    case sendingOff
    /// Our own mistake; the log has it.
    case bug
}

/// Runs one operation and says in the terms of `Failure` what became of it.
///
/// What is not expected becomes `bug`, and `report` hears what it was.
func attempt<T>(
    report: (any Error) -> Void, _ body: () async throws -> T
) async throws(Failure) -> T {
    do {
        return try await body()
    } catch let failure as Failure {
        throw failure
    } catch let error as RefundError {
        throw .refund(error)
    } catch let error as StorageError {
        report(error)
        throw Failure(error)
    } catch is CancellationError {
        throw .unavailable
    } catch {
        report(error)
        throw .bug
    }
}

extension Failure {
    /// What callers of every dialect are told while sending is off.
    package static let sendingOffMessage =
        "No refund is accepted or sent until an operator resumes sending; nothing was changed."

    init(_ error: StorageError) {
        switch error.code {
        case .unique(let constraint): self = .conflict(TakenKey.words(for: constraint))
        case .tooGreat: self = .refund(.amountOverflow)
        case .busy, .conflict, .unavailable, .full, .readOnly: self = .unavailable
        case .constraint, .corrupt, .newerSchema, .failedBefore: self = .bug
        }
    }
}
