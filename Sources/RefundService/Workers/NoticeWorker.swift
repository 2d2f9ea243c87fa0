import Logging
import RefundDomain
import RefundStorage
import ServiceLifecycle

/// Applies the notices of gateways, once each, however often and in whatever order they came.
///
/// A notice of a refund that is known has the gateway asked: the answer is how things stand, and is recorded as every
/// answer is. A refund that is not known is adopted by its payment. Each notice is settled by a guarded update in the
/// unit that applies it, so the worker is safe to run on several nodes.
package struct NoticeWorker: Service {
    private let operations: Operations
    private var store: any Store { operations.store }
    private var surroundings: Surroundings { operations.surroundings }

    package init(_ operations: Operations) {
        self.operations = operations
    }

    /// Looks for due notices until shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await !applyWhatIsDue() { try? await surroundings.sleep(Limits.noticePollPause) }
            }
        }
    }

    /// Applies one batch; whether there may be more at once.
    package func applyWhatIsDue() async -> Bool {
        let now = surroundings.now()
        do {
            let due = try await store.read { try $0.dueNotices(at: now, atMost: Limits.workerBatch) }
            await withDiscardingTaskGroup { group in
                for notice in due { await apply(notice, at: now, orIn: &group) }
            }
            return due.count == Limits.workerBatch
        } catch {
            surroundings.logger.warning("due notices not read", metadata: ["error": "\(String(reflecting: error))"])
            return false
        }
    }

    /// Applies a notice before its sender is answered, where no gateway has to be asked.
    ///
    /// So nobody gives back what he was told is gone. What cannot be applied now is due for the worker.
    func applyAtOnce(_ notice: DueNotice) async {
        do {
            let errand = try await errand(of: notice)
            switch errand {
            case .adopt, .record, .ask: try await carryOut(errand, for: notice, at: surroundings.now())
            case .takeIn, .look, .wait: break
            }
        } catch {
            surroundings.logger.warning(
                "notice not applied at once",
                metadata: ["event": "\(notice.event)", "error": "\(String(reflecting: error))"])
        }
    }

    /// Applies a notice, beside the others where a gateway is asked for it: a slow one is to hold up nothing else.
    private func apply(_ notice: DueNotice, at now: Instant, orIn group: inout DiscardingTaskGroup) async {
        await orPostponing(notice, at: now) {
            let errand = try await errand(of: notice)
            guard errand.asksGateway else { return try await carryOut(errand, for: notice, at: now) }
            group.addTask { [self] in
                await orPostponing(notice, at: now) { try await carryOut(errand, for: notice, at: now) }
            }
        }
    }

    private func orPostponing(_ notice: DueNotice, at now: Instant, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            surroundings.logger.warning(
                "notice not applied",
                metadata: ["event": "\(notice.event)", "error": "\(String(reflecting: error))"])
            try? await postpone(notice, "it could not be applied: \(error)", at: now)
        }
    }

    private func carryOut(_ errand: NoticeErrand, for notice: DueNotice, at now: Instant) async throws {
        guard let organization = try await operations.directory.organization(notice.organization) else { return }
        switch errand {
        case .ask(let refund): try await ask(about: refund, for: notice, at: now)
        case .adopt(let news, let payment): try await adopt(news, by: payment, for: notice, organization, at: now)
        case .record(let dispute, let payment):
            try await record(dispute, of: payment, for: notice, organization, at: now)
        case .takeIn(let charge): try await takeIn(charge, for: notice, at: now)
        case .look(let charge, let gateway): try await look(for: charge, at: gateway, for: notice, at: now)
        case .wait(let reason): try await postpone(notice, reason, at: now)
        }
        operations.submissions.wake()
    }

    private func errand(of notice: DueNotice) async throws -> NoticeErrand {
        let gateways = try await operations.roster.gateways(of: notice.organization)
        guard let gateway = gateways[notice.gateway] else { return .wait("the gateway is not configured") }
        return switch gateway.news(in: notice.kept) {
        case .refund(let news):
            try await store.read { session in
                try session.errand(of: news, in: notice, isMarked: gateway.capabilities.refundsBearReference)
            }
        case .dispute(let news): try await store.read { try $0.errand(of: news, in: notice) }
        case .charge(let news): .takeIn(news)
        case .refundsOf(let charge): .look(charge, gateway)
        case nil: .wait("the gateway cannot read it")
        }
    }

    private func ask(about refund: RefundID, for notice: DueNotice, at now: Instant) async throws {
        let id = notice.organization
        let isAsked = try await store.write(for: id, ordered: refund.value) { session in
            let isAsked = try session.hasten(refund, of: id, at: now)
            return isAsked ? try session.settle(notice, as: .applied(at: now)) : false
        }
        if !isAsked { try await postpone(notice, "refund \(refund) cannot be asked about now", at: now) }
    }

    private func adopt(
        _ news: RefundNews, by payment: PaymentID, for notice: DueNotice, _ organization: Organization, at now: Instant
    ) async throws {
        let id = organization.id
        let refund: RefundID = try await operations.identifiers.next(at: now)
        let number = try await operations.numbers.next(for: id)
        let madeOn = operations.calendar.day(of: min(news.madeAt, now), in: organization.timeZone)
        try await store.write(for: id, ordered: payment.value) { session in
            let isKnown = try session.payout(news.gatewayReference, at: notice.gateway, of: id) != nil
            guard try session.settle(notice, as: .applied(at: now)), !isKnown else { return }
            let told = ToldRefund(news: news, gateway: notice.gateway, id: refund, madeOn: madeOn)
            try session.adopt(told, by: payment, for: organization, at: now) { number }
        }
    }

    private func record(
        _ news: DisputeNews, of payment: PaymentID, for notice: DueNotice, _ organization: Organization,
        at now: Instant
    ) async throws {
        let id = notice.organization
        let today = operations.calendar.day(of: now, in: organization.timeZone)
        try await store.write(for: id, ordered: payment.value) { session in
            guard try session.settle(notice, as: .applied(at: now)) else { return }
            try session.keep(news, told: notice, of: payment, for: organization, on: today, at: now)
        }
    }

    /// The payment is put first: what is put twice is put once.
    private func takeIn(_ charge: ChargeNews, for notice: DueNotice, at now: Instant) async throws {
        _ = try await operations.takeIn(charge, of: notice.gateway, notice.organization)
        try await store.write(for: notice.organization) { _ = try $0.settle(notice, as: .applied(at: now)) }
    }

    /// What of a charge was given back and is not known here yet becomes a notice of its own.
    private func look(
        for charge: String, at gateway: any Gateway, for notice: DueNotice, at now: Instant
    ) async throws {
        let id = notice.organization
        let refunds = try await gateway.refunds(ofCharge: charge, isPast: false)
        try await store.write(for: id) { session in
            guard try session.settle(notice, as: .applied(at: now)) else { return }
            for refund in refunds
            where try session.payout(refund.gatewayReference, at: notice.gateway, of: id) == nil {
                let charges = gateway.news(in: refund.notice.kept)?.awaitedCharges ?? []
                try session.keep(refund.notice, about: charges, of: notice.gateway, for: id, at: now)
            }
        }
    }

    private func postpone(_ notice: DueNotice, _ reason: String, at now: Instant) async throws {
        let settlement: NoticeSettlement =
            GatewaySchedule.delay(afterTries: notice.tries + 1).map { .postponed(to: now + $0, detail: reason) }
            ?? .givenUp(detail: reason)
        // Also of one that was kept before its charge was: its payment is to find it.
        let gateways = try await operations.roster.gateways(of: notice.organization)
        let charges = gateways[notice.gateway]?.news(in: notice.kept)?.awaitedCharges ?? []
        try await store.write(for: notice.organization) { session in
            _ = try session.takeCharges(charges, at: notice.gateway, of: notice.organization)
            try session.note(charges, of: notice.event, at: notice.gateway, for: notice.organization)
            guard try session.settle(notice, as: settlement), case .givenUp = settlement else { return }
            let exception = NewException(
                .unmatched, about: .event(notice.gateway, notice.event), detail: reason, at: now)
            try session.open(exception, for: notice.organization)
        }
    }
}

