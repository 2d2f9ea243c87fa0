package import RefundDomain

extension Session {
    /// What a decision about an accepted refund rests on; nil where there is no such refund.
    ///
    /// Where the refund holds nothing, that is what is left of its sources too: it may have to draw on them again.
    package func changeFacts(
        of id: RefundID, in organization: Organization, at now: Instant, today: LocalDate
    ) throws(StorageError) -> ChangeFacts? {
        guard let refund = try refund(id, of: organization.id) else { return nil }
        let payout = refund.channel.isElectronic ? try payout(of: id, of: organization.id) : nil
        var payment: Payment?
        var note: CreditNote?
        var lines: [CreditNoteLine] = []
        var draws: [LineDraw] = []
        if let id = refund.creditNote { note = try creditNote(id, of: organization.id) }
        if refund.state.hold == .released {
            if let id = refund.payment { payment = try self.payment(id, of: organization.id) }
            if let note { lines = try self.lines(of: note.id, of: organization.id).rows() }
            draws = try self.draws(of: id, of: organization.id)
        }
        return ChangeFacts(
            refund: refund, payout: payout, creditNote: note, payment: payment, lines: lines, draws: draws,
            base: organization.baseCurrency, now: now, today: today)
    }
}
