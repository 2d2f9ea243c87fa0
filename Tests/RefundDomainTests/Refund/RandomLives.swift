import RefundDomain
import Testing

@Suite struct `Any life of a refund` {
    @Test func `leaves the ledger as its state says, step by step`() {
        forEachSeed(4_000) { random in
            var life = try RandomLife(of: RefundScene.random(&random))
            for _ in 0..<random.number(in: 1...16) { try life.live(&random) }
        }
    }

    @Test func `comes to every state, by every event of its way`() {
        var reached: [RefundWay: Set<RefundState>] = [:]
        var met: [RefundWay: Set<RefundEvent>] = [:]
        forEachSeed(200) { random in
            var life = try RandomLife(of: RefundScene.random(&random))
            for _ in 0..<16 {
                try life.live(&random)
                reached[life.way, default: []].insert(life.refund.state)
            }
            met[life.way, default: []].formUnion(life.events)
        }
        // Approval is asked for before a refund is accepted, and adoption is in place of acceptance. By hand, nothing
        // is left to fail or to be canceled once it is recorded.
        let foreign: Set<RefundEvent> = [.approvalAsked, .adopted, .recorded, .voided]
        let early: Set<RefundState> = [.requested, .awaitingApproval]
        #expect(reached[.throughGateway] == Set(RefundState.allCases).subtracting(early).subtracting([.voided]))
        #expect(reached[.byHand] == [.succeeded, .voided])
        #expect(Set(reached.values.joined()) == Set(RefundState.allCases).subtracting(early))
        #expect(met[.throughGateway] == Set(RefundEvent.allCases).subtracting(foreign))
        #expect(met[.byHand] == [.approved, .recorded, .voided])
    }
}

/// A refund that meets words, events and claims at random; after each, all that must hold is looked at.
struct RandomLife {
    let way: RefundWay
    private(set) var refund: Refund
    /// All that has happened to it so far.
    private(set) var events: Set<RefundEvent> = []
    private var payout: Payout?
    private var sources: HeldSources
    private var books: Books
    private var journalKeys: Set<[Int64]> = []
    private let base: Currency
    private var now: Instant

    init(of scene: RefundScene) throws {
        let decision = try scene.decision()
        way = RefundWay(of: decision.refund.channel)
        refund = decision.refund
        payout = decision.payout
        sources = HeldSources(of: scene, decision, in: decision.refund.state)
        base = scene.organization.baseCurrency
        now = scene.now
        books = Books()
        try check(decision.steps, from: 0)
        try post(decision.journals)
        try checkStanding()
    }

    mutating func live(_ random: inout SplitMix64) throws {
        now = now + .seconds(random.number(in: 0...100_000))
        sources.letOthersDraw(&random)
        let facts = sources.facts(
            of: refund, payout, base: base, now: now, today: LocalDate(now, utcOffsetSeconds: 19_800))
        guard let change = try change(given: facts, &random) else { return }
        try demand(change.before == refund.state.hold, "held \(change.before) before, being \(refund.state)")
        try demand(change.after == change.refund.state.hold, "holds \(change.after), being \(change.refund.state)")
        try demand(change.refund.step == refund.step + change.steps.count, "step \(change.refund.step)")
        try check(change.steps, from: refund.step)
        try demand(
            change.steps.last?.state ?? refund.state == change.refund.state, "another state than the last step's")
        try checkUntouched(change.refund)
        if let payout, let after = change.payout {
            try demand(after.key == payout.key && after.attempt >= payout.attempt, "another intent: \(after)")
            // Of an approved refund no call has arrived: its key is sent for the first time.
            try demand(
                payout.keySentAt == nil || facts.refund.state == .approved || after.keySentAt == payout.keySentAt,
                "the key was sent anew")
            try demand(
                change.exception == nil || change.before == .released && change.movesMoney
                    || after.questions == payout.questions + 1,
                "asked \(after.questions) times after \(payout.questions), being contradicted")
        }
        refund = change.refund
        payout = change.payout
        let isLate = change.before == .released && change.movesMoney
        try demand(!isLate || change.exception != nil, "nobody is told of a late fact")
        let movement = sources.take(change)
        refund.lacking = sources.lacking
        let journals = try change.journals(moving: movement)
        try demand(change.movesMoney || journals.isEmpty, "journals where nothing moves")
        try post(journals)
        try checkStanding()
    }

