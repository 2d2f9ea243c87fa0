import Logging
import RefundDomain
import RefundGateways
import RefundStorage
import RefundTesting
import Testing

@testable import RefundService

/// Nodes whose clocks are not the database's.
@Suite struct `A clock that differs from the database's` {
    /// A node 2.4 hours behind took a key of 23 hours for one of less than 21.6, and sent it again at a gateway that
    /// was about to forget it.
    @Test(arguments: Engine.allCases)
    func `sends nothing under a key that is past its lifetime`(engine: Engine) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway()
            let right = ServiceClock(at: Fixtures.now)
            let node = ServiceNode(store: store, clock: right, gateway: gateway)
            let view = try await node.running {
                gateway.fail(1, with: .ambiguous("no answer"))
                return try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
            }
            #expect(view.refund.state == .unknown)
            #expect(gateway.keysSent.count == 1)

            right.move(by: .seconds(23 * 3_600))
            let behind = ServiceClock(at: right.now - .seconds(8_640))
            let late = ServiceNode(store: store, clock: behind, gateway: gateway, databaseClock: right)
            try await late.takeUpOnce()
            #expect(gateway.keysSent.count == 1, "nothing is sent")
            #expect(gateway.refundsAsked == [])
            let before = try await late.operations.now(view)
            #expect(before.payout?.leaseUntil == nil, "nothing is claimed")
            #expect(before.payout?.attempt == 1)

            // What was found due while the clock was right is looked at again by the unit that would claim it.
            let due = try await store.read { try $0.duePayouts(at: behind.now, atMost: 1) }
            for refund in due { await late.operations.exchange.takeUp(refund) }
            #expect(due.count == 1)
            #expect(try await late.operations.now(view).payout == before.payout, "nothing is claimed")
            #expect(gateway.keysSent.count == 1 && gateway.refundsAsked == [], "nothing is sent or asked")

            try await node.workOff()
            #expect(gateway.keysSent.count == 1, "who has the time asks instead")
            #expect(gateway.refundsAsked == [view.refund.id])
        }
    }

    @Test(arguments: [-31, 31])
    func `takes a refund and leaves it to others, and is not ready`(seconds: Int) async throws {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            gateway.say(.succeeded)
            let right = ServiceClock(at: Fixtures.now)
            let wrong = ServiceClock(at: Fixtures.now + .seconds(seconds))
            let late = ServiceNode(store: store, clock: wrong, gateway: gateway, databaseClock: right)
            let isTrusted = try await late.operations.hasTrustedClock()
            #expect(!isTrusted)
            let view = try await late.running {
                try await late.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
            }
            #expect(view.refund.state == .approved)
            #expect(gateway.keysSent == [])

            right.move(by: .seconds(60))
            let node = ServiceNode(store: store, clock: right, gateway: gateway)
            #expect(try await node.operations.hasTrustedClock())
            try await node.workOff()
            #expect(try await node.operations.now(view).refund.state == .succeeded)
            #expect(gateway.keysSent.count == 1)
        }
    }

    @Test func `by less than half a lease writes the database's time as that of sending`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            let (right, near) = (ServiceClock(at: Fixtures.now), ServiceClock(at: Fixtures.now - .seconds(20)))
            let node = ServiceNode(store: store, clock: near, gateway: gateway, databaseClock: right)
            #expect(try await node.operations.hasTrustedClock())
            try await node.running {
                gateway.fail(1, with: .ambiguous("no answer"))
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
                #expect(view.refund.state == .unknown)
                #expect(view.payout?.keySentAt == right.now)
            }
            // A worker's claim writes it too, of what a node took that calls no gateway.
            let silent = ServiceNode(store: store, clock: near, gateway: gateway, databaseClock: right)
            let waiting = try await silent.operations.refund(.of(.payment(Fixtures.cardPayment), "1.00"))
            #expect(waiting.refund.state == .approved)
            try await silent.takeUpOnce()
            #expect(try await silent.operations.now(waiting).payout?.keySentAt == right.now)
        }
    }

    @Test func `is the machine's on SQLite and the server's on PostgreSQL`() async throws {
        for engine in Engine.allCases {
            try await withStore(engine) { store in
                let (first, second) = try await store.read { session in
                    (
                        try session.databaseTime().first()?.value ?? 0, try session.databaseTime().first()?.value ?? 0
                    )
                }
                #expect(first > 0 && first <= second)
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let machine = Surroundings.system(logger: logger).now().microseconds
                #expect(abs(machine - second) < 30_000_000, "\(engine)")
            }
        }
    }
}
