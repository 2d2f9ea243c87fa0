import RefundDomain
import RefundStorage

/// What putting one record came to.
package enum PutResult: String, Hashable, Sendable {
    case created, updated, unchanged
}

/// Writes records that come in with data, within one unit.
///
/// A record is the same when any of its external identifiers is known; then all must agree.
struct RecordWriter {
    let session: any Session
    let organization: Organization
    let now: Instant
    /// Where records with other content are brought up to date; elsewhere they are refused.
    let updates: Bool
    /// Drawn before the unit, one for each record that may be new; a unit that runs again begins with the same.
    private var identifiers: ArraySlice<Int64>

    init(
        session: any Session, organization: Organization, now: Instant, updates: Bool, identifiers: [Int64]
    ) {
        self.session = session
        self.organization = organization
        self.now = now
        self.updates = updates
        self.identifiers = identifiers[...]
    }

    /// Puts one record.
    ///
    /// Throws `Failure` with the place where it was read.
    mutating func put(_ entry: RecordBatch.Entry, at place: String) throws -> PutResult {
        switch entry {
        case .party(let party): try put(party, at: place)
        case .paymentMethod(let method): try put(method, at: place)
        case .payment(let payment): try put(payment, at: place)
        case .creditNote(let note): try put(note, at: place)
        case .refund(let refund): try put(refund, at: place)
        }
    }

    private mutating func put(_ brought: PutParty, at place: String) throws -> PutResult {
        let known = try find(.party, brought.externalIDs, at: place)
        let party = Party(
            id: PartyID(known ?? nextIdentifier()), role: brought.role, name: brought.name, email: brought.email,
            isActive: brought.isActive)
        guard known != nil, let stored = try session.party(party.id, of: organization.id) else {
            try session.put(party, for: organization.id)
            try remember(.party, brought.externalIDs, party.id.value)
            return .created
        }
        try remember(.party, brought.externalIDs, party.id.value)
        guard stored != party else { return .unchanged }
        try allowUpdate(stored.role == party.role, "the role of a party does not change", at: place)
        try session.put(party, for: organization.id)
        return .updated
    }

    private mutating func put(_ brought: PutPaymentMethod, at place: String) throws -> PutResult {
        let known = try find(.paymentMethod, brought.externalIDs, at: place)
        let method = PaymentMethod(
            id: PaymentMethodID(known ?? nextIdentifier()), party: try party(brought.party, at: place),
            mode: brought.mode, gateway: brought.gateway, token: brought.token, card: brought.card)
        if known != nil {
            let stored = try session.paymentMethod(method.id, of: organization.id)
            try require(stored == method, "a payment method does not change", at: place)
            try remember(.paymentMethod, brought.externalIDs, method.id.value)
            return .unchanged
        }
        try session.insert(method, for: organization.id)
        try remember(.paymentMethod, brought.externalIDs, method.id.value)
        return .created
    }

    private mutating func put(_ brought: PutPayment, at place: String) throws -> PutResult {
        let known = try find(.payment, brought.externalIDs, at: place)
        let stored = try known.flatMap { try session.payment(PaymentID($0), of: organization.id) }
        try require(
            brought.disputed.currency == brought.captured.currency, "amounts have one currency", at: place)
        // What the gateway's disputes keep is known here alone; the owner brings what else is disputed.
        let kept = try stored.map { try session.heldByDisputes($0.id, of: organization.id) } ?? 0
        let method = try brought.method.map { try self.method($0, at: place) }
        let payment = Payment(
            id: PaymentID(known ?? nextIdentifier()), party: try party(brought.party, at: place),
            number: brought.number, state: brought.state, mode: brought.mode, charge: brought.charge,
            method: method?.id,
            balance: PaymentBalance(
                currency: brought.captured.currency, captured: brought.captured.minorUnits,
                reserved: stored?.balance.reserved ?? 0, refunded: stored?.balance.refunded ?? 0,
                disputed: brought.disputed.minorUnits + kept, excess: stored?.balance.excess ?? 0),
            rate: try rate(brought.rate, of: brought.captured.currency, at: place), receivedOn: brought.receivedOn,
            invoiceNumber: brought.invoiceNumber)
        guard let stored else {
            try require(
                method?.party ?? payment.party == payment.party, "its payment method belongs to another party",
                at: place)
            try require(
                brought.disputed.minorUnits <= brought.captured.minorUnits, "more is disputed than was captured",
                at: place)
            try session.insert(payment, for: organization.id)
            try remember(.payment, brought.externalIDs, payment.id.value)
            return .created
        }
        try remember(.payment, brought.externalIDs, payment.id.value)
        guard stored != payment else { return .unchanged }
        try allowUpdate(
            stored.isSame(asFixedPartsOf: payment), "only number, state, amounts and invoice of a payment change",
            at: place)
        try require(
            payment.state == .succeeded || stored.balance.drawn.isZero,
            "a payment that refunds draw on stays succeeded", at: place)
        guard try session.update(payment, for: organization.id) != nil else {
            throw conflict("more of the payment is promised or given back than it would have", at: place)
        }
        return .updated
    }

