import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Refunds that did not reach the customer, and are made again.
@Suite struct `A retry` {
    private static let organization = Fixtures.organization.id

    private func withFailed(
        _ engine: Engine, _ source: ElectronicSource, key: String? = nil,
        _ body: (ServiceNode, FickleGateway, RefundRequest, RefundView) async throws -> Void
    ) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                try await ElectronicSource.put(card: "0042", in: store)
                let request = try RefundRequest.of(source.source, "100.00", way: source.way, key: key)
                let first = try await node.operations.refund(request)
                #expect(first.refund.state == .failed)
                try await body(node, gateway, request, first)
            }
        }
    }

    /// It was the same row under a key of another attempt: a late success of the first and the second paid twice, and
    /// nobody could see it.
    @Test(arguments: Engine.allCases, ElectronicSource.allCases)
    func `Of a failed refund is a new one with a number and a key of its own`(
        engine: Engine, source: ElectronicSource
    ) async throws {
        try await withFailed(engine, source, key: "a") { node, gateway, request, first in
            gateway.say(.succeeded)
            let again = try await node.operations.retryRefund(reference(first.refund.id), of: Self.organization)
            gateway.say(.failed(.unknown))
            #expect(again.refund.id != first.refund.id)
            #expect(again.refund.number != first.refund.number)
            #expect(again.refund.retryOf == first.refund.id)
            #expect(again.refund.state == .succeeded)
            #expect(again.refund.amount == first.refund.amount)
            #expect(again.refund.channel == first.refund.channel)
            #expect(again.refund.payment == first.refund.payment)
            #expect(again.payout?.target == first.payout?.target)
            #expect(again.draws.map(\.line) == first.draws.map(\.line))
            #expect(Set(gateway.keysSent).count == 2)

            let replayed = try await node.operations.refund(request)
            #expect(replayed.refund.id == first.refund.id)
            #expect(replayed.retriedAs == again.refund.id)
            let twice = try await node.operations.retryRefund(reference(first.refund.id), of: Self.organization)
            #expect(twice.refund.id == again.refund.id)
            try await node.workOff()
            #expect(gateway.keysSent.count == 2)
            #expect(gateway.refundsAsked == [first.refund.id], "the first one stays watched")
            #expect(try await node.operations.now(first).refund.state == .failed)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of one refund is made once, however many ask for it at once`(engine: Engine) async throws {
        try await withFailed(engine, .payment) { node, gateway, _, first in
            gateway.say(.pending)
            let made = await Self.retries(8, of: first, on: node)
            #expect(made.count == 1)
            #expect(Set(gateway.keysSent).count == 2)
            let payment = try await node.operations.now(first).payment
            #expect(payment?.balance.reserved == 10_000)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Is decided on as any refund, and changes nothing where it is refused`() async throws {
        try await withFailed(.sqliteInMemory, .payment) { node, gateway, _, first in
            gateway.say(.succeeded)
            _ = try await node.operations.refund(.of(ElectronicSource.payment.source, "450.00"))
            await #expect(throws: Failure.self) {
                try await node.operations.retryRefund(reference(first.refund.id), of: Self.organization)
            }
            #expect(try await node.operations.now(first).retriedAs == nil)
            #expect(gateway.keysSent.count == 2)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Leaves the first one watched, whose late success is recorded and seen`() async throws {
        try await withFailed(.sqliteInMemory, .payment) { node, gateway, _, first in
            gateway.say(.succeeded)
            let again = try await node.operations.retryRefund(reference(first.refund.id), of: Self.organization)
            #expect(again.refund.state == .succeeded)
            try await node.workOff()
            let late = try await node.operations.now(first)
            #expect(late.refund.state == .succeeded)
            #expect(late.retriedAs == again.refund.id)
            #expect(late.payment?.balance.refunded == 20_000)
            let verification = try await node.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.exceptions.map(\.refund) == [first.refund.id])
        }
    }

    @Test func `Of what is canceled or came back is a new refund as well`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            let canceled = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "10.00"))
            _ = try await node.operations.cancelRefund(
                reference(canceled.refund.id), of: Self.organization, by: "person:ana", remark: "")
            gateway.say(.succeeded)
            try await node.running {
                let returned = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "20.00"))
                gateway.say(.failed(.expiredOrCanceledCard))
                try await node.pass(.seconds(86_400))
                #expect(try await node.operations.now(returned).refund.state == .returned)
                gateway.say(.pending)
                for first in [canceled, returned] {
                    let again = try await node.operations.retryRefund(
                        reference(first.refund.id), of: Self.organization, by: Fixtures.client)
                    #expect(again.refund.retryOf == first.refund.id)
                    #expect(again.refund.createdBy == Fixtures.client)
                    #expect(again.refund.state == .pending)
                }
            }
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Of what is open is a look at it, and of what was handed over nothing`() async throws {
        try await withService { node, _ in
            let open = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.01"))
            let same = try await node.operations.retryRefund(reference(open.refund.id), of: Self.organization)
            #expect(same.refund.id == open.refund.id)
            let cash = try await node.operations.refund(.of(.payment(Fixtures.cashPayment), "1.00"))
            await #expect(throws: Failure.refund(.stepNotAllowed(from: .succeeded, event: .claimed))) {
                try await node.operations.retryRefund(reference(cash.refund.id), of: Self.organization)
            }
        }
    }

    /// The refunds that so many callers get who retry one at once; those who are told to wait get none.
    private static func retries(_ count: Int, of first: RefundView, on node: ServiceNode) async -> Set<RefundID> {
        await withTaskGroup(of: RefundID?.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let again = try? await node.operations.retryRefund(
                        reference(first.refund.id), of: organization)
                    return again?.refund.id
                }
            }
            var made: Set<RefundID> = []
            for await id in group { if let id { made.insert(id) } }
            return made
        }
    }
}
