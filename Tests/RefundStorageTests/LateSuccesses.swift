import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// What a success writes that comes after all was given back.
@Suite struct `Late successes` {
    private static let organization = Fixtures.organization.id
    private static let late = RefundID(1)
    private static let success = RefundAction.word(.report(.of(500, .succeeded)))
    private static let failure = RefundAction.word(.report(.of(500, .failed(.unknown))))

    private static let sources: [RefundOrder.Source] = [
        .payment(Fixtures.cardPayment.id, raisingNote: false), .payment(Fixtures.cardPayment.id, raisingNote: true),
        .note(Fixtures.noteBehindCard.id, through: Fixtures.cardPayment.id, lines: []),
        .note(
            Fixtures.noteBehindCard.id, through: Fixtures.cardPayment.id,
            lines: [LineDraw(line: CreditNoteLineID(511), amount: 500)]),
    ]

    @Test(arguments: Engine.allCases, sources.indices)
    func `They draw what is left, over-refund by the rest, and a return undoes exactly that`(
        engine: Engine, source: Int
    ) async throws {
        for left in [nil, 0, 1, 499] as [Int64?] {
            try await withFixtures(engine) { store in
                _ = try await store.unit { try $0.accept(Self.order(Self.sources[source])) }
                _ = try await store.unit { try $0.apply(.word(.neverTaken), to: Self.late) }
                if let left { try await Self.leave(left, in: store) }
                for second in [1, 2] as [Int64] {
                    try await expectRoundTrip(Fixtures.now + .seconds(second), left, store)
                }
                #expect(try await store.look { try $0.exceptions() }.map(\.refund) == [Self.late])
            }
        }
    }

    /// Lets the refund succeed with so much left of its payment, and be returned.
    private func expectRoundTrip(_ now: Instant, _ left: Int64?, _ store: any Store) async throws {
        let before = try await store.look { try Books($0) }
        _ = try await store.unit { try $0.apply(Self.success, to: Self.late, at: now) }
        let held = try await store.look { try Books($0) }
        #expect(held.complaints == [])
        #expect(try await store.look { try $0.breaches() } == [])
        let refund = try #require(held.refunds.first { $0.id == Self.late })
        #expect(refund.state == .succeeded)
        let payment = try #require(held.payments.first { $0.id == Fixtures.cardPayment.id }?.balance)
        #expect(payment.overRefunded == 500 - (left ?? 500))

        _ = try await store.unit { try $0.apply(Self.failure, to: Self.late, at: now) }
        let after = try await store.look { try Books($0) }
        #expect(after.complaints == [])
        #expect(try await store.look { try $0.breaches() } == [])
        #expect(after.payments == before.payments)
        #expect(after.notes == before.notes)
        #expect(after.lines == before.lines)
        let own = after.postings[Self.late.value] ?? []
        for (account, lines) in Dictionary(grouping: own, by: \.account) where account != "customer_credit" {
            #expect(lines.map(\.amount.minorUnits).reduce(0, +) == 0, "\(account)")
            #expect(lines.map(\.baseMinorUnits).reduce(0, +) == 0, "\(account)")
        }
    }

