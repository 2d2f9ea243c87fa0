import RefundDomain
import RefundStorage

extension RecordWriter {
    /// Puts a credit note, with the payments that back it.
    ///
    /// Of one that is here already, what invoices have used up may change, the steps from draft to open to void, and,
    /// while nothing is refunded of it, the payments behind it.
    mutating func put(_ brought: PutCreditNote, at place: String) throws -> PutResult {
        let known = try find(.creditNote, brought.externalIDs, at: place)
        let stored = try known.flatMap { try session.lockCreditNote(CreditNoteID($0), of: organization.id) }
        let total = try sum(brought.items.flatMap { [$0.amount] + $0.taxes.map(\.amount) }, brought.currency, at: place)
        let tax = try sum(brought.items.flatMap { $0.taxes.map(\.amount) }, brought.currency, at: place)
        let applied = brought.applied?.minorUnits ?? stored?.balance.applied ?? 0
        try require(applied <= total.minorUnits, "more is applied than the note is worth", at: place)
        let party = try party(brought.party, at: place)
        let backings = try backings(brought, of: party, total: total, at: place)
        let note = CreditNote(
            id: CreditNoteID(known ?? nextIdentifier()), party: party,
            number: brought.number, state: brought.state ?? stored?.state ?? .open,
            balance: CreditNoteBalance(
                currency: brought.currency, total: total.minorUnits, tax: tax.minorUnits, applied: applied,
                drawn: stored?.balance.drawn ?? 0, lacking: stored?.balance.lacking ?? 0,
                overRefunded: stored?.balance.overRefunded ?? 0),
            rate: try rate(brought.rate, of: brought.currency, at: place), raisedOn: brought.raisedOn,
            reference: brought.reference,
            payment: backings.map { $0.first?.payment } ?? stored?.payment,
            invoiceNumber: brought.invoiceNumber)
        if let stored {
            return try update(stored, to: note, brought, backings, at: place)
        }
        try insert(note, brought.items, at: place)
        try session.setBackings(backings ?? [], of: note.id, for: organization.id)
        try remember(.creditNote, brought.externalIDs, note.id.value)
        return .created
    }

    /// What payments back of the note, as the owner names them; nil where none are named.
    ///
    /// A lone payment backs what was captured of it, up to the note's total, and more once more is captured.
    private func backings(
        _ brought: PutCreditNote, of party: PartyID, total: Money, at place: String
    ) throws -> [NoteBacking]? {
        var backings: [NoteBacking] = []
        if let reference = brought.payment {
            let payment = try backingPayment(reference, of: party, total.currency, at: place)
            backings.append(NoteBacking(lone: payment, total: total.minorUnits))
        }
        for named in brought.payments {
            let payment = try backingPayment(named.payment, of: party, total.currency, at: place)
            try require(
                !backings.contains { $0.payment == payment.id }, "a payment is named twice behind it", at: place)
            backings.append(
                NoteBacking(
                    payment: payment.id, amount: named.amount.minorUnits, amountMax: named.amount.minorUnits))
        }
        if !brought.payments.isEmpty {
            let sum = try sum(brought.payments.map(\.amount), brought.currency, at: place)
            try require(
                sum.minorUnits <= total.minorUnits, "its payments back more than the note is worth", at: place)
        }
        return backings.isEmpty ? nil : backings
    }

    private func backingPayment(
        _ reference: RecordReference, of party: PartyID, _ currency: Currency, at place: String
    ) throws -> Payment {
        let payment = try payment(reference, at: place)
        try require(payment.party == party, "its payment belongs to another party", at: place)
        try require(payment.currency == currency, "its payment is in another currency", at: place)
        // Locked, so that what is captured of it does not grow unseen meanwhile.
        return try session.lockPayment(payment.id, of: organization.id).first() ?? payment
    }

