package import RefundDomain

enum CreditNoteSQL {
    private static let columns = """
        id, party_id, number, state, currency, total, tax, applied, drawn, rate, raised_on, reference, payment_id, \
        invoice_number, is_for_refund
        """

    static let find: SQLText = "select \(columns) from credit_notes where organization_id = $1 and id = $2"

    static let findByNumber: SQLText = """
        select \(columns) from credit_notes where organization_id = $1 and number = $2
        """

    static let insert: SQLText = """
        insert into credit_notes (organization_id, \(columns)) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """

    /// Draws on an open note, where as much is left in the same currency.
    static let draw: SQLText = """
        update credit_notes set drawn = drawn + $1 \
        where organization_id = $2 and id = $3 and state = 'open' and applied + drawn + $1 <= total \
        and currency = $4 \
        returning \(columns)
        """

    /// Guarded by the state and the figures that the decision rests on.
    static let drawAgain: SQLText = """
        update credit_notes set drawn = drawn + $1 \
        where organization_id = $2 and id = $3 and state = $4 and applied = $5 and drawn = $6 returning \(columns)
        """

    static let giveBack: SQLText = """
        update credit_notes set drawn = drawn - $1 where organization_id = $2 and id = $3
        """

    static let void: SQLText = """
        update credit_notes set state = 'void' where organization_id = $1 and id = $2 and drawn = 0
        """

    static let all = [find, findByNumber, insert, draw, drawAgain, giveBack, void]
}

enum CreditNoteLineSQL {
    private static let columns = "id, item_id, name, amount, drawn"

    static let ofNote: SQLText = """
        select \(columns) from credit_note_lines where organization_id = $1 and credit_note_id = $2 order by position
        """

    static let insert: SQLText = """
        insert into credit_note_lines (organization_id, credit_note_id, position, \(columns)) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """

    static let draw: SQLText = """
        update credit_note_lines set drawn = drawn + $1 where organization_id = $2 and id = $3
        """

    static let drawAgain: SQLText = """
        update credit_note_lines set drawn = drawn + $1 \
        where organization_id = $2 and id = $3 and drawn + $1 <= amount returning \(columns)
        """

    static let giveBack: SQLText = """
        update credit_note_lines set drawn = drawn - (select amount from line_draws \
        where organization_id = $1 and refund_id = $2 and line_id = credit_note_lines.id) \
        where organization_id = $1 \
        and id in (select line_id from line_draws where organization_id = $1 and refund_id = $2)
        """

    static let all = [ofNote, insert, draw, drawAgain, giveBack]
}

extension CreditNote: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let id: CreditNoteID = row.identifier()
        let party: PartyID = row.identifier()
        let number = row.text()
        let state = try row.parsed(State.init(rawValue:))
        let balance = CreditNoteBalance(
            currency: try row.parsed(Currency.init), total: row.integer(), tax: row.integer(),
            applied: row.integer(), drawn: row.integer())
        self.init(
            id: id, party: party, number: number, state: state, balance: balance,
            rate: try row.parsed(ExchangeRate.init), raisedOn: row.date(), reference: row.text(),
            payment: row.optionalIdentifier(), invoiceNumber: row.text(), isForRefund: row.bool())
    }

    fileprivate var values: [Value] {
        [
            .integer(id.value), .integer(party.value), .text(number), .text(state.rawValue), .text(currency.code),
            .integer(balance.total), .integer(balance.tax), .integer(balance.applied), .integer(balance.drawn),
            .text(rate.decimalText), .integer(Int(raisedOn.daysSinceEpoch)), .text(reference),
            .integer(payment?.value), .text(invoiceNumber), .integer(isForRefund ? 1 : 0),
        ]
    }
}

extension CreditNoteLine: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let id: CreditNoteLineID = row.identifier()
        let item: CreditNoteLineID? = row.optionalIdentifier()
        self.init(
            id: id, kind: item.map(Kind.tax(of:)) ?? .item, name: row.text(), amount: row.integer(),
            drawn: row.integer())
    }

    fileprivate var values: [Value] {
        let item: CreditNoteLineID?
        switch kind {
        case .item: item = nil
        case .tax(let taxed): item = taxed
        }
        return [.integer(id.value), .integer(item?.value), .text(name), .integer(amount), .integer(drawn)]
    }
}

extension Session {
    /// A note by its identifier, or nil.
    package func creditNote(_ id: CreditNoteID, of organization: OrganizationID) throws(StorageError) -> CreditNote? {
        try row(CreditNote.self, CreditNoteSQL.find, [.integer(organization.value), .integer(id.value)])
    }

