import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// Turns at calling a gateway, taken by one process or by several.
@Suite struct `Turns at a gateway` {
    private let patience = Duration.seconds(5)
    private static let account = TurnLine(
        organization: Fixtures.organization.id, gateway: Fixtures.gateway, name: "", distance: .milliseconds(25))

    private static func endpoint(_ name: String) -> TurnLine {
        TurnLine(
            organization: Fixtures.organization.id, gateway: Fixtures.gateway, name: name, distance: .milliseconds(50))
    }

    /// Lends the turns as two processes of one clock see them.
    private func withTurns(
        _ engine: Engine, _ body: (SharedTurns, SharedTurns, ServiceClock) async throws -> Void
    ) async throws {
        try await withBooks(engine) { store in
            let clock = ServiceClock(at: Fixtures.now)
            let turns = { SharedTurns(store: store, now: { clock.now }) }
            try await body(turns(), turns(), clock)
        }
    }

    @Test(arguments: Engine.allCases)
    func `After a burst they come at even distances, to all processes together`(engine: Engine) async throws {
        try await withTurns(engine) { one, other, _ in
            var waits: [Duration?] = []
            for turn in 0..<9 {
                waits.append(
                    try await (turn.isMultiple(of: 2) ? one : other).take([Self.endpoint("create")], patience: patience)
                )
            }
            #expect(waits == [0, 0, 0, 0, 0, 0, 50, 100, 150].map { .milliseconds($0) })
        }
    }

