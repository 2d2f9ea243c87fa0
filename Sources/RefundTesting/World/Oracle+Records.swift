package import RefundDomain

extension Oracle {
    /// The owner puts a payment, first or again; what waited for it counts from here on.
    ///
    /// Put again, it may lower what the owner says was captured, not below what is allocated. A payment of which only
    /// the gateway has told becomes the owner's while nothing rests on it.
    package mutating func putPayment(
        _ name: String, captured: Money, customer: String = "", rate: Rate = .one, hasCharge: Bool = true
    ) throws(Refusal) {
        let index = paymentIndex(name)
        let before = payments[index]
        let isGateways = before.currency != nil && !before.isOwners
        guard !isGateways || before.refunds.isEmpty && before.disputes.isEmpty else { throw .chargeOfAnotherPayment }
        payments[index].isOwners = true
        payments[index].capturedByOwner = captured.minorUnits
        if let currency = before.currency {
            let allocated = sums(ofPayment: index).allocated
            if payments[index].captured < min(allocated, before.captured) {
                payments[index] = before
                throw .allocated(Money(minorUnits: allocated, currency: currency))
            }
        }
        if isGateways || before.currency == nil {
            payments[index].currency = captured.currency
            payments[index].customer = customer
            payments[index].rate = rate
            payments[index].hasCharge = hasCharge
            for refund in before.refunds { revalue(refund, since: nil) }
        }
        raiseBacking(ofNotesOn: index)
    }

    /// The gateway tells of a charge, whose payment is here from then on, whether or not the owner puts it.
    package mutating func gatewayCharged(_ payment: String, captured: Money) {
        let index = paymentIndex(payment)
        if payments[index].currency == nil {
            payments[index].currency = captured.currency
            for refund in payments[index].refunds { revalue(refund, since: nil) }
        }
        gatewayCaptured(captured, on: payment)
    }

    /// The gateway tells what a charge has captured; this only grows.
    package mutating func gatewayCaptured(_ amount: Money, on payment: String) {
        let index = paymentIndex(payment)
        payments[index].capturedByGateway = max(payments[index].capturedByGateway, amount.minorUnits)
        raiseBacking(ofNotesOn: index)
    }

    /// A payment, which may come later, is applied to an invoice; the oldest application is told first.
    package mutating func applyPayment(_ payment: String, of amount: Money, to invoice: String) {
        let index = paymentIndex(payment)
        if let known = applications[invoice]?.firstIndex(where: { $0.payment == index }) {
            applications[invoice]?[known].amount += amount.minorUnits
        } else {
            applications[invoice, default: []].append(Part(payment: index, amount: amount.minorUnits))
        }
        raiseBacking(ofNotesOn: index)
    }

    /// A credit note is opened.
    ///
    /// Put again, it replaces the former while nothing of that is allocated or applied: the owner names another
    /// backing, or a refund's own note, which was voided, is raised anew after a late success.
    package mutating func putNote(
        _ name: String, total: Money, backing: Backing = .none, customer: String = "", rate: Rate = .one
    ) throws(Refusal) {
        let index = noteIndexes[name] ?? notes.count
        let used = index < notes.count ? allocated(ofNote: index) + notes[index].applied : 0
        guard used == 0 else { throw .allocated(money(used, total.currency)) }
        guard total.isPositive else { throw .notPositive }
        var lonePayment: Int?
        var invoice: String?
        var rows: [Part] = []
        switch backing {
        case .none: break
        case .payment(let payment): lonePayment = paymentIndex(payment)
        case .payments(let named):
            rows = named.map { Part(payment: paymentIndex($0.payment), amount: $0.amount.minorUnits) }
        case .invoice(let name): invoice = name
        }
        var note = Note(
            name: name, currency: total.currency, customer: customer, rate: rate, lonePayment: lonePayment,
            invoice: invoice, total: total.minorUnits,
            totalBase: rate.convert(total.minorUnits, of: total.currency, to: base), backing: rows)
        guard rows.reduce(0, { $0 + $1.amount }) <= note.total else { throw .tooMuch(left: total) }
        if index < notes.count {
            note.refunds = notes[index].refunds
            notes[index] = note
        } else {
            noteIndexes[name] = index
            notes.append(note)
        }
        raiseBacking(ofNote: index)
    }