    private mutating func put(_ brought: PutCreditNote, at place: String) throws -> PutResult {
        let known = try find(.creditNote, brought.externalIDs, at: place)
        let stored = try known.flatMap { try session.creditNote(CreditNoteID($0), of: organization.id) }
        let total = try sum(brought.items.flatMap { [$0.amount] + $0.taxes.map(\.amount) }, brought.currency, at: place)
        let tax = try sum(brought.items.flatMap { $0.taxes.map(\.amount) }, brought.currency, at: place)
        try require(
            brought.applied.currency == brought.currency && brought.applied.minorUnits <= total.minorUnits,
            "more is applied than the note is worth", at: place)
        let behind = try brought.payment.map { try payment($0, at: place) }
        let note = CreditNote(
            id: CreditNoteID(known ?? nextIdentifier()), party: try party(brought.party, at: place),
            number: brought.number, state: brought.state,
            balance: CreditNoteBalance(
                currency: brought.currency, total: total.minorUnits, tax: tax.minorUnits,
                applied: brought.applied.minorUnits, drawn: stored?.balance.drawn ?? 0),
            rate: try rate(brought.rate, of: brought.currency, at: place), raisedOn: brought.raisedOn,
            reference: brought.reference, payment: behind?.id,
            invoiceNumber: brought.invoiceNumber)
        if let stored {
            let lines = try session.lines(of: stored.id, of: organization.id).rows()
            let isSame = stored == note && brought.items.isSame(as: lines)
            try require(isSame, "a credit note does not change", at: place)
            try remember(.creditNote, brought.externalIDs, note.id.value)
            return .unchanged
        }
        try require(behind?.party ?? note.party == note.party, "its payment belongs to another party", at: place)
        try require(
            behind?.currency ?? note.currency == note.currency, "its payment is in another currency", at: place)
        try insert(note, brought.items, at: place)
        try remember(.creditNote, brought.externalIDs, note.id.value)
        return .created
    }

    private mutating func insert(_ note: CreditNote, _ items: [PutCreditNote.Item], at place: String) throws {
        var lines: [CreditNoteLine] = []
        for item in items {
            let line = CreditNoteLine(
                id: CreditNoteLineID(nextIdentifier()), kind: .item, name: item.name, amount: item.amount.minorUnits)
            lines.append(line)
            try remember(.creditNoteLine, item.externalIDs, line.id.value)
            for tax in item.taxes {
                let taxLine = CreditNoteLine(
                    id: CreditNoteLineID(nextIdentifier()), kind: .tax(of: line.id), name: tax.name,
                    amount: tax.amount.minorUnits)
                lines.append(taxLine)
                try remember(.creditNoteLine, tax.externalIDs, taxLine.id.value)
            }
        }
        if let taken = try session.creditNote(number: note.number, of: organization.id) {
            throw conflict("number \(taken.number) belongs to another credit note", at: place)
        }
        try session.insert(note, lines: lines, for: organization.id)
        if let number = Int64(note.number.drop { !$0.isNumber }) {
            try require(number <= Limits.documentNumberMax, "its number is too large", at: place)
            try session.raiseNumbers(of: .creditNote, beyond: number, for: organization.id)
        }
        guard note.state == .open else { return }
        let journal = try noteBroughtIn(
            note, taxes: lines.filter { $0.kind != .item }, isOpening: !updates, base: organization.baseCurrency,
            at: now)
        try session.insert(journal, for: organization.id)
    }

