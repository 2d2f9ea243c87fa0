package import RefundDomain

/// A full payment gateway inside the process: it keeps its own book, takes its time, and fails on demand.
///
/// A submission is carried out at the moment it arrives; only the answer takes time. So a process that is killed while
/// it waits has given the money back and has not been told, which is the harder half.
///
///     let gateway = try SimulatorGateway(
///         SimulatorConfig(seed: 7, latency: .milliseconds(5) ... .milliseconds(50)),
///         now: { clock.now }, sleep: { try await Task.sleep(for: $0) })
package struct SimulatorGateway: Gateway {
    package let capabilities: GatewayCapabilities
    /// What it did in truth.
    package let book: SimulatorBook

    let config: SimulatorConfig
    private let rules: [SimulatorFaultRule]
    let dice: SimulatorDice
    private let traffic = SimulatorTraffic()
    let now: @Sendable () -> Instant
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Opens the gateway and its book.
    ///
    /// It reads no other clock than `now` and waits by no other means than `sleep`, which is not called for no time at
    /// all. Throws `SimulatorBookError` where the book's file cannot be opened or read.
    package init(
        _ config: SimulatorConfig, now: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) throws(SimulatorBookError) {
        self.config = config
        self.now = now
        self.sleep = sleep
        book = try SimulatorBook(config.book)
        dice = SimulatorDice(seed: config.seed)
        rules = config.faults + SimulatorFaultRule.documented(delay: config.documentedDelay)
        capabilities = GatewayCapabilities(
            linkedRefund: true, unlinkedCredit: true, cancel: true, keyLifetime: config.keyLifetime, refundWindow: nil,
            label: config.label)
    }

    /// Gives money back once for a key, unless a fault strikes.
    package func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        let sending = traffic.sending(underKey: submission.key)
        let fault = fault(for: submission, sending)
        if fault == .notSent { throw .notSent("the simulated line is down") }
        let outcome = Result { () throws(GatewayError) in try answer(to: submission, under: fault) }
        try await delayAnswer(key: submission.key, attempt: sending.attempt)
        return try outcome.get()
    }

    /// Looks the refund up in the book, which is complete: what it lacks was never taken.
    ///
    /// Only for `quietTime` after a call that timed out the gateway pretends not to be sure.
    package func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        let moment = now()
        let effect = try onBook { () throws(SimulatorBookError) in try book.effect(of: inquiry) }
        let isQuiet = traffic.isQuiet(on: RefundAddress(inquiry), at: moment)
        try await delayAnswer(key: "\(inquiry.refund)", attempt: 0)
        return effect.map { .found($0.report(at: moment)) } ?? (isQuiet ? .notFoundYet : .neverTaken)
    }

    /// Cancels what is pending; the key is not needed, since canceling twice is canceling once.
    package func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        let moment = now()
        let effect = try onBook { () throws(SimulatorBookError) in try book.cancel(inquiry, at: moment) }
        try await delayAnswer(key: key, attempt: 0)
        guard let effect else {
            throw .refused(.unknown, code: "not_found", message: "The gateway has no such refund.")
        }
        return effect.report(at: moment)
    }
}

extension SimulatorGateway {
    /// What becomes of a refund that was made at the gateway's desk.
    func course(of submission: Submission, from moment: Instant) -> SimulatorCourse {
        course(under: fault(for: submission, SimulatorTraffic.Sending(call: 0, attempt: 1)), from: moment)
    }

    /// The fault that strikes a sending: the first rule that matches, the configured ones before the documented.
    private func fault(for submission: Submission, _ sending: SimulatorTraffic.Sending) -> SimulatorFault? {
        rules.indices.first { index in
            let rule = rules[index]
            if rule.firstAttemptOnly, sending.attempt > 1 { return false }
            switch rule.trigger {
            case .amount(let minorUnits, let currency):
                return submission.amount.minorUnits == minorUnits
                    && (currency == nil || submission.amount.currency == currency)
            case .lastFour(let digits): return submission.lastFour == digits
            case .call(let number): return sending.call == number
            case .chance(let perMille):
                return dice.strikes(
                    perMille: perMille, rule: index, key: submission.key, attempt: sending.attempt)
            }
        }.map { rules[$0].fault }
    }

