import RefundDomain
import RefundService
import RefundStorage
import RefundTesting

/// Records as an owner brings them, each by its own identifier.
enum Brought {
    static let other = DialectName("other")

    /// A record by the identifier that it came in with.
    static func reference(_ text: String, in dialect: DialectName = .native) -> RecordReference {
        RecordReference(dialect: dialect, text: text, generated: nil)
    }

    static func rupees(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: Fixtures.rupee) }

    static func party(_ id: String = "c1", name: String = "Ana Pérez") -> PutParty {
        PutParty(externalIDs: [.native: id], role: .customer, name: name, email: "ana@example.com", isActive: true)
    }

    static let method = PutPaymentMethod(
        externalIDs: [.native: "m1"], party: reference("c1"), mode: .creditCard, gateway: Fixtures.gateway,
        token: "tok_1", card: Card(lastFour: "0042", expiryMonth: 7, expiryYear: 2031))

    static func payment(_ id: String = "p1", captured: Money = rupees(50_000), charged: Bool = true) -> PutPayment {
        PutPayment(
            externalIDs: [.native: id], party: reference("c1"), number: "P-\(id)", state: .succeeded,
            mode: charged ? .creditCard : .cash,
            charge: charged ? Charge(gateway: Fixtures.gateway, reference: "ch_\(id)") : nil,
            method: charged ? reference("m1") : nil, currency: captured.currency, captured: captured,
            disputed: nil, rate: nil,
            receivedOn: Fixtures.date("2026-02-01"), invoiceNumber: "INV-1")
    }

    static func note(_ id: String = "n1", number: String = "CN-41", behind: String? = nil) -> PutCreditNote {
        let tax = PutCreditNote.Tax(externalIDs: [.native: "\(id)-t1"], name: "GST", amount: rupees(1_800))
        let item = PutCreditNote.Item(
            externalIDs: [.native: "\(id)-l1"], name: "Desk", amount: rupees(10_000), taxes: [tax])
        return PutCreditNote(
            externalIDs: [.native: id], party: reference("c1"), number: number, state: .open,
            currency: Fixtures.rupee, items: [item], applied: rupees(0), rate: nil,
            raisedOn: Fixtures.date("2026-02-05"), reference: "RMA", payment: behind.map { reference($0) },
            invoiceNumber: "INV-1")
    }

    static func refund(
        _ id: String = "r1", of source: PutPastRefund.Source = .payment(reference("p1")), amount: Money = rupees(2_500),
        state: RefundState = .succeeded, channel: RefundChannel = .electronic(Fixtures.gateway), number: Int64? = nil
    ) -> PutPastRefund {
        PutPastRefund(
            externalIDs: [.native: id], number: number.map { RefundNumber($0) }, source: source, amount: amount,
            state: state,
            channel: channel, effectiveOn: Fixtures.date("2026-02-10"), createdAt: Fixtures.now - .seconds(86_400),
            reason: nil, initiator: .merchant, description: "broken", reference: "", gatewayReference: "rf_\(id)",
            networkReference: "", failure: nil, annotations: "")
    }

    static let everything: [RecordBatch.Entry] = [
        .party(party()), .paymentMethod(method), .payment(payment()), .creditNote(note()),
        .creditNote(note("n2", number: "CN-42", behind: "p1")), .refund(refund()),
        .refund(refund("r2", of: .creditNote(reference("n2")))),
        .refund(refund("r3", of: .creditNote(reference("n1")), channel: .offline(.cash))),
        .refund(refund("r4", state: .failed)),
    ]

    static func batch(_ entries: [RecordBatch.Entry], updates: Bool = false) -> RecordBatch {
        RecordBatch(entries: entries.enumerated().map { ("records[\($0)]", $1) }, updates: updates)
    }
}
