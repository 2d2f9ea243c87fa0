import Foundation
import RefundDomain

/// What one thread has of the database: a connection that is made when it is needed, and again when it was lost.
///
/// While the database cannot be reached, callers hear so at once; it is tried again after a pause that grows.
final class PostgresConnection {
    private let connectionString: String
    private var current: PostgresSession?
    private var pause: Duration = .zero
    private var nextTry = ContinuousClock.now

    /// Whether a new connection looks first where it leads: a failover may have lost what was answered.
    private let notesServer: Bool

    init(_ connectionString: String, notesServer: Bool = false) {
        self.connectionString = connectionString
        self.notesServer = notesServer
    }

    /// A session on a connection that was alive when it was last used.
    ///
    /// Throws `unavailable`.
    func session() throws(StorageError) -> PostgresSession {
        if let current, !current.isLost { return current }
        current = nil
        guard ContinuousClock.now >= nextTry else {
            throw StorageError(.unavailable, "PostgreSQL could not be reached a moment ago")
        }
        do throws(StorageError) {
            let session = try Self.connect(connectionString)
            if notesServer { try PostgresServer.note(in: session) }
            current = session
            pause = .zero
            return session
        } catch {
            pause = min(max(pause * 2, Limits.reconnectPauseMin), Limits.reconnectPauseMax)
            nextTry = .now + pause
            throw error
        }
    }

    /// Whether units took effect whose COMMIT was not answered; nil where that cannot be known.
    ///
    /// They shared one transaction, so that one unit's proof is all units' proof. What is not there yet may still come
    /// as long as the lost connection's process is at work on the server: its end is awaited, at most
    /// `Limits.commitQuestionMax`.
    func isDone(_ units: [any Unit], by backend: String) -> Bool? {
        let deadline = ContinuousClock.now + Limits.commitQuestionMax
        while ContinuousClock.now < deadline {
            do {
                if try !reading({ try $0.row(StoredInteger.self, .isAtWork, [.text(backend)]) != nil }) {
                    // In a transaction after the process has ended: its last COMMIT is seen.
                    return try reading { session in try units.lazy.compactMap { try $0.isDone(in: session) }.first }
                }
            } catch {
                // Not reachable yet, or lost again.
            }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return nil
    }

    private func reading<T>(_ body: (PostgresSession) throws -> T) throws -> T {
        let session = try session()
        do {
            try session.begin(.beginReading)
            let found = try body(session)
            try session.commit()
            return found
        } catch {
            if !session.isLost { try? session.rollBack() }
            throw error
        }
    }

    /// A session that waits for no lock forever, and answers for its commits whatever its role has set.
    static func connect(_ connectionString: String) throws(StorageError) -> PostgresSession {
        let session = PostgresSession(try PostgresPipeline(connectionString))
        try session.begin(.beginWriting)
        for setting in SQLText.sessionSettings { try session.execute(setting, []) }
        let backend = try session.row(StoredText.self, .ownBackend, [])
        try session.commit()
        session.backend = backend?.text ?? ""
        return session
    }
}

private struct StoredText: Stored {
    let text: String

    init(row: inout RowReader) throws(StorageError) { text = row.text() }
}

extension SQLText {
    static let beginWriting: SQLText = "begin"
    static let beginReading: SQLText = "begin isolation level repeatable read read only"

    /// Names the server's process for this connection, over the life of the server.
    fileprivate static let ownBackend: SQLText = """
        select cast(pid as text) || ' ' || cast(backend_start as text) from pg_stat_activity \
        where pid = pg_backend_pid()
        """
    fileprivate static let isAtWork: SQLText = """
        select cast(pid as bigint) from pg_stat_activity \
        where cast(pid as text) || ' ' || cast(backend_start as text) = $1
        """
    fileprivate static let sessionSettings: [SQLText] = [
        "set lock_timeout = '10s'", "set idle_in_transaction_session_timeout = '60s'", "set timezone = 'UTC'",
        // Whatever the role or the database has set: an answer is durable, and a guarded update sees the newest row.
        """
        select set_config('synchronous_commit', case current_setting('synchronous_commit') \
        when 'remote_apply' then 'remote_apply' else 'on' end, false)
        """,
        "set default_transaction_isolation = 'read committed'",
    ]
}
