import RefundDomain
import RefundStorage

// What gateways tell of a charge, as it is recorded on its payment: by the worker of notices, and by the unit that puts
// the payment, for what came before it.

/// A refund that a gateway made by itself, about to be recorded.
struct ToldRefund {
    let news: RefundNews
    let gateway: GatewayName
    /// Drawn before the unit.
    let id: RefundID
    /// The organization's local day on which the gateway made it.
    let madeOn: LocalDate
}

extension Session {
    /// Takes a refund that is not known here of its payment, as pending and due to be asked about now; nothing where
    /// history that came without a reference is this refund.
    func adopt(
        _ told: ToldRefund, by payment: PaymentID, for organization: Organization, at now: Instant,
        number: () throws -> RefundNumber
    ) throws {
        let news = told.news
        let isPast = try claimPast(
            news.gatewayReference, at: told.gateway, of: payment, news.amount, madeOn: told.madeOn, at: now,
            organization: organization.id)
        try learnCharge(news.charges, at: told.gateway, of: payment, at: now, for: organization.id)
        guard !isPast else { return }
        let taken = try move(reserving: news.amount.minorUnits, refunding: 0, on: payment, of: organization.id)
        let facts = AdoptionFacts(
            payment: taken.after, gateway: told.gateway, base: organization.baseCurrency, refund: told.id,
            number: try number(), now: now, madeOn: told.madeOn)
        try record(try RefundDomain.adopt(news, given: facts), for: organization.id)
    }

    /// Keeps every reference that a gateway's first answer tells of the charge of a refund, so that it is no other
    /// payment's; where it is one already, a person is told.
    func learnCharge(
        _ references: [String], by payout: Payout, given facts: ChangeFacts, for organization: OrganizationID
    ) throws(StorageError) {
        guard payout.gatewayReference.isEmpty, case .charge(let target) = payout.target, facts.allocations.count == 1
        else { return }
        try learnCharge(
            references.filter { $0 != target }, at: payout.gateway, of: facts.allocations[0].payment, at: facts.now,
            for: organization)
    }

    private func learnCharge(
        _ references: [String], at gateway: GatewayName, of payment: PaymentID, at now: Instant,
        for organization: OrganizationID
    ) throws(StorageError) {
        for reference in Set(references).sorted() where reference.isKeepable {
            let owner = try claim(reference, at: gateway, for: payment, of: organization)
            guard let owner, owner != payment else { continue }
            var exception = NewException(
                .unmatched, about: .charge(gateway, reference),
                detail: "one charge is of several payments here: \(owner), \(payment)", at: now)
            exception.payment = owner
            try open(exception, for: organization)
        }
    }

    /// Records what an event tells of a dispute of a payment, with its journal and what a person has to know.
    func keep(
        _ news: DisputeNews, told notice: DueNotice, of payment: PaymentID, for organization: Organization,
        on today: LocalDate, at now: Instant
    ) throws {
        guard let locked = try lockPayment(payment, of: organization.id).first() else { return }
        let (before, after, disputed) = try record(
            news, event: notice.event, on: locked, at: notice.gateway, for: organization.id, now: now)
        let step = try nextPosting(of: payment, organization.id)
        let journal = try disputeChange(
            from: before, to: after, of: disputed, step: step, base: organization.baseCurrency, on: today, at: now)
        if let journal { try insert(journal, for: organization.id) }
        try keepExceptions(of: after, on: disputed, for: organization.id, at: now)
    }

    /// Tells an operator of refunds that are on their way while their charge is disputed, until the dispute is won, and
    /// of money that is claimed and was given back already.
    private func keepExceptions(
        of dispute: Dispute, on payment: Payment, for id: OrganizationID, at now: Instant
    ) throws(StorageError) {
        if dispute.amount.currency != payment.currency {
            let exception = NewException(
                .disputeCurrency, about: .payment(payment.id),
                detail: "dispute \(dispute.gatewayReference) is of \(dispute.amount)", at: now)
            try open(exception, for: id)
        }
        switch dispute.state {
        case .open:
            for refund in try refundsUnderWay(of: payment.id, of: id) {
                try insertException(
                    of: refund, kind: .disputedAfterRefund,
                    detail: "the charge behind it is disputed: \(dispute.reason)", at: now, for: id)
            }
        case .won:
            try close(.disputedAfterRefund, touching: payment.id, because: "the dispute is won", at: now, for: id)
        case .inquiry, .lost:
            break
        }
        try reviewClaims(of: payment, at: now, for: id)
    }
}

extension GatewayNews {
    /// The references of the charge whose payment has to be here before it can be applied; none where it needs none.
    var awaitedCharges: [String] {
        switch self {
        case .refund(let news): news.charges
        case .dispute(let news): news.charges
        case .charge, .refundsOf: []
        }
    }
}
