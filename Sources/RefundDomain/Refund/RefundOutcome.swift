/// What was learnt about an electronic refund: a gateway's word, or how a call to it ended.
package enum GatewayWord: Hashable, Sendable {
    case report(GatewayReport)
    case refused(FailureReason, code: String, message: String, isKeptAnswer: Bool = false)
    /// The call never left.
    case notSent(String)
    /// The call was one too many, and did nothing.
    case busy(String)
    /// The call may have arrived, or its answer could not be read.
    case lost(String)
    /// The gateway is sure that it never took the submission.
    case neverTaken
    /// The gateway was asked and had nothing new.
    case silence
}

extension GatewayWord {
    /// The charge that the gateway says it gives back, by each reference that it told.
    package var charges: [String] {
        switch self {
        case .report(let report): report.charges
        case .refused, .notSent, .busy, .lost, .neverTaken, .silence: []
        }
    }
}

/// What a decision about an accepted refund rests on.
package struct ChangeFacts: Sendable {
    package let refund: Refund
    /// There for an electronic refund, nil for an offline one.
    package let payout: Payout?
    /// The note that it draws on; nil where there is none.
    package let creditNote: CreditNote?
    /// What it takes of payments.
    package let allocations: [PaymentAllocation]
    package let base: Currency
    package let now: Instant
    package let today: LocalDate

    package init(
        refund: Refund, payout: Payout?, creditNote: CreditNote?, allocations: [PaymentAllocation] = [],
        base: Currency, now: Instant, today: LocalDate
    ) {
        self.refund = refund
        self.payout = payout
        self.creditNote = creditNote
        self.allocations = allocations
        self.base = base
        self.now = now
        self.today = today
    }

    /// The note that the refund raised for itself; nil where it raised none.
    fileprivate var raisedNote: CreditNote? { creditNote?.isForRefund == true ? creditNote : nil }
}

/// A change of a refund, with what must be written in the same unit.
///
/// What it moves on its sources is known once they were moved; the journals follow from that.
package struct RefundChange: Sendable {
    package var refund: Refund
    package let payout: Payout?
    /// What the refund held of its sources before; what it holds after follows from its state.
    package let before: RefundHold
    package let steps: [RefundStep]
    /// The note that the refund had raised for itself, to be voided with it.
    package let voidedNote: CreditNote?
    /// What is kept for a person: a word that contradicts what is final here and was not applied, or a late fact.
    package let exception: String?
    package let decidedAt: Instant
    private let base: Currency
    private let today: LocalDate

    package var after: RefundHold { refund.state.hold }

    fileprivate init(
        _ life: RefundLife, payout: Payout?, voidedNote: CreditNote?, exception: String?, given facts: ChangeFacts
    ) {
        self.refund = life.refund
        self.payout = payout
        before = facts.refund.state.hold
        steps = life.steps
        self.voidedNote = voidedNote
        self.exception = exception
        decidedAt = facts.now
        base = facts.base
        today = facts.today
    }

    /// The journals of the steps that move money, given what they moved on the sources.
    ///
    /// Throws `amountOverflow` where the worth in the base currency does not fit.
    package func journals(moving movement: SourceMovement) throws(RefundError) -> [Journal] {
        var journals = try RefundDomain.journals(
            of: steps, refund, moving: movement, from: before, base: base, on: today)
        guard let voidedNote else { return journals }
        do {
            journals.append(try noteVoiding(voidedNote, base: base, on: today, at: decidedAt))
        } catch {
            throw .amountOverflow
        }
        return journals
    }

    /// What is kept for a person, with what went beyond the sources.
    package func exception(moving movement: SourceMovement) -> String? {
        guard movement.overRefunded > 0 else { return exception }
        let over = Money(minorUnits: movement.overRefunded, currency: refund.amount.currency)
        return [exception, "over-refunded by \(over)"].compactMap { $0 }.joined(separator: "; ")
    }
}

/// Decides what a gateway's word changes.
///
/// A word that brings nothing new changes only when the gateway is asked again. Throws `amountOverflow` where the worth
/// in the base currency does not fit.
package func decide(
    _ word: GatewayWord, about payout: Payout, given facts: ChangeFacts
) throws(RefundError) -> RefundChange {
    let (word, misunderstanding) = facts.understood(word)
    var payout = payout
    payout.take(word)
    var life = RefundLife(facts.refund, actor: "gateway:\(payout.gateway)", at: facts.now)
    var exception: String?
    let isUnsentTimeOver = facts.now >= facts.refund.createdAt + Limits.unsentTimeMax
    switch meaning(of: word, in: facts.refund.state, isUnsentTimeOver: isUnsentTimeOver) {
    case .nothingNew:
        if !word.isBusy { payout.questions += 1 }
        exception = misunderstanding
    case .contradiction(let text):
        payout.questions += 1
        exception = text
    case .events(let events, let reason):
        for event in events { try life.advance(by: event, remark: word.remark) }
        life.note(failure: reason)
        payout.questions = 0
    }
    payout.schedule(for: life.refund, after: word, at: facts.now)
    return change(by: life, payout: payout, exception: exception, given: facts)
}

