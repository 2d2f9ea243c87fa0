import Logging
import RefundDomain
package import RefundStorage

/// One conversation with a gateway about one refund: intent written, call made, outcome written.
package struct GatewayExchange: Sendable {
    private let store: any Store
    private let directory: Directory
    private let roster: GatewayRoster
    private let identifiers: Identifiers
    private let surroundings: Surroundings
    private let calendar = Calendar()

    package init(
        store: any Store, directory: Directory, roster: GatewayRoster, identifiers: Identifiers,
        surroundings: Surroundings
    ) {
        self.store = store
        self.directory = directory
        self.roster = roster
        self.identifiers = identifiers
        self.surroundings = surroundings
    }

    /// What a due refund needs next.
    private enum Errand: Sendable {
        case send(Refund, Payout)
        case ask(Refund, Payout)
        case nothing
    }

    /// Sends an attempt that this node has claimed, and records what comes of it.
    func send(_ refund: Refund, _ payout: Payout, of organization: OrganizationID) async {
        await logging("outcome not recorded", refund.id) {
            try await record(await submit(refund, payout, organization), of: refund, payout, organization)
        }
    }

    /// Claims what is due of a refund, does it, and records what comes of it.
    func takeUp(_ due: DuePayout) async {
        await logging("due refund not taken up", due.refund) {
            let errand: Errand
            do {
                errand = try await claimErrand(due)
            } catch is StaleDecision {
                // Another node was faster.
                return
            }
            switch errand {
            case .send(let refund, let payout):
                let word = await submit(refund, payout, due.organization)
                try await record(word, of: refund, payout, due.organization)
            case .ask(let refund, let payout):
                let word = await inquire(refund, payout, due.organization)
                try await record(word, of: refund, payout, due.organization, isAnswerToQuestion: true)
            case .nothing:
                break
            }
        }
    }

    // MARK: Before the call

    private func claimErrand(_ due: DuePayout) async throws -> Errand {
        guard let organization = try await directory.organization(due.organization) else { return .nothing }
        let now = surroundings.now()
        let gateways = try await roster.gateways(of: organization.id)
        return try await store.write(for: organization.id, ordered: due.refund.value) { session in
            let time = try surroundings.askDatabaseTime(session)
            guard let facts = try changeFacts(of: due.refund, in: organization, at: now, session),
                let payout = facts.payout, let dueAt = payout.dueAt, dueAt <= now
            else { return .nothing }
            // Whose clock is wrong can judge neither leases nor keys.
            let clocks = try surroundings.reading(time)
            guard clocks.agrees else { return .nothing }
            // Looked at in the unit that claims: a worker may have read that it is due a moment before.
            guard try session.sending().isOn else { return .nothing }
            try session.tellOfUnknown(facts.refund, at: now, for: organization.id)
            switch facts.refund.state {
            case .approved:
                if try isDisputed(facts, organization, session) {
                    try postpone(payout, facts, organization, session)
                    return .nothing
                }
                return try claimSending(payout, facts, organization, at: clocks.database, session)
            case .submitting:
                // The lease has run out: its node is gone, and nobody knows how far the call came.
                let change = try decide(.lost("the attempt was not answered"), about: payout, given: facts)
                try keep(change, decidedOn: facts, organization, session)
                return .nothing
            case .unknown where mayResend(payout, by: gateways[payout.gateway], at: clocks.database):
                return try claimSending(payout, facts, organization, at: clocks.database, session)
            case .unknown, .pending, .succeeded, .failed, .canceled, .returned:
                return try claimQuestion(payout, facts, organization, session)
            case .requested, .awaitingApproval, .voided:
                return .nothing
            }
        }
    }

    /// Whether a dispute claims money that refunds of the same payment have taken: then the refund is not sent, or the
    /// customer would have it twice.
    private func isDisputed(
        _ facts: ChangeFacts, _ organization: Organization, _ session: any Session
    ) throws(StorageError) -> Bool {
        for part in facts.allocations {
            let payment = try session.payment(part.payment, of: organization.id)
            if let payment, payment.balance.unmetClaims > 0 { return true }
        }
        return false
    }

    /// It waits, to be canceled or for the dispute to end, and a person is told once.
    private func postpone(
        _ payout: Payout, _ facts: ChangeFacts, _ organization: Organization, _ session: any Session
    ) throws(StorageError) {
        var waiting = payout
        waiting.dueAt = facts.now + Limits.disputedRefundPause
        waiting.questions += 1
        guard try session.update(waiting, decidedOn: payout, for: organization.id), payout.questions == 0 else {
            return
        }
        try session.insertException(
            of: facts.refund, detail: "it is not sent: a dispute claims what it would give back", at: facts.now,
            for: organization.id)
    }

    /// A repeated call that was refused is not made again: its status is asked, until the gateway tells.
    ///
    /// The age of the key is judged by the database's time, as its first sending was written by that.
    private func mayResend(_ payout: Payout, by gateway: (any Gateway)?, at now: Instant) -> Bool {
        guard payout.responseCode.isEmpty, let lifetime = gateway?.capabilities.keyLifetime else { return false }
        return GatewaySchedule.maySend(keySentAt: payout.keySentAt, lifetime: lifetime, at: now)
    }

    private func claimSending(
        _ payout: Payout, _ facts: ChangeFacts, _ organization: Organization, at sending: Instant,
        _ session: any Session
    ) throws -> Errand {
        let change = try claim(
            payout, leaseUntil: facts.now + Limits.attemptLease, by: "worker", given: facts.decided(at: sending))
        try keep(change, decidedOn: facts, organization, session)
        guard let claimed = change.payout else { throw Failure.bug }
        return .send(change.refund, claimed)
    }

    private func claimQuestion(
        _ payout: Payout, _ facts: ChangeFacts, _ organization: Organization, _ session: any Session
    ) throws -> Errand {
        var asked = payout
        asked.leaseUntil = facts.now + Limits.attemptLease
        asked.dueAt = asked.leaseUntil
        guard try session.update(asked, decidedOn: payout, for: organization.id) else { return .nothing }
        return .ask(facts.refund, asked)
    }

    // MARK: The call

    private func submit(_ refund: Refund, _ payout: Payout, _ organization: OrganizationID) async -> GatewayWord {
        guard let gateway = try? await roster.gateways(of: organization)[payout.gateway] else {
            surroundings.logger.error(
                "refund not sent: its gateway is not configured, or its secrets do not open",
                metadata: ["refund": "\(refund.id)", "gateway": "\(payout.gateway)"])
            return .notSent("the gateway is not configured")
        }
        // A process that slept through its lease cannot know who has led the refund on, nor how old the key is.
        guard let leaseUntil = payout.leaseUntil, surroundings.now() < leaseUntil else {
            return .notSent("the lease ran out before the call")
        }
        let submission = Submission(
            organization: organization, refund: refund.id, key: payout.key, amount: refund.amount,
            target: payout.target, lastFour: payout.lastFour)
        do throws(GatewayError) {
            return .report(try await gateway.submit(submission))
        } catch {
            if case .notSent(let detail) = error {
                // What waits for an operator (a key, a route) has to be seen long before its time is over.
                surroundings.logger.warning(
                    "refund not sent; it is tried again for three days",
                    metadata: ["refund": "\(refund.id)", "gateway": "\(payout.gateway)", "reason": "\(detail)"])
            }
            return GatewayWord(error)
        }
    }

    private func inquire(_ refund: Refund, _ payout: Payout, _ organization: OrganizationID) async -> GatewayWord {
        guard let gateway = try? await roster.gateways(of: organization)[payout.gateway] else { return .silence }
        let reference = payout.gatewayReference.isEmpty ? nil : payout.gatewayReference
        let inquiry = GatewayInquiry(
            organization: organization, refund: refund.id, target: payout.target, gatewayReference: reference)
        do throws(GatewayError) {
            switch try await gateway.inquire(inquiry) {
            case .found(let report): return .report(report)
            case .neverTaken: return .neverTaken
            case .notFoundYet: return .silence
            }
        } catch {
            switch error {
            case .busy(let detail): return .busy(detail)
            case .notSent, .ambiguous, .refused, .misunderstood: return .silence
            }
        }
    }

    /// Asks the gateway to withdraw a refund, and records what it says.
    ///
    /// Throws `GatewayError` where it says nothing.
    func cancel(_ refund: Refund, _ payout: Payout, _ organization: OrganizationID) async throws {
        guard let gateway = try await roster.gateways(of: organization)[payout.gateway] else {
            throw RefundError.gatewayUnknown(payout.gateway)
        }
        let inquiry = GatewayInquiry(
            organization: organization, refund: refund.id, target: payout.target,
            gatewayReference: payout.gatewayReference.isEmpty ? nil : payout.gatewayReference)
        let report = try await gateway.cancel(inquiry, key: payout.key + "-cancel")
        try await record(.report(report), of: refund, payout, organization)
    }

    // MARK: After the call

    /// Records what was heard: a word is not lost because others moved the refund or its sources meanwhile.
    private func record(
        _ word: GatewayWord, of refund: Refund, _ payout: Payout, _ id: OrganizationID,
        isAnswerToQuestion: Bool = false
    ) async throws {
        guard let organization = try await directory.organization(id) else { return }
        for _ in 1..<Limits.decisionsRepeatedMax {
            do {
                return try await recordOnce(
                    word, of: refund, payout, organization, isAnswerToQuestion: isAnswerToQuestion)
            } catch is StaleDecision {
                continue
            }
        }
        try await recordOnce(word, of: refund, payout, organization, isAnswerToQuestion: isAnswerToQuestion)
    }

    private func recordOnce(
        _ word: GatewayWord, of refund: Refund, _ payout: Payout, _ organization: Organization,
        isAnswerToQuestion: Bool
    ) async throws {
        let now = surroundings.now()
        let id = organization.id
        let source = refund.payment?.value ?? refund.creditNote?.value ?? 0
        let fees = try await identified(word.fees(of: refund), at: now)
        // Without a proof: another node may lead the refund on as well, and that would prove nothing of this unit. A
        // word that is lost so is asked for again.
        try await store.write(for: id, ordered: source) { session in
            guard let facts = try changeFacts(of: refund.id, in: organization, at: now, session),
                let current = facts.payout
            else { return }
            // Before sources are locked: who puts a payment locks its charge first.
            try session.learnCharge(word.charges, by: current, given: facts, for: id)
            if isAnswerToQuestion, current.leaseUntil != payout.leaseUntil {
                // The lease ran out while the gateway was asked: whoever claimed the refund since knows newer.
                return
            }
            guard current.attempt == payout.attempt else {
                // A later attempt is under way; what this one heard is kept for a person, not applied. One that was not
                // sent has heard nothing.
                switch word {
                case .notSent, .busy: return
                case .report, .refused, .lost, .neverTaken, .silence: break
                }
                try session.insertException(
                    of: facts.refund, kind: .late, detail: "attempt \(payout.attempt) heard late: \(word)", at: now,
                    for: id)
                return
            }
            let change = try decide(word, about: current, given: facts)
            try keep(change, decidedOn: facts, organization, session)
            for (fee, posted) in fees { try post(fee, as: posted, given: facts, organization, session) }
        }
    }

    private func identified(
        _ fees: [GatewayFee], at now: Instant
    ) async throws -> [(GatewayFee, Identifier<PostedFee>)] {
        var identified: [(GatewayFee, Identifier<PostedFee>)] = []
        for fee in fees { identified.append((fee, try await identifiers.next(at: now))) }
        return identified
    }

    /// Posts what the gateway charges, once; what cannot be posted keeps nothing else from being recorded.
    private func post(
        _ fee: GatewayFee, as id: Identifier<PostedFee>, given facts: ChangeFacts, _ organization: Organization,
        _ session: any Session
    ) throws(StorageError) {
        let posting: FeePosting
        do throws(MoneyError) {
            posting = try RefundDomain.post(fee, as: id, given: facts)
        } catch {
            return try session.insertException(
                of: facts.refund, cause: "fee", detail: "a fee of \(fee.amount) cannot be posted: \(error)",
                at: facts.now, for: organization.id)
        }
        try session.record(posting, for: organization.id)
    }

    private func changeFacts(
        of id: RefundID, in organization: Organization, at now: Instant, _ session: any Session
    ) throws(StorageError) -> ChangeFacts? {
        try session.changeFacts(
            of: id, in: organization, at: now, today: calendar.day(of: now, in: organization.timeZone))
    }

    private func keep(
        _ change: RefundChange, decidedOn facts: ChangeFacts, _ organization: Organization, _ session: any Session
    ) throws {
        let isWritten = try session.record(
            change, decidedOn: facts, for: organization.id)
        guard isWritten else { throw StaleDecision() }
    }

    private func logging(_ message: String, _ refund: RefundID, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            surroundings.logger.error(
                "\(message)", metadata: ["refund": "\(refund)", "error": "\(String(reflecting: error))"])
        }
    }
}

