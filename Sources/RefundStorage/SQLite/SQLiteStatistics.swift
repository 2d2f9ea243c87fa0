import GRDB

/// What SQLite's planner is told of tables and indexes before there is data to measure.
///
/// Every key begins with the organization. Without figures SQLite takes the primary key for as good as an index that
/// goes on with a payment or a digest, and walks through all refunds of an organization.
enum SQLiteStatistics {
    /// By table and index: how many rows, then how many share the first column, the first two, and so on, as
    /// `sqlite_stat1` has them.
    private static let figures: [(table: String, index: String, rows: String)] = [
        ("aliases", "aliases", "1000000 100000 20000 10000 1"),
        ("aliases", "aliases_by_record", "1000000 100000 1 1 1 1"),
        ("payments", "payments", "1000000 100000 1"),
        ("payments", "payments_by_party", "1000000 100000 20 1"),
        ("payments", "payments_by_charge", "1000000 100000 50000 1 1"),
        ("charge_disputes", "charge_disputes", "10000 1000 500 1"),
        ("charge_disputes", "charge_disputes_by_payment", "10000 1000 1 1"),
        ("dispute_steps", "dispute_steps", "10000 1000 500 1 1"),
        ("dispute_steps", "dispute_steps_by_dispute", "10000 1000 500 5 1"),
        ("note_backings", "note_backings", "1000000 100000 1 1"),
        ("note_backings", "note_backings_by_payment", "1000000 100000 1 1"),
        ("refund_allocations", "refund_allocations", "1000000 100000 1 1"),
        ("refund_allocations", "refund_allocations_by_payment", "1000000 100000 2 1"),
        ("gateway_notices", "gateway_notices", "1000000 100000 50000 1"),
        ("gateway_notices", "gateway_notices_by_due", "1000 1 1 1 1"),
        ("gateway_fees", "gateway_fees", "1000000 100000 1"),
        ("gateway_fees", "gateway_fees_by_refund", "1000000 100000 1 1"),
        // The unique constraint of the references.
        ("gateway_fees", "sqlite_autoindex_gateway_fees_2", "1000000 100000 50000 1"),
        ("credit_notes", "credit_notes", "1000000 100000 1"),
        ("credit_notes", "credit_notes_by_party", "1000000 100000 20 1"),
        ("refunds", "refunds", "1000000 100000 1"),
        // The unique constraint of the numbers.
        ("refunds", "sqlite_autoindex_refunds_2", "1000000 100000 1"),
        ("refunds", "refunds_by_party", "1000000 100000 20 2 1"),
        ("refunds", "refunds_by_payment", "1000000 100000 2 1"),
        ("refunds", "refunds_by_note", "1000000 100000 2 1"),
        ("refunds", "refunds_open_by_request", "1000 100 1 1"),
        ("payouts", "payouts", "1000000 100000 1"),
        ("payouts", "payouts_by_due", "10000 1 1 1"),
        ("payouts", "payouts_by_gateway_reference", "1000000 100000 50000 1 1"),
    ]

    /// Tells the planner, where nobody has measured; what `analyze` found later is left as it is.
    static func write(to connection: Database) throws {
        // The table of statistics is made by the first `analyze`, and this one has next to nothing to read.
        try connection.execute(sql: "analyze schema_versions")
        for figure in figures {
            try connection.execute(
                sql: """
                    insert into sqlite_stat1 (tbl, idx, stat) select ?, ?, ? \
                    where not exists (select 1 from sqlite_stat1 where tbl = ? and idx = ?)
                    """,
                arguments: [figure.table, figure.index, figure.rows, figure.table, figure.index])
        }
        try connection.execute(sql: "analyze sqlite_schema")
    }
}
