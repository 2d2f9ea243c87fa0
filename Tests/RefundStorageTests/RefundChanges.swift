import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// What a change of a refund writes, and when it writes nothing.
@Suite struct `Changes of refunds` {
    private static let organization = Fixtures.organization.id
    private static let onCard = RefundOrder.Source.payment(Fixtures.cardPayment.id, raisingNote: false)

    @Test(arguments: Engine.allCases)
    func `An accepted refund holds its sources, and a released one gives back exactly what it drew`(
        engine: Engine
    ) async throws {
        try await withFixtures(engine) { store in
            let source = RefundOrder.Source.note(
                Fixtures.noteBehindCard.id, through: Fixtures.cardPayment.id,
                lines: [
                    LineDraw(line: CreditNoteLineID(510), amount: 4_000),
                    LineDraw(line: CreditNoteLineID(511), amount: 720),
                ])
            _ = try await store.unit { try $0.accept(RefundOrder(id: 1, source: source, minorUnits: 4_720)) }
            #expect(try await holdings(in: store) == Holdings(4_720, refunded: 0, note: 4_720, lines: [4_000, 720]))
            _ = try await store.unit { try $0.apply(.claimed, to: RefundID(1)) }
            #expect(try await holdings(in: store) == Holdings(4_720, refunded: 0, note: 4_720, lines: [4_000, 720]))
            _ = try await store.unit { try $0.apply(.word(.report(.of(4_720, .succeeded))), to: RefundID(1)) }
            #expect(try await holdings(in: store) == Holdings(0, refunded: 4_720, note: 4_720, lines: [4_000, 720]))
            _ = try await store.unit { try $0.apply(.word(.report(.of(4_720, .failed(.unknown)))), to: RefundID(1)) }
            #expect(try await holdings(in: store) == Holdings(0, refunded: 0, note: 0, lines: [0, 0]))
            let kept = try await store.look { try $0.draws(of: RefundID(1), of: Self.organization).count }
            #expect(kept == 2, "what it once drew is history")
        }
    }

