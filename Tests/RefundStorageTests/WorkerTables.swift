import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// What workers look for.
@Suite struct `Payouts that are due` {
    private static let organization = Fixtures.organization.id

    /// Electronic refunds of 10 each, due at once unless claimed: then a minute later.
    private func accept(_ ids: ClosedRange<Int64>, in store: any Store, isClaimed: Bool = false) async throws {
        for id in ids {
            let order = RefundOrder(
                id: id, source: .payment(Fixtures.cardPayment.id, raisingNote: false), minorUnits: 10,
                isClaimed: isClaimed, now: Fixtures.now + .seconds(100 - id))
            _ = try await store.unit { try $0.accept(order) }
        }
    }

    private func due(at now: Instant, atMost count: Int = 100, in store: any Store) async throws -> [Int64] {
        try await store.look { try $0.duePayouts(at: now, atMost: count).map(\.refund.value) }
    }

    @Test(arguments: Engine.allCases)
    func `The longest due come first, and at most as many as were asked for`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await accept(1...5, in: store)
            #expect(try await due(at: Fixtures.now + .seconds(94), in: store) == [])
            #expect(try await due(at: Fixtures.now + .seconds(95), in: store) == [5])
            #expect(try await due(at: Fixtures.now + .seconds(98), in: store) == [5, 4, 3, 2])
            #expect(try await due(at: Instant(microseconds: .max), in: store) == [5, 4, 3, 2, 1])
            #expect(try await due(at: Instant(microseconds: .max), atMost: 2, in: store) == [5, 4])
            #expect(try await due(at: Instant(microseconds: .max), atMost: 0, in: store) == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `They are found in every organization, each with its own`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await accept(1...1, in: store)
            let copied = [
                "insert into parties select 11, id, role, name, email, is_active from parties where id = 100",
                """
                insert into payments select 11, id, party_id, number, state, mode, gateway, charge_reference, null, \
                currency, captured, reserved, refunded, disputed, excess, rate, received_on, invoice_number, \
                captured_told, captured_seen, claims, claims_told, is_disputed, postings, is_barred \
                from payments where id = 300
                """,
                """
                insert into refunds select 11, id, number, party_id, payment_id, null, null, amount, currency, rate, \
                mode, gateway, state, step, reason, initiator, description, reference, effective_on, created_at, \
                updated_at, settled_at, created_by, failure_reason, note_remaining_after, annotations, null, \
                note_shortfall, null from refunds
                """,
                """
                insert into payouts select 11, refund_id, gateway, target, target_reference, last_four, attempt, key, \
                key_sent_at, lease_until, due_at - 1, questions, gateway_reference, network_reference, response_code, \
                response_message, unsent from payouts
                """,
            ]
            try await store.unit { session in for text in copied { try session.run(text) } }
            let found = try await store.look { try $0.duePayouts(at: Instant(microseconds: .max), atMost: 9) }
            #expect(found.map(\.organization) == [Fixtures.stranger.id, Self.organization])
            #expect(found.map(\.refund) == [RefundID(1), RefundID(1)])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A claimed one is due when its lease ends, and a finished one never`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await accept(1...2, in: store, isClaimed: true)
            #expect(try await due(at: Fixtures.now + .seconds(157), in: store) == [])
            #expect(try await due(at: Fixtures.now + .seconds(159), in: store) == [2, 1])
            _ = try await store.unit { try $0.apply(.word(.neverTaken), to: RefundID(2)) }
            #expect(try await due(at: Instant(microseconds: .max), in: store) == [1])
        }
    }

    @Test(arguments: Engine.allCases)
    func `One that waits or is done is hastened, one in hand or never sent is not`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await accept(1...1, in: store)
            try await accept(2...3, in: store, isClaimed: true)
            _ = try await store.unit { try $0.apply(.word(.neverTaken), to: RefundID(3)) }
            try await accept(4...4, in: store)
            _ = try await store.unit { try $0.apply(.event(.canceled), to: RefundID(4)) }
            for (id, isHastened) in [(1, true), (2, false), (3, true), (4, false), (5, false)] as [(Int64, Bool)] {
                let found = try await store.unit {
                    try $0.hasten(RefundID(id), of: Self.organization, at: Fixtures.now)
                }
                #expect(found == isHastened, "refund \(id)")
            }
            #expect(try await Set(due(at: Fixtures.now, in: store)) == [1, 3])
            let strange = try await store.unit {
                try $0.hasten(RefundID(1), of: Fixtures.stranger.id, at: Fixtures.now)
            }
            #expect(strange == false)
        }
    }
}

/// Numbers that are taken, never twice.
@Suite struct `Number series` {
    private static let organization = Fixtures.organization.id

