package import RefundDomain
import RefundStorage

extension Operations {
    /// A refund as it is now, by an identifier of a dialect or, where the dialect allows it, by number.
    ///
    /// Throws `notFound` where there is none, or where `isShown` says that the dialect does not show it.
    package func retrieveRefund(
        _ reference: RecordReference, of organization: OrganizationID,
        isShown: @escaping @Sendable (RefundView) -> Bool = { _ in true }
    ) async throws(Failure) -> RefundView {
        try await attempt(report: report) {
            try await store.read { session in
                let refund = try session.locateRefund(reference, of: organization)
                let view = try session.view(of: refund, for: reference.dialect, of: organization)
                guard isShown(view) else { throw Failure.notFound(.refund, reference.text) }
                return view
            }
        }
    }

    /// What happened to a refund, step by step, and what was posted for it.
    ///
    /// Throws `notFound`.
    package func retrieveHistory(
        of reference: RecordReference, of organization: OrganizationID
    ) async throws(Failure) -> RefundHistory {
        try await attempt(report: report) {
            try await store.read { session in
                let refund = try session.locateRefund(reference, of: organization)
                return RefundHistory(
                    view: try session.view(of: refund, for: reference.dialect, of: organization),
                    steps: try session.history(of: refund.id, of: organization),
                    postings: try session.postings(of: refund.id.value, of: organization),
                    actions: try session.actions(of: refund.id, of: organization),
                    fees: try session.fees(of: refund.id, of: organization).map { fee in
                        ChargedFee(fee: fee, postings: try session.postings(of: fee.id.value, of: organization))
                    })
            }
        }
    }
}

/// The whole story of a refund.
package struct RefundHistory: Sendable {
    package let view: RefundView
    package let steps: [RefundStep]
    package let postings: [PostedLine]
    /// What clients and operators asked for of it.
    package let actions: [RequestedAction]
    /// What gateways charged for it.
    package let fees: [ChargedFee]
}

/// A fee, and what was posted for it.
package struct ChargedFee: Sendable {
    package let fee: PostedFee
    package let postings: [PostedLine]
}

extension Session {
    /// The refund that a reference means.
    ///
    /// Throws `Failure.notFound`.
    func locateRefund(_ reference: RecordReference, of organization: OrganizationID) throws -> Refund {
        if let id = try record(.refund, reference, of: organization),
            let refund = try refund(RefundID(id), of: organization)
        {
            return refund
        }
        if reference.mayBeNumber, let number = RefundNumber(text: reference.text),
            let refund = try refund(number, of: organization)
        {
            return refund
        }
        throw Failure.notFound(.refund, reference.text)
    }
}