    /// A note by its number, or nil.
    package func creditNote(number: String, of organization: OrganizationID) throws(StorageError) -> CreditNote? {
        try row(CreditNote.self, CreditNoteSQL.findByNumber, [.integer(organization.value), .text(number)])
    }

    /// The lines of a note in its own order: each item, then its taxes.
    package func lines(
        of note: CreditNoteID, of organization: OrganizationID
    ) throws(StorageError) -> Answer<CreditNoteLine> {
        try ask(
            CreditNoteLine.self, CreditNoteLineSQL.ofNote, [.integer(organization.value), .integer(note.value)])
    }

    /// Draws an amount on an open note, where that much is left; the answer is the note after it, or nothing.
    package func draw(
        _ amount: Money, on note: CreditNoteID, of organization: OrganizationID
    ) throws(StorageError) -> Answer<CreditNote> {
        try ask(
            CreditNote.self, CreditNoteSQL.draw,
            [
                .integer(amount.minorUnits), .integer(organization.value), .integer(note.value),
                .text(amount.currency.code),
            ])
    }

    /// Writes a note with its lines, in the order given.
    package func insert(
        _ note: CreditNote, lines: [CreditNoteLine], for organization: OrganizationID
    ) throws(StorageError) {
        try execute(CreditNoteSQL.insert, [.integer(organization.value)] + note.values)
        for (position, line) in lines.enumerated() {
            try execute(
                CreditNoteLineSQL.insert,
                [.integer(organization.value), .integer(note.id.value), .integer(position + 1)] + line.values)
        }
    }

    /// Draws on lines and remembers for which refund; a CHECK of the table refuses more than a line has.
    func draw(_ draws: [LineDraw], for refund: RefundID, of organization: OrganizationID) throws(StorageError) {
        for draw in draws {
            try execute(
                CreditNoteLineSQL.draw,
                [.integer(draw.amount), .integer(organization.value), .integer(draw.line.value)])
            try insert(draw, for: refund, of: organization)
        }
    }

    /// Draws an amount on a note again, and on its lines in place of what the refund once drew there.
    ///
    /// False where the note no longer stands as it was read.
    func drawAgain(
        _ amount: Int64, on note: CreditNote, by draws: [LineDraw], for refund: RefundID,
        of organization: OrganizationID
    ) throws(StorageError) -> Bool {
        let drawn = try row(
            CreditNote.self, CreditNoteSQL.drawAgain,
            [
                .integer(amount), .integer(organization.value), .integer(note.id.value), .text(note.state.rawValue),
                .integer(note.balance.applied), .integer(note.balance.drawn),
            ])
        guard drawn != nil else { return false }
        try execute(LineDrawSQL.forget, [.integer(organization.value), .integer(refund.value)])
        for draw in draws {
            let line = try row(
                CreditNoteLine.self, CreditNoteLineSQL.drawAgain,
                [.integer(draw.amount), .integer(organization.value), .integer(draw.line.value)])
            guard line != nil else { return false }
            try insert(draw, for: refund, of: organization)
        }
        return true
    }

    private func insert(
        _ draw: LineDraw, for refund: RefundID, of organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            LineDrawSQL.insert,
            [
                .integer(organization.value), .integer(refund.value), .integer(draw.line.value), .integer(draw.amount),
            ])
    }

    /// Gives back what a refund drew on a note and on its lines.
    func giveBack(
        _ amount: Int64, to note: CreditNoteID, from refund: RefundID, of organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            CreditNoteSQL.giveBack,
            [.integer(amount), .integer(organization.value), .integer(note.value)])
        try execute(CreditNoteLineSQL.giveBack, [.integer(organization.value), .integer(refund.value)])
    }

    func void(_ note: CreditNoteID, of organization: OrganizationID) throws(StorageError) {
        try execute(CreditNoteSQL.void, [.integer(organization.value), .integer(note.value)])
    }
}

enum LineDrawSQL {
    static let insert: SQLText = """
        insert into line_draws (organization_id, refund_id, line_id, amount) values ($1, $2, $3, $4)
        """

    static let ofRefund: SQLText = """
        select line_id, amount from line_draws where organization_id = $1 and refund_id = $2 order by line_id
        """

    static let forget: SQLText = """
        delete from line_draws where organization_id = $1 and refund_id = $2
        """

    static let all = [insert, ofRefund, forget]
}

extension LineDraw: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        self.init(line: row.identifier(), amount: row.integer())
    }
}

extension Session {
    /// What a refund drew on the lines of its note.
    package func draws(of refund: RefundID, of organization: OrganizationID) throws(StorageError) -> [LineDraw] {
        try rows(LineDraw.self, LineDrawSQL.ofRefund, [.integer(organization.value), .integer(refund.value)])
    }
}
