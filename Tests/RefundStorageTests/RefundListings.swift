import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// Lists of refunds.
@Suite struct `Listings of refunds` {
    private static let organization = Fixtures.organization.id

    @Test(arguments: Engine.allCases)
    func `Every query gives what a filter in memory gives, in its order`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            var chance = LifeChance(seed: 12)
            for _ in 0..<250 { try await chance.act(in: store) }
            let all = try await store.look { try $0.refunds(LifeChance.all, of: Self.organization) }
            #expect(all.count > 20)
            var generator = SeededGenerator(seed: 99)
            for _ in 0..<300 {
                let query = query(over: all, &generator)
                let found = try await store.look { try $0.refunds(query, of: Self.organization) }
                let expected = answer(query, from: all)
                #expect(found.map(\.id) == expected.map(\.id), "\(query)")
                #expect(found == expected)
            }
        }
    }

    @Test(arguments: Engine.allCases, RefundQuery.Order.allCases)
    func `Pages follow each other without gap or overlap`(engine: Engine, order: RefundQuery.Order) async throws {
        try await withFixtures(engine) { store in
            var chance = LifeChance(seed: 5)
            for _ in 0..<60 { try await chance.act(in: store) }
            for isAscending in [true, false] {
                var query = LifeChance.all
                query.order = order
                query.isAscending = isAscending
                let all = try await store.look { [query] in try $0.refunds(query, of: Self.organization) }
                var paged: [Refund] = []
                query.limit = 7
                repeat {
                    query.offset = paged.count
                    paged += try await store.look { [query] in try $0.refunds(query, of: Self.organization) }
                } while paged.count == query.offset + query.limit
                #expect(paged == all)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Another organization lists none, and no state finds none`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let source = RefundOrder.Source.payment(Fixtures.cashPayment.id, raisingNote: false)
            _ = try await store.unit { try $0.accept(RefundOrder(id: 1, source: source, minorUnits: 1)) }
            var inNoState = RefundQuery()
            inNoState.states = []
            let rows = [
                (Self.organization, RefundQuery(), 1), (Fixtures.stranger.id, RefundQuery(), 0),
                (Self.organization, inNoState, 0),
            ]
            for (organization, query, count) in rows {
                let found = try await store.look { try $0.refunds(query, of: organization) }
                #expect(found.count == count)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `A refund is shown with all that stands beside it`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let dialect = DialectName("other")
            let source = RefundOrder.Source.note(
                Fixtures.noteBehindCard.id, through: Fixtures.cardPayment.id, lines: [])
            _ = try await store.unit { session in
                try session.insertAlias(.creditNote, "CM-1", in: dialect, for: 401, of: Self.organization)
                try session.insertAlias(.creditNoteLine, "CML-1", in: dialect, for: 510, of: Self.organization)
                try session.insertAlias(.payment, "P-1", in: .native, for: 300, of: Self.organization)
                return try session.accept(RefundOrder(id: 1, source: source, minorUnits: 100))
            }
            let view = try await store.look { session in
                let refund = try session.refund(RefundID(1), of: Self.organization)
                return try refund.map { try session.view(of: $0, for: dialect, of: Self.organization) }
            }
            let shown = try #require(view)
            #expect(shown.party == Fixtures.customer)
            #expect(shown.payment?.id == Fixtures.cardPayment.id)
            #expect(shown.creditNote?.id == Fixtures.noteBehindCard.id)
            #expect(shown.method == Fixtures.card, "the method behind the payment")
            #expect(shown.payout?.refund == RefundID(1))
            #expect(shown.draws == [LineDraw(line: CreditNoteLineID(510), amount: 100)])
            #expect(shown.externalID(of: CreditNoteID(401)) == "CM-1")
            #expect(shown.externalID(of: CreditNoteLineID(510)) == "CML-1")
            #expect(shown.externalID(of: PaymentID(300)) == nil, "an alias of another dialect is not shown")
        }
    }

    private func query(over refunds: [Refund], _ generator: inout SeededGenerator) -> RefundQuery {
        var query = RefundQuery()
        query.scope = generator.pick(RefundQuery.Scope.allCases) ?? .organization
        if let one = generator.pick(refunds) {
            query.record =
                switch query.scope {
                case .organization: 0
                case .party: one.party.value
                case .payment: one.payment?.value ?? 0
                case .creditNote: one.creditNote?.value ?? 0
                }
        }
        query.order = generator.pick(RefundQuery.Order.allCases) ?? .created
        query.isAscending = generator.chance(oneIn: 2)
        query.channels = generator.pick([.any, .any, .offline, .electronic]) ?? .any
        if generator.chance(oneIn: 2) {
            query.states = RefundState.allCases.filter { _ in generator.chance(oneIn: 2) }
        }
        func bounds<Value: Comparable>(_ all: ClosedRange<Value>, _ value: (Refund) -> Value) -> ClosedRange<Value> {
            guard generator.chance(oneIn: 4), let a = generator.pick(refunds), let b = generator.pick(refunds) else {
                return all
            }
            return min(value(a), value(b))...max(value(a), value(b))
        }
        query.amounts = bounds(query.amounts) { $0.amount.minorUnits }
        query.numbers = bounds(query.numbers) { $0.number.value }
        query.effectiveOn = bounds(query.effectiveOn) { $0.effectiveOn.daysSinceEpoch }
        query.createdAt = bounds(query.createdAt) { $0.createdAt.microseconds }
        query.updatedAt = bounds(query.updatedAt) { $0.updatedAt.microseconds }
        query.identifiers = bounds(query.identifiers) { $0.id.value }
        query.limit = generator.pick([1, 5, 200]) ?? 200
        query.offset = generator.pick([0, 0, 3]) ?? 0
        return query
    }

    /// The answer, worked out the plain way.
    private func answer(_ query: RefundQuery, from refunds: [Refund]) -> [Refund] {
        let found = refunds.filter { refund in
            let isOfScope =
                switch query.scope {
                case .organization: true
                case .party: refund.party.value == query.record
                case .payment: refund.payment?.value == query.record
                case .creditNote: refund.creditNote?.value == query.record
                }
            let isOfChannel =
                switch query.channels {
                case .any: true
                case .offline: !refund.channel.isElectronic
                case .electronic: refund.channel.isElectronic
                }
            return isOfScope && isOfChannel && query.states.contains(refund.state)
                && query.amounts.contains(refund.amount.minorUnits) && query.numbers.contains(refund.number.value)
                && query.effectiveOn.contains(refund.effectiveOn.daysSinceEpoch)
                && query.createdAt.contains(refund.createdAt.microseconds)
                && query.updatedAt.contains(refund.updatedAt.microseconds)
                && query.identifiers.contains(refund.id.value)
        }
        let sorted = found.sorted { a, b in
            let (first, second) = query.isAscending ? (a, b) : (b, a)
            return (rank(first, by: query.order), first.id.value) < (rank(second, by: query.order), second.id.value)
        }
        return Array(sorted.dropFirst(query.offset).prefix(query.limit))
    }

    private func rank(_ refund: Refund, by order: RefundQuery.Order) -> Int64 {
        switch order {
        case .created: 0
        case .number: refund.number.value
        case .amount: refund.amount.minorUnits
        case .effectiveOn: Int64(refund.effectiveOn.daysSinceEpoch)
        case .updated: refund.updatedAt.microseconds
        }
    }
}
