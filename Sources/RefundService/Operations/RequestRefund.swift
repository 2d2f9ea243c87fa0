package import RefundDomain
import RefundStorage

/// A request for a refund as a dialect hands it over.
package struct RefundRequest: Sendable {
    package let command: RequestRefund
    /// In whose words the answer will be written.
    package let dialect: DialectName
    /// Of client, method, path and body: what tells an equal request from another.
    package let digest: String
    /// Under which the request has one effect for good; nil where the caller brought none.
    package let key: IdempotencyKey?
    /// Writes the answer, for dialects that replay their answers byte for byte.
    package let render: (@Sendable (Result<RefundView, Failure>) -> StoredAnswer)?

    package init(
        command: RequestRefund, dialect: DialectName, digest: String, key: IdempotencyKey?,
        render: (@Sendable (Result<RefundView, Failure>) -> StoredAnswer)? = nil
    ) {
        self.command = command
        self.dialect = dialect
        self.digest = digest
        self.key = key
        self.render = render
    }
}

/// What a request for a refund came to.
package enum IssuedRefund: Sendable {
    case refund(RefundView)
    /// The first answer under the same key, to be sent again as it was.
    case replay(StoredAnswer)
}

/// Thrown inside a unit to undo it, where the key turns out to be taken.
private struct Replay: Error {}

extension Operations {
    /// Issues a refund: accepted and durable, and, where a gateway has to act, waited for at most
    /// `Limits.outcomeWait`.
    ///
    /// Throws `notFound` for a source, method or gateway that is not there, and every `RefundError` of `decide`. A
    /// refused request changes nothing and burns no key, but where the dialect replays refusals.
    package func requestRefund(_ request: RefundRequest) async throws(Failure) -> IssuedRefund {
        do throws(Failure) {
            return try await attempt(report: report) {
                do {
                    return .refund(try await issueUnderFreeNumber(request))
                } catch is Replay {
                    return try await replay(request)
                }
            }
        } catch {
            guard let key = request.key, let render = request.render, error.isDecision else { throw error }
            return try await keepRefusal(
                render(.failure(error)), under: key, of: request.command.organization, in: request.dialect)
        }
    }

    private func replay(_ request: RefundRequest) async throws -> IssuedRefund {
        guard let key = request.key else { throw Failure.bug }
        return try await replay(
            key, of: request.command.organization, in: request.dialect, replaysRefusals: request.render != nil
        ) {
            do {
                return .refund(try await issueUnderFreeNumber(request))
            } catch is Replay {
                throw RefundError.keyInProgress
            }
        }
    }

    /// A number of this node's block may have come in with data: then the block is let go, and another taken.
    private func issueUnderFreeNumber(_ request: RefundRequest) async throws -> RefundView {
        do {
            return try await issue(request)
        } catch let error as StorageError where error.code == .unique(RefundSQL.numberConstraint) {
            numbers.letGoOfBlock(of: request.command.organization)
            return try await issue(request)
        }
    }

    private func issue(_ request: RefundRequest) async throws -> RefundView {
        do {
            return try await issue(request, mayHaveMoved: false)
        } catch is MovedBacking {
            return try await issue(request, mayHaveMoved: true)
        }
    }

    private func issue(_ request: RefundRequest, mayHaveMoved: Bool) async throws -> RefundView {
        let command = request.command
        let organization = try await organization(command.organization)
        let located = try await store.read { try $0.locate(request, in: organization) }
        let amount = try exactAmount(command.amount, in: located.currency)
        let draft = try await prepare(
            request, amount: amount, located: located, organization: organization, mayHaveMoved: mayHaveMoved)

        let permit = draft.permit
        let accepted: AcceptedRefund
        do {
            accepted = try await store.write(
                for: organization.id, ordered: located.lockKey,
                asking: { session in try session.ask(draft) },
                then: { session, answers in try session.decideAndRecord(draft, answers) },
                proof: { session in try session.refund(draft.refund, of: organization.id) != nil })
        } catch {
            permit?.giveBack()
            throw error
        }
        if let payout = accepted.decision.payout, payout.leaseUntil != nil, let permit {
            await submissions.submit(accepted.decision.refund, payout, of: organization.id, under: permit)
        } else {
            permit?.giveBack()
            if accepted.decision.payout != nil { submissions.wake() }
        }
        return await answer(to: request, accepted)
    }