/// What a notice comes to.
private enum NoticeErrand {
    case ask(RefundID)
    case adopt(RefundNews, by: PaymentID)
    case record(DisputeNews, of: PaymentID)
    case takeIn(ChargeNews)
    case look(String, any Gateway)
    case wait(String)

    /// Whether it takes as long as a gateway does.
    var asksGateway: Bool {
        switch self {
        case .takeIn, .look: true
        case .ask, .adopt, .record, .wait: false
        }
    }
}

extension Session {
    /// Finds the refund that news are about, or else the payment that it gives back.
    ///
    /// What bears no reference of ours may be a refund whose answer is awaited, unless ours are marked: to wait for
    /// that answer would let the same money leave by another road meanwhile.
    fileprivate func errand(
        of news: RefundNews, in notice: DueNotice, isMarked: Bool
    ) throws(StorageError) -> NoticeErrand {
        let organization = notice.organization
        if let known = try payout(news.gatewayReference, at: notice.gateway, of: organization) {
            return .ask(known.refund)
        }
        // A reference that we know contradicts the news: then the gateway made another refund for the same intent.
        if let id = news.refund, let own = try payout(of: id, of: organization), own.gateway == notice.gateway,
            own.gatewayReference.isEmpty
        {
            return .ask(id)
        }
        guard let charge = news.charges.first else { return .wait("it is about a payout that was not asked for here") }
        let payments = try payments(ofCharges: news.charges, at: notice.gateway, of: organization)
        guard let payment = payments.first else { return .wait("no payment has the charge \(charge)") }
        guard payments.count == 1 else { return .wait("several payments have the charge \(charge)") }
        guard payment.currency == news.amount.currency else {
            return .wait("the charge \(charge) was not taken in \(news.amount.currency)")
        }
        if news.refund == nil, !isMarked, try awaitsReference(payment.id, of: organization) {
            return .wait("it may be a refund that the gateway has not answered for yet")
        }
        return .adopt(news, by: payment.id)
    }

    /// Finds the payment whose charge is disputed.
    fileprivate func errand(of news: DisputeNews, in notice: DueNotice) throws(StorageError) -> NoticeErrand {
        let payments = try payments(ofCharges: news.charges, at: notice.gateway, of: notice.organization)
        guard let payment = payments.first, payments.count == 1 else {
            return .wait("\(payments.isEmpty ? "no payment has" : "several payments have") the charge \(news.charges)")
        }
        return .record(news, of: payment.id)
    }
}
