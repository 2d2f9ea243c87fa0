import RefundDomain
import RefundStorage

/// What a refund takes of its source: asked in the first phase of its unit, so that neighbours in a group see it.
struct SourceTake {
    let amount: Money
    let located: LocatedSource
    /// By which road the money of a note goes back.
    let route: NoteRoute
    /// Whether all of it may be taken of one payment without looking: that is one trip for many refunds.
    let isWhole: Bool

    /// The one payment of which all is taken; nil where it is decided within the unit what is taken of which.
    var wholePayment: PaymentID? {
        guard located.creditNote != nil else { return located.payment?.id }
        guard isWhole, located.backing.count == 1, let only = located.backing.first,
            only.row.left >= amount.minorUnits
        else { return nil }
        switch route {
        case .any: return only.payment.id
        case .charge(let payments): return payments.contains(only.payment.id) ? only.payment.id : nil
        }
    }
}

/// Thrown inside a unit to undo it, where the payments behind a note back less than was seen before.
struct MovedBacking: Error {}

/// What was asked of a source.
struct SourceAnswers {
    var payment: Answer<Payment>?
    var note: Answer<CreditNote>?
    var backing: Answer<NoteBacking>?
    var lines: Answer<CreditNoteLine>?
    /// What was taken of several payments, and how they stand since.
    var shared: BackedClaim?
}

extension Session {
    /// Takes an amount of a source, as far as the guards of its rows let it: payments first, then the note.
    func take(_ take: SourceTake, of organization: OrganizationID) throws(StorageError) -> SourceAnswers {
        var answers = SourceAnswers()
        if let payment = take.wholePayment {
            answers.payment = try reserve(take.amount, on: payment, of: organization)
        } else if let note = take.located.creditNote, !take.located.backing.isEmpty {
            answers.shared = try share(take, of: note, organization)
        }
        guard let note = take.located.creditNote else { return answers }
        if let payment = take.wholePayment {
            answers.backing = try takeBacking(take.amount.minorUnits, by: payment, of: note, for: organization)
        }
        answers.note = try draw(take.amount, on: note, of: organization)
        answers.lines = try lines(of: note, of: organization)
        return answers
    }

    /// Looks at the payments behind a note once they are locked, and takes of each what it gives.
    private func share(
        _ take: SourceTake, of note: CreditNoteID, _ organization: OrganizationID
    ) throws(StorageError) -> BackedClaim {
        var payments: [PaymentID: Payment] = [:]
        for id in take.located.backing.map(\.payment.id).sorted(by: { $0.value < $1.value }) {
            payments[id] = try lockPayment(id, of: organization).first()
        }
        // The rows are read behind the lock of the note, which every refund of it takes.
        _ = try lockCreditNote(note, of: organization)
        let backing = try backings(of: note, organization).compactMap { row in
            payments[row.payment].map { (row: row, payment: $0) }
        }
        let share = RefundDomain.share(of: take.amount.minorUnits, by: take.route, over: backing)
        guard let allocations = share.allocations else {
            return BackedClaim(payments: backing.map(\.payment), share: share)
        }
        for part in allocations.sorted(by: { $0.payment.value < $1.payment.value }) {
            let amount = Money(minorUnits: part.amount, currency: take.amount.currency)
            guard let taken = try reserve(amount, on: part.payment, of: organization).first() else {
                return BackedClaim(payments: backing.map(\.payment), share: BackedShare.refused)
            }
            payments[part.payment] = taken
        }
        try moveBackings(allocations, of: note, sign: 1, for: organization)
        return BackedClaim(payments: backing.compactMap { payments[$0.row.payment] }, share: share)
    }

    /// What the answers came to, as a decision sees it.
    func claimed(
        _ take: SourceTake, _ answers: SourceAnswers, of organization: OrganizationID
    ) throws -> RefundFacts.Source {
        var payment: Claim<Payment>?
        if let id = take.wholePayment {
            payment = try claim(try answers.payment?.first()) { () throws(StorageError) in
                try self.payment(id, of: organization)
            }
        }
        guard let id = take.located.creditNote else {
            guard let payment else { throw Failure.bug }
            return .payment(payment)
        }
        let note = try claim(try answers.note?.first()) { () throws(StorageError) in
            try self.creditNote(id, of: organization)
        }
        var backed = answers.shared ?? .none
        if let payment {
            guard try answers.backing?.first() != nil else { throw MovedBacking() }
            backed = BackedClaim(whole: payment, amount: take.amount.minorUnits)
        }
        return .creditNote(note, backed: backed, lines: try answers.lines?.rows() ?? [])
    }

    private func claim<Record>(
        _ taken: Record?, else current: () throws(StorageError) -> Record?
    ) throws -> Claim<Record> {
        if let taken { return .taken(taken) }
        guard let record = try current() else { throw Failure.bug }
        return .refused(record)
    }
}
