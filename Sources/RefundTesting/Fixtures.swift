package import RefundDomain
package import RefundStorage

/// Two organizations and the documents of the first, as values: enough for every way a refund can go.
package enum Fixtures {
    /// The moment at which the tests' clocks start: 2026-03-02T06:30:00Z, noon in the organization's zone.
    package static let now = Instant(seconds: 1_772_433_000)
    package static let today = date("2026-03-02")

    package static let rupee = currency("INR")
    package static let dollar = currency("USD")
    package static let yen = currency("JPY")
    package static let dinar = currency("KWD")

    package static let gateway = GatewayName("simulator")
    package static let client = ClientID(900)

    package static let organization = Organization(
        id: OrganizationID(10), name: "Meridian Supplies", baseCurrency: rupee, timeZone: "Asia/Kolkata",
        tenants: [.native: ["meridian"], DialectName("other"): ["10234695", "10234696"]],
        settings: OrganizationSettings(ofDialects: ["other.note_prefix": "CN-"]))

    /// Another tenant of the same database, with nothing in it.
    package static let stranger = Organization(
        id: OrganizationID(11), name: "Harbour Lights", baseCurrency: dollar, timeZone: "America/New_York",
        tenants: [.native: ["harbour"]])

    package static let customer = Party(
        id: PartyID(100), role: .customer, name: "Bowman and Co", email: "ap@bowman.example")
    package static let otherCustomer = Party(id: PartyID(101), role: .customer, name: "Ana Pérez")
    package static let vendor = Party(id: PartyID(102), role: .vendor, name: "Kyoto Paper", isActive: false)

    package static let card = PaymentMethod(
        id: PaymentMethodID(200), party: customer.id, mode: .creditCard, gateway: gateway, token: "tok_visa",
        card: Card(lastFour: "0042", expiryMonth: 7, expiryYear: 2031))
    package static let account = PaymentMethod(
        id: PaymentMethodID(201), party: customer.id, mode: .ach, gateway: gateway, token: "tok_account", card: nil)
    package static let closedCard = PaymentMethod(
        id: PaymentMethodID(202), party: customer.id, mode: .debitCard, gateway: gateway, token: "tok_closed",
        card: Card(lastFour: "4242", expiryMonth: 1, expiryYear: 2024), state: .closed)

    /// Taken by the gateway: 1,000.00 INR.
    package static let cardPayment = payment(
        300, captured: 100_000, mode: .creditCard, charge: "ch_300", method: card.id)
    /// Taken by hand: 500.00 INR.
    package static let cashPayment = payment(301, captured: 50_000, mode: .cash)
    /// Taken by the gateway in another currency: 200.00 USD at 83.25.
    package static let foreignPayment = payment(
        302, captured: 20_000, in: dollar, at: "83.25", mode: .creditCard, charge: "ch_302")
    /// Only authorised.
    package static let pendingPayment = payment(
        303, state: .pending, captured: 0, mode: .creditCard, charge: "ch_303", method: card.id)
    /// In part disputed: 300.00 INR, of which 100.00 are left.
    package static let disputedPayment = payment(304, captured: 30_000, disputed: 20_000, mode: .bankTransfer)

    /// An open note of two items, each with its tax, of nothing that was paid through a gateway: 236.00 INR.
    package static let openNote = note(400, number: "CN-1", total: 23_600, tax: 3_600)
    package static let openNoteLines = lines(from: 500, items: [("Desk", 15_000, 2_700), ("Lamp", 5_000, 900)])
    /// An open note behind which the card payment stands: 118.00 INR.
    package static let noteBehindCard = note(401, number: "CN-2", total: 11_800, tax: 1_800, payment: cardPayment.id)
    package static let noteBehindCardLines = lines(from: 510, items: [("Chair", 10_000, 1_800)])
    package static let draftNote = note(402, number: "CN-3", state: .draft, total: 1_000)
    package static let voidNote = note(403, number: "CN-4", state: .void, total: 1_000)
    /// An open note in another currency, behind which the foreign payment stands: 59.00 USD at 84.
    package static let foreignNote = note(
        404, number: "CN-5", total: 5_900, tax: 900, in: dollar, at: "84", payment: foreignPayment.id)
    package static let foreignNoteLines = lines(from: 520, items: [("Freight", 5_000, 900)])
    /// An open note that an invoice has used up in part: 90.00 INR, of which 40.00 are left.
    package static let appliedNote = note(405, number: "CN-6", total: 9_000, applied: 5_000)

    package static let payments = [cardPayment, cashPayment, foreignPayment, pendingPayment, disputedPayment]

    /// The notes, each with its lines.
    package static let notes: [(CreditNote, [CreditNoteLine])] = [
        (openNote, openNoteLines), (noteBehindCard, noteBehindCardLines), (draftNote, []), (voidNote, []),
        (foreignNote, foreignNoteLines), (appliedNote, []),
    ]

    /// What the simulator of a gateway can do: everything.
    package static let gateways = [
        gateway: GatewayCapabilities(
            linkedRefund: true, unlinkedCredit: true, cancel: true, keyLifetime: .seconds(86_400), refundWindow: nil,
            label: "Simulator")
    ]

    /// Writes all of it, in one unit.
    package static func put(in store: any Store) async throws {
        try await store.write(for: organization.id) { session in try put(in: session) }
    }

    /// Writes all of it, and opens the open notes in the ledger.
    package static func put(in session: any Session) throws {
        for tenant in [organization, stranger] { try session.put(tenant) }
        for party in [customer, otherCustomer, vendor] { try session.put(party, for: organization.id) }
        for method in [card, account, closedCard] { try session.insert(method, for: organization.id) }
        for payment in payments { try session.insert(payment, for: organization.id) }
        for (note, lines) in notes {
            try session.insert(note, lines: lines, for: organization.id)
            try session.setBackings(backing(of: note), of: note.id, for: organization.id)
            guard note.state == .open else { continue }
            let taxes = lines.filter { $0.kind != .item }
            let opening = try noteBroughtIn(note, taxes: taxes, isOpening: false, base: rupee, at: now)
            try session.insert(opening, for: organization.id)
        }
    }
}

