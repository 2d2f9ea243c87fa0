package import RefundDomain

enum SendingSQL {
    static let find: SQLText = "select state, reason from sending where id = 1"

    static let turnOff: SQLText = "update sending set state = 'off', reason = $1 where id = 1"

    static let turnOn: SQLText = "update sending set state = 'on', reason = '' where id = 1"

    /// Guarded by what was read: of two processes that see another server, one turns sending off.
    static let noteServer: SQLText = """
        update sending set server = $1, state = case when server = '' then state else 'off' end, \
        reason = case when server = '' then reason else $2 end where id = 1 and server = $3
        """

    static let server: SQLText = "select server from sending where id = 1"

    /// When anything was last known of a refund.
    static let lastMoment: SQLText = """
        select max(updated_at) from refunds where organization_id = $1 having count(*) > 0
        """

    static let all = [find, turnOff, turnOn, noteServer, server, lastMoment]
}

private struct StoredSending: Stored {
    let state: SendingState

    init(row: inout RowReader) throws(StorageError) {
        let word = row.text()
        let reason = row.text()
        state = word == "on" ? .on : .off(reason)
    }
}

struct StoredServer: Stored {
    let text: String

    init(row: inout RowReader) throws(StorageError) { text = row.text() }
}

/// Whether refunds are accepted and sent, asked and not read yet.
package struct SendingAnswer {
    fileprivate let answer: Answer<StoredSending>

    /// The state as the unit sees it.
    package func state() throws(StorageError) -> SendingState {
        guard let stored = try answer.first() else { throw StorageError(.corrupt, "the row of sending is missing") }
        return stored.state
    }
}

extension Session {
    /// Asks whether refunds are accepted and sent, beside the other questions of a unit.
    package func askSending() throws(StorageError) -> SendingAnswer {
        SendingAnswer(answer: try ask(StoredSending.self, SendingSQL.find, []))
    }

    /// Whether refunds are accepted and sent.
    package func sending() throws(StorageError) -> SendingState { try askSending().state() }

    /// Lets no refund be accepted or sent, and says why.
    package func turnSendingOff(because reason: String) throws(StorageError) {
        try execute(SendingSQL.turnOff, [.text(reason)])
    }

    /// Lets refunds be accepted and sent again.
    package func turnSendingOn() throws(StorageError) {
        try execute(SendingSQL.turnOn, [])
    }

    /// The last moment at which anything was known of a refund; nil where there is none.
    package func lastMoment(of organization: OrganizationID) throws(StorageError) -> Instant? {
        try row(StoredInteger.self, SendingSQL.lastMoment, [.integer(organization.value)])
            .map { Instant(microseconds: $0.value) }
    }
}
