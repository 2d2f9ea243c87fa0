package import RefundDomain

extension Session {
    /// What a decision about an accepted refund rests on; nil where there is no such refund.
    package func changeFacts(
        of id: RefundID, in organization: Organization, at now: Instant, today: LocalDate
    ) throws(StorageError) -> ChangeFacts? {
        guard let refund = try refund(id, of: organization.id) else { return nil }
        let allocations = try allocations(of: id, organization.id)
        let payout = refund.channel.isElectronic ? try payout(of: id, of: organization.id) : nil
        var note: CreditNote?
        if let id = refund.creditNote { note = try creditNote(id, of: organization.id) }
        return ChangeFacts(
            refund: refund, payout: payout, creditNote: note, allocations: try allocations.rows(),
            base: organization.baseCurrency, now: now, today: today)
    }
}