    /// Draws all that a unit may not draw for itself: it may run again.
    private func prepare(
        _ request: RefundRequest, amount: Money, located: LocatedSource, organization: Organization,
        mayHaveMoved: Bool
    ) async throws -> RefundDraft {
        let now = surroundings.now()
        return RefundDraft(
            request: request, organization: organization, located: located, amount: amount,
            refund: try await identifiers.next(at: now), number: try await numbers.next(for: organization.id),
            raisedNote: try await identifiers.next(at: now), now: now,
            today: calendar.day(of: now, in: organization.timeZone),
            capabilities: try await roster.capabilities(of: organization.id),
            permit: located.mayBeElectronic(request.command.way) ? submissions.permit() : nil,
            mayHaveMoved: mayHaveMoved, surroundings: surroundings)
    }

    /// The answer to a refund that is accepted and durable: nothing that fails from here on may say otherwise.
    ///
    /// A caller who heard that nothing was changed would send the request again, and the money would leave twice. So
    /// where the refund cannot be read as it is now, it is told as its unit wrote it; and where the answer cannot be
    /// kept for its key, a replay tells the refund as it then is.
    private func answer(to request: RefundRequest, _ accepted: AcceptedRefund) async -> RefundView {
        let organization = request.command.organization
        let refund = accepted.decision.refund.id
        var view = accepted.view
        do {
            view = try await store.read { session in
                guard let current = try session.refund(refund, of: organization) else { throw Failure.bug }
                return try session.view(of: current, for: request.dialect, of: organization)
            }
        } catch {
            report(error)
        }
        guard let key = request.key, let render = request.render else { return view }
        let answer = render(.success(view))
        do {
            try await store.write(for: organization) { try $0.keep(answer, under: key, of: organization) }
        } catch {
            report(error)
        }
        return view
    }
}

extension Failure {
    /// Whether the request was decided on, rather than stopped before a decision.
    fileprivate var isDecision: Bool {
        switch self {
        case .refund(let error): !error.isTransient && error != .keyReused
        case .input, .notFound, .conflict, .chargeOfAnotherPayment: true
        case .unauthenticated, .denied, .foreignTenant, .unavailable, .sendingOff, .bug: false
        }
    }
}

/// A refund about to be decided on, with all that was drawn for it before its unit.
struct RefundDraft: Sendable {
    let request: RefundRequest
    let organization: Organization
    let located: LocatedSource
    let amount: Money
    let refund: RefundID
    let number: RefundNumber
    let raisedNote: CreditNoteID
    let now: Instant
    let today: LocalDate
    let capabilities: [GatewayName: GatewayCapabilities]
    let permit: SubmissionPermit?
    /// Whether what the payments behind the note have left has moved since the source was located: then it is decided
    /// within the unit what is taken of which.
    let mayHaveMoved: Bool
    let surroundings: Surroundings
}

/// A refund as the unit that accepted it wrote it.
private struct AcceptedRefund: Sendable {
    let decision: RefundDecision
    let view: RefundView

    init(_ decision: RefundDecision, _ source: RefundFacts.Source, _ draft: RefundDraft) {
        let refund = decision.refund
        let payment: Payment?
        let note: CreditNote?
        switch source {
        case .payment(let claim): (payment, note) = (claim.record, decision.raisedNote)
        case .creditNote(let claim, let backed, _):
            (payment, note) = (backed.payments.first { $0.id == refund.payment }, claim.record)
        }
        let method = draft.located.method
        self.decision = decision
        view = RefundView(
            organization: draft.organization.id, refund: refund, payout: decision.payout, party: draft.located.party,
            payment: payment, creditNote: note,
            method: method?.id == refund.method ?? payment?.method ? method : nil, draws: decision.draws,
            externalIDs: draft.located.externalIDs)
    }
}