    /// Nil where the refund may not take the step; then nothing has changed.
    private func change(given facts: ChangeFacts, _ random: inout SplitMix64) throws -> RefundChange? {
        // A payout is claimed for a node, by `claim`.
        let event = random.element(of: RefundEvent.allCases.filter { $0 != .claimed || payout == nil })
        do throws(RefundError) {
            switch (random.index(below: 4), payout) {
            case (0...1, let payout?):
                return try decide(word(&random), about: payout, given: facts)
            case (2, let payout?):
                return try claim(payout, leaseUntil: now + Limits.attemptLease, by: "worker", given: facts)
            case (_, _):
                return try decide(event, by: "person:asha", remark: "", given: facts)
            }
        } catch {
            guard case .stepNotAllowed(let state, let event) = error else { throw error }
            let isForeign = way.foreignEvents.contains(event)
            try demand(isForeign || (try? state.advanced(by: event)) == nil, "\(event) was refused, being \(state)")
            return nil
        }
    }

    private func word(_ random: inout SplitMix64) -> GatewayWord {
        let other = Money(minorUnits: refund.amount.minorUnits + 1, currency: refund.amount.currency)
        let amount = random.isOnce(in: 8) ? other : refund.amount
        return random.element(of: [
            .report(.pending, amount: amount), .report(.succeeded, amount: amount), .report(.canceled, amount: amount),
            .report(.failed(.unknown), amount: amount), .refusal, .notSent("no route"), .lost("timeout"), .neverTaken,
            .silence,
        ])
    }

    private mutating func check(_ steps: [RefundStep], from first: Int) throws {
        let numbers = steps.map(\.step)
        try demand(numbers == steps.indices.map { first + $0 + 1 }, "steps \(numbers) after \(first)")
        events.formUnion(steps.map(\.event))
        try demand(events.isDisjoint(with: way.foreignEvents), "\(events) cannot all happen to \(refund.channel)")
    }

    private func checkUntouched(_ after: Refund) throws {
        var before = refund
        before.state = after.state
        before.step = after.step
        before.updatedAt = after.updatedAt
        before.failureReason = after.failureReason
        try demand(before == after, "more than its state has changed: \(after)")
        try demand(after.failureReason == nil || after.state.hold == .released, "\(after.state) has failed")
    }

    private mutating func post(_ journals: [Journal]) throws {
        for journal in journals {
            try demand(journal.isBalanced, "\(journal)")
            try demand(journalKeys.insert([journal.record, Int64(journal.step)]).inserted, "posted twice: \(journal)")
            books.post(journal)
        }
    }

    private func checkStanding() throws {
        try sources.check(refund, books)
        let amount = Int128(refund.amount.minorUnits)
        let settlement: Account
        switch refund.channel {
        case .electronic(let gateway): settlement = .gatewayClearing(gateway)
        case .offline(let mode): settlement = mode == .cash ? .cash : .bank
        }
        let (payable, settled) = (books[.refundsPayable], books[settlement])
        switch refund.state.hold {
        case .reserved:
            try demand(payable.amount == -amount && settled == Books.Standing(), "\(refund.state): \(books)")
        case .spent: try demand(settled.amount == -amount && payable == Books.Standing(), "\(refund.state): \(books)")
        case .released: try demand(books.open.isEmpty, "\(refund.state): \(books)")
        }
        switch refund.state {
        case .approved, .submitting, .pending, .unknown:
            try demand(payout == nil || payout?.dueAt != nil, "\(refund.state), and nobody will look at it")
        case .failed, .canceled, .voided, .returned:
            try demand(payout?.dueAt == nil && payout?.leaseUntil == nil, "\(refund.state), and still due")
        case .requested, .awaitingApproval, .succeeded: break
        }
    }
}
