import RefundDomain

/// A refund that was accepted, to be led on by people.
protocol AcceptedRefund: Sendable {
    var sources: HeldSources { get }
    var facts: ChangeFacts { get }
}

extension AcceptedRefund {
    func meeting(_ event: RefundEvent, failure: FailureReason? = nil) throws(RefundError) -> RefundChange {
        try decide(event, by: "person:asha", remark: "case 12", failure: failure, given: facts)
    }

    /// What a change posts, once it has moved the sources.
    func journals(of change: RefundChange) throws(RefundError) -> [Journal] {
        var sources = sources
        return try change.journals(moving: sources.take(change))
    }
}

/// A refund of 200.00 in cash, in any state.
struct RefundByHand: AcceptedRefund {
    var refund: Refund
    var sources: HeldSources
    var base: Currency
    var now = Instant(seconds: 1_724_154_320) + .seconds(60)
    var today = day("2024-08-21")

    init(in state: RefundState, raisingNote: Bool = false) throws {
        var scene = RefundScene(raisingNote ? .paymentRaisingNote : .payment)
        scene.way = .offline(.cash)
        let decision = try scene.decision()
        refund = decision.refund
        refund.state = state
        refund.step = 7
        sources = HeldSources(of: scene, decision, in: state)
        base = scene.organization.baseCurrency
    }

    var facts: ChangeFacts {
        sources.facts(of: refund, nil, base: base, now: now, today: today)
    }
}

/// The two ways of giving back, as the events of a life tell them apart.
enum RefundWay: CaseIterable, Sendable {
    case byHand, throughGateway

    init(of channel: RefundChannel) {
        self = channel.isElectronic ? .throughGateway : .byHand
    }

    /// What never happens to a refund that goes this way.
    var foreignEvents: Set<RefundEvent> {
        switch self {
        case .byHand: [.claimed, .notSent, .lost, .accepted, .adopted, .returned]
        case .throughGateway: [.recorded, .voided]
        }
    }

    /// A refund that goes this way, in any state.
    func refund(in state: RefundState) throws -> any AcceptedRefund {
        switch self {
        case .byHand: try RefundByHand(in: state)
        case .throughGateway: try RefundAtGateway(in: state)
        }
    }
}

extension CreditNote {
    /// The note as it stands in a state.
    func being(_ state: State) -> CreditNote {
        CreditNote(
            id: id, party: party, number: number, state: state, balance: balance, rate: rate, raisedOn: raisedOn,
            reference: reference, payment: payment, invoiceNumber: invoiceNumber, isForRefund: isForRefund)
    }
}

extension RefundChange {
    /// Whether anything of the sources, or on its way to the customer, moves by it.
    var movesMoney: Bool { before != after }
}
