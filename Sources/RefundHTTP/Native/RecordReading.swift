import RefundDomain
import RefundService

// Each reads one record from its JSON form, in the order of the documentation. A reading is nil where something that
// the record cannot be without is wrong; the reader then knows what.

extension PutParty {
    init?(_ fields: inout FieldReader, known: ExternalIDs) {
        let externalIDs = fields.externalIDs(known)
        let role = fields.choice("role", among: Party.Role.self) ?? .customer
        let name = fields.requiredText("name", maxLength: Limits.nameLengthMax)
        let email = fields.text("email", maxLength: Limits.nameLengthMax) ?? ""
        let isActive = fields.bool("active") ?? true
        fields.refuseUnknown(except: ["external_ids", "role", "name", "email", "active"])
        guard let name else { return nil }
        self.init(externalIDs: externalIDs, role: role, name: name, email: email, isActive: isActive)
    }
}

extension PutPaymentMethod {
    init?(_ fields: inout FieldReader, known: ExternalIDs) {
        let externalIDs = fields.externalIDs(known)
        let party = fields.requiredReference("party")
        let mode = fields.mode("mode") ?? .creditCard
        let gateway = fields.requiredText("gateway", maxLength: Limits.nameLengthMax)
        let token = fields.requiredText("token", maxLength: Limits.nameLengthMax)
        var card: Card?
        if var nested = fields.object("card") {
            card = Card(&nested)
            fields.take(problemsOf: nested)
        }
        fields.refuseUnknown(except: ["external_ids", "party", "mode", "gateway", "token", "card"])
        guard let party, let gateway, let token else { return nil }
        self.init(
            externalIDs: externalIDs, party: party, mode: mode, gateway: GatewayName(gateway), token: token, card: card)
    }
}

extension Card {
    fileprivate init?(_ fields: inout FieldReader) {
        let lastFour = fields.requiredText("last_four", maxLength: 4)
        let month = fields.integer("expiry_month")
        let year = fields.integer("expiry_year")
        if let lastFour, lastFour.utf8.count != 4 || !lastFour.utf8.allSatisfy(\.isDigit) {
            fields.problem("last_four", .value("four digits"))
        }
        if !(1...12).contains(month ?? 0) { fields.problem("expiry_month", .value("a month, 1 to 12")) }
        if !(2_000...9_999).contains(year ?? 0) { fields.problem("expiry_year", .value("a year of four digits")) }
        guard fields.problems.isEmpty, let lastFour, let month, let year else { return nil }
        self.init(lastFour: lastFour, expiryMonth: Int(month), expiryYear: Int(year))
    }
}

extension PutPayment {
    init?(_ fields: inout FieldReader, known: ExternalIDs) {
        let externalIDs = fields.externalIDs(known)
        let party = fields.requiredReference("party")
        let currency = fields.requiredCurrency("currency")
        let captured = fields.money("captured", in: currency)
        let disputed = fields.money("disputed", in: currency)
        let receivedOn = fields.requiredDate("received_on")
        let charge = fields.charge()
        let number = fields.text("number", maxLength: Limits.referenceLengthMax) ?? ""
        let state = fields.choice("state", among: Payment.State.self) ?? .succeeded
        let mode = fields.mode("mode") ?? .others
        let method = fields.reference("payment_method")
        let rate = fields.rate("rate")
        let invoice = fields.text("invoice_number", maxLength: Limits.referenceLengthMax) ?? ""
        fields.refuseUnknown(except: [
            "external_ids", "party", "number", "state", "mode", "gateway", "charge_reference", "payment_method",
            "currency", "captured", "disputed", "rate", "received_on", "invoice_number",
        ])
        guard let party, let currency, let receivedOn else { return nil }
        self.init(
            externalIDs: externalIDs, party: party, number: number, state: state, mode: mode, charge: charge,
            method: method, currency: currency, captured: captured, disputed: disputed, rate: rate,
            receivedOn: receivedOn, invoiceNumber: invoice)
    }
}