/// What a unit asked before it decides.
private struct RefundAnswers {
    let sending: SendingAnswer
    let key: Answer<StoredInteger>?
    let duplicates: DuplicateAnswers?
    /// The database's time, where the unit may take the refund's first attempt.
    let time: Answer<StoredInteger>?
    let source: SourceAnswers
}

extension Session {
    /// The questions, in the order in which every unit locks: key or open request, payment, note, lines.
    fileprivate func ask(_ draft: RefundDraft) throws(StorageError) -> RefundAnswers {
        let organization = draft.organization.id
        let request = draft.request
        let sending = try askSending()
        var key: Answer<StoredInteger>?
        if let taken = request.key {
            key = try take(taken, for: draft.refund, of: organization, at: draft.now)
        }
        let duplicates = try askForDuplicates(of: draft)
        let time = try draft.permit.map { (_) throws(StorageError) in try draft.surroundings.askDatabaseTime(self) }
        return RefundAnswers(
            sending: sending, key: key, duplicates: duplicates, time: time,
            source: try take(draft.take, of: organization))
    }

    fileprivate func decideAndRecord(_ draft: RefundDraft, _ answers: RefundAnswers) throws -> AcceptedRefund {
        if let key = answers.key, try key.first() == nil { throw Replay() }
        guard try answers.sending.state().isOn else { throw Failure.sendingOff }
        try refuseDuplicate(draft, answers.duplicates)
        try checkRetry(draft)
        let facts = try facts(for: draft, answers)
        let decision = try decide(draft.request.command, given: facts)
        try recordAccepted(decision, requestDigest: draft.request.digest, for: draft.organization.id)
        return AcceptedRefund(decision, facts.source, draft)
    }

    /// What has reached the customer after all, or is under way again, is not made again.
    private func checkRetry(_ draft: RefundDraft) throws {
        guard let first = draft.request.command.retryOf else { return }
        guard let refund = try refund(first, of: draft.organization.id) else { throw Failure.bug }
        switch refund.state {
        case .failed, .canceled, .returned: return
        case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown, .succeeded, .voided:
            throw RefundError.stepNotAllowed(from: refund.state, event: .approved)
        }
    }

    private func facts(for draft: RefundDraft, _ answers: RefundAnswers) throws -> RefundFacts {
        let located = draft.located
        let organization = draft.organization.id
        let source = try claimed(draft.take, answers.source, of: organization)
        let raisesNote = located.creditNote == nil && draft.request.command.raisesNote
        let noteNumber = raisesNote ? try takeNumbers(1, of: .creditNote, for: organization) : 0
        // A node whose clock is wrong takes no attempt: another sends the refund.
        let clocks = try answers.time.map(draft.surroundings.reading).flatMap { $0.agrees ? $0 : nil }
        return RefundFacts(
            source: source, amount: draft.amount, paymentBehindNote: located.payment, method: located.method,
            requestedLines: located.requestedLines, gateways: draft.capabilities, organization: draft.organization,
            refund: draft.refund, number: draft.number, now: draft.now, today: draft.today,
            raisedNote: draft.raisedNote, raisedNoteNumber: "CN-\(noteNumber)",
            leaseUntil: clocks.map { _ in draft.now + Limits.attemptLease }, sentAt: clocks?.database)
    }
}

extension RefundDraft {
    /// What is taken of the source, and how.
    fileprivate var take: SourceTake {
        SourceTake(
            amount: amount, located: located, route: located.route(request.command.way, capabilities),
            isWhole: !mayHaveMoved)
    }
}

extension RequestRefund {
    fileprivate var raisesNote: Bool {
        switch source {
        case .payment(_, let raisingNote): raisingNote
        case .creditNote: false
        }
    }
}
