/// What callers hear where a unique key of the database is taken: plain words, and no table, column or value.
enum TakenKey {
    private static let words = [
        "aliases.external_id": "an identifier belongs to another record",
        "credit_notes.number": "another credit note has this number",
        "disputes.reference": "the dispute is there already",
        "gateways.name": "another gateway account has this name",
        "organizations.organization_id": "the organization is there already",
        "refunds.number": "another refund has this number",
        "settings.name": "the setting is there already",
        "tenants.external_id": "the organization goes by this identifier already",
        "tokens.hash": "the token is there already",
    ]

    /// The sentence for a constraint, by its table and last column, as `StorageError.Code.unique` names it.
    static func words(for constraint: String) -> String {
        words[String(constraint.split(separator: " ").last ?? "")] ?? "something of the same identity is there already"
    }
}