    @Test(arguments: Engine.allCases)
    func `Blocks follow each other without overlap, whoever takes them at once`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let taken = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for caller in 0..<60 {
                    group.addTask {
                        let count = caller % 7 + 1
                        let first = try await store.unit {
                            try $0.takeNumbers(count, of: .refund, for: Self.organization)
                        }
                        return Array(first..<first + Int64(count))
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.sorted() == Array(1...Int64(taken.count)))
        }
    }

    @Test(arguments: Engine.allCases)
    func `Series and organizations count by themselves`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let firsts = try await store.unit { session in
                [
                    try session.takeNumbers(5, of: .refund, for: Self.organization),
                    try session.takeNumbers(2, of: .creditNote, for: Self.organization),
                    try session.takeNumbers(1, of: .refund, for: Fixtures.stranger.id),
                    try session.takeNumbers(1, of: .refund, for: Self.organization),
                    try session.takeNumbers(1, of: .creditNote, for: Self.organization),
                ]
            }
            #expect(firsts == [1, 1, 1, 6, 3])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A number that is given back by a unit that failed is taken by the next`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            _ = await store.word { session in
                _ = try session.takeNumbers(1, of: .creditNote, for: Self.organization)
                throw Refusal()
            }
            let next = try await store.unit { try $0.takeNumbers(1, of: .creditNote, for: Self.organization) }
            #expect(next == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func `A series goes on beyond what came in with data, and never back`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            // raised beyond, next taken
            for (number, next) in [(41, 42), (7, 43), (43, 44), (1_000_000_000_000, 1_000_000_000_001)] {
                let taken = try await store.unit { session in
                    try session.raiseNumbers(of: .refund, beyond: Int64(number), for: Self.organization)
                    return try session.takeNumbers(1, of: .refund, for: Self.organization)
                }
                #expect(taken == Int64(next))
            }
        }
    }
}

/// Keys that make a request safe to repeat.
@Suite struct `Idempotency keys` {
    private static let organization = Fixtures.organization.id
    private static let key = IdempotencyKey(space: "client 900", key: "a key", digest: "digest")

    @Test(arguments: Engine.allCases)
    func `A key is taken once, and keeps its first refund, request and moment`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let other = IdempotencyKey(space: Self.key.space, key: Self.key.key, digest: "another")
            let first = try await take(Self.key, for: RefundID(1), at: Fixtures.now, in: store)
            #expect(first == Fixtures.now.microseconds)
            #expect(try await take(Self.key, for: RefundID(2), at: Fixtures.now + .seconds(1), in: store) == nil)
            #expect(try await take(other, for: RefundID(3), at: Fixtures.now + .seconds(2), in: store) == nil)
            let record = try #require(try await record(other, in: store))
            #expect(record.digest == "digest")
            #expect(record.refund == RefundID(1))
            #expect(record.createdAt == Fixtures.now)
            #expect(record.answer == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `One of many at once takes the key, and a unit that fails gives it back`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let heard = try await inOneGroup(store, count: 6) { number, session in
                let key = try session.take(Self.key, for: nil, of: Self.organization, at: Fixtures.now)
                guard try key.first() != nil else { return "taken" }
                if number < 2 { throw Refusal() }
                return "mine"
            }
            // Where a refused unit runs again after its neighbours, it finds the key taken.
            #expect(heard.prefix(2).allSatisfy { ["refused", "taken"].contains($0.word) })
            #expect(heard.dropFirst(2).map(\.word) == ["mine", "taken", "taken", "taken"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Spaces, organizations and spellings are apart`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            for space in Texts.all {
                for text in Texts.all where text.utf8.count < 1_000 {
                    let key = IdempotencyKey(space: space, key: text, digest: text)
                    #expect(try await take(key, for: nil, at: Fixtures.now, in: store) != nil, "\(space), \(text)")
                    #expect(try await record(key, in: store)?.digest == text)
                }
            }
            let elsewhere = try await store.unit {
                try $0.take(Self.key, for: nil, of: Fixtures.stranger.id, at: Fixtures.now).first()
            }
            #expect(elsewhere != nil)
            #expect(try await record(Self.key, in: store) == nil)
        }
    }

    @Test(arguments: Engine.allCases, [0, 1, 256, 1 << 20])
    func `The first answer is kept byte for byte`(engine: Engine, length: Int) async throws {
        try await withFixtures(engine) { store in
            let body = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            #expect(try await take(Self.key, for: nil, at: Fixtures.now, in: store) != nil)
            let answer = StoredAnswer(status: 200, body: body)
            try await store.unit { try $0.keep(answer, under: Self.key, of: Self.organization) }
            try await store.unit {
                try $0.keep(StoredAnswer(status: 500, body: []), under: Self.key, of: Self.organization)
            }
            #expect(try await record(Self.key, in: store)?.answer == answer)
        }
    }

    @Test(arguments: Engine.allCases)
    func `A refusal is forgotten after its time, a refund's key never`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let refund = IdempotencyKey(space: "s", key: "of a refund", digest: "")
            let refusal = IdempotencyKey(space: "s", key: "of a refusal", digest: "")
            #expect(try await take(refund, for: RefundID(1), at: Fixtures.now, in: store) != nil)
            #expect(try await take(refusal, for: nil, at: Fixtures.now, in: store) != nil)
            for (moment, isKept) in [(Fixtures.now - .microseconds(1), true), (Fixtures.now, false)] {
                try await store.unit { session in
                    for key in [refund, refusal] {
                        try session.forgetRefusal(key, before: moment, of: Self.organization)
                    }
                }
                #expect(try await record(refund, in: store) != nil)
                #expect((try await record(refusal, in: store) != nil) == isKept)
            }
            #expect(try await take(refusal, for: RefundID(2), at: Fixtures.now, in: store) != nil)
        }
    }

    private func take(
        _ key: IdempotencyKey, for refund: RefundID?, at now: Instant, in store: any Store
    ) async throws -> Int64? {
        try await store.unit { try $0.take(key, for: refund, of: Self.organization, at: now).first()?.value }
    }

    private func record(_ key: IdempotencyKey, in store: any Store) async throws -> IdempotencyRecord? {
        try await store.look { try $0.idempotencyRecord(key, of: Self.organization) }
    }
}
