import RefundDomain
import RefundTesting
import Synchronization

/// A gateway of a world, which does what a story says and keeps a book of its own.
final class WorldGateway: Gateway {
    /// What it does with the first call of a refund.
    enum Plan: String, CaseIterable, Sendable {
        case succeed = "carries it out"
        case pend = "takes its time"
        case fail = "takes it, and fails"
        case decline = "declines"
        case loseAnswer = "carries it out, and the answer is lost"
        case refuseRepeats = "carries it out, loses the answer, and refuses the call when it is repeated"
        case loseLine = "carries it out, and cannot be reached until it has forgotten the key"
        case loseAnswerOfPending = "takes its time, and the answer is lost"
        case loseCall = "never gets the call, and nobody knows"
        case notSent = "cannot be reached"
    }

    /// What becomes of something in its book.
    enum Verdict: String, CaseIterable, Sendable {
        case pending, succeeded, failed, canceled
    }

    /// Money that it gives back, or has given back.
    struct Effect: Sendable {
        let reference: String
        /// Our refund; nil for one that was made without us.
        let refund: RefundID?
        let key: String
        let target: Submission.Target
        let amount: Money
        let takenAt: Instant
        var state: Verdict
        var refusesRepeats = false
    }

    /// What it answered to one call.
    struct Exchange: Sendable {
        enum Call: String, Sendable { case submit, inquire, cancel }
        enum Answer: Sendable {
            case report(GatewayReport)
            case refused, notSent, lost, neverTaken, silence
        }

        let call: Call
        let refund: RefundID
        let answer: Answer
    }

    private struct Book {
        var plan: Plan?
        var down = 0
        var downUntil: Instant?
        var effects: [Effect] = []
        var exchanges: [Exchange] = []
        var told: [String: GatewayNews] = [:]

        /// Whether a call does not come through, which is then one less.
        mutating func isDown(at now: Instant) -> Bool {
            if let downUntil, now < downUntil { return true }
            defer { down = max(0, down - 1) }
            return down > 0
        }
    }

    private let book = Mutex(Book())
    private let clock: ServiceClock
    private let isSure: Bool
    let organization: OrganizationID
    private static let keyLifetime = Duration.seconds(86_400)

    let capabilities: GatewayCapabilities

    init(clock: ServiceClock, isSure: Bool, isMarking: Bool, organization: OrganizationID) {
        capabilities = GatewayCapabilities(
            linkedRefund: true, unlinkedCredit: true, cancel: true, keyLifetime: Self.keyLifetime, refundWindow: nil,
            refundsBearReference: isMarking, label: "World")
        self.clock = clock
        self.isSure = isSure
        self.organization = organization
    }

    // MARK: What the story says

    /// Says what becomes of the next refund that it does not know.
    func plan(_ plan: Plan?) { book.withLock { $0.plan = plan } }

    /// Cannot be reached by the next calls, and by all others again.
    func beDown(calls: Int) {
        book.withLock { book in
            book.down = calls
            book.downUntil = nil
        }
    }

    var effects: [Effect] { book.withLock { $0.effects } }

    /// What it answered since this was asked last, in order.
    func takeExchanges() -> [Exchange] {
        book.withLock { book in
            defer { book.exchanges = [] }
            return book.exchanges
        }
    }

    func decide(_ verdict: Verdict, on reference: String) {
        book.withLock { book in
            guard let index = book.effects.firstIndex(where: { $0.reference == reference }) else { return }
            book.effects[index].state = verdict
        }
    }

    /// Gives a charge back without being asked by us.
    func giveBack(_ amount: Money, of charge: String, as reference: String, _ verdict: Verdict) -> Effect {
        let effect = Effect(
            reference: reference, refund: nil, key: reference, target: .charge(charge), amount: amount,
            takenAt: clock.now, state: verdict)
        book.withLock { $0.effects.append(effect) }
        return effect
    }

    /// A message that tells something, as it is sent.
    func message(telling news: GatewayNews, as event: String) -> GatewayMessage {
        let kept = "\(organization) \(event)"
        book.withLock { $0.told[kept] = news }
        return GatewayMessage(headers: [:], body: Array(kept.utf8), receivedAt: clock.now)
    }

