import HTTPTypes
import RefundDomain
import RefundService

// Parties, payments and credit notes: put by the owner's identifiers, safe to repeat, read with what remains.

extension Native {
    @Sendable func showParty(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await answer(
            await operations.retrieveParty(call.reference, of: caller.organization), with: written)
    }

    @Sendable func putParty(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await put(call, caller) { PutParty(&$0, known: $1).map { .party($0) } }
    }

    @Sendable func putPaymentMethod(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await put(call, caller) { PutPaymentMethod(&$0, known: $1).map { .paymentMethod($0) } }
    }

    @Sendable func showPayment(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await answer(
            await operations.retrievePayment(call.reference, of: caller.organization), with: written)
    }

    @Sendable func putPayment(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await put(call, caller) { PutPayment(&$0, known: $1).map { .payment($0) } }
    }

    @Sendable func showCreditNote(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let reference = call.reference
        let (note, lines) = try await operations.retrieveCreditNote(reference, of: caller.organization)
        let backings = try await operations.retrieveBackings(of: note.id, caller.organization)
        return written(note, lines, backings)
    }

    @Sendable func putCreditNote(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await put(call, caller) { PutCreditNote(&$0, known: $1).map { .creditNote($0) } }
    }

    /// Reads one record, known by the identifier of the path, and puts it: 201 where it is new, else 200.
    private func put(
        _ call: Call, _ caller: Caller, _ read: (inout FieldReader, ExternalIDs) -> RecordBatch.Entry?
    ) async throws(Failure) -> Reply {
        var fields = FieldReader(try call.jsonObject())
        let entry = read(&fields, [.native: call.parameter("id")])
        try fields.finish()
        guard let entry else { throw .bug }
        let batch = RecordBatch(entries: [("", entry)], updates: true)
        let result = try await operations.put(batch, for: caller.organization).first ?? .unchanged
        return .json(result == .created ? .created : .ok) { $0.field("result", result.rawValue) }
    }

    private func written(_ party: Party) -> Reply {
        .json(.ok) { body in
            body.field("id", party.id.description)
            body.field("role", party.role.rawValue)
            body.field("name", party.name)
            body.field("email", party.email)
            body.field("active", party.isActive)
        }
    }

    private func written(_ payment: Payment) -> Reply {
        let balance = payment.balance
        return .json(.ok) { body in
            body.field("id", payment.id.description)
            body.field("party", payment.party.description)
            body.field("number", payment.number)
            body.field("state", payment.state.rawValue)
            body.field("mode", NativeWords.text(payment.mode))
            body.field("gateway", payment.charge?.gateway.text)
            body.field("charge_reference", payment.charge?.reference)
            body.field("payment_method", payment.method?.description)
            body.field("currency", payment.currency.code)
            body.money("captured", balance.captured, payment.currency)
            body.money("reserved", balance.reserved, payment.currency)
            body.money("refunded", balance.refunded, payment.currency)
            body.money("disputed", balance.claims, payment.currency)
            body.money("held", balance.held, payment.currency)
            body.money("over_refunded", balance.overRefunded, payment.currency)
            body.field("remaining", balance.remaining.decimalText)
            body.field("rate", payment.rate.decimalText)
            body.field("received_on", payment.receivedOn.description)
            body.field("invoice_number", payment.invoiceNumber)
        }
    }

    private func written(
        _ note: CreditNote, _ lines: [CreditNoteLine], _ backings: [NoteBacking]
    ) -> Reply {
        .json(.ok) { body in
            body.field("id", note.id.description)
            body.field("party", note.party.description)
            body.field("number", note.number)
            body.field("state", note.isSpent ? "closed" : note.state.rawValue)
            body.field("currency", note.currency.code)
            body.money("total", note.balance.total, note.currency)
            body.money("tax", note.balance.tax, note.currency)
            body.money("applied", note.balance.applied, note.currency)
            body.money("drawn", note.balance.drawn, note.currency)
            body.field("remaining", note.balance.remaining.decimalText)
            body.field("rate", note.rate.decimalText)
            body.field("raised_on", note.raisedOn.description)
            body.field("reference", note.reference)
            body.field("payment", note.payment?.description)
            body.array("payments") { list in
                for row in backings {
                    list.object { fields in
                        fields.field("payment", row.payment.description)
                        fields.money("amount", row.amount, note.currency)
                        fields.money("refunded", row.allocated, note.currency)
                    }
                }
            }
            body.field("invoice_number", note.invoiceNumber)
            body.array("lines") { list in
                for line in lines { list.object { $0.write(line, in: note.currency) } }
            }
        }
    }
}

extension Call {
    /// The record that the path names.
    var reference: RecordReference { NativeWords.reference(parameter("id")) }
}

extension JSONFields {
    /// An amount as text, in major units.
    fileprivate mutating func money(_ name: String, _ minorUnits: Int64, _ currency: Currency) {
        field(name, Money(minorUnits: minorUnits, currency: currency).decimalText)
    }

    fileprivate mutating func write(_ line: CreditNoteLine, in currency: Currency) {
        field("id", line.id.description)
        switch line.kind {
        case .item: field("tax_of", String?.none)
        case .tax(let item): field("tax_of", item.description)
        }
        field("name", line.name)
        money("amount", line.amount, currency)
        money("drawn", line.drawn, currency)
        money("remaining", line.remaining, currency)
    }
}