    @Test(arguments: Engine.allCases)
    func `They draw on the lines that have something left, in place of those they once drew on`(
        engine: Engine
    ) async throws {
        try await withFixtures(engine) { store in
            _ = try await store.unit { try $0.accept(Self.order(Self.sources[3])) }
            _ = try await store.unit { try $0.apply(.word(.neverTaken), to: Self.late) }
            // All of the tax line but 100 is taken by another.
            let other = RefundOrder(
                id: 2,
                source: .note(
                    Fixtures.noteBehindCard.id, through: nil,
                    lines: [LineDraw(line: CreditNoteLineID(511), amount: 1_700)]),
                minorUnits: 1_700, way: .offline(.cash))
            _ = try await store.unit { try $0.accept(other) }
            _ = try await store.unit { try $0.apply(Self.success, to: Self.late) }
            let draws = try await store.look { try $0.draws(of: Self.late, of: Self.organization) }
            #expect(
                draws == [
                    LineDraw(line: CreditNoteLineID(510), amount: 400),
                    LineDraw(line: CreditNoteLineID(511), amount: 100),
                ])
            #expect(try await store.look { try Books($0).complaints } == [])
        }
    }

    @Test(arguments: Engine.allCases, sources.indices)
    func `Decided before its source moved, they are written all the same, and the figures hold`(
        engine: Engine, source: Int
    ) async throws {
        try await withFixtures(engine) { store in
            _ = try await store.unit { try $0.accept(Self.order(Self.sources[source])) }
            _ = try await store.unit { try $0.apply(.word(.neverTaken), to: Self.late) }
            let facts = try await store.look { try $0.facts(of: Self.late) }
            let change = try decide(Self.success, given: facts)
            try await Self.leave(0, in: store)
            _ = try await store.unit { session in
                guard try session.record(change, on: facts) else { throw Refusal() }
            }
            let books = try await store.look { try Books($0) }
            #expect(books.complaints == [])
            #expect(try await store.look { try $0.breaches() } == [])
            let payment = try #require(books.payments.first { $0.id == Fixtures.cardPayment.id }?.balance)
            #expect(payment.overRefunded == 500)
        }
    }

    @Test(arguments: UInt64(0)..<4)
    func `Of several on one payment, with requests at two nodes meanwhile, none takes what another took`(
        seed: UInt64
    ) async throws {
        try await withPostgresSchema { address in
            let nodes = [try PostgresStore(address), try PostgresStore(address)]
            try await Fixtures.put(in: nodes[0])
            for id in Int64(1)...12 {
                let source = Self.sources[Int(id) % 3]
                _ = try await nodes[0].unit {
                    try $0.accept(RefundOrder(id: id, source: source, minorUnits: 500, isClaimed: true))
                }
                _ = try await nodes[0].unit { try $0.apply(.word(.neverTaken), to: RefundID(id)) }
            }
            try await Self.leave(2_000, in: nodes[0])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in Int64(1)...12 {
                    let node = nodes[Int(id) % 2]
                    group.addTask { try await Self.succeed(RefundID(id), on: node) }
                    let order = RefundOrder(id: 100 + id, source: Self.sources[0], minorUnits: Int64(seed) * 90 + 1)
                    group.addTask { _ = await node.word { _ = try $0.accept(order) } }
                }
                try await group.waitForAll()
            }
            let books = try await nodes[1].look { try Books($0) }
            #expect(books.complaints == [])
            #expect(try await nodes[1].look { try $0.breaches() } == [])
            #expect(books.refunds.filter { $0.id.value <= 12 }.allSatisfy { $0.state == .succeeded })
            let payment = try #require(books.payments.first { $0.id == Fixtures.cardPayment.id }?.balance)
            #expect(payment.overRefunded >= 4_000)
            for node in nodes { await node.close() }
        }
    }

    /// Tells a node of a success until it is written: where a source has moved, it is decided again.
    private static func succeed(_ refund: RefundID, on store: any Store) async throws {
        let success = RefundAction.word(
            .report(
                GatewayReport(
                    state: .succeeded, amount: Money(minorUnits: 500, currency: Fixtures.rupee),
                    gatewayReference: "re_\(refund)")))
        for _ in 0..<100 {
            do {
                _ = try await store.unit { try $0.apply(success, to: refund) }
                return
            } catch is Refusal {}
        }
        Issue.record("refund \(refund) found no moment in which its sources stood still")
    }

    private static func order(_ source: RefundOrder.Source) -> RefundOrder {
        RefundOrder(id: late.value, source: source, minorUnits: 500, isClaimed: true)
    }

    /// Lets others take all of the card payment, and of the note before it, but so much.
    private static func leave(_ left: Int64, in store: any Store) async throws {
        let note = RefundOrder.Source.note(Fixtures.noteBehindCard.id, through: nil, lines: [])
        let orders = [
            RefundOrder(
                id: 50, source: sources[0], minorUnits: Fixtures.cardPayment.balance.captured - left,
                way: .offline(.cash)),
            RefundOrder(
                id: 51, source: note, minorUnits: Fixtures.noteBehindCard.balance.total - left, way: .offline(.cash)),
        ]
        for order in orders { _ = try await store.unit { try $0.accept(order) } }
    }
}
