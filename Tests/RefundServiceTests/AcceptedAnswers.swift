import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Synchronization
import Testing

/// A store whose database can be stopped and started again.
private final class StoppableStore: Store {
    private let store: any Store
    private let isStopped = Mutex(false)

    init(_ store: any Store) { self.store = store }

    func stop() { isStopped.withLock { $0 = true } }

    func start() { isStopped.withLock { $0 = false } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try check()
        return try await store.read(body)
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        try check()
        return try await store.write(for: organization, ordered: key, asking: asking, then: then, proof: proof)
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }

    private func check() throws(StorageError) {
        if isStopped.withLock({ $0 }) { throw StorageError(.unavailable, "the database is stopped") }
    }
}

@Suite struct `The answer to an accepted refund` {
    @Test(arguments: Engine.allCases, ElectronicSource.allCases)
    func `Says that it is accepted where the database stops while the gateway works`(
        engine: Engine, source: ElectronicSource
    ) async throws {
        try await withBooks(engine) { books in
            try await ElectronicSource.put(card: "0042", in: books)
            let (store, gateway) = (StoppableStore(books), FickleGateway())
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            gateway.say(.succeeded)
            gateway.duringTheNextCall { store.stop() }
            try await node.running {
                let view = try await node.operations.refund(source.request("25.00"))
                #expect(view.refund.state == .submitting)
                store.start()
                let read = try await node.operations.now(view)
                #expect(read.refund == view.refund)
                #expect(read.payout == view.payout)
                #expect(read.party == view.party)
                #expect(read.method == view.method)
                #expect(read.draws == view.draws)
                #expect(read.creditNote == view.creditNote)
                #expect(read.payment == view.payment)

                try await node.pass(Limits.attemptLease + .seconds(1))
                for _ in 0..<3 { try await node.pass(.seconds(3_600)) }
                let settled = try await node.operations.now(view)
                #expect(settled.refund.state == .succeeded)
                try await source.expectHeld(settled, on: node)
                #expect(try await node.operations.breaches() == [])
            }
        }
    }

    @Test func `Is given though it cannot be kept for its key, and a replay then tells the refund as it is`()
        async throws
    {
        try await withBooks(.sqliteInMemory) { books in
            let (store, gateway) = (StoppableStore(books), FickleGateway())
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            gateway.say(.succeeded)
            gateway.duringTheNextCall { store.stop() }
            let request = try RefundRequest.of(
                .payment(Fixtures.cardPayment), "25.00", key: "a",
                render: { _ in StoredAnswer(status: 200, body: Array("{}".utf8)) })
            try await node.running {
                let view = try await node.operations.refund(request)
                store.start()
                for _ in 0..<3 { try await node.pass(.seconds(3_600)) }
                let again = try await node.operations.refund(request)
                #expect(again.refund.id == view.refund.id)
                #expect(again.refund.state == .succeeded)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of an offline refund says that it is accepted where it cannot be read again`(engine: Engine) async throws {
        try await withBooks(engine) { books in
            let store = UnreadableStore(books)
            let node = ServiceNode(
                store: store, clock: ServiceClock(at: Fixtures.now), gateway: FickleGateway())
            let view = try await node.operations.refund(
                .of(.payment(Fixtures.cardPayment, raisingNote: true), "25.00", way: .offline(.cash)))
            #expect(view.refund.state == .succeeded)
            #expect(view.creditNote?.balance.total == 2_500)
            let read = try await ServiceNode(store: books, clock: node.clock, gateway: node.gateway)
                .operations.now(view)
            #expect(read.refund == view.refund)
            #expect(read.creditNote == view.creditNote)
        }
    }
}

/// A store that reads nothing any more once a refund was written.
private final class UnreadableStore: Store {
    private let store: any Store
    private let isUnreadable = Mutex(false)

    init(_ store: any Store) { self.store = store }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        if isUnreadable.withLock({ $0 }) { throw StorageError(.unavailable, "no connection") }
        return try await store.read(body)
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        let written = try await store.write(
            for: organization, ordered: key, asking: asking, then: then, proof: proof)
        // The ordered units are those of refunds; identifiers are leased by others.
        if organization != OrganizationID(0), key != 0 { isUnreadable.withLock { $0 = true } }
        return written
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}
