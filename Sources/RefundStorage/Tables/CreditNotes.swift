package import RefundDomain

enum CreditNoteSQL {
    private static let columns = """
        id, party_id, number, state, currency, total, tax, applied, drawn, lacking, excess, rate, raised_on, \
        reference, payment_id, invoice_number, is_for_refund
        """

    static let find: SQLText = "select \(columns) from credit_notes where organization_id = $1 and id = $2"

    static let findByNumber: SQLText = """
        select \(columns) from credit_notes where organization_id = $1 and number = $2
        """

    static let insert: SQLText = """
        insert into credit_notes (organization_id, \(columns)) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """

    /// Locks a note, so that what is decided on it next rests on how it stands.
    static let lock: SQLText = """
        update credit_notes set drawn = drawn where organization_id = $1 and id = $2 returning \(columns)
        """

    /// Draws on an open note, where as much is left in the same currency.
    static let draw: SQLText = """
        update credit_notes set drawn = drawn + $1 \
        where organization_id = $2 and id = $3 and state = 'open' and applied + drawn + $1 <= total \
        and currency = $4 \
        returning \(columns)
        """

    static let move: SQLText = """
        update credit_notes set drawn = drawn + $1, lacking = lacking + $2 \
        where organization_id = $3 and id = $4 and lacking + $2 <= \(Limits.figureMax) returning \(columns)
        """

    static let setExcess: SQLText = "update credit_notes set excess = $1 where organization_id = $2 and id = $3"

    static let void: SQLText = """
        update credit_notes set state = 'void' where organization_id = $1 and id = $2 and drawn = 0
        """

    /// What the owner changes of a note, which the unit has locked.
    static let correct: SQLText = """
        update credit_notes set state = $1, applied = $2, payment_id = $3 \
        where organization_id = $4 and id = $5 and $2 + drawn <= total returning \(columns)
        """

    static let countPosting: SQLText = """
        update credit_notes set postings = postings + 1 where organization_id = $1 and id = $2 returning postings
        """

    /// What the refunds of a note took that are under way or done, what payments carry of it, and what they back.
    static let use: SQLText = """
        select coalesce(cast(sum(amount) as bigint), 0), coalesce(cast(sum(coalesce((\
        select sum(a.amount) from refund_allocations a where a.organization_id = refunds.organization_id \
        and a.refund_id = refunds.id), 0)) as bigint), 0), \
        coalesce((select cast(sum(b.amount) as bigint) from note_backings b \
        where b.organization_id = $1 and b.credit_note_id = $2), 0) \
        from refunds where organization_id = $1 and credit_note_id = $2 \
        and state not in ('failed', 'canceled', 'voided', 'returned')
        """

    /// The refunds that took more than the note had, the oldest first.
    static let lacking: SQLText = """
        select id, note_shortfall from refunds \
        where organization_id = $1 and credit_note_id = $2 and note_shortfall > 0 order by id
        """

    static let lackLess: SQLText = """
        update refunds set note_shortfall = note_shortfall - $1 where organization_id = $2 and id = $3
        """

    static let all = [
        find, findByNumber, insert, lock, draw, move, setExcess, void, correct, countPosting, use, lacking, lackLess,
    ]
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

    static let giveBack: SQLText = """
        update credit_note_lines set drawn = drawn - (select amount from line_draws \
        where organization_id = $1 and refund_id = $2 and line_id = credit_note_lines.id) \
        where organization_id = $1 \
        and id in (select line_id from line_draws where organization_id = $1 and refund_id = $2)
        """

    static let all = [ofNote, insert, draw, giveBack]
}

extension CreditNote: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let id: CreditNoteID = row.identifier()
        let party: PartyID = row.identifier()
        let number = row.text()
        let state = try row.parsed(State.init(rawValue:))
        let balance = CreditNoteBalance(
            currency: try row.parsed(Currency.init), total: row.integer(), tax: row.integer(),
            applied: row.integer(), drawn: row.integer(), lacking: row.integer(), overRefunded: row.integer())
        self.init(
            id: id, party: party, number: number, state: state, balance: balance,
            rate: try row.parsed(ExchangeRate.init), raisedOn: row.date(), reference: row.text(),
            payment: row.optionalIdentifier(), invoiceNumber: row.text(), isForRefund: row.bool())
    }

    fileprivate var values: [Value] {
        [
            .integer(id.value), .integer(party.value), .text(number), .text(state.rawValue), .text(currency.code),
            .integer(balance.total), .integer(balance.tax), .integer(balance.applied), .integer(balance.drawn),
            .integer(balance.lacking), .integer(balance.overRefunded),
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

    private func insert(
        _ draw: LineDraw, for refund: RefundID, of organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            LineDrawSQL.insert,
            [
                .integer(organization.value), .integer(refund.value), .integer(draw.line.value), .integer(draw.amount),
            ])
    }

    /// A note by its identifier, locked for the rest of the unit; nil where there is none.
    package func lockCreditNote(
        _ id: CreditNoteID, of organization: OrganizationID
    ) throws(StorageError) -> CreditNote? {
        try row(CreditNote.self, CreditNoteSQL.lock, [.integer(organization.value), .integer(id.value)])
    }

    /// Writes the state, the applied amount and the first payment of a note that the unit has locked; nil where less
    /// would be left than refunds drew.
    package func correct(_ note: CreditNote, for organization: OrganizationID) throws(StorageError) -> CreditNote? {
        try row(
            CreditNote.self, CreditNoteSQL.correct,
            [
                .text(note.state.rawValue), .integer(note.balance.applied), .integer(note.payment?.value),
                .integer(organization.value), .integer(note.id.value),
            ])
    }

    /// The next step of a note's own journals.
    package func nextPosting(
        of note: CreditNoteID, _ organization: OrganizationID
    ) throws(StorageError) -> Int {
        let row = try row(
            StoredInteger.self, CreditNoteSQL.countPosting, [.integer(organization.value), .integer(note.value)])
        guard let row else { throw StorageError(.corrupt, "there is no note \(note)") }
        return Int(row.value)
    }

    func void(_ note: CreditNoteID, of organization: OrganizationID) throws(StorageError) {
        try execute(CreditNoteSQL.void, [.integer(organization.value), .integer(note.value)])
    }
}

enum LineDrawSQL {
    static let insert: SQLText = """
        insert into line_draws (organization_id, refund_id, line_id, amount) values ($1, $2, $3, $4) \
        on conflict (organization_id, refund_id, line_id) do update set amount = line_draws.amount + excluded.amount
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
