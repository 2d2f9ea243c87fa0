import RefundDomain
import RefundStorage
import RefundTesting

/// All that one organization's refunds left behind, read in one state of the database.
struct Books: Equatable, Sendable {
    let refunds: [Refund]
    let payments: [Payment]
    let notes: [CreditNote]
    let lines: [CreditNoteLine]
    let draws: [RefundID: [LineDraw]]
    let history: [RefundID: [RefundStep]]
    let payouts: [RefundID: Payout]
    let allocations: [RefundID: [PaymentAllocation]]
    let backings: [CreditNoteID: [NoteBacking]]
    /// By record: a refund, or a note that a refund raised for itself.
    let postings: [Int64: [PostedLine]]

    /// Reads the fixtures' organization.
    init(_ session: any Session) throws {
        let organization = Fixtures.organization.id
        refunds = try session.refunds(LifeChance.all, of: organization)
        payments = try Fixtures.payments.compactMap { try session.payment($0.id, of: organization) }
        let fixed = try Fixtures.notes.compactMap { try session.creditNote($0.0.id, of: organization) }
        lines = try fixed.flatMap { try session.lines(of: $0.id, of: organization).rows() }
        var raised: [CreditNote] = []
        var draws: [RefundID: [LineDraw]] = [:]
        var history: [RefundID: [RefundStep]] = [:]
        var payouts: [RefundID: Payout] = [:]
        var postings: [Int64: [PostedLine]] = [:]
        var allocations: [RefundID: [PaymentAllocation]] = [:]
        for refund in refunds {
            allocations[refund.id] = try session.allocations(of: refund.id, organization).rows()
            draws[refund.id] = try session.draws(of: refund.id, of: organization)
            history[refund.id] = try session.history(of: refund.id, of: organization)
            payouts[refund.id] = try session.payout(of: refund.id, of: organization)
            postings[refund.id.value] = try session.postings(of: refund.id.value, of: organization)
            if let id = refund.creditNote, let note = try session.creditNote(id, of: organization), note.isForRefund {
                raised.append(note)
                postings[note.id.value] = try session.postings(of: note.id.value, of: organization)
            }
        }
        notes = fixed + raised
        self.allocations = allocations
        backings = try Dictionary(
            uniqueKeysWithValues: fixed.map { ($0.id, try session.backings(of: $0.id, organization)) })
        self.draws = draws
        self.history = history
        self.payouts = payouts
        self.postings = postings
    }
}

extension Books {
    /// Where remainders, ledger or history are not what the refunds say; empty where all is well.
    var complaints: [String] {
        payments.flatMap(complaints(about:)) + notes.flatMap(complaints(about:)) + lines.flatMap(complaints(about:))
            + refunds.flatMap(complaints(about:)) + ledgerComplaints
    }

    private func complaints(about payment: Payment) -> [String] {
        func taken(by refunds: [Refund]) -> Int64 {
            refunds.flatMap { allocations[$0.id] ?? [] }.filter { $0.payment == payment.id }.map(\.amount).reduce(0, +)
        }
        let reserved = taken(by: refunds.filter { $0.state.hold == .reserved })
        let spent = taken(by: refunds.filter { $0.state.hold == .spent })
        return differ("payment \(payment.id) reserved", payment.balance.reserved, reserved)
            + differ("payment \(payment.id) refunded", payment.balance.refunded, spent)
    }

    private func complaints(about note: CreditNote) -> [String] {
        let own = refunds.filter { $0.creditNote == note.id }
        let held = own.filter { $0.state.hold != .released }
        let drawn = held.map(\.drawnOnNote).reduce(0, +)
        var complaints = differ("note \(note.id) drawn", note.balance.drawn, drawn)
        complaints += differ("note \(note.id) lacking", note.balance.lacking, held.map(\.lacking).reduce(0, +))
        if note.isForRefund {
            complaints += differ("note \(note.id) of its own is void", note.state == .void, drawn == 0)
        } else {
            let before = Fixtures.notes.first { $0.0.id == note.id }?.0.state
            complaints += differ("note \(note.id) state", note.state, before ?? .draft)
        }
        return complaints
    }

    private func complaints(about line: CreditNoteLine) -> [String] {
        let held = refunds.filter { $0.state.hold != .released }
        let drawn = held.flatMap { draws[$0.id] ?? [] }.filter { $0.line == line.id }.map(\.amount).reduce(0, +)
        return differ("line \(line.id) drawn", line.drawn, drawn)
    }

    private func complaints(about refund: Refund) -> [String] {
        let steps = history[refund.id] ?? []
        let name = "refund \(refund.id)"
        var complaints = differ("\(name) steps", steps.map(\.step), steps.isEmpty ? [0] : Array(1...refund.step))
        complaints += differ("\(name) state", refund.state, steps.last?.state ?? .requested)
        complaints += differ("\(name) payout", payouts[refund.id] != nil, refund.channel.isElectronic)
        let drawn = (draws[refund.id] ?? []).map(\.amount).reduce(0, +)
        if drawn > refund.amount.minorUnits { complaints.append("\(name) draws \(drawn) on lines") }
        return complaints
    }

    /// Invariant 6: each journal balances in its currency and in the base currency, refunds payable is what the refunds
    /// under way owe, and what a note of its own owed its customer is spent or taken back.
    private var ledgerComplaints: [String] {
        var complaints: [String] = []
        for (record, lines) in postings {
            for (step, journal) in Dictionary(grouping: lines, by: \.step) {
                let sum = journal.map(\.amount.minorUnits).reduce(0, +)
                let base = journal.map(\.baseMinorUnits).reduce(0, +)
                complaints += differ("journal \(record)/\(step)", [sum, base], [0, 0])
            }
        }
        for refund in refunds {
            let own = postings[refund.id.value] ?? []
            let owed = refund.state.hold == .reserved ? refund.amount.minorUnits : 0
            complaints += differ("refund \(refund.id) payable", -balance(of: "refunds_payable", in: own), owed)
            guard let note = refund.creditNote, let opened = postings[note.value] else { continue }
            let credit = balance(of: "customer_credit", in: own + opened)
            complaints += differ("refund \(refund.id) customer credit", credit, 0)
        }
        return complaints
    }

    private func balance(of account: String, in lines: [PostedLine]) -> Int64 {
        lines.filter { $0.account == account }.map(\.amount.minorUnits).reduce(0, +)
    }

    private func differ<Value: Equatable>(_ what: String, _ found: Value, _ expected: Value) -> [String] {
        found == expected ? [] : ["\(what): \(found), not \(expected)"]
    }
}

extension Refund {
    /// Of a refund that holds something: what it draws on its note.
    fileprivate var drawnOnNote: Int64 { amount.minorUnits - lacking }
}
