import RefundDomain

/// The sources of one refund as a database would hold them: drawn on by it and by others.
struct HeldSources: Sendable {
    var payment: Payment?
    var note: CreditNote?
    var lines: [CreditNoteLine] = []
    private(set) var draws: [LineDraw] = []

    /// The sources after a decision, or, in a state that holds nothing, after all was given back.
    init(of scene: RefundScene, _ decision: RefundDecision, in state: RefundState) {
        switch scene.facts.source {
        case .payment(let claim): (payment, note) = (claim.record, decision.raisedNote)
        case .creditNote(let claim, let through, let lines):
            (payment, note) = (through?.record, claim.record)
            self.lines = lines
        }
        draws = decision.draws
        draw(draws)
        let hold = decision.refund.state.hold
        move(decision.refund, from: .reserved, to: hold)
        if state.hold != hold { give(decision.refund, from: hold, to: state.hold) }
    }

    func facts(
        of refund: Refund, _ payout: Payout?, base: Currency, now: Instant, today: LocalDate
    ) -> ChangeFacts {
        ChangeFacts(
            refund: refund, payout: payout, creditNote: note, payment: payment, lines: lines, draws: draws, base: base,
            now: now, today: today)
    }

    /// Writes what a change moves.
    mutating func take(_ change: RefundChange) {
        if let redraw = change.redraw {
            draws = redraw.draws
            draw(draws)
            drawOnNote(change.refund.amount.minorUnits - redraw.shortfall.creditNote)
            move(change.refund, from: .released, to: .spent)
        } else if change.before != change.after {
            give(change.refund, from: change.before, to: change.after)
        }
        if change.voidedNote != nil { note = note?.being(.void) }
    }

    private mutating func give(_ refund: Refund, from before: RefundHold, to after: RefundHold) {
        move(refund, from: before, to: after)
        guard after == .released else { return }
        drawOnNote(refund.shortfall.creditNote - refund.amount.minorUnits)
        draw(draws.map { LineDraw(line: $0.line, amount: -$0.amount) })
    }

    private mutating func move(_ refund: Refund, from before: RefundHold, to after: RefundHold) {
        let amount = refund.amount.minorUnits
        func part(_ hold: RefundHold, of amount: Int64) -> Int64 {
            (after == hold ? amount : 0) - (before == hold ? amount : 0)
        }
        payment = payment?.moved(
            reserved: part(.reserved, of: amount), refunded: part(.spent, of: amount),
            excess: part(.spent, of: refund.shortfall.payment))
    }

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
        let isSpent = refund.state.hold == .spent
        let shortfall = isSpent ? refund.shortfall : .none
        if let balance = payment?.balance {
            let parts = [balance.reserved, balance.refunded, balance.disputed, balance.excess]
            try demand(parts.allSatisfy { $0 >= 0 }, "\(balance)")
            try demand(parts[0] + parts[1] + parts[2] <= balance.captured + balance.excess, "\(balance)")
            try demand(balance.excess == shortfall.payment, "\(balance), beside \(shortfall)")
        }
        if let note {
            let balance = note.balance
            try demand(balance.drawn >= 0 && balance.applied + balance.drawn <= balance.total, "\(balance)")
            try demand(note.state == .open || balance.drawn == 0, "a note that is \(note.state): \(balance)")
        }
        try demand(lines.allSatisfy { 0 <= $0.drawn && $0.drawn <= $0.amount }, "\(lines)")
        let isBacked = note?.state == .open
        let overpaid = isBacked ? shortfall.creditNote : shortfall.payment
        try demand(books[.overpaidRefunds].amount == Int128(overpaid), "\(shortfall): \(books)")
    }
}

extension Payment {
    fileprivate func moved(reserved: Int64 = 0, refunded: Int64 = 0, excess: Int64 = 0) -> Payment {
        let balance = PaymentBalance(
            currency: currency, captured: balance.captured, reserved: balance.reserved + reserved,
            refunded: balance.refunded + refunded, disputed: balance.disputed, excess: balance.excess + excess)
        return Payment(
            id: id, party: party, number: number, state: state, mode: mode, charge: charge, method: method,
            balance: balance, rate: rate, receivedOn: receivedOn, invoiceNumber: invoiceNumber)
    }
}

extension CreditNote {
    fileprivate func moved(drawn: Int64) -> CreditNote {
        let balance = CreditNoteBalance(
            currency: currency, total: balance.total, tax: balance.tax, applied: balance.applied,
            drawn: balance.drawn + drawn)
        return CreditNote(
            id: id, party: party, number: number, state: state, balance: balance, rate: rate, raisedOn: raisedOn,
            reference: reference, payment: payment, invoiceNumber: invoiceNumber, isForRefund: isForRefund)
    }
}