    @Test(arguments: Engine.allCases)
    func `A refund without lines named draws on them first in, first out`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let source = RefundOrder.Source.note(Fixtures.openNote.id, through: nil, lines: [])
            for (id, amount, drawn) in [
                (1, 16_000, [15_000, 1_000, 0, 0]), (2, 7_600, [15_000, 2_700, 5_000, 900]),
            ] as [(Int64, Int64, [Int64])] {
                _ = try await store.unit { try $0.accept(RefundOrder(id: id, source: source, minorUnits: amount)) }
                let lines = try await store.look { session in
                    try session.lines(of: Fixtures.openNote.id, of: Self.organization).rows()
                }
                #expect(lines.map(\.drawn) == drawn)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `The note that a refund raises for itself is spent from the start, and void with it`(
        engine: Engine
    ) async throws {
        try await withFixtures(engine) { store in
            let source = RefundOrder.Source.payment(Fixtures.cardPayment.id, raisingNote: true)
            let decision = try await store.unit {
                try $0.accept(RefundOrder(id: 1, source: source, minorUnits: 900, isClaimed: true))
            }
            let raised = try #require(decision.raisedNote)
            #expect(try await store.look { try $0.creditNote(raised.id, of: Self.organization) } == raised)
            #expect(raised.isSpent)
            _ = try await store.unit {
                try $0.apply(.word(.refused(.insufficientFunds, code: "51", message: "no")), to: RefundID(1))
            }
            let after = try #require(try await store.look { try $0.creditNote(raised.id, of: Self.organization) })
            #expect(after.state == .void)
            #expect(after.balance.drawn == 0)
            #expect(try await store.look { try $0.breaches() } == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A change that was decided on an earlier step writes nothing`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            _ = try await store.unit { try $0.accept(RefundOrder(id: 1, source: Self.onCard, minorUnits: 500)) }
            let facts = try await store.look { try $0.facts(of: RefundID(1)) }
            let canceled = try decide(.event(.canceled), given: facts)
            let claimed = try decide(.claimed, given: facts)
            #expect(try await store.unit { try $0.record(claimed, on: facts) })
            let before = try await store.look { try Books($0) }
            for stale in [canceled, claimed] {
                await #expect(throws: Refusal.self) {
                    try await store.unit { session in
                        guard try session.record(stale, on: facts) else { throw Refusal() }
                    }
                }
            }
            #expect(try await store.look { try Books($0) } == before)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of two nodes that take one attempt, one sends`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let order = RefundOrder(id: 1, source: Self.onCard, minorUnits: 500, isClaimed: true)
            _ = try await store.unit { try $0.accept(order) }
            _ = try await store.unit { try $0.apply(.word(.lost("timed out")), to: RefundID(1)) }
            // An unknown refund keeps its step while it is sent again: the attempt alone tells who was first.
            let facts = try await store.look { try $0.facts(of: RefundID(1)) }
            let claimed = try decide(.claimed, given: facts)
            let heard = try await inOneGroup(store, count: 5) { _, session in
                guard try session.record(claimed, on: facts) else { throw Refusal() }
            }
            #expect(heard.map(\.word) == ["()", "refused", "refused", "refused", "refused"])
            let payout = try await store.look { try $0.payout(of: RefundID(1), of: Self.organization) }
            #expect(payout?.attempt == 2)
            #expect(payout?.key == "refund-10-1", "the key is the intent's, whatever the attempt")
        }
    }

    @Test(arguments: Engine.allCases)
    func `Many that learn the same outcome at once write it once`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let order = RefundOrder(id: 1, source: Self.onCard, minorUnits: 500, isClaimed: true)
            _ = try await store.unit { try $0.accept(order) }
            let facts = try await store.look { try $0.facts(of: RefundID(1)) }
            let words: [GatewayWord] = [.report(.of(500, .succeeded)), .lost("timed out"), .neverTaken]
            let written = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<30 {
                    group.addTask {
                        let change = try decide(.word(words[index % words.count]), given: facts)
                        return await store.word { session in
                            guard try session.record(change, on: facts) else { throw Refusal() }
                        } == "()" ? 1 : 0
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(written == 1)
            let complaints = try await store.look { try Books($0).complaints }
            #expect(complaints == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A word that contradicts what is final is kept for a person, and changes nothing else`(
        engine: Engine
    ) async throws {
        try await withFixtures(engine) { store in
            let order = RefundOrder(id: 1, source: Self.onCard, minorUnits: 500, isClaimed: true)
            _ = try await store.unit { try $0.accept(order) }
            _ = try await store.unit { try $0.apply(.word(.neverTaken), to: RefundID(1)) }
            let before = try await store.look { try Books($0) }
            for _ in 0..<2 {
                _ = try await store.unit { try $0.apply(.word(.report(.of(499, .succeeded))), to: RefundID(1)) }
            }
            let after = try await store.look { try Books($0) }
            #expect(after.refunds == before.refunds)
            #expect(after.payments == before.payments)
            #expect(after.history == before.history)
            let exceptions = try await store.look { try $0.exceptions().map { ($0.refund?.value, $0.detail) } }
            #expect(exceptions.map(\.0) == [1], "the same word at the same moment is one exception")
            #expect(exceptions.first?.1.contains("reports 4.99") == true)
            #expect(try await store.look { try $0.breaches() } == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A past refund is counted and posted, and nothing is due of it after a month`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let lines = Fixtures.noteBehindCardLines
            for (id, state) in [(1, RefundState.succeeded), (2, .failed)] as [(Int64, RefundState)] {
                let past = PastRefund(
                    refund: past(id, state), gatewayReference: "re_\(id)", networkReference: "", charge: "")
                try await store.unit { session in
                    let amount = past.refund.amount.minorUnits
                    let allocations = [PaymentAllocation(payment: Fixtures.cardPayment.id, amount: amount)]
                    let decision = try takeOver(
                        past, allocations: allocations, lacking: 0, lines: lines, by: "person:load",
                        at: Fixtures.now + .seconds(40 * 86_400))
                    try session.record(decision, requestDigest: nil, for: Self.organization)
                    guard state.hold == .spent else { return }
                    let moved = try session.move(
                        reserving: 0, refunding: amount, on: Fixtures.cardPayment.id, of: Self.organization)
                    _ = try session.drawUpTo(amount, on: Fixtures.noteBehindCard.id, of: Self.organization)
                    try session.moveBackings(
                        allocations, of: Fixtures.noteBehindCard.id, sign: 1, for: Self.organization)
                    try session.insert(
                        try pastJournal(
                            of: past.refund,
                            moving: SourceMovement(drawnOnNote: amount, overRefunded: moved.overRefunded),
                            base: Fixtures.rupee),
                        for: Self.organization)
                }
            }
            #expect(try await holdings(in: store) == Holdings(0, refunded: 600, note: 600, lines: [600, 0]))
            #expect(try await store.look { try $0.breaches() } == [])
            let due = try await store.look { try $0.duePayouts(at: Instant(microseconds: .max), atMost: 10) }
            #expect(due == [])
        }
    }

    private func past(_ id: Int64, _ state: RefundState) -> Refund {
        Refund(
            id: RefundID(id), number: RefundNumber(id), party: Fixtures.customer.id, payment: Fixtures.cardPayment.id,
            creditNote: Fixtures.noteBehindCard.id, method: nil,
            amount: Money(minorUnits: 600, currency: Fixtures.rupee), rate: .one,
            channel: .electronic(Fixtures.gateway), state: state, step: 1, reason: nil, initiator: .merchant,
            description: "", reference: "", effectiveOn: Fixtures.today, createdAt: Fixtures.now,
            updatedAt: Fixtures.now, settledAt: nil, createdBy: Fixtures.client, failureReason: nil,
            noteRemainingAfter: nil, annotations: "")
    }

    private func holdings(in store: any Store) async throws -> Holdings {
        try await store.look { session in
            let payment = try session.payment(Fixtures.cardPayment.id, of: Self.organization)?.balance
            let note = try session.creditNote(Fixtures.noteBehindCard.id, of: Self.organization)?.balance
            let lines = try session.lines(of: Fixtures.noteBehindCard.id, of: Self.organization).rows()
            return Holdings(
                payment?.reserved ?? -1, refunded: payment?.refunded ?? -1, note: note?.drawn ?? -1,
                lines: lines.map(\.drawn))
        }
    }
}

/// What the refunds hold of the card payment, of the note before it, and of that note's lines.
private struct Holdings: Equatable {
    let reserved: Int64
    let refunded: Int64
    let note: Int64
    let lines: [Int64]

    init(_ reserved: Int64, refunded: Int64, note: Int64, lines: [Int64]) {
        self.reserved = reserved
        self.refunded = refunded
        self.note = note
        self.lines = lines
    }
}

extension GatewayReport {
    /// A report on so many rupees' minor units.
    static func of(_ minorUnits: Int64, _ state: State) -> GatewayReport {
        GatewayReport(
            state: state, amount: Money(minorUnits: minorUnits, currency: Fixtures.rupee),
            gatewayReference: "re_\(minorUnits)")
    }
}
