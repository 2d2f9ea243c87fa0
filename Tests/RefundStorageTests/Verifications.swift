import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// A change that breaks a promise, and the breaches that should be found: each an invariant and a record.
struct BrokenPromise: CustomTestStringConvertible, Sendable {
    let statement: String
    let breaches: Set<String>

    var testDescription: String { statement }

    init(_ statement: String, _ breaches: Set<String>) {
        self.statement = statement
        self.breaches = breaches
    }

    static let all = remainders + gateways + lives + ledger + keysAndAmounts + organizations

    private static let remainders = [
        BrokenPromise("update payments set reserved = captured + 1 where id = 300", ["1: 300", "5: 300"]),
        BrokenPromise("update payments set refunded = -1 where id = 301", ["1: 301", "5: 301"]),
        BrokenPromise("update payments set disputed = captured + 1 where id = 304", ["1: 304"]),
        BrokenPromise("update credit_notes set applied = total + 1 where id = 402", ["1: 402"]),
        BrokenPromise("update credit_note_lines set drawn = amount + 1 where id = 520", ["1: 520", "5: 520"]),
        BrokenPromise("update payments set reserved = reserved + 1 where id = 300", ["5: 300"]),
        BrokenPromise("update payments set refunded = refunded - 1 where id = 301", ["5: 301"]),
        BrokenPromise("update credit_notes set drawn = drawn + 1 where id = 401", ["5: 401", "6: 401"]),
        BrokenPromise("update credit_note_lines set drawn = drawn - 1 where id = 510", ["5: 510"]),
        BrokenPromise("delete from line_draws where refund_id = 1", ["5: 510"]),
    ]

    private static let gateways = [
        BrokenPromise("delete from payouts where refund_id = 1", ["3: 1"]),
        BrokenPromise("update payouts set key = '' where refund_id = 1", ["3: 1"]),
        BrokenPromise("update payouts set gateway = 'other' where refund_id = 1", ["3: 1"]),
        BrokenPromise("update payouts set gateway_reference = 're'", ["3: 1"]),
    ]

    private static let lives = [
        BrokenPromise("update refunds set state = 'submitting' where id = 1", ["4: 1"]),
        BrokenPromise("delete from refund_steps where refund_id = 1 and step = 3", ["4: 1"]),
        BrokenPromise("delete from refund_steps where refund_id = 1 and step = 2", ["4: 1"]),
        BrokenPromise("update refund_steps set event = 'lost' where refund_id = 2 and step = 2", ["4: 2"]),
        BrokenPromise(
            """
            insert into refund_steps \
            select organization_id, refund_id, 4, 'succeeded', 'succeeded', at, 'person:x', '' \
            from refund_steps where refund_id = 3 and step = 3; update refunds set step = 4 where id = 3; \
            update refund_steps set state = 'unknown', event = 'lost' where refund_id = 3 and step = 3
            """, ["4: 3"]),
    ]

    private static let ledger = [
        BrokenPromise("update journal_lines set amount = amount + 1 where record_id = 2 and line = 2", ["6: 2"]),
        BrokenPromise("update journal_lines set base_amount = 0 where record_id = 2 and line = 1", ["6: 2"]),
        BrokenPromise("delete from journal_lines where record_id = 1", ["6: 1", "6: 401"]),
        BrokenPromise("delete from journal_lines where record_id = 400", ["6: 400"]),
        BrokenPromise("update credit_notes set applied = applied + 1 where id = 405", ["6: 405"]),
        BrokenPromise("update journal_lines set base_amount = 2 * base_amount where record_id = 2", ["6: 2"]),
    ]

    private static let keysAndAmounts = [
        BrokenPromise("update idempotency_records set refund_id = 99 where key = 'one'", ["7: 99"]),
        BrokenPromise("update idempotency_records set refund_id = 1", ["7: 1"]),
        BrokenPromise("update refunds set currency = 'USD' where id = 2", ["8: 2"]),
        BrokenPromise("update refunds set currency = 'ZZZ' where id = 2", ["8: 2"]),
        BrokenPromise("update payments set currency = 'USD' where id = 301", ["8: 2"]),
        BrokenPromise(
            """
            insert into parties values (10, 777, 'customer', 'Bea', '', 1); delete from note_backings; \
            update credit_notes set party_id = 777 where id = 401
            """, ["8: 401"]),
    ]

