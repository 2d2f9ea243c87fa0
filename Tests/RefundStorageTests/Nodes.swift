import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// The numbers that identifiers carry, and who may use them when.
@Suite struct `The numbers of nodes` {
    private static let now = Fixtures.now
    private static let end = Fixtures.now + .seconds(10)

    @Test(arguments: Engine.allCases)
    func `are given out from the lowest, each to one`(engine: Engine) async throws {
        try await withStore(engine) { store in
            var numbers: [Int?] = []
            for _ in 0...IdentifierSequence.nodesMax {
                numbers.append(try await store.unit { try $0.takeNode(from: Self.now, until: Self.end) }?.number)
            }
            #expect(numbers == Array(0..<IdentifierSequence.nodesMax) + [nil])
        }
    }

    @Test(arguments: Engine.allCases)
    func `are taken again at the end of their lease, and not before`(engine: Engine) async throws {
        try await withStore(engine) { store in
            let first = try await store.lease(from: Self.now, until: Self.end)
            let before = try await store.lease(from: Self.end - .microseconds(1), until: Self.end + .seconds(1))
            let after = try await store.lease(from: Self.end, until: Self.end + .seconds(10))
            #expect([first, before, after].map(\.number) == [0, 1, 0])
            #expect(try await store.renewed(first, until: Self.end + .seconds(20)) == nil, "it is another's by now")
            #expect(try await store.renewed(after, until: Self.end + .seconds(30)) != nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `stay with who renews, also after the end, and come back when they are given back`(
        engine: Engine
    ) async throws {
        try await withStore(engine) { store in
            let first = try await store.lease(from: Self.now, until: Self.end)
            let later = Self.end + .seconds(60)
            let renewed = try #require(try await store.renewed(first, until: later))
            #expect(renewed == NodeLease(number: 0, from: Self.now, until: later))
            #expect(try await store.renewed(first, until: later + .seconds(1)) == nil, "a lease is renewed once")
            #expect(try await store.lease(from: Self.end, until: later).number == 1)
            let given = try #require(try await store.renewed(renewed, until: Self.end))
            #expect(given.until == Self.end)
            #expect(try await store.lease(from: Self.end, until: later).number == 0)
        }
    }

    @Test func `taken by many processes at once are one each`() async throws {
        try await withPostgresSchema { address in
            let stores = try (0..<4).map { _ in try PostgresStore(address) }
            let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<IdentifierSequence.nodesMax {
                    group.addTask { try await stores[number % 4].lease(from: Self.now, until: Self.end).number }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(0..<IdentifierSequence.nodesMax))
            for store in stores { await store.close() }
        }
    }
}

extension Store {
    fileprivate func lease(from start: Instant, until end: Instant) async throws -> NodeLease {
        let lease = try await unit { try $0.takeNode(from: start, until: end) }
        return try #require(lease)
    }

    fileprivate func renewed(_ lease: NodeLease, until end: Instant) async throws -> NodeLease? {
        try await unit { try $0.renew(lease, until: end) }
    }
}