    /// A note is applied to an invoice: the one that it credits, which lowers its backing, or another.
    package mutating func applyNote(_ name: String, of amount: Money, toItsInvoice: Bool = false) throws(Refusal) {
        let index = try noteIndex(name)
        let left = left(ofNote: index)
        guard amount.minorUnits <= left else { throw .tooMuch(left: money(left, notes[index].currency)) }
        notes[index].appliedBase += baseAmount(ofNote: index, adding: amount.minorUnits)
        notes[index].applied += amount.minorUnits
        guard toItsInvoice else { return }
        notes[index].appliedToItsInvoice += amount.minorUnits
        var surplus = -roomForBacking(ofNote: index)
        for (row, unused) in backing(ofNote: index).map(\.backs).enumerated().reversed() where surplus > 0 {
            notes[index].backing[row].amount -= min(surplus, unused)
            surplus -= min(surplus, unused)
        }
    }

    /// A note is voided; one that refunds have allocated from cannot be.
    package mutating func voidNote(_ name: String) throws(Refusal) {
        let index = try noteIndex(name)
        let allocated = allocated(ofNote: index)
        guard allocated == 0 else { throw .allocated(money(allocated, notes[index].currency)) }
        notes[index].backing = []
        notes[index].total = notes[index].applied
        notes[index].totalBase = notes[index].appliedBase
    }

    /// Raises the backing of a note as far as its payments and its total allow.
    ///
    /// Done whenever one of these may have grown, and when an unbacked part is released: what is then left of the note
    /// must come out of the purse of its payment, or two roads would lead to one purse.
    mutating func raiseBacking(ofNote index: Int) {
        let note = notes[index]
        let lone = note.lonePayment.map { [Part(payment: $0, amount: .max)] }
        var room = roomForBacking(ofNote: index)
        for source in lone ?? note.invoice.flatMap({ applications[$0] }) ?? [] where room > 0 {
            let captured = payments[source.payment].captured
            let held = notes.indices.reduce(into: Int64(0)) { sum, other in
                let shares = note.invoice != nil && notes[other].invoice == note.invoice
                if other == index || shares { sum += notes[other].backing(by: source.payment) }
            }
            let raised = max(0, min(room, min(source.amount, captured) - held))
            room -= raised
            if let row = notes[index].backing.firstIndex(where: { $0.payment == source.payment }) {
                notes[index].backing[row].amount += raised
            } else if raised > 0 || captured == 0 {
                notes[index].backing.append(Part(payment: source.payment, amount: raised))
            }
        }
    }

    /// What a note's backing may still grow by; below zero where it holds more than the note can have backed.
    private func roomForBacking(ofNote index: Int) -> Int64 {
        let unbacked = notes[index].refunds.reduce(0) { $0 + (refunds[$1].isLive ? refunds[$1].unbacked : 0) }
        let held = notes[index].backing.reduce(0) { $0 + $1.amount }
        return notes[index].total - notes[index].appliedToItsInvoice - unbacked - held
    }

    private mutating func raiseBacking(ofNotesOn payment: Int) {
        for (index, note) in notes.enumerated() {
            let follows = note.invoice.flatMap { applications[$0] }?.contains { $0.payment == payment } ?? false
            if follows || note.lonePayment == payment { raiseBacking(ofNote: index) }
        }
    }
}

// MARK: - Names

extension Oracle {
    func money(_ minorUnits: Int64, _ currency: Currency) -> Money {
        Money(minorUnits: minorUnits, currency: currency)
    }

    /// The place of a payment, made where nothing was told of it yet.
    mutating func paymentIndex(_ name: String) -> Int {
        if let known = paymentIndexes[name] { return known }
        paymentIndexes[name] = payments.count
        payments.append(Payment(name: name))
        return payments.count - 1
    }

    func noteIndex(_ name: String) throws(Refusal) -> Int {
        guard let index = noteIndexes[name] else { throw .unknown(name) }
        return index
    }

    func refundIndex(_ name: String) throws(Refusal) -> Int {
        guard let index = refundIndexes[name] else { throw .unknown(name) }
        return index
    }
}
