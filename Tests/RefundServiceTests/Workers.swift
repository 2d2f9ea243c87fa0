import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// A gateway that notes when it was called, and passes the call on.
private final class NotingGateway: Gateway {
    enum Call: Hashable, Sendable { case submit, inquire, cancel }

    private let gateway: SimulatorGateway
    private let clock: ServiceClock
    private let noted = Mutex<[RefundID: [(call: Call, at: Instant)]]>([:])

    init(_ config: SimulatorConfig = SimulatorConfig(seed: 7), clock: ServiceClock) throws {
        gateway = try SimulatorGateway(config, now: { clock.now }, sleep: { try await clock.sleep($0) })
        self.clock = clock
    }

    var capabilities: GatewayCapabilities { gateway.capabilities }
    var effects: [SimulatorEffect] { gateway.book.effects() }

    func calls(_ call: Call, about refund: RefundID) -> [Instant] {
        noted.withLock { noted in noted[refund, default: []].filter { $0.call == call }.map(\.at) }
    }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        note(.submit, submission.refund)
        return try await gateway.submit(submission)
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        note(.inquire, inquiry.refund)
        return try await gateway.inquire(inquiry)
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        note(.cancel, inquiry.refund)
        return try await gateway.cancel(inquiry, key: key)
    }

    private func note(_ call: Call, _ refund: RefundID) {
        noted.withLock { $0[refund, default: []].append((call, clock.now)) }
    }
}

/// Those who take up what is due.
@Suite struct `Workers` {
    private static let count = 150

    private func withNodes(
        _ engine: Engine = .sqliteInMemory, config: SimulatorConfig = SimulatorConfig(seed: 7),
        _ body: ([ServiceNode], NotingGateway) async throws -> Void
    ) async throws {
        try await withBooks(engine) { store in
            let clock = ServiceClock(at: Fixtures.now)
            let gateway = try NotingGateway(config, clock: clock)
            let nodes = (0..<2).map { _ in ServiceNode(store: store, clock: clock, gateway: gateway) }
            try await body(nodes, gateway)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Two over one store send each refund once`(engine: Engine) async throws {
        try await withNodes(engine) { nodes, gateway in
            var views: [RefundView] = []
            for number in 0..<Self.count {
                views.append(
                    try await nodes[0].operations.refund(
                        .of(.payment(Fixtures.cardPayment), "1.00", digest: "\(number)")))
            }
            #expect(views.allSatisfy { $0.refund.state == .approved })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes { group.addTask { try await node.workOff() } }
                try await group.waitForAll()
            }
            for view in views {
                #expect(gateway.calls(.submit, about: view.refund.id).count == 1)
                #expect(try await nodes[1].operations.now(view).refund.state == .succeeded)
            }
            #expect(gateway.effects.count == Self.count)
            #expect(try await nodes[0].operations.verify().exceptions.isEmpty)
            #expect(try await nodes[0].operations.breaches() == [])
        }
    }

    @Test func `Two over one store ask about each refund once`() async throws {
        try await withNodes { nodes, gateway in
            var views: [RefundView] = []
            try await nodes[0].running {
                for number in 0..<12 {
                    views.append(
                        try await nodes[0].operations.refund(
                            .of(.payment(Fixtures.cardPayment), "67.07", digest: "\(number)")))
                }
            }
            nodes[0].clock.move(by: .seconds(30))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in nodes { group.addTask { try await node.workOff() } }
                try await group.waitForAll()
            }
            #expect(views.allSatisfy { gateway.calls(.inquire, about: $0.refund.id).count == 1 })
        }
    }

    @Test(arguments: [
        // Pending: thinning out to one a day.
        ("67.07", [30, 330, 3_930, 90_330, 176_730, 263_130]),
        // Succeeded: after 1, 7 and 30 days, and never again.
        ("25.00", [86_400, 7 * 86_400, 30 * 86_400]),
        // Refused: never.
        ("66.01", []),
    ])
    func `Ask a gateway at the times of the schedule`(amount: String, seconds: [Int]) async throws {
        try await withNodes { nodes, gateway in
            let node = nodes[0]
            let view = try await node.running {
                try await node.operations.refund(.of(.payment(Fixtures.cardPayment), amount))
            }
            var passed = 0
            for second in seconds {
                try await node.pass(.seconds(second - passed - 1))
                try await node.pass(.seconds(1))
                passed = second
            }
            #expect(gateway.calls(.inquire, about: view.refund.id) == seconds.map { Fixtures.now + .seconds($0) })
            guard view.refund.state != .pending else { return }
            try await node.pass(.seconds(400 * 86_400))
            #expect(gateway.calls(.inquire, about: view.refund.id).count == seconds.count)
        }
    }

    @Test func `Send an unknown refund again only while its key is remembered, then ask`() async throws {
        try await withNodes { nodes, gateway in
            let node = nodes[0]
            let view = try await node.running {
                try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.08"))
            }
            for pause in [30, 300, 3_600, 86_400, 86_400] { try await node.pass(.seconds(pause)) }
            #expect(
                gateway.calls(.submit, about: view.refund.id)
                    == [0, 30, 330, 3_930].map { Fixtures.now + .seconds($0) })
            #expect(
                gateway.calls(.inquire, about: view.refund.id)
                    == [90_330, 176_730].map { Fixtures.now + .seconds($0) })
            #expect(gateway.effects.count == 1)
        }
    }

    @Test func `Leave alone what another node has in hand, until its lease has run out`() async throws {
        let latency = Duration.seconds(300)
        try await withNodes(config: SimulatorConfig(seed: 7, latency: latency...latency)) { nodes, gateway in
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00", key: "a")
            let clock = nodes[0].clock
            let left = try await nodes[0].running {
                let call = Task { try await nodes[0].operations.refund(request) }
                await clock.untilSomebodySleeps(for: latency)
                clock.move(by: Limits.attemptLease - .seconds(1))
                try await nodes[1].workOff()
                return try await call.value
            }
            #expect(left.refund.state == .submitting)
            #expect(gateway.calls(.submit, about: left.refund.id).count == 1)
            clock.move(by: .seconds(1))
            try await nodes[1].workOff()
            #expect(try await nodes[1].operations.now(left).refund.state == .unknown)
            #expect(gateway.calls(.submit, about: left.refund.id).count == 1)
        }
    }

    @Test func `Stop once what is in hand is finished`() async throws {
        let latency = Duration.seconds(10)
        try await withNodes(config: SimulatorConfig(seed: 7, latency: latency...latency)) { nodes, gateway in
            let node = nodes[0]
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await node.takeUpOnce() }
                await node.clock.untilSomebodySleeps(for: latency)
                #expect(try await node.operations.now(view).refund.state == .submitting)
                node.clock.move(by: latency)
                try await group.waitForAll()
            }
            #expect(try await node.operations.now(view).refund.state == .succeeded)
            #expect(gateway.effects.count == 1)
        }
    }

    @Test func `Take no calls once they have stopped`() async throws {
        try await withNodes { nodes, _ in
            let node = nodes[0]
            try await node.runningToTheEnd {}
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
            #expect(view.refund.state == .approved)
            try await nodes[1].workOff()
            #expect(try await nodes[1].operations.now(view).refund.state == .succeeded)
        }
    }
}