extension PutCreditNote {
    init?(_ fields: inout FieldReader, known: ExternalIDs) {
        let externalIDs = fields.externalIDs(known)
        let party = fields.requiredReference("party")
        let number = fields.requiredText("number", maxLength: Limits.referenceLengthMax)
        let state = fields.choice("state", among: CreditNote.State.self)
        let currency = fields.requiredCurrency("currency")
        let items = fields.items(in: currency)
        let applied = fields.money("applied", in: currency)
        let rate = fields.rate("rate")
        let raisedOn = fields.requiredDate("raised_on")
        let reference = fields.text("reference", maxLength: Limits.referenceLengthMax) ?? ""
        let payment = fields.reference("payment")
        let payments = fields.backings(in: currency)
        if payment != nil, !payments.isEmpty { fields.problem("payments", .value("absent where a payment is named")) }
        let invoice = fields.text("invoice_number", maxLength: Limits.referenceLengthMax) ?? ""
        fields.refuseUnknown(except: [
            "external_ids", "party", "number", "state", "currency", "items", "applied", "rate", "raised_on",
            "reference", "payment", "payments", "invoice_number",
        ])
        guard let party, let number, let currency, let raisedOn else { return nil }
        self.init(
            externalIDs: externalIDs, party: party, number: number, state: state, currency: currency, items: items,
            applied: applied, rate: rate, raisedOn: raisedOn, reference: reference, payment: payment,
            payments: payments, invoiceNumber: invoice)
    }
}

extension PutPastRefund {
    init?(_ fields: inout FieldReader, known: ExternalIDs) {
        let externalIDs = fields.externalIDs(known)
        let source = fields.pastSource()
        let currency = fields.requiredCurrency("currency")
        let amount = fields.money("amount", in: currency)
        if amount == nil { fields.problem("amount", .missing) }
        let effectiveOn = fields.requiredDate("effective_on")
        let createdAt = fields.instant("created_at")
        let channel = fields.channel()
        let number = fields.number("number")
        let state = fields.choice("state", among: finalStates) ?? .succeeded
        let reason = fields.choice("reason", among: RefundReason.self)
        let initiator = fields.choice("initiator", among: RefundInitiator.self) ?? .merchant
        let description = fields.text("description", maxLength: Limits.descriptionLengthMax) ?? ""
        let reference = fields.text("reference", maxLength: Limits.referenceLengthMax) ?? ""
        let gatewayReference = fields.text("gateway_reference", maxLength: Limits.referenceLengthMax) ?? ""
        let networkReference = fields.text("network_reference", maxLength: Limits.referenceLengthMax) ?? ""
        let failure = fields.choice("failure_reason", among: FailureReason.self)
        let annotations = fields.text("annotations", maxLength: Limits.annotationsLengthMax) ?? ""
        fields.refuseUnknown(except: pastRefundFields)
        guard let source, let amount, let effectiveOn else { return nil }
        self.init(
            externalIDs: externalIDs, number: number, source: source, amount: amount, state: state, channel: channel,
            effectiveOn: effectiveOn,
            createdAt: createdAt ?? Instant(seconds: Int64(effectiveOn.daysSinceEpoch) * 86_400), reason: reason,
            initiator: initiator, description: description, reference: reference, gatewayReference: gatewayReference,
            networkReference: networkReference, failure: failure, annotations: annotations)
    }
}

private let finalStates = RefundState.allCases.filter(\.isFinal).map { ($0.rawValue, $0) }

private let pastRefundFields: Set<String> = [
    "external_ids", "number", "payment", "credit_note", "currency", "amount", "state", "mode", "gateway",
    "effective_on", "created_at", "reason", "initiator", "description", "reference", "gateway_reference",
    "network_reference", "failure_reason", "annotations",
]

extension FieldReader {
    /// The identifiers by dialect, and those that are known from elsewhere, such as the path.
    fileprivate mutating func externalIDs(_ known: ExternalIDs) -> ExternalIDs {
        var externalIDs = known
        guard var nested = object("external_ids") else { return externalIDs }
        for dialect in nested.names {
            guard let text = nested.requiredText(dialect, maxLength: Limits.externalIDLengthMax) else { continue }
            externalIDs[DialectName(dialect)] = text
        }
        take(problemsOf: nested)
        return externalIDs
    }

    /// A record that is named, as `dialect:identifier` or by the program's own identifier.
    mutating func reference(_ name: String) -> RecordReference? {
        text(name, maxLength: Limits.externalIDLengthMax * 2).map(NativeWords.reference)
    }

    fileprivate mutating func requiredReference(_ name: String) -> RecordReference? {
        requiredText(name, maxLength: Limits.externalIDLengthMax * 2).map(NativeWords.reference)
    }

    /// A way of paying.
    mutating func mode(_ name: String) -> PaymentMode? {
        text(name, maxLength: Limits.referenceLengthMax).map(NativeWords.mode)
    }

    fileprivate mutating func requiredCurrency(_ name: String) -> Currency? {
        guard let code = requiredText(name, maxLength: 3) else { return nil }
        let currency = Currency(code)
        if currency == nil { problem(name, .value("a currency code of ISO 4217")) }
        return currency
    }

    fileprivate mutating func money(_ name: String, in currency: Currency?) -> Money? {
        guard let amount = decimalOrZero(name, accepting: .numberOrText), let currency else { return nil }
        do throws(MoneyError) {
            return try amount.money(in: currency)
        } catch {
            problem(name, .tooPrecise(decimals: currency.exponent))
            return nil
        }
    }

