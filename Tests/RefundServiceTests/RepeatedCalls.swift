import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// What gateways say to a call that repeats one whose answer was lost.
@Suite struct `A repeated call` {
    private static let refusal = GatewayError.refused(.unknown, code: "account_restricted", message: "Not now.")

    @Test(arguments: Engine.allCases, ElectronicSource.allCases)
    func `That is refused does not end a refund whose first call was carried out`(
        engine: Engine, source: ElectronicSource
    ) async throws {
        try await withBooks(engine) { store in
            try await ElectronicSource.put(card: "0042", in: store)
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            gateway.say(.succeeded)
            gateway.fail(1, with: .ambiguous("no answer in time"))
            try await node.running {
                let view = try await node.operations.refund(source.request("25.00"))
                #expect(view.refund.state == .unknown)
                gateway.fail(1, with: Self.refusal)
                try await node.pass(.seconds(30))
                let refused = try await node.operations.now(view)
                #expect(refused.refund.state == .unknown)
                #expect(refused.payout?.attempt == 2)
                try await source.expectHeld(refused, on: node)
                #expect(try await node.operations.verify().exceptions.map(\.refund) == [view.refund.id])

                try await node.pass(.seconds(3_600))
                let found = try await node.operations.now(view)
                #expect(found.refund.state == .succeeded)
                #expect(found.payout?.attempt == 2, "its status was asked; it was not sent again")
                try await source.expectHeld(found, on: node)
                #expect(try await node.operations.breaches() == [])
            }
        }
    }

    @Test func `That is refused once is not made again, though the key is still known`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway(isSureOfWhatItLacks: false)
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                gateway.fail(1, with: .misunderstood("an answer that cannot be read"), beforeItArrives: true)
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                gateway.fail(1, with: Self.refusal, beforeItArrives: true)
                for _ in 0..<5 { try await node.pass(.seconds(3_600)) }
                let current = try await node.operations.now(view)
                #expect(current.refund.state == .unknown)
                #expect(current.payout?.attempt == 2)
                #expect(try await node.operations.breaches() == [])
            }
        }
    }

    @Test func `That hears the kept refusal of its key ends the refund`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            gateway.fail(1, with: .ambiguous("no answer in time"))
            try await node.running {
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                gateway.fail(
                    1, with: .refused(.insufficientFunds, code: "51", message: "no", isKeptAnswer: true))
                try await node.pass(.seconds(30))
                let ended = try await node.operations.now(view)
                #expect(ended.refund.state == .failed)
                #expect(ended.refund.failureReason == .insufficientFunds)
                #expect(try await node.payment(Fixtures.cardPayment).balance.taken == 0)
            }
        }
    }
}

@Suite struct `A status check` {
    @Test(arguments: Engine.allCases)
    func `That was answered after its lease had ended overwrites no newer answer`(engine: Engine) async throws {
        try await withBooks(engine) { store in
            let (gateway, clock) = (FickleGateway(), ServiceClock(at: Fixtures.now))
            let slow = ServiceNode(store: store, clock: clock, gateway: gateway)
            let quick = ServiceNode(store: store, clock: clock, gateway: gateway)
            gateway.say(.pending)
            try await slow.running {
                let view = try await slow.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                #expect(view.refund.state == .pending)
                gateway.duringTheNextCall {
                    gateway.say(.succeeded)
                    // A task of its own: the slow node is stopping meanwhile, which its children hear of.
                    try? await Task.detached { try await quick.pass(Limits.attemptLease + .seconds(1)) }.value
                    // What the slow node hears is what the gateway said before that.
                    gateway.say(.failed(.insufficientFunds))
                }
                try await slow.pass(.seconds(30))
                gateway.say(.succeeded)
                let current = try await slow.operations.now(view)
                #expect(current.refund.state == .succeeded)
                #expect(try await slow.payment(Fixtures.cardPayment).balance.refunded == 2_500)
                #expect(try await slow.operations.breaches() == [])
            }
        }
    }
}
