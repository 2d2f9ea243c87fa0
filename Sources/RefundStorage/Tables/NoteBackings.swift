package import RefundDomain

enum NoteBackingSQL {
    private static let columns = "payment_id, amount, amount_max, allocated"

    static let ofNote: SQLText = """
        select \(columns) from note_backings where organization_id = $1 and credit_note_id = $2 order by position
        """

    static let insert: SQLText = """
        insert into note_backings (organization_id, credit_note_id, position, \(columns)) \
        values ($1, $2, $3, $4, $5, $6, $7)
        """

    static let forget: SQLText = "delete from note_backings where organization_id = $1 and credit_note_id = $2"

    /// Takes of what a payment backs of a note, where it backs so much; the payment's own figures are guarded beside.
    static let take: SQLText = """
        update note_backings set allocated = allocated + $1 \
        where organization_id = $2 and credit_note_id = $3 and payment_id = $4 and allocated + $1 <= amount \
        returning \(columns)
        """

    static let move: SQLText = """
        update note_backings set allocated = allocated + $1 \
        where organization_id = $2 and credit_note_id = $3 and payment_id = $4
        """

    /// With what is captured of a payment grows what it backs.
    static let raise: SQLText = """
        update note_backings set amount = case when amount_max < $1 then amount_max else $1 end \
        where organization_id = $2 and payment_id = $3 and amount < amount_max and amount < $1 \
        returning credit_note_id
        """

    static let all = [ofNote, insert, forget, take, move, raise]
}

enum RefundAllocationSQL {
    static let ofRefund: SQLText = """
        select payment_id, amount from refund_allocations where organization_id = $1 and refund_id = $2 \
        order by position
        """

    static let insert: SQLText = """
        insert into refund_allocations (organization_id, refund_id, position, payment_id, amount) \
        values ($1, $2, $3, $4, $5)
        """

    static let all = [ofRefund, insert]
}

extension NoteBacking: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        self.init(
            payment: row.identifier(), amount: row.integer(), amountMax: row.integer(), allocated: row.integer())
    }
}

extension PaymentAllocation: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        self.init(payment: row.identifier(), amount: row.integer())
    }
}

extension Session {
    /// What payments back of a note, in their order.
    package func backings(
        of note: CreditNoteID, _ organization: OrganizationID
    ) throws(StorageError) -> [NoteBacking] {
        try rows(NoteBacking.self, NoteBackingSQL.ofNote, [.integer(organization.value), .integer(note.value)])
    }

    /// Writes what payments back of a note, in place of what was written before.
    package func setBackings(
        _ backings: [NoteBacking], of note: CreditNoteID, for organization: OrganizationID
    ) throws(StorageError) {
        try execute(NoteBackingSQL.forget, [.integer(organization.value), .integer(note.value)])
        for (position, row) in backings.enumerated() {
            try execute(
                NoteBackingSQL.insert,
                [
                    .integer(organization.value), .integer(note.value), .integer(position + 1),
                    .integer(row.payment.value), .integer(row.amount), .integer(row.amountMax),
                    .integer(row.allocated),
                ])
        }
    }

    /// Takes of what a payment backs of a note, where it backs so much; the answer is the row after it, or nothing.
    package func takeBacking(
        _ minorUnits: Int64, by payment: PaymentID, of note: CreditNoteID, for organization: OrganizationID
    ) throws(StorageError) -> Answer<NoteBacking> {
        try ask(
            NoteBacking.self, NoteBackingSQL.take,
            [
                .integer(minorUnits), .integer(organization.value), .integer(note.value), .integer(payment.value),
            ])
    }

    /// Counts what refunds take of the payments behind a note, or give back; a payment that backs nothing of it is
    /// passed over.
    package func moveBackings(
        _ allocations: [PaymentAllocation], of note: CreditNoteID, sign: Int64, for organization: OrganizationID
    ) throws(StorageError) {
        for part in allocations {
            try execute(
                NoteBackingSQL.move,
                [
                    .integer(sign * part.amount), .integer(organization.value), .integer(note.value),
                    .integer(part.payment.value),
                ])
        }
    }

    /// Raises what a payment backs of notes, once more of it is captured; which notes those are.
    func raiseBackings(
        by payment: Payment, of organization: OrganizationID
    ) throws(StorageError) -> [CreditNoteID] {
        try rows(
            StoredInteger.self, NoteBackingSQL.raise,
            [
                .integer(payment.balance.captured), .integer(organization.value), .integer(payment.id.value),
            ]
        ).map { CreditNoteID($0.value) }
    }

    /// What a refund takes of payments, in order.
    package func allocations(
        of refund: RefundID, _ organization: OrganizationID
    ) throws(StorageError) -> Answer<PaymentAllocation> {
        try ask(
            PaymentAllocation.self, RefundAllocationSQL.ofRefund,
            [.integer(organization.value), .integer(refund.value)])
    }

    func insert(
        _ allocations: [PaymentAllocation], for refund: RefundID, of organization: OrganizationID
    ) throws(StorageError) {
        for (position, part) in allocations.enumerated() {
            try execute(
                RefundAllocationSQL.insert,
                [
                    .integer(organization.value), .integer(refund.value), .integer(position + 1),
                    .integer(part.payment.value), .integer(part.amount),
                ])
        }
    }
}
