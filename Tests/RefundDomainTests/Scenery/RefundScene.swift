import RefundDomain

/// A request for a refund and the facts that meet it, such that it is accepted: a test changes what its case is about.
///
/// A source is claimed as the guarded update of the storage claims it, so no case contradicts itself.
struct RefundScene: Sendable {
    enum Source: CaseIterable, Sendable {
        case payment, paymentRaisingNote
        case note
        /// A note with a payment behind it, through which the refund goes back where that came by a gateway.
        case backedNote
    }

    var source: Source
    var amount = money("200.00 INR")
    var way = RequestRefund.Way.asTaken
    var onlyByGateway = false
    var effectiveOn: LocalDate?
    /// What the caller believes is left.
    var expected: String?
    var requested: [EntryDraft] = []

    var organization = Organization(
        id: OrganizationID(23_137_556), name: "Patel & Sons", baseCurrency: .inr, timeZone: "Asia/Kolkata")
    var payment = PaymentDraft()
    var note = NoteDraft()
    var lines: [CreditNoteLine] = []
    var method: MethodDraft? = MethodDraft()
    var gateways: [GatewayName: GatewayCapabilities] = [.simulator: .all]
    var now = Instant(seconds: 1_724_154_320)
    var today = day("2024-08-20")
    /// Whether this node has a place for the first call.
    var hasRoom = true

    init(_ source: Source) {
        self.source = source
    }

    func decision() throws(RefundError) -> RefundDecision { try decide(command, given: facts) }

    var command: RequestRefund {
        let source: RequestRefund.Source
        switch self.source {
        case .payment: source = .payment(.anything, raisingNote: false)
        case .paymentRaisingNote: source = .payment(.anything, raisingNote: true)
        case .note, .backedNote: source = .creditNote(.anything, lines: requested.map(\.entry))
        }
        return RequestRefund(
            organization: organization.id, client: ClientID(41), source: source, amount: decimal("1"), way: way,
            onlyByGateway: onlyByGateway,
            effectiveOn: effectiveOn, reason: .duplicate, initiator: .customer, description: "Paid twice",
            reference: "PO-7", expectedRemaining: expected.map(decimal), annotations: "{\"cf_desk\":\"3\"}")
    }

    var facts: RefundFacts {
        let currency = amount.currency
        let source: RefundFacts.Source
        switch self.source {
        case .payment, .paymentRaisingNote:
            source = .payment(payment.claim(amount))
        case .note:
            source = .creditNote(note.claim(amount, payment: nil), backed: .none, lines: lines)
        case .backedNote:
            source = .creditNote(note.claim(amount, payment: payment.id), backed: backed, lines: lines)
        }
        return RefundFacts(
            source: source, amount: amount,
            paymentBehindNote: self.source == .backedNote ? payment.record(in: currency) : nil,
            method: method?.record, requestedLines: requested.map(\.line), gateways: gateways,
            organization: organization, refund: RefundID(9_001), number: RefundNumber(26_201), now: now,
            today: today, raisedNote: CreditNoteID(9_002), raisedNoteNumber: "CN-26",
            leaseUntil: hasRoom ? now + Limits.attemptLease : nil)
    }

    /// What is taken of the payment behind the note.
    private var backed: BackedClaim {
        let untouched = payment.record(in: amount.currency)
        let row = NoteBacking(
            payment: payment.id, amount: min(note.total, payment.captured), amountMax: note.total)
        let share = share(
            of: amount.minorUnits, by: goesThroughGateway ? .charge(of: [payment.id]) : .any,
            over: [(row: row, payment: untouched)])
        let taken = share.allocations?.first?.amount ?? 0
        return BackedClaim(payments: [payment.record(in: amount.currency, reserving: taken)], share: share)
    }

    /// The capabilities of the gateway that took the payment.
    var gateway: GatewayCapabilities {
        get { gateways[.simulator] ?? .all }
        set { gateways[.simulator] = newValue }
    }

    /// The method that the refund is to be paid out to; setting one asks for that way.
    var askedMethod: MethodDraft? {
        get { method }
        set { (method, way) = (newValue, .toMethod()) }
    }

    /// What the request names of the note; setting it gives the note 300.00, 54.00 of tax on it, and 146.00.
    var named: [EntryDraft] {
        get { requested }
        set { (requested, lines) = (newValue, [.item(1, 30_000), .tax(2, of: 1, 5_400), .item(3, 14_600)]) }
    }

    private var goesThroughGateway: Bool {
        switch way {
        case .asTaken: payment.charge != nil
        case .offline: false
        case .method:
            method?.record.chargeToGiveBack(of: payment.record(in: amount.currency), gateway) != nil
        }
    }
}

/// A payment to be taken from: 1000.00, by card through a gateway.
struct PaymentDraft: Sendable {
    let id = PaymentID(731)
    var party = PartyID(1)
    /// Nil for that of the refund.
    var currency: Currency?
    var state = Payment.State.succeeded
    var mode = PaymentMode.creditCard
    var charge: Charge? = Charge(gateway: .simulator, reference: "ch_1")
    var method: PaymentMethodID? = PaymentMethodID(51)
    var captured: Int64 = 100_000
    var reserved: Int64 = 0
    var refunded: Int64 = 0
    var disputed: Int64 = 0
    var rate = ExchangeRate.one
    var receivedOn = day("2024-08-01")
    var isBarred = false

