import RefundDomain
import RefundStorage
import Testing

@testable import RefundService

/// What callers hear where the database holds already what they bring.
@Suite struct `A taken key` {
    @Test(
        arguments: [
            ("credit_notes.organization_id, credit_notes.number", "another credit note has this number"),
            (
                "aliases.organization_id, aliases.kind, aliases.dialect, aliases.external_id",
                "an identifier belongs to another record"
            ),
            ("gateways.organization_id, gateways.name", "another gateway account has this name"),
            ("payouts.organization_id, payouts.key", "something of the same identity is there already"),
            ("", "something of the same identity is there already"),
        ])
    func `was told by its table and columns`(constraint: String, told: String) async {
        await #expect(throws: Failure.conflict(told)) {
            func nothing(_ error: any Error) {}
            try await attempt(report: nothing) { throw StorageError(.unique(constraint), "for the log alone") }
        }
    }
}
