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
