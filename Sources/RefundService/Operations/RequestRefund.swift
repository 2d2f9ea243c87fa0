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
        let command = request.command
        let organization = try await organization(command.organization)
        let located = try await store.read { try $0.locate(request, in: organization) }
        let amount = try exactAmount(command.amount, in: located.currency)
        let draft = try await prepare(request, amount: amount, located: located, organization: organization)

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
        if let payout = accepted.decision.payout, let permit {
            await submissions.submit(accepted.decision.refund, payout, of: organization.id, under: permit)
        } else {
            permit?.giveBack()
            if accepted.decision.payout != nil { submissions.wake() }
        }
        return await answer(to: request, accepted)
    }

    /// Draws all that a unit may not draw for itself: it may run again.
    private func prepare(
        _ request: RefundRequest, amount: Money, located: LocatedSource, organization: Organization
    ) async throws -> RefundDraft {
        let now = surroundings.now()
        return RefundDraft(
            request: request, organization: organization, located: located, amount: amount,
            refund: try await identifiers.next(at: now), number: try await numbers.next(for: organization.id),
            raisedNote: try await identifiers.next(at: now), now: now,
            today: calendar.day(of: now, in: organization.timeZone),
            capabilities: try await roster.capabilities(of: organization.id),
            permit: located.mayBeElectronic(request.command.way) ? submissions.permit() : nil)
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
        case .input, .notFound, .conflict: true
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
        case .creditNote(let claim, let through, _): (payment, note) = (through?.record, claim.record)
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
    let openDuplicate: Answer<Refund>?
    let payment: Answer<Payment>?
    let note: Answer<CreditNote>?
    let lines: Answer<CreditNoteLine>?
}

extension Session {
    /// The questions, in the order in which every unit locks: key, payment, note, lines.
    fileprivate func ask(_ draft: RefundDraft) throws(StorageError) -> RefundAnswers {
        let organization = draft.organization.id
        let request = draft.request
        let sending = try askSending()
        var key: Answer<StoredInteger>?
        var duplicate: Answer<Refund>?
        if let taken = request.key {
            key = try take(taken, for: draft.refund, of: organization, at: draft.now)
        } else if draft.organization.settings.duplicateHold != .off {
            duplicate = try openRefund(byRequest: request.digest, of: organization)
        }
        let payment = try draft.drawsOnPayment.map { (id) throws(StorageError) in
            try reserve(draft.amount, on: id, of: organization)
        }
        guard let id = draft.located.creditNote else {
            return RefundAnswers(
                sending: sending, key: key, openDuplicate: duplicate, payment: payment, note: nil, lines: nil)
        }
        return RefundAnswers(
            sending: sending, key: key, openDuplicate: duplicate, payment: payment,
            note: try draw(draft.amount, on: id, of: organization),
            lines: try lines(of: id, of: organization))
    }

    fileprivate func decideAndRecord(_ draft: RefundDraft, _ answers: RefundAnswers) throws -> AcceptedRefund {
        if let key = answers.key, try key.first() == nil { throw Replay() }
        guard try answers.sending.state().isOn else { throw Failure.sendingOff }
        try checkDuplicate(try answers.openDuplicate?.first(), draft)
        let facts = try facts(for: draft, answers)
        let decision = try decide(draft.request.command, given: facts)
        try record(decision, requestDigest: draft.request.digest, for: draft.organization.id)
        return AcceptedRefund(decision, facts.source, draft)
    }

    private func checkDuplicate(_ open: Refund?, _ draft: RefundDraft) throws(RefundError) {
        guard let open else { return }
        switch draft.organization.settings.duplicateHold {
        case .off: return
        case .unknown: if open.state == .unknown { throw .duplicateUnresolved(open.number) }
        case .unresolved: throw .duplicateUnresolved(open.number)
        }
    }

    private func facts(for draft: RefundDraft, _ answers: RefundAnswers) throws -> RefundFacts {
        let located = draft.located
        let organization = draft.organization.id
        var payment: Claim<Payment>?
        if let id = draft.drawsOnPayment {
            payment = try claim(try answers.payment?.first()) { () throws(StorageError) in
                try self.payment(id, of: organization)
            }
        }
        let source: RefundFacts.Source
        if let id = located.creditNote {
            let note = try claim(try answers.note?.first()) { () throws(StorageError) in
                try self.creditNote(id, of: organization)
            }
            source = .creditNote(note, through: payment, lines: try answers.lines?.rows() ?? [])
        } else if let payment {
            source = .payment(payment)
        } else {
            throw Failure.bug
        }
        let raisesNote = located.creditNote == nil && draft.request.command.raisesNote
        let noteNumber = raisesNote ? try takeNumbers(1, of: .creditNote, for: organization) : 0
        return RefundFacts(
            source: source, amount: draft.amount, paymentBehindNote: located.payment, method: located.method,
            requestedLines: located.requestedLines, gateways: draft.capabilities, organization: draft.organization,
            refund: draft.refund, number: draft.number, now: draft.now, today: draft.today,
            raisedNote: draft.raisedNote, raisedNoteNumber: "CN-\(noteNumber)",
            leaseUntil: draft.permit.map { _ in draft.now + Limits.attemptLease })
    }

    private func claim<Record>(
        _ taken: Record?, else current: () throws(StorageError) -> Record?
    ) throws -> Claim<Record> {
        if let taken { return .taken(taken) }
        guard let record = try current() else { throw Failure.bug }
        return .refused(record)
    }
}

extension RefundDraft {
    /// The payment whose amount is reserved: the one that is refunded, the one that backs the note, or the one that the
    /// note goes back through.
    fileprivate var drawsOnPayment: PaymentID? {
        guard let payment = located.payment else { return nil }
        guard located.creditNote != nil, !located.isBackedWhole else { return payment.id }
        switch request.command.way {
        case .asTaken: return payment.charge == nil ? nil : payment.id
        case .offline: return nil
        case .method:
            guard let method = located.method, let able = capabilities[method.gateway] else { return nil }
            return method.chargeToGiveBack(of: payment, able) == nil ? nil : payment.id
        }
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
