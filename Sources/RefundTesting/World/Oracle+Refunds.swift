package import RefundDomain

extension Oracle {
    /// A refund is requested, and either accepted or refused by what is left.
    ///
    /// An offline one is succeeded once it is accepted and needs no approval. `rate` is the refund's own, where it has
    /// one; else its source's counts.
    package mutating func accept(
        _ name: String, of source: Source, by destination: Destination, amount: Money, rate: Rate? = nil,
        needsApproval: Bool = false
    ) throws(Refusal) {
        guard refundIndexes[name] == nil else { throw .nameInUse(name) }
        guard let currency = currency(of: source) else { throw .unknown("\(source)") }
        guard currency == amount.currency else { throw .currency(currency) }
        guard amount.isPositive else { throw .notPositive }
        guard let allocation = allocation(of: amount.minorUnits, from: source, by: destination) else {
            throw .tooMuch(left: money(largest(from: source, by: destination), currency))
        }
        let accepted: State = destination == .offline ? .succeeded : .approved
        insert(
            Refund(
                source: source, destination: destination, asked: amount.minorUnits, rate: rate,
                first: needsApproval ? .requested : accepted, parts: allocation.parts, unbacked: allocation.unbacked),
            as: name)
    }

    /// An operator approves what waited for it.
    package mutating func approve(_ refund: String) throws(Refusal) { try record(.approved, of: refund) }

    /// An operator rejects or cancels a refund before it is sent.
    package mutating func cancel(_ refund: String) throws(Refusal) { try record(.canceled, of: refund) }

    /// A refund was not sent in its time, or a check before sending failed.
    package mutating func expire(_ refund: String) throws(Refusal) { try record(.expired, of: refund) }

    /// A call for the refund begins: from here on it may have arrived.
    package mutating func send(_ refund: String) throws(Refusal) { try record(.sent, of: refund) }

    /// The call is known not to have left.
    package mutating func notSent(_ refund: String) throws(Refusal) { try record(.notSent, of: refund) }

    /// The call's outcome is indeterminate.
    package mutating func indeterminate(_ refund: String) throws(Refusal) { try record(.indeterminate, of: refund) }

    /// An offline refund was recorded by mistake.
    package mutating func void(_ refund: String) throws(Refusal) { try record(.voided, of: refund) }

    /// An operator ends an unknown or pending refund; `paid` is what was paid where that is not what was asked.
    package mutating func resolve(_ refund: String, succeeded: Bool, paid: Money? = nil) throws(Refusal) {
        try record(.resolved(succeeded: succeeded, paid: paid?.minorUnits), of: refund)
    }

    /// Makes a refund again that was undone: a failed one of which no attempt may have left is sent again itself, and
    /// of all else a new one is asked for under a new name.
    ///
    /// Either way the amount is asked of the source anew. Returns whether it is a new refund.
    @discardableResult
    package mutating func retry(_ name: String, as newName: String) throws(Refusal) -> Bool {
        let index = try refundIndex(name)
        let refund = refunds[index]
        let amount = money(refund.asked, currency(of: refund.source) ?? base)
        guard refund.state.isUndone else { throw .notAStep(refund.state) }
        guard refund.state == .failed, !refund.mayHaveLeft else {
            try accept(newName, of: refund.source, by: refund.destination, amount: amount, rate: refund.rate)
            return true
        }
        guard let allocation = allocation(of: refund.asked, from: refund.source, by: refund.destination) else {
            throw .tooMuch(left: money(largest(from: refund.source, by: refund.destination), amount.currency))
        }
        (refunds[index].parts, refunds[index].unbacked) = allocation
        record(.retried, of: index)
        return false
    }

    /// A gateway reports a refund that we know, by a webhook or asked for its status.
    ///
    /// While the payment is not here no success is believed: once it is put, the gateway is asked.
    package mutating func report(
        _ report: Report, of refund: String, amount: Money? = nil, at moment: Int64
    ) throws(Refusal) {
        record(report, of: try refundIndex(refund), amount: amount, at: moment)
    }

    /// A gateway reports a refund of a charge that was not made here; the payment may come later.
    package mutating func outOfBand(
        _ name: String, on payment: String, amount: Money, _ report: Report, at moment: Int64
    ) {
        guard let known = refundIndexes[name] else {
            // As failed it allocates nothing until a report says more.
            insert(
                Refund(
                    source: .payment(payment), destination: .charge(of: payment), origin: .outOfBand,
                    asked: amount.minorUnits, first: .failed,
                    parts: [Part(payment: paymentIndex(payment), amount: amount.minorUnits)], unbacked: 0),
                as: name)
            return record(report, of: refunds.count - 1, amount: amount, at: moment)
        }
        record(report, of: known, amount: amount, at: moment)
    }

