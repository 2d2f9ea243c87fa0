package import RefundDomain
package import RefundStorage

/// What `verify` found.
package struct Verification: Sendable {
    /// Rows that break a promise of the product: corruption, or a bug.
    package let breaches: [Breach]
    /// What gateways said and could not be applied: to be looked at by a person.
    package let exceptions: [(organization: OrganizationID, refund: RefundID, detail: String)]
}

extension Operations {
    /// Checks the promises of the product over all data, in one consistent state of the database.
    package func verify() async throws(Failure) -> Verification {
        try await attempt(report: report) {
            try await store.read { session in
                Verification(breaches: try session.breaches(), exceptions: try session.exceptions())
            }
        }
    }
}
