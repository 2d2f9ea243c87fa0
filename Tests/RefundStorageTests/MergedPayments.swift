import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// Payments that programs of schema version 4 let in with one charge.
@Suite struct `Payments of one charge` {
    private static let engines = [Engine.sqliteFile, .postgres]

    @Test(arguments: engines)
    func `become the one with most refunds, which has what all of them had`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 40, disputed: 10, charge: "ch_1")
        books.payment(301, captured: 120, refunded: 100, charge: "ch_1")
        books.refund(1, of: 40, payment: 300, by: true, .succeeded)
        books.refund(2, of: 50, payment: 301, by: true, .succeeded)
        books.refund(3, of: 50, payment: 301, by: true, .succeeded)
        books.refund(4, of: 7, payment: 300, by: true, .failed)
        books.note(400, total: 60, drawn: 5, behind: 300)
        books.refund(5, of: 5, payment: nil, note: 400, .succeeded)
        books.refund(6, of: 1, payment: 301, by: true, .failed)
        books.refund(7, of: 1, payment: 301, by: true, .failed)
        books.dispute("d", of: 300, "open", amount: 10, held: 10)
        books.alias(300, "order-300")
        books.alias(301, "order-301")
        try await migrated(engine, books) { (session) throws in
            #expect(try session.integers("select id from payments") == [301])
            let figures = try session.figures(of: 301)
            #expect(figures == Figures(captured: 120, refunded: 145, claims: 10, excess: 25))
            #expect(try session.overRefunds() == [25, 25])
            #expect(try session.integers("select distinct payment_id from refunds") == [301])
            #expect(try session.integers("select distinct payment_id from refund_allocations") == [301])
            #expect(try session.integers("select payment_id from credit_notes") == [301])
            #expect(try session.integers("select payment_id from note_backings where allocated = 5") == [301])
            #expect(try session.integers("select payment_id from charge_disputes") == [301])
            #expect(try session.integers("select payment_id from charge_references") == [301])
            #expect(try session.integers("select distinct record_id from aliases") == [301])
            let organization = OrganizationID(10)
            #expect(try session.payment(PaymentID(300), of: organization)?.id == PaymentID(301))
            #expect(try session.payment(PaymentID(302), of: organization) == nil)
            #expect(
                try session.openExceptions() == [
                    "captured_differs.payment.301", "disputed_after_refund.payment.301", "over_refunded.payment.301",
                ])
        }
    }

    @Test(arguments: engines)
    func `become the oldest where they have as many refunds, and one that succeeded`(engine: Engine) async throws {
        var books = OldBooks()
        for id in [300, 301, 302] { books.payment(id, captured: id == 300 ? 0 : 100, charge: "ch_1") }
        books.add("update payments set state = 'pending' where id = 300")
        try await migrated(engine, books) { (session) throws in
            #expect(try session.integers("select id from payments where state = 'succeeded'") == [300])
            #expect(try session.figures(of: 300) == Figures(captured: 100, refunded: 0, claims: 0, excess: 0))
            #expect(try session.integers("select id from merged_payments order by id") == [301, 302])
            #expect(try session.openExceptions() == ["captured_differs.payment.300"])
        }
    }

    @Test(arguments: engines)
    func `heal what one was over-refunded by where another captured more`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 120, excess: 20, currency: "USD", rate: 84, charge: "ch_1")
        books.payment(301, captured: 150, currency: "USD", rate: 84, charge: "ch_1")
        books.refund(1, of: 60, payment: 300, .succeeded, currency: "USD", rate: 84)
        books.refund(2, of: 60, payment: 300, by: true, .late, paymentLacked: 20, currency: "USD", rate: 84)
        try await migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(captured: 150, refunded: 120, claims: 0, excess: 0))
            #expect(try session.overRefunds() == [0, 0])
            #expect(try session.openExceptions() == ["captured_differs.payment.300", "contradicted.refund.2"])
            let id = ExceptionID(.overRefunded, about: .payment(PaymentID(300)))
            let steps = try session.steps(of: id, of: OrganizationID(10))
            #expect(steps.map(\.event) == [.opened, .resolved])
            #expect(steps.map(\.actor) == ["program", "program"])
        }
    }

    @Test(arguments: engines)
    func `are over-refunded together, at the rate at which their refunds were posted`(engine: Engine) async throws {
        var books = OldBooks()
        for id in [300, 301] {
            books.payment(id, captured: 100, refunded: 100, currency: "USD", rate: 84, charge: "ch_1")
            books.refund(id - 299, of: 100, payment: id, by: true, .succeeded, currency: "USD", rate: 84)
        }
        try await migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(captured: 100, refunded: 200, claims: 0, excess: 100))
            #expect(try session.overRefunds() == [100, 8_400])
            #expect(try session.openExceptions() == ["over_refunded.payment.300"])
        }
    }

    @Test(arguments: engines)
    func `count what was refunded of a note beside the one that captured less`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 60, charge: "ch_1")
        books.payment(301, captured: 100, charge: "ch_1")
        books.note(400, total: 100, drawn: 100, behind: 300)
        books.refund(1, of: 50, payment: nil, note: 400, .succeeded)
        books.refund(2, of: 50, payment: nil, note: 400, .succeeded)
        try await migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(captured: 100, refunded: 100, claims: 0, excess: 0))
            #expect(try session.integers("select amount from note_backings") == [100])
            #expect(try session.integers("select allocated from note_backings") == [100])
            #expect(try session.integers("select amount from refund_allocations order by refund_id") == [50, 50])
        }
    }

    @Test(arguments: engines)
    func `stay apart and are barred where they are of different parties or currencies`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 60, charge: "ch_1")
        books.payment(301, captured: 100, party: 101, charge: "ch_1")
        books.payment(302, captured: 100, party: 101, charge: "ch_1")
        books.payment(303, captured: 100, currency: "USD", rate: 84, charge: "ch_2")
        books.payment(304, captured: 100, charge: "ch_2")
        books.payment(305, captured: 100, charge: "ch_3")
        books.refund(1, of: 60, payment: 300, by: true, .succeeded)
        try await migrated(engine, books) { (session) throws in
            let barred = try session.integers("select id from payments where is_barred = 1 order by id")
            #expect(barred == [300, 301, 303, 304])
            #expect(try session.integers("select payment_id from merged_payments where id = 302") == [301])
            #expect(try session.openExceptions() == barred.map { "mismatched_link.payment.\($0)" })
            let rupee = Money(minorUnits: 1, currency: Fixtures.rupee)
            for (id, isTaken) in [(Int64(300), false), (301, false), (304, false), (305, true)] {
                let taken = try session.reserve(rupee, on: PaymentID(id), of: OrganizationID(10)).first()
                #expect((taken != nil) == isTaken, "\(id)")
            }
            // What a gateway tells is a fact there too.
            let after = try session.move(reserving: 0, refunding: 0, on: PaymentID(300), of: OrganizationID(10)).after
            #expect(after.isBarred)
        }
    }

    @Test(arguments: engines)
    func `are told of before, and nothing is changed by it`(engine: Engine) async throws {
        var books = OldBooks()
        for id in [300, 301, 302] { books.payment(id, captured: 100, charge: "ch_1") }
        books.payment(310, captured: 100, charge: "ch_2")
        books.payment(311, captured: 100, party: 101, charge: "ch_2")
        books.payment(312, captured: 90, party: 101, charge: "ch_2")
        let simulator = GatewayName("simulator")
        let organization = OrganizationID(10)
        try await withEarlierPlace(engine, version: 4) { place in
            try place.run(books.statements)
            for _ in 0..<2 {
                #expect(
                    try place.check().findings == [
                        .merged(
                            organization, Charge(gateway: simulator, reference: "ch_1"),
                            [PaymentID(301), PaymentID(302)], into: PaymentID(300)),
                        .merged(
                            organization, Charge(gateway: simulator, reference: "ch_2"), [PaymentID(312)],
                            into: PaymentID(311)),
                        .chargeBarred(
                            organization, Charge(gateway: simulator, reference: "ch_2"),
                            [PaymentID(310), PaymentID(311)]),
                        .exceptions(.capturedDiffers, count: 1), .exceptions(.mismatchedLink, count: 2),
                    ])
            }
        }
    }

    /// Migrates, looks, and finds nothing broken.
    private func migrated(
        _ engine: Engine, _ books: OldBooks, _ look: @escaping @Sendable (any Session) throws -> Void
    ) async throws {
        try await withEarlierPlace(engine, version: 4) { place in
            try place.run(books.statements)
            let store = try place.open(migrating: true)
            try await closing(store) {
                // As a writing: it tries what the guards of a payment let through.
                try await store.write(for: OrganizationID(10)) { session in
                    #expect(try session.breaches(at: Fixtures.now).map(\.detail) == [])
                    try look(session)
                }
            }
        }
    }
}

/// What a payment has, and what it is over-refunded by.
private struct Figures: Equatable {
    let captured: Int64
    let refunded: Int64
    let claims: Int64
    let excess: Int64
}

extension Session {
    fileprivate func figures(of payment: Int64) throws(StorageError) -> Figures? {
        let found = try self.payment(PaymentID(payment), of: OrganizationID(10))
        return found.map { payment in
            Figures(
                captured: payment.balance.captured, refunded: payment.balance.refunded,
                claims: payment.balance.claims, excess: payment.balance.overRefunded)
        }
    }

    fileprivate func openExceptions() throws(StorageError) -> [String] {
        try exceptions().map(\.id.text).sorted()
    }

    fileprivate func overRefunds() throws(StorageError) -> [Int64] {
        let sum = "select coalesce(cast(sum(amount) as bigint), 0) from journal_lines where account = 'over_refunds'"
        return try integers(sum) + integers(sum.replacing("(amount)", with: "(base_amount)"))
    }
}
