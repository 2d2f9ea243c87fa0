package import RefundDomain

// What refunds take of a note beyond what it has, and what comes free on it again. A note is locked before the refunds
// that draw on it.

private struct LackingRefund: Stored {
    let id: RefundID
    let lacking: Int64

    init(row: inout RowReader) throws(StorageError) {
        id = row.identifier()
        lacking = row.integer()
    }
}

extension NoteUse: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let taken = row.integer()
        let carried = row.integer()
        self.init(taken: taken, unbacked: taken - carried, backing: row.integer())
    }
}

extension Session {
    /// Draws an amount on a note as far as it has it, whatever is left: it is a fact.
    ///
    /// What the note does not have is what the refund lacks.
    package func drawUpTo(
        _ amount: Int64, on id: CreditNoteID, of organization: OrganizationID
    ) throws(StorageError) -> (note: CreditNote, lacking: Int64) {
        guard let note = try lockCreditNote(id, of: organization) else {
            throw StorageError(.corrupt, "there is no note \(id)")
        }
        let drawn = note.state == .open ? min(amount, max(0, note.balance.remaining.minorUnits)) : 0
        return (try move(drawn, lacking: amount - drawn, on: id, of: organization), amount - drawn)
    }

    /// Draws a refund that holds again what it had given back: on its note and, as far as that has it, on the lines.
    func drawAgain(_ refund: Refund, of organization: OrganizationID) throws(StorageError) -> SourceMovement {
        guard let id = refund.creditNote else { return .none }
        let amount = refund.amount.minorUnits
        let (_, lacking) = try drawUpTo(amount, on: id, of: organization)
        let before = try draws(of: refund.id, of: organization)
        let draws = spreadAgain(
            amount - lacking, drawnBefore: before, over: try lines(of: id, of: organization).rows())
        try execute(LineDrawSQL.forget, [.integer(organization.value), .integer(refund.id.value)])
        try draw(draws, for: refund.id, of: organization)
        return SourceMovement(drawnOnNote: amount - lacking, lacking: lacking)
    }

    /// Gives back what a refund drew on its note and on the lines.
    func giveBack(_ refund: Refund, of organization: OrganizationID) throws(StorageError) -> SourceMovement {
        guard let id = refund.creditNote else { return .none }
        let drawn = refund.amount.minorUnits - refund.lacking
        _ = try move(-drawn, lacking: -refund.lacking, on: id, of: organization)
        try execute(CreditNoteLineSQL.giveBack, [.integer(organization.value), .integer(refund.id.value)])
        return SourceMovement(drawnOnNote: -drawn)
    }

    /// Gives what came free on a note to the refunds that lack it, and keeps what the note is over-refunded by.
    ///
    /// It comes last: the refunds stand as they will.
    package func settle(
        _ id: CreditNoteID, of organization: OrganizationID
    ) throws(StorageError) -> SourceMovement {
        guard var note = try creditNote(id, of: organization),
            note.balance.lacking > 0 || note.balance.overRefunded > 0
        else { return .none }
        var drawn: Int64 = 0
        if note.state == .open, note.balance.lacking > 0, note.balance.remaining.isPositive {
            drawn = try giveToLacking(note, of: organization)
            note = try move(drawn, lacking: -drawn, on: id, of: organization)
        }
        let use = try row(NoteUse.self, CreditNoteSQL.use, [.integer(organization.value), .integer(id.value)])
        let over = note.overRefunded(by: use ?? NoteUse(taken: 0, unbacked: 0, backing: 0))
        try execute(
            CreditNoteSQL.setExcess, [.integer(over), .integer(organization.value), .integer(id.value)])
        return SourceMovement(drawnOnNote: drawn, overRefunded: over - note.balance.overRefunded)
    }

    private func giveToLacking(_ note: CreditNote, of organization: OrganizationID) throws(StorageError) -> Int64 {
        let room = note.balance.remaining.minorUnits
        var given: Int64 = 0
        let lacking = try rows(
            LackingRefund.self, CreditNoteSQL.lacking, [.integer(organization.value), .integer(note.id.value)])
        for refund in lacking where given < room {
            let part = min(room - given, refund.lacking)
            let lines = try lines(of: note.id, of: organization).rows()
            try execute(
                CreditNoteSQL.lackLess,
                [.integer(part), .integer(organization.value), .integer(refund.id.value)])
            try draw(spreadAgain(part, drawnBefore: [], over: lines), for: refund.id, of: organization)
            given += part
        }
        return given
    }

    private func move(
        _ drawn: Int64, lacking: Int64, on id: CreditNoteID, of organization: OrganizationID
    ) throws(StorageError) -> CreditNote {
        let note = try row(
            CreditNote.self, CreditNoteSQL.move,
            [.integer(drawn), .integer(lacking), .integer(organization.value), .integer(id.value)])
        guard let note else { throw .tooGreat("what refunds lack of note \(id)") }
        return note
    }
}
