import RefundDomain
import RefundService
import RefundTesting

/// The records of the world as the owner brings them.
extension WorldRun {
    func money(_ minorUnits: Int64, _ currency: Currency) -> Money { Money(minorUnits: minorUnits, currency: currency) }

    /// What the owner says of a payment when it is put first.
    func firstCaptured(of payment: World.Payment) -> Money {
        money(payment.isCapturedLater ? 0 : payment.captured, payment.currency)
    }

    func brought(_ index: Int, as name: String? = nil) -> PutPayment {
        let payment = world.payments[index]
        let units = captured[index] ?? 0
        let party = World.parties[payment.party]
        let purse = oracle.purse(of: payment.name)
        let isTaken = units > 0 || (purse?.captured ?? 0) > 0 || (purse?.allocated ?? 0) > 0
        return PutPayment(
            externalIDs: [.native: name ?? payment.name], party: Brought.reference(party), number: payment.name,
            state: isTaken ? .succeeded : .pending, mode: payment.isCharged ? .creditCard : .cash,
            charge: payment.isCharged ? Charge(gateway: Fixtures.gateway, reference: payment.charge) : nil,
            method: payment.isCharged ? Brought.reference(Self.methodName(of: party)) : nil,
            currency: payment.currency, captured: money(units, payment.currency),
            disputed: money(disputed[index] ?? 0, payment.currency),
            rate: Fixtures.exchangeRate(payment.rate.text), receivedOn: Fixtures.date("2026-02-01"), invoiceNumber: "")
    }

    func brought(note index: Int, state: CreditNote.State = .open) -> PutCreditNote {
        brought(world.notes[index], number: index + 1, state: state, applied: applied[index] ?? 0)
    }

    func brought(
        _ note: World.Note, number: Int, state: CreditNote.State = .open, applied: Int64 = 0
    ) -> PutCreditNote {
        let items = note.lines.enumerated().map { index, net in
            let tax = World.Note.tax(on: net)
            let taxes =
                tax == 0
                ? []
                : [
                    PutCreditNote.Tax(
                        externalIDs: [.native: "\(note.name)-t\(index)"], name: "GST",
                        amount: money(tax, note.currency))
                ]
            return PutCreditNote.Item(
                externalIDs: [.native: "\(note.name)-l\(index)"], name: "Item \(index)",
                amount: money(net, note.currency), taxes: taxes)
        }
        return PutCreditNote(
            externalIDs: [.native: note.name], party: Brought.reference(World.parties[note.party]),
            number: "M-\(number)", state: state, currency: note.currency, items: items,
            applied: money(applied, note.currency), rate: Fixtures.exchangeRate(note.rate.text),
            raisedOn: Fixtures.date("2026-02-05"), reference: "",
            payment: note.payment.map { Brought.reference(world.payments[$0].name) },
            payments: note.backing.map { payment, amount in
                PutCreditNote.Backing(
                    payment: Brought.reference(world.payments[payment].name), amount: money(amount, note.currency))
            }, invoiceNumber: "")
    }

    func backing(of note: World.Note) -> Oracle.Backing {
        guard let lone = note.payment else {
            return .payments(
                note.backing.map { (world.payments[$0.payment].name, money($0.amount, note.currency)) })
        }
        return .payment(world.payments[lone].name)
    }

    func isHere(_ source: WorldSource) -> Bool {
        switch source {
        case .payment(let index): payments[index] != nil
        case .note(let index): notes[index] != nil
        }
    }

    func oracleSource(_ source: WorldSource) -> Oracle.Source {
        switch source {
        case .payment(let index): .payment(world.payments[index].name)
        case .note(let index): .note(world.notes[index].name)
        }
    }

    /// Keeps a refund by its name.
    func remember(_ name: String, _ id: RefundID, of source: Oracle.Source, _ amount: Money, isOffline: Bool) {
        amounts[name] = amount
        refunds[name] = id
        names[id] = name
        sources[name] = source
        if isOffline { offline.insert(name) }
    }
}

extension WorldSource {
    var isNote: Bool {
        switch self {
        case .payment: false
        case .note: true
        }
    }
}
