/// Lets the server measure tables that are still filling up.
///
/// Every key begins with the organization. While the server has not measured a table it takes all indexes on it for
/// equally good, keeps the plan that it made then, and may walk through all of an organization's rows. It measures by
/// itself within a minute or so; a new database should not be slow for that long.
struct PostgresStatistics {
    private static let firstMeasure = 200
    private static let lastMeasure = 20_000

    private var units = 0
    private var nextMeasure = Self.firstMeasure

    /// Counts units of one connection, and measures after the first hundreds, thousands and ten thousands.
    mutating func count(_ units: Int, on connection: PostgresConnection) {
        self.units += units
        guard self.units >= nextMeasure, nextMeasure <= Self.lastMeasure else { return }
        nextMeasure *= 10
        guard let session = try? connection.session() else { return }
        do throws(StorageError) {
            try session.begin(.beginWriting)
            try session.execute(.measure, [])
            try session.commit()
        } catch {
            // Nothing depends on it but speed.
            if !session.isLost { try? session.rollBack() }
        }
    }
}

extension SQLText {
    fileprivate static let measure: SQLText = """
        analyze parties, payment_methods, payments, credit_notes, credit_note_lines, refunds, refund_allocations, \
        note_backings, payouts, line_draws, refund_steps, journal_lines, aliases, idempotency_records
        """
}
