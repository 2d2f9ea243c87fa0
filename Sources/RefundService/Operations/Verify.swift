package import RefundDomain
package import RefundStorage

/// What `verify` found.
package struct Verification: Sendable {
    /// What the database engine finds broken in its own files: what was answered may not be there any more.
    package let damages: [String]
    /// Rows that break a promise of the product: corruption, or a bug.
    package let breaches: [Breach]
    /// The open exceptions, which wait for an operator; they are no corruption.
    package let exceptions: [RefundException]
    /// Notices of gateways that wait for something.
    package let unsettledNotices: [UnsettledNotice]
}

extension Verification {
    /// How many exceptions of each kind are open, kinds without one left out.
    package var exceptionCounts: [(kind: ExceptionKind, count: Int)] {
        ExceptionKind.allCases.compactMap { kind in
            let count = exceptions.count { $0.kind == kind }
            return count == 0 ? nil : (kind, count)
        }
    }

    /// Checks a store, whoever serves it: the engine's own files first, then the rows, in one consistent state.
    ///
    /// With a moment, also what has to be asked about by then. Throws `StorageError`.
    package static func of(_ store: any Store, at now: Instant? = nil) async throws -> Verification {
        let damages = try await store.damages()
        do {
            return try await store.read { session in
                Verification(
                    damages: damages, breaches: try session.breaches(at: now), exceptions: try session.exceptions(),
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
        try await attempt(report: report) { try await Verification.of(store, at: surroundings.now()) }
    }
}