    private mutating func put(_ brought: PutPastRefund, at place: String) throws -> PutResult {
        if let known = try find(.refund, brought.externalIDs, at: place) {
            let stored = try session.refund(RefundID(known), of: organization.id)
            let isSame =
                stored?.amount == brought.amount && stored?.effectiveOn == brought.effectiveOn
                && stored?.description == brought.description && stored?.reference == brought.reference
                && stored?.channel == brought.channel
            try require(isSame, "a past refund does not change", at: place)
            try remember(.refund, brought.externalIDs, known)
            return .unchanged
        }
        let refund = try takeFromSource(brought, at: place)
        let lines = try refund.creditNote.map { try session.lines(of: $0, of: organization.id).rows() } ?? []
        let past = PastRefund(
            refund: refund, gatewayReference: brought.gatewayReference, networkReference: brought.networkReference)
        do {
            let decision = try takeOver(past, lines: lines, base: organization.baseCurrency, by: "load")
            try session.record(decision, requestDigest: nil, for: organization.id)
        } catch let error as RefundError {
            throw conflict(error.message, at: place)
        }
        try session.raiseNumbers(of: .refund, beyond: refund.number.value, for: organization.id)
        try remember(.refund, brought.externalIDs, refund.id.value)
        return .created
    }

    /// Draws a past refund on its source, and drafts it.
    private mutating func takeFromSource(_ brought: PutPastRefund, at place: String) throws -> Refund {
        let isSpent = brought.state.hold == .spent
        let payment: Payment?
        var note: CreditNote?
        switch brought.source {
        case .payment(let reference):
            payment = try self.payment(reference, at: place)
        case .creditNote(let reference):
            let found = try self.note(reference, at: place)
            let behind = try found.payment.flatMap(paymentBehind)
            payment = brought.channel.isElectronic || behind.map(found.isBackedWhole) == true ? behind : nil
            note = found
            try require(
                payment?.party ?? found.party == found.party && payment?.currency ?? found.currency == found.currency,
                "the payment behind its credit note belongs to another party or is in another currency", at: place)
            if isSpent, brought.amount.isPositive, brought.amount.currency == found.currency {
                note = try session.draw(brought.amount, on: found.id, of: organization.id).first()
                try require(note != nil, "the credit note has not so much left", at: place)
            }
        }
        try require(
            brought.amount.isPositive && brought.amount.currency == note?.currency ?? payment?.currency,
            "its amount is not an amount in the currency of its source", at: place)
        if isSpent, let payment {
            let reserved = try session.reserve(brought.amount, on: payment.id, of: organization.id).first()
            try require(reserved != nil, "the payment has not so much left", at: place)
        }
        guard let party = note?.party ?? payment?.party, let rate = note?.rate ?? payment?.rate else {
            throw Failure.bug
        }
        let number = try brought.number ?? RefundNumber(session.takeNumbers(1, of: .refund, for: organization.id))
        try require(
            try session.refund(number, of: organization.id) == nil, "number \(number) belongs to another refund",
            at: place)
        return Refund(
            id: RefundID(nextIdentifier()), number: number, party: party, payment: payment?.id,
            creditNote: note?.id, method: nil, amount: brought.amount, rate: rate, channel: brought.channel,
            state: brought.state, step: 1, reason: brought.reason, initiator: brought.initiator,
            description: brought.description, reference: brought.reference, effectiveOn: brought.effectiveOn,
            createdAt: brought.createdAt, updatedAt: brought.createdAt, settledAt: nil, createdBy: ClientID(0),
            failureReason: brought.failure, noteRemainingAfter: note?.balance.remaining.minorUnits,
            annotations: brought.annotations)
    }

    private func paymentBehind(_ id: PaymentID) throws -> Payment? {
        try session.payment(id, of: organization.id)
    }

    private mutating func nextIdentifier() -> Int64 {
        identifiers.popFirst() ?? 0
    }
}