    private static let organizations = [
        BrokenPromise("delete from parties where id = 100", ["9: 1", "9: 2", "9: 3"]),
        BrokenPromise("update payments set organization_id = 11 where id = 301", ["5: 301", "9: 2"]),
        BrokenPromise("update refunds set credit_note_id = 999 where id = 3", ["5: 1000003", "6: 1000003", "9: 3"]),
    ]
}

/// What `refundry verify` finds.
@Suite struct `The verification` {
    @Test(arguments: Engine.allCases)
    func `Sound books have no breach, and a word kept for a person is none`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await fill(store)
            _ = try await store.unit { try $0.apply(.word(.report(.of(300, .failed(.unknown)))), to: RefundID(3)) }
            _ = try await store.unit { try $0.apply(.word(.report(.of(300, .succeeded))), to: RefundID(3)) }
            let found = try await store.look { (try $0.breaches(), try $0.exceptions().map(\.refund)) }
            #expect(found.0 == [])
            #expect(found.1 == [RefundID(3)])
        }
    }

    @Test(arguments: BrokenPromise.all)
    func `Every broken promise is found, with the record that breaks it`(promise: BrokenPromise) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("refundry.sqlite")
            try await withStore(at: path) { store in
                try await Fixtures.put(in: store)
                try await fill(store)
                try await OtherConnection(to: path, isHeedless: true).run(promise.statement)
                let breaches = try await store.look { try $0.breaches() }
                let found = Set(breaches.map { "\($0.invariant.rawValue): \($0.record)" })
                #expect(found == promise.breaches, "\(breaches)")
            }
        }
    }

    /// A remainder of rounding in the base currency stays on nothing that is done.
    @Test func `A refund that is done owes nothing in the base currency either`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("refundry.sqlite")
            try await withStore(at: path) { store in
                try await Fixtures.put(in: store)
                let order = RefundOrder(
                    id: 1, source: .payment(Fixtures.foreignPayment.id, raisingNote: false), minorUnits: 100,
                    way: .offline(.cash))
                _ = try await store.unit { try $0.accept(order) }
                let before = try await store.look { try $0.breaches() }
                #expect(before == [])
                try await OtherConnection(to: path, isHeedless: true).run(
                    "update journal_lines set base_amount = base_amount * 3 where record_id = 1 and step = 2")
                let after = try await store.look { try $0.breaches() }
                #expect(after.map(\.record) == [1])
                #expect(after.map(\.invariant) == [.ledgerBalances])
            }
        }
    }

    /// Refund 1 pending, of a note through the card; 2 handed over in cash; 3 accepted, with a note of its own.
    private func fill(_ store: any Store) async throws {
        let orders = [
            RefundOrder(
                id: 1, source: .note(Fixtures.noteBehindCard.id, through: Fixtures.cardPayment.id, lines: []),
                minorUnits: 100, isClaimed: true),
            RefundOrder(id: 2, source: .payment(Fixtures.cashPayment.id, raisingNote: false), minorUnits: 200),
            RefundOrder(
                id: 3, source: .payment(Fixtures.cardPayment.id, raisingNote: true), minorUnits: 300,
                isClaimed: true),
        ]
        for order in orders { _ = try await store.unit { try $0.accept(order) } }
        _ = try await store.unit { session in
            for (text, refund) in [("one", RefundID(1)), ("two", RefundID(2)), ("none", nil)] {
                let key = IdempotencyKey(space: "s", key: text, digest: "")
                let organization = Fixtures.organization.id
                _ = try session.take(key, for: refund, of: organization, at: Fixtures.now).first()
            }
            return try session.apply(.word(.report(.of(100, .pending))), to: RefundID(1))
        }
        _ = try await store.unit { try $0.apply(.word(.report(.of(300, .succeeded))), to: RefundID(3)) }
    }
}