extension ChangeFacts {
    /// The same facts at another moment.
    fileprivate func decided(at moment: Instant) -> ChangeFacts {
        ChangeFacts(
            refund: refund, payout: payout, creditNote: creditNote, allocations: allocations, base: base, now: moment,
            today: today)
    }
}

/// Thrown inside a unit to undo it, where the refund or a source of it has moved since it was read.
struct StaleDecision: Error {}

extension Session {
    /// Opens an exception where nobody has known for long what became of a refund.
    fileprivate func tellOfUnknown(
        _ refund: Refund, at now: Instant, for organization: OrganizationID
    ) throws(StorageError) {
        guard refund.state == .unknown, now >= refund.updatedAt + Limits.unknownToldAfter else { return }
        try insertException(
            of: refund, kind: .outcomeUnknown, cause: "age", detail: "the gateway has not told what became of it",
            at: now, for: organization)
    }
}

extension GatewayWord {
    /// What the gateway charges for a refund; what it says of another amount is about something else.
    fileprivate func fees(of refund: Refund) -> [GatewayFee] {
        guard case .report(let report) = self, report.amount == refund.amount else { return [] }
        return report.fees ?? []
    }

    init(_ error: GatewayError) {
        switch error {
        case .notSent(let detail): self = .notSent(detail)
        case .busy(let detail): self = .busy(detail)
        case .ambiguous(let detail), .misunderstood(let detail): self = .lost(detail)
        case .refused(let reason, let code, let message, let isKeptAnswer):
            self = .refused(reason, code: code, message: message, isKeptAnswer: isKeptAnswer)
        }
    }
}