/// Decides on an event that a person or a worker brings about: a cancellation, a voiding, an unknown resolved.
///
/// Throws `stepNotAllowed` where the state does not allow it.
package func decide(
    _ event: RefundEvent, by actor: String, remark: String, failure: FailureReason? = nil, given facts: ChangeFacts
) throws(RefundError) -> RefundChange {
    var life = RefundLife(facts.refund, actor: actor, at: facts.now)
    try life.advance(by: event, remark: remark)
    life.note(failure: failure)
    var payout = facts.payout
    payout?.questions = 0
    payout?.schedule(for: life.refund, after: nil, at: facts.now)
    return change(by: life, payout: payout, exception: nil, given: facts)
}

/// Decides that a node takes the next attempt, and sends it under the intent's one key.
///
/// An unknown refund keeps its state while it is sent again. Throws `stepNotAllowed` where nothing may be sent.
package func claim(
    _ payout: Payout, leaseUntil: Instant, by actor: String, given facts: ChangeFacts
) throws(RefundError) -> RefundChange {
    var life = RefundLife(facts.refund, actor: actor, at: facts.now)
    if facts.refund.state != .unknown { try life.advance(by: .claimed) }
    var payout = payout
    payout.attempt += 1
    // The key's age counts from the first call that may have arrived: of an approved refund none has.
    payout.keySentAt = facts.refund.state == .approved ? facts.now : payout.keySentAt ?? facts.now
    payout.leaseUntil = leaseUntil
    payout.dueAt = leaseUntil
    return change(by: life, payout: payout, exception: nil, given: facts)
}

private enum Meaning {
    case nothingNew
    case events([RefundEvent], FailureReason?)
    case contradiction(String)
}

/// What a word means for a refund in a state.
///
/// Every pair is named: a gateway's word is never dropped by omission.
private func meaning(of word: GatewayWord, in state: RefundState, isUnsentTimeOver: Bool) -> Meaning {
    switch state {
    case .submitting: meaningWhileSubmitting(word, isUnsentTimeOver: isUnsentTimeOver)
    case .unknown, .pending: meaningWhileOpen(word, in: state)
    case .succeeded: meaningAfterSuccess(word)
    case .failed, .canceled, .returned, .voided: meaningAfterRelease(word, in: state)
    case .requested, .awaitingApproval, .approved: meaningBeforeSubmission(word)
    }
}

private func meaningWhileSubmitting(_ word: GatewayWord, isUnsentTimeOver: Bool) -> Meaning {
    switch word {
    case .report(let report): events(of: report.state, canceledBy: [.accepted, .canceled])
    case .refused(let reason, _, _, _): .events([.failed], reason)
    case .busy: .events([.notSent], nil)
    case .notSent: isUnsentTimeOver ? .events([.failed], .notSent) : .events([.notSent], nil)
    case .lost: .events([.lost], nil)
    case .neverTaken: .events([.failed], .unknown)
    case .silence: .events([.lost], nil)
    }
}

private func meaningWhileOpen(_ word: GatewayWord, in state: RefundState) -> Meaning {
    switch word {
    case .report(let report):
        report.state == .pending && state == .pending
            ? .nothingNew
            : events(of: report.state, canceledBy: state == .pending ? [.canceled] : [.accepted, .canceled])
    case .refused(let reason, _, _, true): .events([.failed], reason)
    case .refused(_, let code, _, false):
        // An earlier call may have been carried out, whatever is said to this one.
        .contradiction("the gateway refuses a repeated call (\(code)), which does not tell what the first one did")
    case .neverTaken: state == .unknown ? .events([.failed], .unknown) : .contradiction("the gateway has lost it")
    case .notSent, .busy, .lost, .silence: .nothingNew
    }
}

private func meaningAfterSuccess(_ word: GatewayWord) -> Meaning {
    switch word {
    case .report(let report):
        switch report.state {
        case .succeeded, .pending: .nothingNew
        case .failed(let reason): .events([.returned], reason)
        case .canceled: .events([.returned], .merchantRequest)
        }
    case .refused, .neverTaken: .contradiction("the gateway denies a refund that it reported as done")
    case .notSent, .busy, .lost, .silence: .nothingNew
    }
}

private func meaningAfterRelease(_ word: GatewayWord, in state: RefundState) -> Meaning {
    switch word {
    case .report(let report):
        switch report.state {
        case .succeeded where state != .voided: .events([.succeeded], nil)
        case .pending where state != .voided: .events([.accepted], nil)
        case .succeeded, .pending:
            .contradiction("the gateway carries out a refund that is \(state.rawValue) here")
        case .failed, .canceled: .nothingNew
        }
    case .refused, .neverTaken, .notSent, .busy, .lost, .silence: .nothingNew
    }
}

private func meaningBeforeSubmission(_ word: GatewayWord) -> Meaning {
    switch word {
    case .report: .contradiction("the gateway reports a refund that was not submitted")
    case .refused, .neverTaken, .notSent, .busy, .lost, .silence: .nothingNew
    }
}

