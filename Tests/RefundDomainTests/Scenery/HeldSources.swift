import RefundDomain

/// The sources of one refund as a database would hold them: drawn on by it and by others.
struct HeldSources: Sendable {
    var payment: Payment?
    var note: CreditNote?
    var lines: [CreditNoteLine] = []
    private(set) var draws: [LineDraw] = []
    private(set) var allocations: [PaymentAllocation] = []

    /// The sources after a decision, or, in a state that holds nothing, after all was given back.
    init(of scene: RefundScene, _ decision: RefundDecision, in state: RefundState) {
        switch scene.facts.source {
        case .payment(let claim): (payment, note) = (claim.record, decision.raisedNote)
        case .creditNote(let claim, let backed, let lines):
            (payment, note) = (backed.payments.first { $0.id == decision.refund.payment }, claim.record)
            self.lines = lines
        }
        allocations = decision.allocations
        draws = decision.draws
        draw(draws)
        let hold = decision.refund.state.hold
        move(from: .reserved, to: hold)
        if state.hold != hold { give(decision.refund, from: hold, to: state.hold) }
    }

    func facts(
        of refund: Refund, _ payout: Payout?, base: Currency, now: Instant, today: LocalDate
    ) -> ChangeFacts {
        ChangeFacts(
            refund: refund, payout: payout, creditNote: note, allocations: allocations, base: base, now: now,
            today: today)
    }

    /// Writes what a change moves, and says what that was.
    @discardableResult
    mutating func take(_ change: RefundChange) -> SourceMovement {
        guard change.before != change.after else { return .none }
        let before = (over: overRefunded, drawn: note?.balance.drawn ?? 0)
        give(change.refund, from: change.before, to: change.after)
        if change.voidedNote != nil { note = note?.being(.void) }
        return SourceMovement(
            drawnOnNote: (note?.balance.drawn ?? 0) - before.drawn, overRefunded: overRefunded - before.over,
            lacking: lacking)
    }

    /// What the refund takes of its note beyond what that has.
    private(set) var lacking: Int64 = 0

    private mutating func give(_ refund: Refund, from before: RefundHold, to after: RefundHold) {
        holds = after != .released
        let amount = refund.amount.minorUnits
        move(from: before, to: after)
        switch (before, after) {
        case (.released, .reserved), (.released, .spent):
            guard let note else { return }
            let drawn = note.state == .open ? min(amount, note.balance.remaining.minorUnits) : 0
            lacking = amount - drawn
            draws = spreadAgain(drawn, drawnBefore: draws, over: lines)
            draw(draws)
            self.note = note.moved(drawn: drawn, lacking: lacking)
        case (.reserved, .released), (.spent, .released):
            note = note?.moved(drawn: lacking - amount, lacking: -lacking)
            lacking = 0
            draw(draws.map { LineDraw(line: $0.line, amount: -$0.amount) })
        case (_, _): break
        }
    }

    private mutating func move(from before: RefundHold, to after: RefundHold) {
        let amount = allocations.reduce(0) { $0 + $1.amount }
        func part(_ hold: RefundHold) -> Int64 {
            (after == hold ? amount : 0) - (before == hold ? amount : 0)
        }
        payment = payment?.moved(reserved: part(.reserved), refunded: part(.spent))
    }

    /// What payment and note are over-refunded by; what others drew on the note, no payment backs.
    var overRefunded: Int64 {
        let ofPayment = payment?.balance.overRefunded ?? 0
        guard let note else { return ofPayment }
        let taken = note.balance.drawn + note.balance.lacking
        let carried = holds ? allocations.reduce(0) { $0 + $1.amount } : 0
        return ofPayment
            + note.overRefunded(by: NoteUse(taken: taken, unbacked: taken - carried, backing: carried))
    }

    /// Whether the refund takes anything of its sources now.
    private var holds = true

    private mutating func drawOnNote(_ amount: Int64) { note = note?.moved(drawn: amount) }

    private mutating func draw(_ draws: [LineDraw]) {
        for draw in draws {
            lines = lines.map { line in
                line.id == draw.line
                    ? CreditNoteLine(
                        id: line.id, kind: line.kind, name: line.name, amount: line.amount,
                        drawn: line.drawn + draw.amount) : line
            }
        }
    }
}

extension HeldSources {
    /// Lets others draw on what is left, now and then all of it.
    mutating func letOthersDraw(_ random: inout SplitMix64) {
        if let left = payment?.balance.remaining.minorUnits, random.isOnce(in: 2) {
            payment = payment?.moved(refunded: random.isOnce(in: 2) ? left : random.number(in: 0...left))
        }
        guard let note, note.state == .open, random.isOnce(in: 2) else { return }
        let left = note.balance.remaining.minorUnits
        let amount = random.isOnce(in: 2) ? left : random.number(in: 0...left)
        drawOnNote(amount)
        var rest = amount
        for line in lines.reversed() {
            let part = min(rest, line.remaining)
            draw([LineDraw(line: line.id, amount: part)])
            rest -= part
        }
    }

    /// What the database checks, and what the ledger says of it.
    func check(_ refund: Refund, _ books: Books) throws(Counterexample) {
        if let balance = payment?.balance {
            let parts = [balance.reserved, balance.refunded, balance.held, balance.overRefunded]
            try demand(parts.allSatisfy { $0 >= 0 }, "\(balance)")
            try demand(parts[0] + parts[1] + parts[2] <= balance.captured + parts[3], "\(balance)")
        }
        if let note {
            let balance = note.balance
            try demand(balance.drawn >= 0 && balance.applied + balance.drawn <= balance.total, "\(balance)")
            try demand(note.state == .open || balance.drawn == 0, "a note that is \(note.state): \(balance)")
            try demand(balance.lacking == lacking, "\(balance), beside \(lacking)")
        }
        try demand(lines.allSatisfy { 0 <= $0.drawn && $0.drawn <= $0.amount }, "\(lines)")
        try demand(books[.overRefunds].amount == Int128(overRefunded), "\(overRefunded): \(books)")
    }
}

extension Payment {
    fileprivate func moved(reserved: Int64 = 0, refunded: Int64 = 0) -> Payment {
        Payment(
            id: id, party: party, number: number, state: state, mode: mode, charge: charge, method: method,
            balance: balance.before(reserving: -reserved, refunding: -refunded), rate: rate, receivedOn: receivedOn,
            invoiceNumber: invoiceNumber)
    }
}

extension CreditNote {
    fileprivate func moved(drawn: Int64, lacking: Int64 = 0) -> CreditNote {
        let balance = CreditNoteBalance(
            currency: currency, total: balance.total, tax: balance.tax, applied: balance.applied,
            drawn: balance.drawn + drawn, lacking: balance.lacking + lacking)
        return CreditNote(
            id: id, party: party, number: number, state: state, balance: balance, rate: rate, raisedOn: raisedOn,
            reference: reference, payment: payment, invoiceNumber: invoiceNumber, isForRefund: isForRefund)
    }
}