    // MARK: What the program calls

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        let now = clock.now
        let answer = book.withLock { book in
            let answer = Self.take(submission, into: &book, at: now)
            book.exchanges.append(Exchange(call: .submit, refund: submission.refund, answer: answer))
            return answer
        }
        switch answer {
        case .report(let report): return report
        case .refused: throw .refused(.insufficientFunds, code: "declined", message: "It is declined.")
        case .notSent: throw .notSent("the line is down")
        case .lost, .neverTaken, .silence: throw .ambiguous("the answer was lost")
        }
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        let now = clock.now
        let answer = book.withLock { book in
            var answer = Exchange.Answer.silence
            if book.isDown(at: now) {
                answer = .silence
            } else if let effect = book.effects.last(where: { $0.isMeant(by: inquiry) }) {
                answer = .report(effect.report)
            } else {
                answer = isSure ? .neverTaken : .silence
            }
            book.exchanges.append(Exchange(call: .inquire, refund: inquiry.refund, answer: answer))
            return answer
        }
        switch answer {
        case .report(let report): return .found(report)
        case .neverTaken: return .neverTaken
        case .refused, .notSent, .lost, .silence: return .notFoundYet
        }
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        let report = book.withLock { book -> GatewayReport? in
            guard let index = book.effects.lastIndex(where: { $0.isMeant(by: inquiry) && $0.state == .pending }) else {
                return nil
            }
            book.effects[index].state = .canceled
            let report = book.effects[index].report
            book.exchanges.append(Exchange(call: .cancel, refund: inquiry.refund, answer: .report(report)))
            return report
        }
        guard let report else { throw .refused(.unknown, code: "too_late", message: "It has gone too far.") }
        return report
    }

    func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? {
        let kept = String(decoding: message.body, as: UTF8.self)
        guard news(in: kept) != nil, let event = kept.split(separator: " ", maxSplits: 1).last else { return nil }
        return GatewayNotice(event: String(event), organization: organization, kept: kept)
    }

    func news(in kept: String) -> GatewayNews? { book.withLock { $0.told[kept] } }

    func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage {
        ChargePage(charges: [], refunded: Set(effects.compactMap(\.charge)).sorted(), next: nil)
    }

    func refunds(ofCharge reference: String, isPast: Bool) async throws(GatewayError) -> [ListedRefund] {
        book.withLock { book in
            book.effects.filter { $0.charge == reference }.map { effect in
                let event = "listed \(effect.reference)"
                book.told["\(organization) \(event)"] = effect.news
                return ListedRefund(
                    gatewayReference: effect.reference,
                    notice: GatewayNotice(event: event, organization: organization, kept: "\(organization) \(event)"),
                    report: effect.report)
            }
        }
    }

    private static func take(_ submission: Submission, into book: inout Book, at now: Instant) -> Exchange.Answer {
        if book.isDown(at: now) { return .notSent }
        let kept = book.effects.last { $0.key == submission.key && now < $0.takenAt + keyLifetime }
        if let kept { return kept.refusesRepeats ? .refused : .report(kept.report) }
        let plan = book.plan ?? .succeed
        book.plan = nil
        let state: Verdict
        switch plan {
        case .decline: return .refused
        case .loseCall: return .lost
        case .notSent: return .notSent
        case .succeed, .loseAnswer, .refuseRepeats, .loseLine: state = .succeeded
        case .pend, .loseAnswerOfPending: state = .pending
        case .fail: state = .failed
        }
        let effect = Effect(
            reference: "re_\(book.effects.count + 1)", refund: submission.refund, key: submission.key,
            target: submission.target, amount: submission.amount, takenAt: now, state: state,
            refusesRepeats: plan == .refuseRepeats)
        book.effects.append(effect)
        if plan == .loseLine { book.downUntil = now + keyLifetime + .seconds(60) }
        switch plan {
        case .loseAnswer, .refuseRepeats, .loseLine, .loseAnswerOfPending: return .lost
        case .succeed, .pend, .fail, .decline, .loseCall, .notSent: return .report(effect.report)
        }
    }
}

extension WorldGateway.Effect {
    /// The charge that it gives back; nil for a payout to a method.
    var charge: String? {
        switch target {
        case .charge(let reference): reference
        case .method: nil
        }
    }

    var report: GatewayReport {
        let reported: GatewayReport.State =
            switch state {
            case .pending: .pending
            case .succeeded: .succeeded
            case .failed: .failed(.insufficientFunds)
            case .canceled: .canceled
            }
        return GatewayReport(state: reported, amount: amount, gatewayReference: reference)
    }

    var news: GatewayNews {
        .refund(
            RefundNews(
                refund: refund, gatewayReference: reference, charges: charge.map { [$0] } ?? [], amount: amount,
                madeAt: takenAt))
    }

    fileprivate func isMeant(by inquiry: GatewayInquiry) -> Bool {
        refund == inquiry.refund || reference == inquiry.gatewayReference
    }
}