    /// Does what arrived, and says what the caller will hear of it.
    private func answer(
        to submission: Submission, under fault: SimulatorFault?
    ) throws(GatewayError) -> GatewayReport {
        let moment = now()
        if fault == .timesOut {
            traffic.noteSilence(on: RefundAddress(submission), until: moment + config.quietTime)
            throw .ambiguous("no answer in time")
        }
        let entry = try onBook { () throws(SimulatorBookError) in
            try book.entry(for: submission, at: moment) { effects in
                decision(on: submission, under: fault, at: moment, earlierEffects: effects)
            }
        }
        if fault == .answerLost { throw .ambiguous("the answer was lost") }
        if fault == .errorAfterDoing { throw .ambiguous("the gateway answered 500") }
        guard entry.submission.asksTheSame(as: submission) else {
            throw .refused(.unknown, code: "key_reused", message: "The key was used for another submission.")
        }
        switch entry {
        case .effect(let effect): return effect.report(at: moment)
        case .refusal(let refusal):
            // The book says what every call under the key did: a refusal beside no effect is the whole story.
            let effect = try onBook { () throws(SimulatorBookError) in try book.effect(of: submission.inquiry) }
            throw .refused(
                refusal.reason, code: refusal.reason.declineCode, message: "Refused: \(refusal.reason.rawValue).",
                isKeptAnswer: effect == nil)
        }
    }

    private func decision(
        on submission: Submission, under fault: SimulatorFault?, at moment: Instant, earlierEffects: Int
    ) -> SimulatorEntry {
        let keyUntil = fault == .forgetsKey ? moment : moment + config.keyLifetime
        if let reason = refusalReason(of: submission, under: fault) {
            let refusal = SimulatorRefusal(
                submission: submission, reason: reason, refusedAt: moment, keyUntil: keyUntil)
            return .refusal(refusal)
        }
        let short: Int64 = fault == .wrongAmount ? 1 : 0
        let given = Money(minorUnits: submission.amount.minorUnits - short, currency: submission.amount.currency)
        let effect = SimulatorEffect(
            submission: submission, given: given,
            gatewayReference: dice.gatewayReference(key: submission.key, effect: earlierEffects),
            takenAt: moment, keyUntil: keyUntil, course: course(under: fault, from: moment))
        return .effect(effect)
    }

    private func refusalReason(of submission: Submission, under fault: SimulatorFault?) -> FailureReason? {
        guard submission.amount.isPositive else { return .amountTooSmall }
        return if case .decline(let reason) = fault { reason } else { nil }
    }

    private func course(under fault: SimulatorFault?, from moment: Instant) -> SimulatorCourse {
        let settledAt =
            switch config.settle {
            case .immediate: moment
            case .delayed(let delay): moment + delay
            }
        return switch fault {
        case .pendsThenSucceeds(let delay): SimulatorCourse(succeedsAt: moment + delay, failure: nil)
        case .staysPending: SimulatorCourse(succeedsAt: nil, failure: nil)
        case .pendsThenFails(let reason, let delay):
            SimulatorCourse(succeedsAt: nil, failure: SimulatorCourse.Failure(reason: reason, at: moment + delay))
        case .succeedsThenReturned(let reason, let delay):
            SimulatorCourse(
                succeedsAt: settledAt, failure: SimulatorCourse.Failure(reason: reason, at: settledAt + delay))
        case .failsThenSucceeds(let reason, let delay):
            SimulatorCourse(
                succeedsAt: moment + delay, failure: SimulatorCourse.Failure(reason: reason, at: moment))
        case nil, .decline, .answerLost, .errorAfterDoing, .timesOut, .notSent, .wrongAmount, .forgetsKey:
            SimulatorCourse(succeedsAt: settledAt, failure: nil)
        }
    }

    /// A book that cannot be kept leaves the caller in doubt, as a gateway that breaks down does.
    private func onBook<Value>(
        _ work: () throws(SimulatorBookError) -> Value
    ) throws(GatewayError) -> Value {
        do {
            return try work()
        } catch {
            throw .ambiguous("the gateway's book: \(error.reason)")
        }
    }

    /// Waits as long as the answer takes; a caller that leaves in the meantime does not hear it.
    private func delayAnswer(key: String, attempt: Int) async throws(GatewayError) {
        let wait = dice.wait(within: config.latency, key: key, attempt: attempt)
        guard wait > .zero else { return }
        do {
            try await sleep(wait)
        } catch {
            throw .ambiguous("the caller left before the answer")
        }
    }
}

extension Submission {
    /// Whether a gateway is asked for the same thing: the digits of the card are for show.
    fileprivate func asksTheSame(as other: Submission) -> Bool {
        RefundAddress(self) == RefundAddress(other) && amount == other.amount && target == other.target
    }
}
