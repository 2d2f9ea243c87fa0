import Synchronization

/// A process's number among those that share a database: a lock that its connection holds, and the server lets go of
/// when the process is gone.
final class PostgresNode: Sendable {
    private let connectionString: String
    private let holder = Mutex<Holder?>(nil)

    // Unchecked: it is only touched under `holder`.
    private struct Holder: @unchecked Sendable {
        let session: PostgresSession
    }

    init(_ connectionString: String) {
        self.connectionString = connectionString
    }

    /// The lowest number that nobody holds.
    ///
    /// Throws `busy` where all are held.
    func takeNumber(below count: Int) throws(StorageError) -> Int {
        let session = try PostgresConnection.connect(connectionString)
        for number in 0..<count {
            try session.begin(.beginWriting)
            let isTaken = try session.row(StoredFlag.self, .lockNumber, [.integer(number)])?.isSet ?? false
            try session.commit()
            guard isTaken else { continue }
            holder.withLock { $0 = Holder(session: session) }
            return number
        }
        throw StorageError(.busy, "\(count) processes share the database already")
    }

    /// Gives the number back.
    func letGo() {
        holder.withLock { $0 = nil }
    }
}

private struct StoredFlag: Stored {
    let isSet: Bool

    init(row: inout RowReader) throws(StorageError) { isSet = row.bool() }
}

extension SQLText {
    /// The first number of the pair is this program's alone; a session's lock outlives its transactions.
    fileprivate static let lockNumber: SQLText = """
        select case when pg_try_advisory_lock(904172635, cast($1 as integer)) then 1 else 0 end
        """
}