    /// A refund that was done before our time is loaded; of a note it counts on the payments that back it.
    package mutating func history(
        _ name: String, of source: Source, by destination: Destination = .charge(of: nil), amount: Money,
        rate: Rate? = nil
    ) {
        guard refundIndexes[name] == nil else { return }
        var parts: [Part] = []
        var rest = amount.minorUnits
        switch (source, destination) {
        case (.payment(let payment), _), (.note, .charge(let payment?)):
            parts = [Part(payment: paymentIndex(payment), amount: rest)]
            rest = 0
        case (.note(let note), _):
            for row in noteIndexes[note].map({ backing(ofNote: $0) }) ?? [] where min(rest, row.backs) > 0 {
                parts.append(Part(payment: row.payment, amount: min(rest, row.backs)))
                rest -= min(rest, row.backs)
            }
        }
        insert(
            Refund(
                source: source, destination: destination, origin: .history, asked: amount.minorUnits, rate: rate,
                first: .succeeded, parts: parts, unbacked: rest),
            as: name)
    }

    /// What a refund allocated of each payment, by its name, whether or not it stands.
    package func allocations(of refund: String) -> [String: Int64] {
        let parts = refundIndexes[refund].map { refunds[$0].parts } ?? []
        return Dictionary(parts.map { (payments[$0.payment].name, $0.amount) }, uniquingKeysWith: +)
    }

    /// Where a refund stands; nil for one that was never told.
    package func state(of refund: String) -> State? { refundIndexes[refund].map { refunds[$0].state } }

    /// Whether an approved refund may be sent: not while a claim on a payment of it is unmet.
    package func maySend(_ refund: String) -> Bool {
        guard let refund = refundIndexes[refund].map({ refunds[$0] }) else { return false }
        return refund.state == .approved
            && refund.parts.allSatisfy { sums(ofPayment: $0.payment).unmetClaims == 0 }
    }

    private mutating func record(_ report: Report, of index: Int, amount: Money?, at moment: Int64) {
        let waits = refunds[index].parts.contains { payments[$0.payment].currency == nil }
        let believed = waits && report == .succeeded ? .pending : report
        record(.reported(believed, amount: amount?.minorUnits), of: index, at: moment)
    }

    private mutating func insert(_ refund: Refund, as name: String) {
        refundIndexes[name] = refunds.count
        refunds.append(refund)
        if case .note(let note) = refund.source, let index = noteIndexes[note] {
            notes[index].refunds.append(refunds.count - 1)
        }
        linkPayments(of: refunds.count - 1)
        revalue(refunds.count - 1, since: nil)
    }

    private mutating func record(_ step: Step, of name: String) throws(Refusal) {
        let index = try refundIndex(name)
        guard refunds[index].state(after: step) != nil else { throw .notAStep(refunds[index].state) }
        record(step, of: index)
    }

    private mutating func record(_ step: Step, of index: Int, at moment: Int64? = nil) {
        let before = refunds[index]
        refunds[index].add(step, at: moment)
        resize(index, to: refunds[index].amountTold)
        linkPayments(of: index)
        revalue(index, since: before)
        if case .note(let note) = before.source, let noteIndex = noteIndexes[note] { raiseBacking(ofNote: noteIndex) }
    }

    /// Less releases the unbacked part first, then the last payment; more allocates what is left, and then too much.
    ///
    /// What a charge gave back beyond what was asked is on that charge's payment; else the note alone carries the rest.
    private mutating func resize(_ index: Int, to amount: Int64) {
        var less = refunds[index].amount - amount
        var more = max(0, -less)
        if less > 0 {
            let released = min(less, refunds[index].unbacked)
            refunds[index].unbacked -= released
            less -= released
        }
        for part in refunds[index].parts.indices.reversed() where less > 0 {
            let released = min(less, refunds[index].parts[part].amount)
            refunds[index].parts[part].amount -= released
            less -= released
        }
        guard more > 0 else { return }
        let (source, destination) = (refunds[index].source, refunds[index].destination)
        let isOfOneCharge: Bool
        switch (source, destination) {
        case (.payment, _), (.note, .charge): isOfOneCharge = true
        case (.note, .method), (.note, .offline): isOfOneCharge = false
        }
        if isOfOneCharge, !refunds[index].parts.isEmpty {
            refunds[index].parts[0].amount += more
            return
        }
        let accepted = min(more, largest(from: source, by: destination))
        if let allocation = allocation(of: accepted, from: source, by: destination) {
            refunds[index].parts += allocation.parts
            more -= allocation.parts.reduce(0) { $0 + $1.amount }
        }
        refunds[index].unbacked += more
    }

    private mutating func linkPayments(of index: Int) {
        for part in refunds[index].parts where !payments[part.payment].refunds.contains(index) {
            payments[part.payment].refunds.append(index)
        }
    }
}