    @Test(arguments: Engine.allCases)
    func `Time that passes gives them back, and no more than a burst`(engine: Engine) async throws {
        try await withTurns(engine) { one, other, clock in
            for _ in 0..<20 { _ = try await one.take([Self.account], patience: patience) }
            clock.move(by: .seconds(3_600))
            var waits: [Duration?] = []
            for _ in 0..<12 { waits.append(try await other.take([Self.account], patience: patience)) }
            #expect(waits == Array(repeating: .zero, count: 11) + [.milliseconds(25)])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A call waits for the later of its turns`(engine: Engine) async throws {
        try await withTurns(engine) { one, other, _ in
            for _ in 0..<8 { _ = try await one.take([Self.endpoint("create"), Self.account], patience: patience) }
            #expect(
                try await other.take([Self.endpoint("create"), Self.account], patience: patience) == .milliseconds(150))
            #expect(try await other.take([Self.endpoint("list"), Self.account], patience: patience) == .zero)
            for _ in 0..<4 { _ = try await one.take([Self.account], patience: patience) }
            #expect(
                try await other.take([Self.endpoint("list"), Self.account], patience: patience) == .milliseconds(100))
        }
    }

    @Test(arguments: Engine.allCases)
    func `A turn that would come too late is not taken, nor the other of the same call`(engine: Engine) async throws {
        try await withTurns(engine) { one, other, clock in
            let slow = TurnLine(
                organization: Fixtures.organization.id, gateway: Fixtures.gateway, name: "slow", distance: .seconds(1))
            var taken = 0
            while try await one.take([Self.account, slow], patience: patience) != nil { taken += 1 }
            #expect(taken == 6)
            for _ in 0..<50 {
                let refused = try await other.take([Self.account, slow], patience: patience)
                #expect(refused == nil)
            }
            // Six of the account's turns are gone, as many as calls have gone.
            #expect(try await other.take([Self.account], patience: patience) == .zero)
            clock.move(by: .seconds(1))
            #expect(try await other.take([Self.account, slow], patience: patience) != nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Who has less patience leaves the turns behind it to the others`(engine: Engine) async throws {
        try await withTurns(engine) { one, other, _ in
            var taken = 0
            while try await one.take([Self.account], patience: .seconds(1)) != nil { taken += 1 }
            #expect(taken == 51)
            #expect(try await other.take([Self.account], patience: patience) == .milliseconds(1_025))
        }
    }

    @Test(arguments: Engine.allCases)
    func `A line that a gateway wants closed is closed to all processes, and opens by itself`(
        engine: Engine
    ) async throws {
        try await withTurns(engine) { one, other, clock in
            try await one.close(Self.account, for: .seconds(3))
            #expect(try await other.take([Self.account], patience: patience) == .seconds(3))
            try await one.close(Self.account, for: .seconds(60))
            // A shorter pause takes nothing back.
            try await other.close(Self.account, for: .seconds(1))
            #expect(try await other.take([Self.account], patience: patience) == nil)
            clock.move(by: .seconds(61))
            #expect(try await other.take([Self.account], patience: patience) == .zero)
        }
    }

    @Test(arguments: Engine.allCases)
    func `A process whose clock is a day ahead holds nobody up for a day`(engine: Engine) async throws {
        try await withTurns(engine) { one, _, clock in
            clock.move(by: .seconds(86_400))
            _ = try await one.take([Self.account], patience: patience)
            try await one.close(Self.account, for: .seconds(60))
            clock.move(by: .seconds(-86_400))
            #expect(try await one.take([Self.account], patience: patience) == .zero)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Each organization, gateway and endpoint has its own`(engine: Engine) async throws {
        try await withTurns(engine) { one, _, _ in
            let lines = [Fixtures.organization.id, Fixtures.stranger.id].flatMap { organization in
                [Fixtures.gateway, GatewayName("main")].map { gateway in
                    TurnLine(organization: organization, gateway: gateway, name: "", distance: .seconds(1))
                }
            }
            var waits: [Duration?] = []
            for line in lines + lines { waits.append(try await one.take([line], patience: patience)) }
            #expect(waits == Array(repeating: .zero, count: 4) + Array(repeating: .milliseconds(750), count: 4))
        }
    }

    @Test(arguments: [Engine.sqliteFile, .postgres])
    func `Many callers at once get each turn once`(engine: Engine) async throws {
        try await withTurns(engine) { one, other, _ in
            let waits = try await withThrowingTaskGroup(of: Duration?.self) { group in
                for caller in 0..<100 {
                    group.addTask {
                        try await (caller.isMultiple(of: 2) ? one : other).take(
                            [Self.endpoint("create"), Self.account], patience: patience)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let expected = (0..<100).map { Duration.milliseconds(max(0, $0 * 50 - 250)) }
            #expect(waits.compactMap(\.self).sorted() == expected)
        }
    }

    /// What one process calls, and in what order: each call's turn is taken in a group with those of the others.
    private static func call(_ endpoints: [String], over store: GatheringStore) async {
        let pace = Pace(
            callsPerSecond: 1_000_000, ofEndpoint: 1_000_000, of: Fixtures.gateway, Fixtures.organization.id,
            turns: SharedTurns(store: store, now: { Fixtures.now }))
        let transport = Transport(client: Transport.processClient, gateway: Fixtures.gateway, pace: pace)
        store.gather(endpoints.count) {}
        let calls = endpoints.map { endpoint in
            // Nobody listens there: all that comes about is the turn.
            Task.immediate {
                _ = try? await transport.send(
                    HTTPCall(.post, endpoint, at: "http://127.0.0.1:1/", body: [0]), bearing: Secret(""),
                    by: .now + .seconds(60))
            }
        }
        for call in calls { await call.value }
    }

    /// They did, as each took the turn of the endpoint first: the server ended one of them, after a second.
    @Test func `Processes that call different endpoints do not wait for each other in a circle`() async throws {
        try await withPostgresSchema { address in
            let (one, other) = (
                GatheringStore(try PostgresStore(address)), GatheringStore(try PostgresStore(address))
            )
            try await Fixtures.put(in: one)
            for round in 0..<5 {
                async let creating: Void = Self.call(Array(repeating: "create", count: 50) + ["list"], over: one)
                async let listing: Void = Self.call(Array(repeating: "list", count: 50) + ["create"], over: other)
                _ = await (creating, listing)
                // Whose transaction is ended takes its turns one by one.
                let transactions = try await one.read { session in
                    try session.row(StoredInteger.self, Self.lastTransactions, [])?.value
                }
                #expect(transactions == 1, "round \(round)")
            }
            await one.close()
            await other.close()
        }
    }

    private static let lastTransactions: SQLText = "select count(distinct cast(xmin as text)) from gateway_turns"

    @Test func `Turns are taken before what moves money, and those of a gateway together`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let keys = KeptKeys(store)
            let turns = SharedTurns(store: keys, now: { Fixtures.now })
            for gateway in ["main", "other", "main"] {
                let line = TurnLine(
                    organization: Fixtures.organization.id, gateway: GatewayName(gateway), name: "",
                    distance: .seconds(1))
                _ = try await turns.take([line], patience: patience)
                try await turns.close(line, for: .seconds(1))
            }
            let kept = keys.kept.withLock { $0 }
            #expect(kept.allSatisfy { $0 < 0 }, "records have greater ones")
            #expect(kept[0] == kept[1] && kept[2] == kept[3] && kept[4] == kept[0] && kept[5] == kept[0])
            #expect(kept[0] != kept[2])
        }
    }

    @Test func `A call that was one too many is made until it has its turn`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            gateway.say(.succeeded)
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                gateway.fail(30, with: .busy("429 rate_limit"))
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "250.00"))
                #expect(view.refund.state == .approved)
                for _ in 0..<29 {
                    try await node.pass(Limits.busyDelayMax)
                    #expect(try await node.operations.now(view).refund.state == .approved)
                }
                try await node.pass(Limits.busyDelayMax)
                let last = try await node.operations.now(view)
                #expect(last.refund.state == .succeeded)
                #expect(last.payout?.attempt == 31)
                #expect(last.payout?.unsent == 0)
            }
        }
    }
}

/// A store that remembers in which order its units want to be.
private final class KeptKeys: Store {
    let kept = Mutex<[Int64]>([])
    private let store: any Store

    init(_ store: any Store) { self.store = store }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try await store.read(body)
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        kept.withLock { $0.append(key) }
        return try await store.write(for: organization, ordered: key, asking: asking, then: then, proof: proof)
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}
