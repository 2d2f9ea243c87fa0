package import RefundDomain

enum JournalSQL {
    static let insert: SQLText = """
        insert into journal_lines (organization_id, record_id, step, line, cause, account, currency, amount, \
        base_amount, effective_on, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """

    static let ofRecord: SQLText = """
        select step, cause, account, currency, amount, base_amount, effective_on, recorded_at from journal_lines \
        where organization_id = $1 and record_id = $2 order by step, line
        """

    static let all = [insert, ofRecord]
}

extension PostedLine: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let step = Int(row.integer())
        let cause = try row.parsed(JournalCause.init(rawValue:))
        let account = row.text()
        let currency = try row.parsed(Currency.init)
        self.init(
            step: step, cause: cause, account: account,
            amount: Money(minorUnits: row.integer(), currency: currency), baseMinorUnits: row.integer(),
            effectiveOn: row.date(), recordedAt: row.instant())
    }
}

extension Session {
    /// Posts a journal.
    ///
    /// The ledger is only ever added to.
    package func insert(_ journal: Journal, for organization: OrganizationID) throws(StorageError) {
        for (index, line) in journal.lines.enumerated() {
            try execute(
                JournalSQL.insert,
                [
                    .integer(organization.value), .integer(journal.record), .integer(journal.step),
                    .integer(index + 1), .text(journal.cause.rawValue), .text(line.account),
                    .text(line.amount.currency.code), .integer(line.amount.minorUnits),
                    .integer(line.base.minorUnits), .integer(Int(journal.effectiveOn.daysSinceEpoch)),
                    .integer(journal.recordedAt.microseconds),
                ])
        }
    }

    /// What was posted for the steps of one refund or note.
    package func postings(of record: Int64, of organization: OrganizationID) throws(StorageError) -> [PostedLine] {
        try rows(PostedLine.self, JournalSQL.ofRecord, [.integer(organization.value), .integer(record)])
    }
}