    fileprivate mutating func rate(_ name: String) -> ExchangeRate? {
        guard let text = text(name, maxLength: 32) else { return nil }
        let rate = ExchangeRate(text)
        if rate == nil { problem(name, .value("a rate as text, such as \"83.2475\"")) }
        return rate
    }

    fileprivate mutating func requiredDate(_ name: String) -> LocalDate? {
        if value(name) == nil { problem(name, .missing) }
        return date(name)
    }

    fileprivate mutating func instant(_ name: String) -> Instant? {
        guard let text = text(name, maxLength: 40) else { return nil }
        let instant = Timestamps.parse(text)
        if instant == nil { problem(name, .value("a moment such as 2026-01-15T10:00:00Z")) }
        return instant
    }

    fileprivate mutating func number(_ name: String) -> RefundNumber? {
        guard let text = text(name, maxLength: 32) else { return nil }
        let number = RefundNumber(text: text)
        if number == nil { problem(name, .value("a refund number such as R-00000001")) }
        return number
    }

    fileprivate mutating func charge() -> Charge? {
        let gateway = text("gateway", maxLength: Limits.nameLengthMax)
        let reference = text("charge_reference", maxLength: Limits.nameLengthMax)
        if gateway != nil, reference == nil { problem("charge_reference", .missing) }
        if gateway == nil, reference != nil { problem("gateway", .missing) }
        guard let gateway, let reference else { return nil }
        return Charge(gateway: GatewayName(gateway), reference: reference)
    }

    fileprivate mutating func channel() -> RefundChannel {
        let gateway = text("gateway", maxLength: Limits.nameLengthMax)
        let mode = mode("mode")
        if gateway != nil, mode != nil { problem("mode", .value("absent where a gateway is named")) }
        return gateway.map { .electronic(GatewayName($0)) } ?? .offline(mode ?? .others)
    }

    fileprivate mutating func pastSource() -> PutPastRefund.Source? {
        let payment = reference("payment")
        let note = reference("credit_note")
        switch (payment, note) {
        case (let payment?, nil): return .payment(payment)
        case (nil, let note?): return .creditNote(note)
        case (nil, nil): problem("payment", .missing)
        case (.some, .some): problem("credit_note", .value("absent where a payment is named"))
        }
        return nil
    }

    /// The payments behind a note, and how much of it came in by each.
    fileprivate mutating func backings(in currency: Currency?) -> [PutCreditNote.Backing] {
        var backings: [PutCreditNote.Backing] = []
        for var nested in objects("payments", maxCount: Limits.backingPaymentsMax) {
            let payment = nested.requiredReference("payment")
            let amount = nested.money("amount", in: currency)
            if amount?.isPositive != true { nested.problem("amount", .value("an amount above zero")) }
            nested.refuseUnknown(except: ["payment", "amount"])
            take(problemsOf: nested)
            guard let payment, let amount else { continue }
            backings.append(PutCreditNote.Backing(payment: payment, amount: amount))
        }
        return backings
    }

    fileprivate mutating func items(in currency: Currency?) -> [PutCreditNote.Item] {
        var items: [PutCreditNote.Item] = []
        for var nested in objects("items", maxCount: Limits.drawnLinesMax) {
            let externalIDs = nested.externalIDs([:])
            let name = nested.text("name", maxLength: Limits.nameLengthMax) ?? ""
            let amount = nested.money("amount", in: currency)
            if amount == nil { nested.problem("amount", .missing) }
            let taxes = nested.taxes(in: currency)
            nested.refuseUnknown(except: ["external_ids", "name", "amount", "taxes"])
            take(problemsOf: nested)
            guard let amount else { continue }
            items.append(PutCreditNote.Item(externalIDs: externalIDs, name: name, amount: amount, taxes: taxes))
        }
        return items
    }

    private mutating func taxes(in currency: Currency?) -> [PutCreditNote.Tax] {
        var taxes: [PutCreditNote.Tax] = []
        for var nested in objects("taxes", maxCount: Limits.requestedLinesMax) {
            let externalIDs = nested.externalIDs([:])
            let name = nested.requiredText("name", maxLength: Limits.nameLengthMax)
            let amount = nested.money("amount", in: currency)
            if amount == nil { nested.problem("amount", .missing) }
            nested.refuseUnknown(except: ["external_ids", "name", "amount"])
            take(problemsOf: nested)
            guard let name, let amount else { continue }
            taxes.append(PutCreditNote.Tax(externalIDs: externalIDs, name: name, amount: amount))
        }
        return taxes
    }
}