extension Fixtures {
    /// What the payment behind a note backs of it.
    package static func backing(of note: CreditNote) -> [NoteBacking] {
        payments.filter { $0.id == note.payment }.map { NoteBacking(lone: $0, total: note.balance.total) }
    }

    /// A payment of the customer, in rupees unless said otherwise; with a charge the gateway took it.
    package static func payment(
        _ id: Int64, state: Payment.State = .succeeded, captured: Int64, disputed: Int64 = 0,
        in currency: Currency = rupee, at rate: String = "1", mode: PaymentMode, charge: String? = nil,
        method: PaymentMethodID? = nil
    ) -> Payment {
        Payment(
            id: PaymentID(id), party: customer.id, number: "P-\(id)", state: state, mode: mode,
            charge: charge.map { Charge(gateway: gateway, reference: $0) }, method: method,
            balance: PaymentBalance(
                currency: currency, captured: captured, claims: disputed, claimByOwner: disputed),
            rate: exchangeRate(rate), receivedOn: date("2026-02-20"), invoiceNumber: "INV-\(id)")
    }

    /// A note of the customer, open and in rupees unless said otherwise.
    package static func note(
        _ id: Int64, number: String, state: CreditNote.State = .open, total: Int64, tax: Int64 = 0, applied: Int64 = 0,
        in currency: Currency = rupee, at rate: String = "1", payment: PaymentID? = nil
    ) -> CreditNote {
        CreditNote(
            id: CreditNoteID(id), party: customer.id, number: number, state: state,
            balance: CreditNoteBalance(currency: currency, total: total, tax: tax, applied: applied),
            rate: exchangeRate(rate), raisedOn: date("2026-02-25"), reference: "RMA-\(id)", payment: payment,
            invoiceNumber: "INV-\(id)")
    }

    /// Lines of a note: each item, then its tax.
    package static func lines(from id: Int64, items: [(name: String, amount: Int64, tax: Int64)]) -> [CreditNoteLine] {
        items.enumerated().flatMap { index, item in
            let itemID = CreditNoteLineID(id + Int64(index) * 2)
            return [
                CreditNoteLine(id: itemID, kind: .item, name: item.name, amount: item.amount),
                CreditNoteLine(
                    id: CreditNoteLineID(itemID.value + 1), kind: .tax(of: itemID), name: "GST", amount: item.tax),
            ]
        }
    }

    /// The currency with a code that ISO 4217 lists.
    package static func currency(_ code: String) -> Currency {
        guard let currency = Currency(code) else { preconditionFailure("\(code) is no currency") }
        return currency
    }

    /// The rate that a decimal text stands for.
    package static func exchangeRate(_ text: String) -> ExchangeRate {
        guard let rate = ExchangeRate(text) else { preconditionFailure("\(text) is no rate") }
        return rate
    }

    /// The day `yyyy-mm-dd`.
    package static func date(_ text: String) -> LocalDate {
        guard let date = LocalDate(text) else { preconditionFailure("\(text) is no day") }
        return date
    }
}
