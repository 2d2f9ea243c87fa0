import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
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
}
