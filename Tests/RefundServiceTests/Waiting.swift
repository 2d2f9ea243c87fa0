import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A caller who waits for what the gateway says.
@Suite struct `The wait for an outcome` {
    private static let latency = Duration.seconds(12)

    private func withSlowGateway(_ body: (ServiceNode, SimulatorBook) async throws -> Void) async throws {
        let config = SimulatorConfig(seed: 7, latency: Self.latency...Self.latency)
        try await withNode(config: config, body)
    }

    @Test func `Ends in time with the state reached, and the outcome is recorded later`() async throws {
        try await withSlowGateway { node, book in
            let view = try await node.runningToTheEnd {
                let call = Task { try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00")) }
                await node.clock.untilSomebodySleeps(for: Self.latency)
                await node.clock.untilSomebodySleeps(for: Limits.outcomeWait)
                node.clock.move(by: Limits.outcomeWait)
                let view = try await call.value
                #expect(view.refund.state == .submitting)
                #expect(try await node.payment(Fixtures.cardPayment).balance.reserved == 2_500)
                node.clock.move(by: Self.latency - Limits.outcomeWait)
                return view
            }
            #expect(try await node.operations.now(view).refund.state == .succeeded)
            #expect(book.effects().count == 1)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Ends with the caller, and the outcome is recorded all the same`() async throws {
        try await withSlowGateway { node, book in
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00", key: "a")
            try await node.runningToTheEnd {
                let call = Task { await node.operations.answer(to: request) }
                await node.clock.untilSomebodySleeps(for: Self.latency)
                await node.clock.untilSomebodySleeps(for: Limits.outcomeWait)
                call.cancel()
                let left = try await call.value.get()
                #expect(left.refund.state == .submitting, "it is accepted, whoever hears of it")
                node.clock.move(by: Self.latency)
            }
            let again = try await node.operations.refund(request)
            #expect(again.refund.state == .succeeded)
            #expect(book.effects().count == 1)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `A caller who left before being heard changes nothing`() async throws {
        try await withService { node, book in
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00")
            let answer = await withTaskGroup(of: Result<RefundView, Failure>.self) { group in
                group.cancelAll()
                group.addTask { await node.operations.answer(to: request) }
                return await group.next()
            }
            #expect(answer?.failure == .unavailable)
            #expect(try await node.payment(Fixtures.cardPayment).balance.taken == 0)
            #expect(book.effects().isEmpty)
        }
    }

    @Test func `Does not begin where no calls are taken, and a worker sends the refund later`() async throws {
        try await withNode { node, book in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
            #expect(view.refund.state == .approved)
            #expect(book.effects().isEmpty)
            try await node.workOff()
            #expect(try await node.operations.now(view).refund.state == .succeeded)
            #expect(book.effects().count == 1)
            #expect(try await node.operations.breaches() == [])
        }
    }
}

/// `Refundry-Expected-Remaining`: what a caller believes is left.
@Suite struct `An expected remainder` {
    @Test(arguments: [
        RequestRefund.Source.payment(Fixtures.cashPayment), .payment(Fixtures.cardPayment),
        .payment(Fixtures.cashPayment, raisingNote: true), .note(Fixtures.openNote), .note(Fixtures.appliedNote),
        .note(Fixtures.noteBehindCard),
    ])
    func `Lets a refund pass where it is true, and names the true one where it is not`(
        source: RequestRefund.Source
    ) async throws {
        try await withService { node, _ in
            let before = try #require(Self.remaining[source])
            let wrong = await node.operations.answer(to: try .of(source, "1.00", expecting: decimal(before - 1)))
            let present = Money(minorUnits: before, currency: Fixtures.rupee)
            #expect(wrong.refusal == .remainingChanged(present))
            _ = try await node.operations.refund(.of(source, "1.00", expecting: decimal(before)))
            let stale = await node.operations.answer(to: try .of(source, "1.00", expecting: decimal(before)))
            #expect(stale.refusal == .remainingChanged(Money(minorUnits: before - 100, currency: Fixtures.rupee)))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Is told before the shortfall, and after the replay of the key`() async throws {
        try await withService { node, _ in
            let source = RequestRefund.Source.payment(Fixtures.cashPayment)
            let request = try RefundRequest.of(source, "400.00", expecting: "500.00", key: "a")
            let first = try await node.operations.refund(request)
            #expect(try await node.operations.refund(request).refund == first.refund)
            let stale = await node.operations.answer(to: try .of(source, "400.00", expecting: "500.00", key: "b"))
            #expect(stale.refusal == .remainingChanged(Money(minorUnits: 10_000, currency: Fixtures.rupee)))
        }
    }

    private static let remaining: [RequestRefund.Source: Int64] = [
        .payment(Fixtures.cashPayment): 50_000, .payment(Fixtures.cardPayment): 100_000,
        .payment(Fixtures.cashPayment, raisingNote: true): 50_000, .note(Fixtures.openNote): 23_600,
        .note(Fixtures.appliedNote): 4_000, .note(Fixtures.noteBehindCard): 11_800,
    ]
}

/// Equal requests without a key, while the outcome of the first is open.
@Suite struct `A duplicate without a key` {
    /// An amount whose refund stays in a state, and whether a setting then holds its duplicate back.
    private static let table: [(hold: DuplicateHold, amount: String, state: RefundState, isHeld: Bool)] = [
        (.unknown, "67.03", .unknown, true), (.unknown, "67.07", .pending, false),
        (.unknown, "25.00", .succeeded, false), (.unresolved, "67.03", .unknown, true),
        (.unresolved, "67.07", .pending, true), (.unresolved, "25.00", .succeeded, false),
        (.unresolved, "66.01", .failed, false), (.off, "67.03", .unknown, false), (.off, "67.07", .pending, false),
    ]

    @Test(arguments: table.indices)
    func `Is held back by the setting and the state of the first`(row: Int) async throws {
        let (hold, amount, state, isHeld) = Self.table[row]
        try await withService { node, _ in
            var organization = Fixtures.organization
            organization.settings.duplicateHold = hold
            _ = try await node.operations.putOrganization(organization)
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), amount)
            let first = try await node.operations.refund(request)
            #expect(first.refund.state == state)
            let second = await node.operations.answer(to: request)
            #expect(second.refusal == (isHeld ? .duplicateUnresolved(first.refund.number) : nil))
            let other = await node.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "1.00"))
            #expect(other.failure == nil)
            let keyed = await node.operations.answer(to: try .of(.payment(Fixtures.cardPayment), amount, key: "a"))
            #expect(keyed.failure == nil)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Passes once the first is resolved`() async throws {
        try await withService { node, _ in
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "67.03")
            let first = try await node.operations.refund(request)
            let resolution = Resolution(
                outcome: .failed, failure: nil, reason: "asked them", evidence: "ticket 7", person: "ana")
            _ = try await node.operations.resolveRefund(
                reference(first.refund.id), of: Fixtures.organization.id, as: resolution)
            #expect(await node.operations.answer(to: request).failure == nil)
        }
    }
}
