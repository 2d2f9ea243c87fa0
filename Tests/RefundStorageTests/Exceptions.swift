import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// Facts that contradict what is held here, and their life.
@Suite struct `An exception` {
    private static let organization = Fixtures.organization.id
    private static let payment = Fixtures.cardPayment.id
    private static let id = ExceptionID(.overRefunded, about: .payment(payment))

    private static func seen(_ detail: String, after seconds: Int64 = 0) -> NewException {
        NewException(.overRefunded, about: .payment(payment), detail: detail, at: Fixtures.now + .seconds(seconds))
    }

    private static func resolution(by actor: String) -> RefundException.Resolution {
        RefundException.Resolution(at: Fixtures.now + .seconds(50), by: actor, reason: "written off")
    }

    private static func see(_ exception: NewException, in store: any Store) async throws {
        try await store.unit { try $0.open(exception, for: organization) }
    }

    private static func current(in store: any Store) async throws -> (RefundException, [ExceptionStep]) {
        let (exception, steps) = try await store.look { session in
            (try session.exception(id, of: organization), try session.steps(of: id, of: organization))
        }
        return (try #require(exception), steps)
    }

    @Test(arguments: Engine.allCases)
    func `Is one, however often the same is seen, and notes what else is seen`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            for second in 0..<3 { try await Self.see(Self.seen("5.00 INR", after: Int64(second)), in: store) }
            try await Self.see(Self.seen("7.00 INR", after: 10), in: store)
            let (exception, steps) = try await Self.current(in: store)
            #expect(exception.state == .open)
            #expect(exception.detail == "7.00 INR")
            #expect(exception.openedAt == Fixtures.now)
            #expect(exception.payment == Self.payment)
            #expect(steps.map(\.event) == [.opened, .seen])
            #expect(steps.map(\.remark) == ["5.00 INR", "7.00 INR"])
            #expect(try await store.look { try $0.exceptions().map(\.id) } == [Self.id])
        }
    }

    @Test(arguments: Engine.allCases)
    func `That an operator has resolved is opened again by another fact, and not by the same`(
        engine: Engine
    ) async throws {
        try await withFixtures(engine) { store in
            try await Self.see(Self.seen("5.00 INR"), in: store)
            let resolved = try await store.unit {
                try $0.resolveException(Self.id, of: Self.organization, as: Self.resolution(by: "client:900"))
            }
            #expect(resolved?.resolution == Self.resolution(by: "client:900"))
            #expect(
                try await store.unit {
                    try $0.resolveException(Self.id, of: Self.organization, as: Self.resolution(by: "operator:ana"))
                } == nil, "once")
            try await Self.see(Self.seen("5.00 INR", after: 86_400), in: store)
            #expect(try await Self.current(in: store).0.state == .resolved)
            #expect(try await store.look { try $0.exceptions().isEmpty })

            try await Self.see(Self.seen("6.00 INR", after: 90_000), in: store)
            let (exception, steps) = try await Self.current(in: store)
            #expect(exception.state == .open)
            #expect(exception.openedAt == Fixtures.now + .seconds(90_000))
            #expect(exception.resolution == nil)
            #expect(steps.map(\.event) == [.opened, .resolved, .reopened])
            #expect(steps.map(\.actor) == ["program", "client:900", "program"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `That has healed is resolved by the program, and opened again by the same fact`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            for _ in 0..<2 {
                try await Self.see(Self.seen("5.00 INR"), in: store)
                try await store.unit { session in
                    try session.close(
                        .overRefunded, about: .payment(Self.payment), because: "a refund was returned",
                        at: Fixtures.now + .seconds(1), for: Self.organization)
                }
            }
            let (exception, steps) = try await Self.current(in: store)
            #expect(exception.resolution?.by == RefundException.program)
            #expect(steps.map(\.event) == [.opened, .resolved, .reopened, .resolved])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is opened again by an operator, once`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await Self.see(Self.seen("5.00 INR"), in: store)
            let reopen: @Sendable () async throws -> RefundException? = {
                try await store.unit { session in
                    try session.reopenException(
                        Self.id, of: Self.organization, by: "operator:ana", because: "it was not", at: Fixtures.now)
                }
            }
            #expect(try await reopen() == nil, "it is open")
            _ = try await store.unit {
                try $0.resolveException(Self.id, of: Self.organization, as: Self.resolution(by: "operator:bo"))
            }
            #expect(try await reopen()?.state == .open)
            #expect(try await reopen() == nil)
            #expect(try await Self.current(in: store).1.last?.actor == "operator:ana")
            let stranger = try await store.look { try $0.exception(Self.id, of: Fixtures.stranger.id) }
            #expect(stranger == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is found by kind, state, refund and payment, page by page`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let order = RefundOrder(id: 1, source: .payment(Self.payment, raisingNote: false), minorUnits: 500)
            _ = try await store.unit { try $0.accept(order) }
            try await store.unit { session in
                var late = NewException(.late, about: .refund(RefundID(1)), detail: "late", at: Fixtures.now)
                late.payment = Self.payment
                try session.open(late, for: Self.organization)
                try session.open(Self.seen("5.00 INR"), for: Self.organization)
                for (index, event) in ["a", "b", "c"].enumerated() {
                    let unmatched = NewException(
                        .unmatched, about: .event(Fixtures.gateway, event), detail: event,
                        at: Fixtures.now + .seconds(Int64(index / 2)))
                    try session.open(unmatched, for: Self.organization)
                }
                _ = try session.resolveException(Self.id, of: Self.organization, as: Self.resolution(by: "client:1"))
            }
            let list: @Sendable (ExceptionQuery) async throws -> [String] = { query in
                try await store.look { try $0.exceptions(query, of: Self.organization).map(\.id.text) }
            }
            var query = ExceptionQuery()
            let all = try await list(query)
            #expect(all.count == 5)
            #expect(all.first == "unmatched.event.simulator.c", "the newest first")
            var paged: [String] = []
            query.limit = 2
            while true {
                let page = try await store.look { [query] in try $0.exceptions(query, of: Self.organization) }
                paged += page.map(\.id.text)
                guard let last = page.last else { break }
                query.after = ExceptionQuery.Position(openedAt: last.openedAt, id: last.id)
            }
            #expect(paged == all)

            query = ExceptionQuery()
            query.kinds = [.late, .overRefunded]
            #expect(Set(try await list(query)) == ["late.refund.1", Self.id.text])
            query.states = [.open]
            #expect(try await list(query) == ["late.refund.1"])
            query = ExceptionQuery()
            query.scope = .refund(RefundID(1))
            #expect(try await list(query) == ["late.refund.1"])
            query.scope = .payment(Self.payment)
            #expect(Set(try await list(query)) == ["late.refund.1", Self.id.text])
        }
    }

    @Test func `Is opened once by units that see the same at once`() async throws {
        try await withFixtures(.postgres) { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for detail in ["5.00 INR", "5.00 INR", "6.00 INR", "7.00 INR"] {
                    group.addTask { try await Self.see(Self.seen(detail), in: store) }
                }
                try await group.waitForAll()
            }
            let (exception, steps) = try await Self.current(in: store)
            #expect(steps.map(\.revision) == Array(1...exception.revision))
            #expect(Set(steps.map(\.remark)).isSuperset(of: ["6.00 INR", "7.00 INR"]))
        }
    }
}
