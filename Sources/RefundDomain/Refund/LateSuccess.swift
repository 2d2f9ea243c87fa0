/// Spreads what is drawn on a note again: on the lines that the refund drew on before, as far as they have room, and
/// the rest first in, first out.
package func spreadAgain(
    _ amount: Int64, drawnBefore: [LineDraw], over lines: [CreditNoteLine]
) -> [LineDraw] {
    let before = Dictionary(drawnBefore.map { ($0.line, $0.amount) }, uniquingKeysWith: { $0 + $1 })
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
