import RefundDomain

/// Which server, and which state of it over time, a connection has reached.
///
/// A database that was restored from a dump, copied, or taken back by an archive has another system identifier,
/// timeline or number than the one that was kept in it: then it may be behind the gateways, and sending is turned off.
/// So it is after a failover too, for the replica may have lagged.
enum PostgresServer {
    /// Compares what was kept with where the connection leads, and keeps that.
    ///
    /// A role that may not read the system identifier, as on some hosted servers, is told apart by the rest alone.
    static func note(in session: PostgresSession) throws(StorageError) {
        try session.begin(.beginWriting)
        let mayRead = try session.row(StoredInteger.self, .mayReadControl, [])?.value == 1
        let system = mayRead ? try session.row(StoredServer.self, .systemIdentifier, [])?.text ?? "" : ""
        let place = try session.row(StoredServer.self, .databasePlace, [])?.text ?? ""
        let known = try session.row(StoredServer.self, SendingSQL.server, [])?.text
        let current = "\(system).\(place)"
        if let known, known != current, !place.isEmpty {
            try session.execute(
                SendingSQL.noteServer,
                [.text(current), .text("the database is on another server, or was taken back"), .text(known)])
        }
        try session.commit()
    }
}

extension SQLText {
    fileprivate static let mayReadControl: SQLText = """
        select cast(case when has_function_privilege('pg_control_system()', 'execute') then 1 else 0 end as bigint)
        """
    fileprivate static let systemIdentifier: SQLText = "select cast(system_identifier as text) from pg_control_system()"
    /// The timeline, the number of the database and the schema; empty on a replica, which takes no writes.
    fileprivate static let databasePlace: SQLText = """
        select case when pg_is_in_recovery() then '' \
        else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '.' || cast(oid as text) || '.' \
        || current_schema() end from pg_database where datname = current_database()
        """
}
