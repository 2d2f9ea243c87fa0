/// What the sources of a refund lacked when it succeeded late, in minor units; each at most the refund's amount.
package struct Shortfall: Hashable, Sendable {
    /// Of the amount, what the payment had not left; it raised the payment's excess.
    package let payment: Int64
    /// Of the amount, what the note had not left; a void one has nothing.
    package let creditNote: Int64

    package init(payment: Int64, creditNote: Int64) {
        self.payment = payment
        self.creditNote = creditNote
    }

    package static let none = Shortfall(payment: 0, creditNote: 0)
}

/// What a refund that had given everything back draws on its sources again, since it succeeded after all.
///
/// It rests on the sources as they were read, and is written only where they still stand so.
package struct Redraw: Sendable {
    package let payment: Payment?
    package let creditNote: CreditNote?
    /// What it draws on the lines of the note now, in place of what it once drew.
    package let draws: [LineDraw]
    package let shortfall: Shortfall
}

/// Draws a refund on its sources again, on each as far as it has something left.
func redraw(given facts: ChangeFacts) -> Redraw {
    let refund = facts.refund
    precondition(
        facts.payment?.id == refund.payment && facts.creditNote?.id == refund.creditNote,
        "a decision about a refund that holds nothing rests on its sources too")
    let amount = refund.amount.minorUnits
    let ofPayment = facts.payment.map { min(amount, $0.balance.remaining.minorUnits) }
    let ofNote = facts.creditNote.map { $0.state == .open ? min(amount, $0.balance.remaining.minorUnits) : 0 }
    return Redraw(
        payment: facts.payment, creditNote: facts.creditNote,
        draws: spreadAgain(ofNote ?? 0, drawnBefore: facts.draws, over: facts.lines),
        shortfall: Shortfall(payment: ofPayment.map { amount - $0 } ?? 0, creditNote: ofNote.map { amount - $0 } ?? 0))
}

/// Spreads what is drawn on a note again: on the lines that the refund drew on before, as far as they have room, and
/// the rest first in, first out.
private func spreadAgain(
    _ amount: Int64, drawnBefore: [LineDraw], over lines: [CreditNoteLine]
) -> [LineDraw] {
    let before = Dictionary(uniqueKeysWithValues: drawnBefore.map { ($0.line, $0.amount) })
    var left = amount
    var drawn: [CreditNoteLineID: Int64] = [:]
    func draw(atMost most: (CreditNoteLine) -> Int64) {
        for line in lines {
            let part = min(left, most(line), line.remaining - drawn[line.id, default: 0])
            drawn[line.id, default: 0] += part
            left -= part
        }
    }
    draw { before[$0.id] ?? 0 }
    draw { $0.remaining }
    return lines.compactMap { line in
        drawn[line.id].flatMap { $0 > 0 ? LineDraw(line: line.id, amount: $0) : nil }
    }
}

extension Redraw {
    /// What a person is told of it.
    func note(of refund: Refund) -> String {
        var lacking: [String] = []
        for (part, source) in [(shortfall.payment, "payment"), (shortfall.creditNote, "note")] where part > 0 {
            lacking.append("\(Money(minorUnits: part, currency: refund.amount.currency)) of it of the \(source)")
        }
        let text = "the gateway carried out a refund that was \(refund.state.rawValue) here"
        return lacking.isEmpty ? text : text + "; not left: " + lacking.joined(separator: ", ")
    }
}
