@testable import RefundStorage

/// Every text of the tables, by the enum that holds it.
enum SQLCatalogue {
    static let all: [(name: String, texts: [SQLText])] = [
        ("AliasSQL", AliasSQL.all),
        ("ChargeReferenceSQL", ChargeReferenceSQL.all),
        ("ClientSQL", ClientSQL.all),
        ("CounterSQL", CounterSQL.all),
        ("CreditNoteLineSQL", CreditNoteLineSQL.all),
        ("CreditNoteSQL", CreditNoteSQL.all),
        ("DisputeSQL", DisputeSQL.all),
        ("ExceptionSQL", ExceptionSQL.all),
        ("ExceptionStepSQL", ExceptionStepSQL.all),
        ("GatewayFeeSQL", GatewayFeeSQL.all),
        ("GatewayNoticeSQL", GatewayNoticeSQL.all),
        ("GatewaySQL", GatewaySQL.all),
        ("GatewayTurnSQL", GatewayTurnSQL.all),
        ("IdempotencySQL", IdempotencySQL.all),
        ("JournalSQL", JournalSQL.all),
        ("LineDrawSQL", LineDrawSQL.all),
        ("MovedTableSQL", MovedTableSQL.all),
        ("NodeSQL", NodeSQL.all),
        ("NoticeChargeSQL", NoticeChargeSQL.all),
        ("OpenRequestSQL", OpenRequestSQL.all),
        ("OrganizationSQL", OrganizationSQL.all),
        ("PartySQL", PartySQL.all),
        ("PaymentMethodSQL", PaymentMethodSQL.all),
        ("PaymentSQL", PaymentSQL.all),
        ("NoteBackingSQL", NoteBackingSQL.all),
        ("PayoutSQL", PayoutSQL.all),
        ("RefundAllocationSQL", RefundAllocationSQL.all),
        ("RefundActionSQL", RefundActionSQL.all),
        // Made of a few parts, in an order that differs from run to run.
        ("RefundListingSQL", RefundListingSQL.all.sorted { $0.text < $1.text }),
        ("RefundSQL", RefundSQL.all),
        ("RefundStepSQL", RefundStepSQL.all),
        ("SendingSQL", SendingSQL.all),
        ("TokenSQL", TokenSQL.all),
        ("VerificationSQL", VerificationSQL.all),
    ]

    /// Every text, with the name of its enum.
    static let texts: [CataloguedText] = all.flatMap { name, texts in texts.map { CataloguedText(home: name, sql: $0) }
    }
}

/// One text and where it stands.
struct CataloguedText: Sendable {
    let home: String
    let sql: SQLText

    var text: String { sql.text }
}

/// Texts that depart from a rule, each for a reason.
struct TextExceptions: Sendable {
    private let reasons: [(text: SQLText, reason: String)]

    init(_ reasons: [(text: SQLText, reason: String)]) {
        self.reasons = reasons
    }

    func holds(_ text: CataloguedText) -> Bool { reasons.contains { $0.text === text.sql } }

    /// Exceptions that no longer stand in the catalogue.
    var strangers: [String] {
        reasons.filter { exception in !SQLCatalogue.texts.contains { $0.sql === exception.text } }.map(\.reason)
    }

    /// Texts that name no organization.
    static let organization = TextExceptions(
        [
            (OrganizationSQL.list, "the people who run the database see all organizations"),
            (ClientSQL.findByPublicID, "a client asks for a token before its organization is known"),
            (TokenSQL.findByHash, "a token says by itself whose it is"),
            (GatewaySQL.findByID, "an account's address says by itself whose it is"),
            (PayoutSQL.due, "workers serve all organizations"),
            (GatewayNoticeSQL.due, "workers serve all organizations"),
            (SendingSQL.find, "it is about the database itself"),
            (SendingSQL.turnOff, "it is about the database itself"),
            (SendingSQL.turnOn, "it is about the database itself"),
            (SendingSQL.noteServer, "it is about the database itself"),
            (SendingSQL.server, "it is about the database itself"),
            (NodeSQL.take, "processes draw identifiers for all organizations"),
            (NodeSQL.renew, "processes draw identifiers for all organizations"),
            (NodeSQL.last, "processes draw identifiers for all organizations"),
            (NodeSQL.skip, "processes draw identifiers for all organizations"),
        ] + VerificationSQL.all.map { ($0, "`refundry verify` reads all organizations") }
            + MovedTableSQL.all.map { ($0, "`refundry move` takes all organizations along") })

    /// Texts that read a whole table.
    static let scan = TextExceptions(
        [
            (OrganizationSQL.list, "organizations are few, and asked for by the people who run the database"),
            (NodeSQL.take, "there are 32 rows for ever"),
            (NodeSQL.last, "there are 32 rows for ever"),
            (NodeSQL.skip, "there are 32 rows for ever"),
        ] + VerificationSQL.all.map { ($0, "`refundry verify` reads everything, away from the serving processes") }
            + MovedTableSQL.all.filter { !$0.text.contains(" where ") }.map { ($0, "`refundry move` reads all rows") })

    /// Texts that walk through all of one organization's rows of a table.
    static let walk = TextExceptions(
        [
            (OrganizationSQL.find, "the organization is its own row"),
            (OrganizationSQL.tenants, "an organization has a few"),
            (OrganizationSQL.settings, "an organization has a few"),
            (ClientSQL.list, "an organization has a few"),
            (GatewaySQL.list, "an organization has a few"),
            (GatewaySQL.settings, "an organization has a few"),
            (SendingSQL.lastMoment, "asked once, before sending is resumed"),
            (TokenSQL.list, "asked for by the people who run the database"),
        ] + VerificationSQL.all.map { ($0, "`refundry verify` reads everything, away from the serving processes") }
            + RefundListingSQL.all.filter { $0.text.contains("$2 = $2") }.map { ($0, "it lists the organization") })
}
