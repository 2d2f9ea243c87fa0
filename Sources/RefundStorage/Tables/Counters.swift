package import RefundDomain

enum CounterSQL {
    /// Takes a block of numbers of a series; the row is the first number after it.
    static let take: SQLText = """
        insert into counters (organization_id, series, next) values ($1, $2, $3 + 1) \
        on conflict (organization_id, series) do update set next = counters.next + $3 returning next
        """

    /// Keeps a series above a number that came in with data.
    static let raise: SQLText = """
        insert into counters (organization_id, series, next) values ($1, $2, $3) \
        on conflict (organization_id, series) do update set next = excluded.next where counters.next < excluded.next
        """

    static let all = [take, raise]
}

/// A series of numbers of one organization.
package enum NumberSeries: String, CaseIterable, Sendable {
    /// Taken in blocks by nodes: gaps, never a number twice.
    case refund
    /// Taken one by one in the unit that raises the note: no gaps.
    case creditNote = "credit_note"
}

extension Session {
    /// Takes so many numbers of a series; the first of them.
    package func takeNumbers(
        _ count: Int, of series: NumberSeries, for organization: OrganizationID
    ) throws(StorageError) -> Int64 {
        let next = try row(
            StoredInteger.self, CounterSQL.take,
            [.integer(organization.value), .text(series.rawValue), .integer(count)])
        guard let next else { throw StorageError(.corrupt, "counter \(series.rawValue)") }
        return next.value - Int64(count)
    }

    /// Lets a series go on after a number that came in with data, where it has not passed it already.
    package func raiseNumbers(
        of series: NumberSeries, beyond number: Int64, for organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            CounterSQL.raise, [.integer(organization.value), .text(series.rawValue), .integer(number + 1)])
    }
}
