package import RefundDomain
package import RefundStorage

/// What `verify` found.
package struct Verification: Sendable {
    /// What the database engine finds broken in its own files: what was answered may not be there any more.
    package let damages: [String]
    /// Rows that break a promise of the product: corruption, or a bug.
    package let breaches: [Breach]
    /// What gateways said and could not be applied: to be looked at by a person.
    package let exceptions: [(organization: OrganizationID, refund: RefundID, detail: String)]
    /// Notices of gateways that wait for something or were given up.
    package let unsettledNotices: [UnsettledNotice]
}

extension Verification {
    /// Checks a store, whoever serves it: the engine's own files first, then the rows, in one consistent state.
    ///
    /// Throws `StorageError`.
    package static func of(_ store: any Store) async throws -> Verification {
        let damages = try await store.damages()
        do {
            return try await store.read { session in
                Verification(
                    damages: damages, breaches: try session.breaches(), exceptions: try session.exceptions(),
                    unsettledNotices: try session.unsettledNotices())
            }
        } catch let error as StorageError where error.code == .corrupt && !damages.isEmpty {
            return Verification(damages: damages, breaches: [], exceptions: [], unsettledNotices: [])
        }
    }
}

extension Operations {
    /// Checks the promises of the product over all data.
    package func verify() async throws(Failure) -> Verification {
        try await attempt(report: report) { try await Verification.of(store) }
    }
}
