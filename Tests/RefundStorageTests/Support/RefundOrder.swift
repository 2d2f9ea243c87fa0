import RefundDomain
import RefundStorage
import RefundTesting

/// A refund that a test asks for: what it is taken from, how it goes back, and how much.
struct RefundOrder: Sendable {
    enum Source: Sendable {
        case payment(PaymentID, raisingNote: Bool)
        /// Lines that are named are drawn on by these amounts; otherwise first in, first out.
        case note(CreditNoteID, through: PaymentID?, lines: [LineDraw])
    }

    enum Way: Sendable {
        case asTaken
        case offline(PaymentMode)
        case method(PaymentMethod)
    }

    /// Also its number.
    let id: Int64
    let source: Source
    let minorUnits: Int64
    var way = Way.asTaken
    /// Whether the node that accepts it sends it at once.
    var isClaimed = false
    var now = Fixtures.now
    var digest: String?

    var refund: RefundID { RefundID(id) }

    private static let reference = RecordReference(dialect: .native, text: "", generated: nil)

    /// What the caller asks, with amounts as it would write them.
    fileprivate func command(in currency: Currency) -> RequestRefund {
        let source: RequestRefund.Source =
            switch source {
            case .payment(_, let raisingNote): .payment(Self.reference, raisingNote: raisingNote)
            case .note(_, _, let draws): .creditNote(Self.reference, lines: draws.map { requested($0, in: currency) })
            }
        let way: RequestRefund.Way =
            switch way {
            case .asTaken: .asTaken
            case .offline(let mode): .offline(mode)
            case .method: .method(Self.reference, through: nil)
            }
        return RequestRefund(
            organization: Fixtures.organization.id, client: Fixtures.client, source: source,
            amount: decimal(minorUnits, in: currency), way: way, reason: .requestedByCustomer,
            description: "Returned goods", reference: "order \(id)")
    }

    private func requested(_ draw: LineDraw, in currency: Currency) -> RequestedLine {
        // In the fixtures an item has an even identifier, and its tax the odd one behind it.
        RequestedLine(
            reference: Self.reference, kind: draw.line.value.isMultiple(of: 2) ? .item : .tax,
            amount: decimal(draw.amount, in: currency))
    }

    private func decimal(_ minorUnits: Int64, in currency: Currency) -> DecimalAmount {
        let text = Money(minorUnits: minorUnits, currency: currency).decimalText
        guard let amount = DecimalAmount(text) else { preconditionFailure("\(text) is no amount") }
        return amount
    }
}

extension Session {
    private var organization: OrganizationID { Fixtures.organization.id }

    /// Accepts a refund as a service would: claims its sources, decides, and writes what was decided.
    ///
    /// Throws the refusal, or what storage throws.
    func accept(_ order: RefundOrder) throws -> RefundDecision {
        let (source, amount) = try claim(order)
        let method: PaymentMethod? =
            switch order.way {
            case .method(let method): method
            case .asTaken, .offline: nil
            }
        var named: [CreditNoteLineID?] = []
        if case .note(_, _, let draws) = order.source { named = draws.map(\.line) }
        let facts = RefundFacts(
            source: source, amount: amount, paymentBehindNote: nil, method: method, requestedLines: named,
            gateways: Fixtures.gateways, organization: Fixtures.organization, refund: order.refund,
            number: RefundNumber(order.id), now: order.now, today: Fixtures.today,
            raisedNote: CreditNoteID(order.id + 1_000_000), raisedNoteNumber: "RN-\(order.id)",
            leaseUntil: order.isClaimed ? order.now + .seconds(60) : nil)
        let decision = try decide(order.command(in: amount.currency), given: facts)
        try recordAccepted(decision, requestDigest: order.digest, for: organization)
        return decision
    }

    /// Draws on the sources in the order of locks: payment, note.
    private func claim(_ order: RefundOrder) throws -> (RefundFacts.Source, Money) {
        switch order.source {
        case .payment(let id, _):
            guard let payment = try payment(id, of: organization) else { throw Refusal() }
            let amount = Money(minorUnits: order.minorUnits, currency: payment.currency)
            return (.payment(try claim(amount, on: payment)), amount)
        case .note(let id, let through, _):
            guard let note = try creditNote(id, of: organization) else { throw Refusal() }
            let amount = Money(minorUnits: order.minorUnits, currency: note.currency)
            var backed = BackedClaim.none
            if let through, let payment = try payment(through, of: organization) {
                backed = BackedClaim(whole: try claim(amount, on: payment), amount: order.minorUnits)
                if let taken = backed.share.allocations {
                    try moveBackings(taken, of: id, sign: 1, for: organization)
                }
            }
            let drawn = try draw(amount, on: id, of: organization)
            let lines = try lines(of: id, of: organization)
            let claim: Claim<CreditNote> = try drawn.first().map(Claim.taken) ?? .refused(note)
            return (.creditNote(claim, backed: backed, lines: try lines.rows()), amount)
        }
    }

    private func claim(_ amount: Money, on payment: Payment) throws -> Claim<Payment> {
        let reserved = try reserve(amount, on: payment.id, of: organization)
        return try reserved.first().map(Claim.taken) ?? .refused(payment)
    }
}

/// Something that happens to an accepted refund.
enum RefundAction: Sendable {
    case claimed
    case word(GatewayWord)
    case event(RefundEvent)
}

extension Session {
    /// What a decision about an accepted refund rests on.
    func facts(of id: RefundID, at now: Instant = Fixtures.now) throws -> ChangeFacts {
        let facts = try changeFacts(of: id, in: Fixtures.organization, at: now, today: Fixtures.today)
        guard let facts else { throw Refusal() }
        return facts
    }

    /// Reads a refund, decides what an action changes of it, and writes that.
    ///
    /// Throws the refusal of the decision.
    func apply(_ action: RefundAction, to id: RefundID, at now: Instant = Fixtures.now) throws -> RefundChange {
        let facts = try facts(of: id, at: now)
        let change = try decide(action, given: facts)
        guard try record(change, on: facts) else { throw Refusal() }
        return change
    }

    /// Writes a change that was decided on these facts; false where they are stale.
    func record(_ change: RefundChange, on facts: ChangeFacts) throws -> Bool {
        try record(
            change, decidedOn: facts, for: Fixtures.organization.id)
    }
}

/// What an action changes of a refund.
func decide(_ action: RefundAction, given facts: ChangeFacts) throws -> RefundChange {
    switch action {
    case .event(let event):
        return try decide(event, by: "person:auditor", remark: "as agreed", given: facts)
    case .claimed:
        guard let payout = facts.payout else { throw Refusal() }
        return try claim(payout, leaseUntil: facts.now + .seconds(60), by: "worker", given: facts)
    case .word(let word):
        guard let payout = facts.payout else { throw Refusal() }
        return try decide(word, about: payout, given: facts)
    }
}