    func record(in currency: Currency, reserving amount: Int64 = 0) -> Payment {
        Payment(
            id: id, party: party, number: "17", state: state, mode: mode, charge: charge, method: method,
            balance: PaymentBalance(
                currency: self.currency ?? currency, captured: captured, reserved: reserved + amount,
                refunded: refunded, claims: disputed),
            rate: rate, receivedOn: receivedOn, invoiceNumber: "INV-384", isBarred: isBarred)
    }

    func claim(_ amount: Money) -> Claim<Payment> {
        let untouched = record(in: amount.currency)
        let fits = amount.minorUnits <= untouched.balance.remaining.minorUnits
        guard state == .succeeded, captured > 0, !isBarred, fits else { return .refused(untouched) }
        return .taken(record(in: amount.currency, reserving: amount.minorUnits))
    }
}

/// A note to be refunded: 500.00, open.
struct NoteDraft: Sendable {
    let id = CreditNoteID(903)
    var party = PartyID(1)
    var state = CreditNote.State.open
    var total: Int64 = 50_000
    var tax: Int64 = 0
    var applied: Int64 = 0
    var drawn: Int64 = 0
    var rate = ExchangeRate.one
    var raisedOn = day("2024-08-05")

    func record(in currency: Currency, payment: PaymentID? = nil, drawing amount: Int64 = 0) -> CreditNote {
        CreditNote(
            id: id, party: party, number: "CN-25", state: state,
            balance: CreditNoteBalance(
                currency: currency, total: total, tax: tax, applied: applied, drawn: drawn + amount),
            rate: rate, raisedOn: raisedOn, payment: payment)
    }

    func claim(_ amount: Money, payment: PaymentID?) -> Claim<CreditNote> {
        let untouched = record(in: amount.currency, payment: payment)
        guard state == .open, amount.minorUnits <= untouched.balance.remaining.minorUnits else {
            return .refused(untouched)
        }
        return .taken(record(in: amount.currency, payment: payment, drawing: amount.minorUnits))
    }
}

/// A card of the party, at the gateway of the payment.
struct MethodDraft: Sendable {
    var party = PartyID(1)
    var mode = PaymentMode.creditCard
    var gateway = GatewayName.simulator
    var state = PaymentMethod.State.active

    var record: PaymentMethod {
        PaymentMethod(
            id: PaymentMethodID(51), party: party, mode: mode, gateway: gateway, token: "tok_1",
            card: Card(lastFour: "0042", expiryMonth: 9, expiryYear: 2030), state: state)
    }
}

/// What a request names of the note, and the line that was found for it.
struct EntryDraft: Sendable {
    let line: CreditNoteLineID?
    let entry: RequestedLine

    static func item(_ line: Int64?, _ amount: String) -> EntryDraft { EntryDraft(line, .item, amount) }

    static func tax(_ line: Int64?, _ amount: String) -> EntryDraft { EntryDraft(line, .tax, amount) }

    private init(_ line: Int64?, _ kind: RequestedLine.Kind, _ amount: String) {
        self.line = line.map { CreditNoteLineID($0) }
        entry = RequestedLine(reference: .anything, kind: kind, amount: decimal(amount))
    }
}

extension CreditNoteLine {
    static func item(_ id: Int64, _ amount: Int64, drawn: Int64 = 0) -> CreditNoteLine {
        CreditNoteLine(id: CreditNoteLineID(id), kind: .item, name: "Item \(id)", amount: amount, drawn: drawn)
    }

    static func tax(_ id: Int64, of item: Int64, _ amount: Int64, drawn: Int64 = 0) -> CreditNoteLine {
        CreditNoteLine(
            id: CreditNoteLineID(id), kind: .tax(of: CreditNoteLineID(item)), name: "GST", amount: amount, drawn: drawn)
    }
}

extension [CreditNoteLine] {
    /// So many items of one amount.
    static func of(_ amount: Int64, times: Int) -> [CreditNoteLine] { (1...Int64(times)).map { .item($0, amount) } }
}

extension Duration {
    static func days(_ days: Int) -> Duration { .seconds(days * 86_400) }
}

extension RecordReference {
    /// Stands where a decision no longer looks: the record it names was found before.
    static let anything = RecordReference(dialect: .native, text: "1", generated: 1)
}

extension RequestRefund.Way {
    static func toMethod(through gateway: GatewayName? = nil) -> RequestRefund.Way {
        .method(.anything, through: gateway)
    }
}

extension GatewayName {
    static let simulator = GatewayName("simulator")
    static let another = GatewayName("another")
}

extension GatewayCapabilities {
    /// Those of a gateway that can do everything, for ever.
    static let all = GatewayCapabilities(
        linkedRefund: true, unlinkedCredit: true, cancel: true, keyLifetime: .seconds(86_400), refundWindow: nil,
        label: "Simulator")
}
