package import RefundDomain
import RefundStorage

/// Some of the exceptions that were asked for.
package struct ExceptionPage: Sendable {
    package let exceptions: [RefundException]
    /// Where the next page begins; nil behind the last one.
    package let next: ExceptionQuery.Position?
}

/// A record that a listing of exceptions is narrowed to, as a caller names it.
package enum ExceptionRecord: Hashable, Sendable {
    case refund(RecordReference)
    case payment(RecordReference)
}

/// An exception with its life.
package struct ExceptionHistory: Sendable {
    package let exception: RefundException
    package let steps: [ExceptionStep]
}

extension Operations {
    /// The exceptions that a query asks for, the newest first, narrowed to one record where one is named.
    ///
    /// Throws `notFound` where that record does not exist.
    package func listExceptions(
        _ query: ExceptionQuery, narrowedTo record: ExceptionRecord? = nil, of organization: OrganizationID
    ) async throws(Failure) -> ExceptionPage {
        try await attempt(report: report) {
            try await store.read { session in
                var query = query
                switch record {
                case nil: break
                case .refund(let reference):
                    query.scope = .refund(try session.locateRefund(reference, of: organization).id)
                case .payment(let reference):
                    query.scope = .payment(try session.locatePayment(reference, of: organization).id)
                }
                let limit = query.limit
                query.limit = limit + 1
                let found = try session.exceptions(query, of: organization)
                let page = Array(found.prefix(limit))
                let next = found.count > limit ? page.last : nil
                return ExceptionPage(
                    exceptions: page,
                    next: next.map { ExceptionQuery.Position(openedAt: $0.openedAt, id: $0.id) })
            }
        }
    }

    /// An exception and its life.
    ///
    /// Throws `notFound`.
    package func retrieveException(
        _ id: ExceptionID, of organization: OrganizationID
    ) async throws(Failure) -> ExceptionHistory {
        try await attempt(report: report) {
            try await store.read { session in
                guard let exception = try session.exception(id, of: organization) else {
                    throw Failure.notFound(.exception, id.text)
                }
                return ExceptionHistory(exception: exception, steps: try session.steps(of: id, of: organization))
            }
        }
    }

    /// Ends an open exception, with a reason.
    ///
    /// `actor` is the client or the operator. Throws `input` for a blank reason, `notFound`, and `conflict` where it is
    /// resolved already.
    package func resolveException(
        _ id: ExceptionID, of organization: OrganizationID, by actor: String, because reason: String,
        under key: AnswerKey<RefundException>? = nil
    ) async throws(Failure) -> Performed<RefundException> {
        guard !reason.isBlank else { throw .input([InputProblem(field: "reason", kind: .missing)]) }
        let resolution = RefundException.Resolution(at: surroundings.now(), by: actor, reason: reason)
        let objection = "the exception is resolved already"
        return try await changeException(id, of: organization, under: key, orElse: objection) {
            try $0.resolveException(id, of: organization, as: resolution)
        }
    }

    /// Opens a resolved exception again.
    ///
    /// `actor` is the client or the operator. Throws `notFound`, and `conflict` where it is open.
    package func reopenException(
        _ id: ExceptionID, of organization: OrganizationID, by actor: String, because reason: String,
        under key: AnswerKey<RefundException>? = nil
    ) async throws(Failure) -> Performed<RefundException> {
        let now = surroundings.now()
        return try await changeException(id, of: organization, under: key, orElse: "the exception is open") {
            try $0.reopenException(id, of: organization, by: actor, because: reason, at: now)
        }
    }

    private func changeException(
        _ id: ExceptionID, of organization: OrganizationID, under key: AnswerKey<RefundException>?,
        orElse objection: String, _ change: @escaping @Sendable (any Session) throws -> RefundException?
    ) async throws(Failure) -> Performed<RefundException> {
        try await attempt(report: report) {
            try await perform(under: key, for: organization, ordered: 0) { session in
                if let changed = try change(session) { return changed }
                let isThere = try session.exception(id, of: organization) != nil
                throw isThere ? Failure.conflict(objection) : Failure.notFound(.exception, id.text)
            }
        }
    }
}