private func events(of state: GatewayReport.State, canceledBy canceled: [RefundEvent]) -> Meaning {
    switch state {
    case .pending: .events([.accepted], nil)
    case .succeeded: .events([.succeeded], nil)
    case .failed(let reason): .events([.failed], reason)
    case .canceled: .events(canceled, .merchantRequest)
    }
}

private func change(
    by life: RefundLife, payout: Payout?, exception: String?, given facts: ChangeFacts
) -> RefundChange {
    let (before, after) = (facts.refund.state.hold, life.refund.state.hold)
    let isReleased = before != .released && after == .released
    let voidedNote = isReleased && facts.raisedNote?.state == .open ? facts.raisedNote : nil
    let isLate = before == .released && after != .released
    let late = isLate ? "the gateway carries out a refund that was \(facts.refund.state.rawValue) here" : nil
    return RefundChange(life, payout: payout, voidedNote: voidedNote, exception: exception ?? late, given: facts)
}

/// The journals of the steps that move money.
func journals(
    of steps: [RefundStep], _ refund: Refund, moving movement: SourceMovement, from before: RefundHold,
    base: Currency, on day: LocalDate
) throws(RefundError) -> [Journal] {
    var hold = before
    var journals: [Journal] = []
    do {
        for step in steps where step.state.hold != hold {
            journals.append(
                try journal(of: refund, moving: movement, from: hold, at: step, base: base, on: day))
            hold = step.state.hold
        }
    } catch {
        throw .amountOverflow
    }
    return journals
}

func journals(
    of life: RefundLife, moving movement: SourceMovement, from before: RefundHold, base: Currency, on day: LocalDate
) throws(RefundError) -> [Journal] {
    try journals(of: life.steps, life.refund, moving: movement, from: before, base: base, on: day)
}

extension RefundLife {
    /// Keeps why the refund did not reach the customer; a later success forgets it.
    fileprivate mutating func note(failure: FailureReason?) {
        setFailureReason(refund.state.hold == .released ? failure ?? refund.failureReason : nil)
    }
}

extension ChangeFacts {
    /// The word as it may be believed: a report about other money than ours says nothing about ours.
    ///
    /// Where the refund is final, such a report is kept for a person beside what it stands for.
    fileprivate func understood(_ word: GatewayWord) -> (word: GatewayWord, misunderstanding: String?) {
        guard case .report(let report) = word, report.amount != refund.amount else { return (word, nil) }
        let text = "the gateway reports \(report.amount)"
        return (.lost(text), refund.state.isFinal ? text : nil)
    }
}

extension Payout {
    fileprivate mutating func take(_ word: GatewayWord) {
        switch word {
        case .report(let report):
            gatewayReference = report.gatewayReference
            networkReference = report.networkReference ?? networkReference
            responseCode = report.code
            responseMessage = report.message
        case .refused(_, let code, let message, _):
            responseCode = code
            responseMessage = message
        case .notSent:
            unsent += 1
        case .busy, .lost, .neverTaken, .silence:
            break
        }
    }

    /// When a worker looks at it again, now that its refund stands so.
    fileprivate mutating func schedule(for refund: Refund, after word: GatewayWord?, at now: Instant) {
        let wasInHand = leaseUntil != nil
        leaseUntil = nil
        guard refund.state != .approved else {
            dueAt =
                now
                + (word?.isBusy == true
                    ? GatewaySchedule.delay(afterBusyAttempt: attempt, of: refund.id)
                    : GatewaySchedule.delay(afterUnsent: unsent))
            return
        }
        dueAt = GatewaySchedule.nextQuestion(
            in: refund.state, since: refund.updatedAt, afterQuestions: questions, at: now)
        // Also where nobody asks by himself: a notice or a person wanted it asked, and has said so once.
        guard let word, wasInHand || dueAt != nil else { return }
        if word.isBusy {
            dueAt = now + GatewaySchedule.delay(afterBusyAttempt: Int(now.seconds), of: refund.id)
        } else if wasInHand, refund.state.isFinal, word.isIncomplete,
            let delay = GatewaySchedule.delay(afterQuestions: questions)
        {
            dueAt = min(dueAt ?? now + delay, now + delay)
        }
    }
}

extension GatewayWord {
    /// Whether nothing was asked, for want of a turn.
    fileprivate var isBusy: Bool {
        if case .busy = self { true } else { false }
    }

    /// Whether the gateway has not said all that it was asked.
    fileprivate var isIncomplete: Bool {
        switch self {
        case .report(let report): report.fees == nil
        case .silence: true
        case .refused, .notSent, .busy, .lost, .neverTaken: false
        }
    }

    fileprivate var remark: String {
        switch self {
        case .report(let report): report.message
        case .refused(_, _, let message, _): message
        case .notSent(let text), .busy(let text), .lost(let text): text
        case .neverTaken: "the gateway never took it"
        case .silence: ""
        }
    }
}
