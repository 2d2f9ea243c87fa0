import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// A gateway that looks each intent up before it acts, and lets others go on in the middle of its first call.
private final class WatchedGateway: Gateway {
    private let gateway: SimulatorGateway
    private let store: any Store
    private let found = Mutex<[RefundID]>([])
    private let meanwhile = Mutex<(@Sendable () async -> Void)?>(nil)

    init(clock: ServiceClock, store: any Store) throws {
        gateway = try SimulatorGateway(
            SimulatorConfig(seed: 7), now: { clock.now }, sleep: { try await clock.sleep($0) })
        self.store = store
    }

    var capabilities: GatewayCapabilities { gateway.capabilities }
    var effects: [SimulatorEffect] { gateway.book.effects() }
    /// What it was asked for without an intent on disk.
    var strangers: [RefundID] { found.withLock { $0 } }

    func duringTheFirstCall(_ body: @escaping @Sendable () async -> Void) { meanwhile.withLock { $0 = body } }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        let intent = try? await store.read { try $0.payout(of: submission.refund, of: submission.organization) }
        if intent?.key != submission.key { found.withLock { $0.append(submission.refund) } }
        let report = try await gateway.submit(submission)
        let body = meanwhile.withLock { body in
            defer { body = nil }
            return body
        }
        await body?()
        return report
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        try await gateway.inquire(inquiry)
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try await gateway.cancel(inquiry, key: key)
    }
}

/// A COMMIT that was sent and never answered.
@Suite struct `A lost COMMIT` {
    enum Loss: CaseIterable { case beforeItWasDone, afterItWasDone }

    private static let organization = Fixtures.organization.id

    /// Both are written by one connection; the answer comes first in the group, and is asked first for a proof.
    private static let (answered, neighbour) = (Fixtures.cardPayment, Fixtures.foreignPayment)

    @Test(arguments: Loss.allCases)
    func `Of an answer on which another node led is no proof that a neighbour's intent is on disk`(
        loss: Loss
    ) async throws {
        try await withCuttingProxy { direct, behind, proxy in
            let (near, far) = (try PostgresStore(direct), GatheringStore(try PostgresStore(behind)))
            try await Fixtures.put(in: near)
            let clock = ServiceClock(at: Fixtures.now)
            let gateway = try WatchedGateway(clock: clock, store: near)
            let one = ServiceNode(
                store: far, clock: clock, gateway: gateway, patience: ServiceClock(at: Fixtures.now))
            let two = ServiceNode(store: near, clock: clock, gateway: gateway)
            try await one.runningToTheEnd {
                let (asked, neighbours) = AsyncStream.makeStream(of: Task<Result<RefundView, Failure>, any Error>.self)
                gateway.duringTheFirstCall {
                    clock.move(by: Limits.attemptLease + .seconds(1))
                    try? await two.workOff()
                    // Its identifiers are leased anew now, so that the two units are the next to come.
                    _ = try? await one.operations.newOrganizationID()
                    if loss == .beforeItWasDone { try? await near.killAtCommit(ofStep: 1) }
                    far.gather(2) { if loss == .afterItWasDone { proxy.cut(1, after: 1) } }
                    neighbours.yield(
                        Task { await one.operations.answer(to: try .of(.payment(Self.neighbour), "10.00", key: "b")) })
                    neighbours.finish()
                }
                let first = try await one.operations.refund(.of(.payment(Self.answered), "25.00", key: "a"))
                #expect(first.refund.state == .succeeded)
                for await neighbour in asked {
                    let heard = try await neighbour.value
                    #expect((try? heard.get())?.refund.state == .succeeded)
                }
            }
            #expect(proxy.hasCut)
            #expect(gateway.strangers == [], "a gateway was called without an intent")
            let found = try await two.operations.listRefunds(RefundQuery(), for: .native, of: Self.organization)
            #expect(Set(found.refunds.map(\.refund.id)) == Set(gateway.effects.map(\.submission.refund)))
            #expect(gateway.effects.count == 2)
            #expect(try await two.operations.breaches() == [])
            for store in [near, far] as [any Store] { await store.close() }
        }
    }
}
