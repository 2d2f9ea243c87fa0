import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// What gateways charge for refunds.
@Suite struct `A gateway's fee` {
    private static let organization = Fixtures.organization.id

    private static func fee(_ reference: String, _ minorUnits: Int64) throws -> GatewayFee {
        try #require(
            GatewayFee(
                reference: reference, amount: Money(minorUnits: minorUnits, currency: Fixtures.rupee),
                settled: Money(minorUnits: 250_00, currency: Fixtures.rupee)))
    }

    private func withGateway(
        _ engine: Engine, _ body: (ServiceNode, FickleGateway) async throws -> Void
    ) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway()
            gateway.say(.succeeded)
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running { try await body(node, gateway) }
            #expect(try await node.operations.breaches() == [])
        }
    }

    private func charged(_ view: RefundView, on node: ServiceNode) async throws -> [String] {
        try await node.operations.retrieveHistory(of: reference(view.refund.id), of: Self.organization).fees.map {
            "\($0.fee.reference) \($0.postings.map { "\($0.account) \($0.amount)" }.joined(separator: ", "))"
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is posted once, however often it is told`(engine: Engine) async throws {
        try await withGateway(engine) { node, gateway in
            gateway.charge([try Self.fee("txn_1", 3_50)])
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
            let once = ["txn_1 gateway_fees 3.50 INR, gateway_clearing:simulator -3.50 INR"]
            #expect(try await charged(view, on: node) == once)
            for _ in 0..<3 { try await node.pass(.seconds(31 * 86_400)) }
            #expect(try await charged(view, on: node) == once)
        }
    }

    @Test func `Is posted when it is told later, beside the one of the failure`() async throws {
        try await withGateway(.sqliteInMemory) { node, gateway in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
            #expect(try await charged(view, on: node) == [])
            gateway.charge([try Self.fee("txn_1", 3_50)])
            try await node.pass(.seconds(86_400))
            #expect(try await charged(view, on: node).count == 1)
            gateway.say(.failed(.expiredOrCanceledCard))
            gateway.charge([try Self.fee("txn_1", 3_50), try Self.fee("txn_2", -3_50), try Self.fee("txn_3", 15_00)])
            try await node.pass(.seconds(6 * 86_400))
            #expect(try await node.operations.now(view).refund.state == .returned)
            #expect(
                try await charged(view, on: node) == [
                    "txn_1 gateway_fees 3.50 INR, gateway_clearing:simulator -3.50 INR",
                    "txn_2 gateway_fees -3.50 INR, gateway_clearing:simulator 3.50 INR",
                    "txn_3 gateway_fees 15.00 INR, gateway_clearing:simulator -15.00 INR",
                ])
        }
    }

    @Test func `Of a refund of another amount is not believed`() async throws {
        try await withGateway(.sqliteInMemory) { node, gateway in
            gateway.charge([try Self.fee("txn_1", 3_50)])
            gateway.give(Money(minorUnits: 1, currency: Fixtures.rupee))
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
            #expect(view.refund.state == .unknown)
            #expect(try await charged(view, on: node) == [])
        }
    }

    @Test func `That cannot be posted keeps no outcome from being recorded, and a person is told`() async throws {
        try await withGateway(.sqliteInMemory) { node, gateway in
            let vast = Money(minorUnits: .max, currency: Fixtures.dollar)
            gateway.charge([
                try #require(
                    GatewayFee(reference: "txn_1", amount: vast, settled: Money(minorUnits: 1, currency: vast.currency))
                )
            ])
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
            #expect(view.refund.state == .succeeded)
            #expect(try await charged(view, on: node) == [])
            let exceptions = try await node.operations.verify().exceptions
            #expect(exceptions.map(\.detail) == ["a fee of 92233720368547758.07 USD cannot be posted: overflow"])
        }
    }
}