    private mutating func update(
        _ stored: CreditNote, to note: CreditNote, _ brought: PutCreditNote, _ backings: [NoteBacking]?,
        at place: String
    ) throws -> PutResult {
        let lines = try session.lines(of: stored.id, of: organization.id).rows()
        let isSame = stored.isSame(asFixedPartsOf: note) && brought.items.isSame(as: lines)
        try remember(.creditNote, brought.externalIDs, note.id.value)
        let known = try session.backings(of: stored.id, organization.id)
        let isRebacked = backings.map { !$0.isSame(asNamed: known) } ?? false
        guard stored != note || isRebacked || !isSame else { return .unchanged }
        try allowUpdate(isSame, "only state, applied amount and payments of a credit note change", at: place)
        if isRebacked, let backings {
            let isUsed = stored.balance.drawn > 0 || stored.balance.lacking > 0 || known.contains { $0.allocated > 0 }
            try require(!isUsed, "the payments behind it stay while something is refunded of it", at: place)
            try session.setBackings(backings, of: stored.id, for: organization.id)
        }
        try require(
            note.state == .open || stored.balance.drawn == 0 && stored.balance.lacking == 0,
            "a note of which something is refunded stays open", at: place)
        guard try session.correct(note, for: organization.id) != nil else {
            throw conflict("refunds draw on more of it than would be left", at: place)
        }
        try step(from: stored, to: note, lines, at: place)
        return .updated
    }

    /// Posts what a change of state or of the applied amount means.
    private func step(
        from stored: CreditNote, to note: CreditNote, _ lines: [CreditNoteLine], at place: String
    ) throws {
        let taxes = lines.filter { $0.kind != .item }
        switch (stored.state, note.state) {
        case (.draft, .draft), (.void, .void):
            break
        case (.draft, .open):
            try session.insert(
                try noteBroughtIn(note, taxes: taxes, isOpening: false, base: organization.baseCurrency, at: now),
                for: organization.id)
        case (.open, .open):
            try session.post(
                try session.settle(note.id, of: organization.id),
                appliedMore: note.balance.applied - stored.balance.applied, on: note.id, in: organization,
                on: today, at: now)
        case (.draft, .void):
            break
        case (.open, .void):
            try session.insert(
                try noteVoidedByOwner(
                    stored, taxes: taxes, step: try session.nextPosting(of: note.id, organization.id),
                    base: organization.baseCurrency, on: today, at: now),
                for: organization.id)
        case (.open, .draft), (.void, .draft), (.void, .open):
            throw conflict("a note that is \(stored.state.rawValue) does not become \(note.state.rawValue)", at: place)
        }
    }

    private mutating func insert(_ note: CreditNote, _ items: [PutCreditNote.Item], at place: String) throws {
        var lines: [CreditNoteLine] = []
        for item in items {
            let line = CreditNoteLine(
                id: CreditNoteLineID(nextIdentifier()), kind: .item, name: item.name, amount: item.amount.minorUnits)
            lines.append(line)
            try remember(.creditNoteLine, item.externalIDs, line.id.value)
            for tax in item.taxes {
                let taxLine = CreditNoteLine(
                    id: CreditNoteLineID(nextIdentifier()), kind: .tax(of: line.id), name: tax.name,
                    amount: tax.amount.minorUnits)
                lines.append(taxLine)
                try remember(.creditNoteLine, tax.externalIDs, taxLine.id.value)
            }
        }
        if let taken = try session.creditNote(number: note.number, of: organization.id) {
            throw conflict("number \(taken.number) belongs to another credit note", at: place)
        }
        try session.insert(note, lines: lines, for: organization.id)
        if let number = Int64(note.number.drop { !$0.isNumber }) {
            try require(number <= Limits.documentNumberMax, "its number is too large", at: place)
            try session.raiseNumbers(of: .creditNote, beyond: number, for: organization.id)
        }
        guard note.state == .open else { return }
        let journal = try noteBroughtIn(
            note, taxes: lines.filter { $0.kind != .item }, isOpening: !updates, base: organization.baseCurrency,
            at: now)
        try session.insert(journal, for: organization.id)
    }
}

extension CreditNote {
    /// Whether all that may never be corrected is equal.
    fileprivate func isSame(asFixedPartsOf other: CreditNote) -> Bool {
        party == other.party && number == other.number && currency == other.currency
            && balance.total == other.balance.total && balance.tax == other.balance.tax && rate == other.rate
            && raisedOn == other.raisedOn && reference == other.reference && invoiceNumber == other.invoiceNumber
    }
}

extension [NoteBacking] {
    /// Whether the owner names what is written already, however far it has grown.
    fileprivate func isSame(asNamed known: [NoteBacking]) -> Bool {
        map { [$0.payment.value, $0.amountMax] } == known.map { [$0.payment.value, $0.amountMax] }
    }
}
