import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// Whole lives of refunds on shared sources: what is written always adds up.
@Suite struct `The lives of refunds` {
    @Test(arguments: Engine.allCases, UInt64(0)..<8)
    func `Remainders and ledger are what the refunds hold after every step`(
        engine: Engine, seed: UInt64
    ) async throws {
        try await withFixtures(engine) { store in
            var chance = LifeChance(seed: seed)
            for step in 0..<30 {
                try await chance.act(in: store)
                let found = try await store.look { session in
                    (complaints: try Books(session).complaints, breaches: try session.breaches())
                }
                #expect(found.complaints == [], "seed \(seed), step \(step)")
                #expect(found.breaches == [], "seed \(seed), step \(step)")
                guard found.complaints.isEmpty else { return }
            }
        }
    }

    @Test(arguments: Engine.allCases, UInt64(100)..<103)
    func `They still are when many act at once, whoever looks and whenever`(
        engine: Engine, seed: UInt64
    ) async throws {
        try await withFixtures(engine) { store in
            let complaints = try await withThrowingTaskGroup(of: [String].self) { group in
                for actor in UInt64(0)..<6 {
                    group.addTask {
                        var chance = LifeChance(seed: seed << 8 | actor, firstID: 10_000 * Int64(actor + 1))
                        var complaints: [String] = []
                        for _ in 0..<5 {
                            for _ in 0..<5 { try await chance.act(in: store) }
                            complaints += try await store.look { try Books($0).complaints }
                        }
                        return complaints
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(complaints == [], "seed \(seed)")
            let breaches = try await store.look { try $0.breaches() }
            #expect(breaches == [], "seed \(seed)")
        }
    }

    @Test func `Chance leads lives to late successes of which a payment or a note has not enough left`() async throws {
        try await withFixtures(.sqliteInMemory) { store in
            for seed in UInt64(0)..<4 {
                var chance = LifeChance(seed: seed, firstID: 1_000 * Int64(seed + 1))
                for _ in 0..<120 { try await chance.act(in: store) }
            }
            let books = try await store.look { try Books($0) }
            #expect(books.payments.contains { $0.balance.overRefunded > 0 })
            #expect(books.refunds.contains { $0.lacking > 0 })
            #expect(try await store.look { try Books($0).complaints } == [])
        }
    }

    @Test func `Chance leads lives through every state`() async throws {
        try await withFixtures(.sqliteInMemory) { store in
            var chance = LifeChance(seed: 4_711)
            for _ in 0..<300 { try await chance.act(in: store) }
            let seen = try await store.look { session in
                let refunds = try session.refunds(LifeChance.all, of: Fixtures.organization.id)
                return try refunds.flatMap { try session.history(of: $0.id, of: Fixtures.organization.id).map(\.state) }
            }
            // Approval is not asked for yet, and a refund is approved in the unit that accepts it.
            #expect(Set(RefundState.allCases).subtracting(seen) == [.requested, .awaitingApproval])
        }
    }
}

/// What happens next, by chance that a seed repeats.
struct LifeChance {
    private var generator: SeededGenerator
    private var nextID: Int64
    private var now = Fixtures.now

    init(seed: UInt64, firstID: Int64 = 1_000) {
        generator = SeededGenerator(seed: seed)
        nextID = firstID
    }

    /// Every refund of an organization, in one page.
    static var all: RefundQuery {
        var query = RefundQuery()
        query.limit = 100_000
        return query
    }

    /// Asks for a refund, or lets something happen to one; what is refused changes nothing.
    mutating func act(in store: any Store) async throws {
        let refunds = try await store.look { try $0.refunds(Self.all, of: Fixtures.organization.id) }
        now = now + .seconds(Int64.random(in: 1...90, using: &generator))
        do {
            let released = refunds.filter { $0.state.hold == .released && $0.channel.isElectronic }
            let some = generator.chance(oneIn: 3) && !released.isEmpty ? released : refunds
            if let refund = generator.pick(some), !generator.chance(oneIn: 4) {
                let (action, now) = (action(on: refund), now)
                _ = try await store.unit { session in try session.apply(action, to: refund.id, at: now) }
            } else {
                let order = order()
                _ = try await store.unit { session in try session.accept(order) }
            }
        } catch is RefundError {
        } catch is Refusal {
        }
    }

    private mutating func order() -> RefundOrder {
        nextID += 1
        let method = generator.chance(oneIn: 2) ? Fixtures.card : Fixtures.account
        let way: RefundOrder.Way =
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: .offline(.cash)
            case 1: .offline(.named("voucher"))
            case 2: .method(method)
            default: .asTaken
            }
        let source = source()
        return RefundOrder(
            id: nextID, source: source.0, minorUnits: source.amount, way: way,
            isClaimed: generator.chance(oneIn: 3), now: now)
    }

    private mutating func source() -> (RefundOrder.Source, amount: Int64) {
        if generator.chance(oneIn: 2), let payment = generator.pick(Fixtures.payments) {
            let most = max(1, payment.balance.captured / 3)
            let raisingNote = generator.chance(oneIn: 2)
            return (.payment(payment.id, raisingNote: raisingNote), Int64.random(in: 1...most, using: &generator))
        }
        let (note, lines) = Fixtures.notes[Int.random(in: 0..<Fixtures.notes.count, using: &generator)]
        var draws: [LineDraw] = []
        if generator.chance(oneIn: 2) {
            for line in lines where generator.chance(oneIn: 2) {
                draws.append(
                    LineDraw(line: line.id, amount: Int64.random(in: 1...max(1, line.amount / 2), using: &generator)))
            }
        }
        let sum = draws.map(\.amount).reduce(0, +)
        let amount = draws.isEmpty ? Int64.random(in: 1...max(1, note.balance.total / 2), using: &generator) : sum
        let through = generator.chance(oneIn: 4) ? nil : note.payment
        return (.note(note.id, through: through, lines: draws), amount)
    }

    private mutating func action(on refund: Refund) -> RefundAction {
        guard refund.channel.isElectronic else { return .event(generator.chance(oneIn: 2) ? .voided : .canceled) }
        switch refund.state {
        case .approved where !generator.chance(oneIn: 5): return .claimed
        case .approved, .requested, .awaitingApproval: return .event(.canceled)
        case .unknown where generator.chance(oneIn: 4): return .claimed
        case .submitting, .unknown, .pending, .succeeded, .failed, .canceled, .voided, .returned:
            return .word(word(on: refund))
        }
    }

    private mutating func word(on refund: Refund) -> GatewayWord {
        let states: [GatewayReport.State] = [
            .pending, .succeeded, .succeeded, .canceled, .failed(.insufficientFunds),
        ]
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: return .refused(.expiredOrCanceledCard, code: "54", message: "Expired card")
        case 1: return .notSent("connection refused")
        case 2: return .lost("timed out")
        case 3: return .neverTaken
        case 4: return .silence
        default:
            let wrong = generator.chance(oneIn: 8) ? refund.amount.minorUnits + 1 : refund.amount.minorUnits
            return .report(
                GatewayReport(
                    state: generator.pick(states) ?? .pending,
                    amount: Money(minorUnits: wrong, currency: refund.amount.currency),
                    gatewayReference: "re_\(refund.id)",
                    networkReference: generator.chance(oneIn: 2) ? "74-\(refund.id)" : nil, code: "00",
                    message: "as the gateway says"))
        }
    }
}
