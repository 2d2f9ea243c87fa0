import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// What programs of schema version 4 left of payments and notes, as the purse has it after a migration.
@Suite struct `A migrated purse` {
    private static let engines = [Engine.sqliteFile, .postgres]

    @Test(arguments: engines)
    func `counts what was refunded of a note in cash on the payment behind it`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 100, charge: "ch_1")
        books.note(400, total: 60, drawn: 60, behind: 300)
        books.refund(1, of: 60, payment: nil, note: 400, .succeeded)
        books.refund(2, of: 100, payment: 300, by: true, .succeeded)
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(refunded: 160, excess: 60))
            #expect(try session.overRefunds() == [60, 60])
            #expect(try session.integers("select payment_id from refunds order by id") == [300, 300])
            #expect(try session.integers("select allocated from note_backings") == [60])
            let open = try session.exceptions()
            #expect(open.map(\.id.text) == ["over_refunded.payment.300"])
            #expect(open.map(\.cause) == ["history"])
            #expect(open.map(\.payment) == [PaymentID(300)])
        }
    }

    @Test(arguments: engines)
    func `posts what two notes took beyond their payment, though no refund named it`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100)
        for note in [400, 410] {
            books.note(note, total: 60, drawn: 60, behind: 300)
            books.refund(note - 399, of: 60, payment: nil, note: note, .succeeded)
        }
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(refunded: 120, excess: 20))
            #expect(try session.overRefunds() == [20, 20])
        }
    }

    @Test(arguments: engines, [("INR", 1), ("USD", 84)])
    func `is over-refunded by nothing once another refund was voided after a late success`(
        engine: Engine, money: (String, Int)
    ) async throws {
        let (currency, rate) = money
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 100, excess: 20, currency: currency, rate: rate, charge: "ch_1")
        books.refund(1, of: 60, payment: 300, .voided, currency: currency, rate: rate)
        books.refund(
            2, of: 60, payment: 300, by: true, .late, paymentLacked: 20, currency: currency, rate: rate)
        books.refund(3, of: 40, payment: 300, .succeeded, currency: currency, rate: rate)
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(refunded: 100, excess: 0))
            #expect(try session.overRefunds() == [0, 0])
            let posted = try session.postings(of: 300, of: OrganizationID(10))
            #expect(posted.map(\.account) == ["over_refunds", "unallocated_refunds"])
            #expect(posted.map(\.amount.minorUnits) == [-20, 20])
            #expect(posted.map(\.baseMinorUnits) == [Int64(-20 * rate), Int64(20 * rate)])
            #expect(try session.exceptions().map(\.kind) == [.contradicted])
        }
    }

    @Test(arguments: engines)
    func `is told of as over-refunded beside what was kept of its late success`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 120, excess: 20, currency: "USD", rate: 84, charge: "ch_1")
        books.refund(1, of: 60, payment: 300, .succeeded, currency: "USD", rate: 84)
        books.refund(2, of: 60, payment: 300, by: true, .late, paymentLacked: 20, currency: "USD", rate: 84)
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(refunded: 120, excess: 20))
            #expect(try session.overRefunds() == [20, 1_680])
            #expect(try session.postings(of: 300, of: OrganizationID(10)) == [])
            #expect(Set(try session.exceptions().map(\.kind)) == [.contradicted, .overRefunded])
        }
    }

    @Test(arguments: engines, [9_000_000_000_000, 1_000_000_000_000_001])
    func `reckons amounts whose product exceeds 64 bits, to the last unit`(
        engine: Engine, amount: Int
    ) async throws {
        var books = OldBooks()
        books.payment(300, captured: amount, currency: "USD", rate: 84)
        for note in [400, 410] {
            books.note(note, total: amount, drawn: amount, behind: 300, currency: "USD", rate: 84)
            books.refund(note - 399, of: amount, payment: nil, note: note, .succeeded, currency: "USD", rate: 84)
        }
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.overRefunds() == [Int64(amount), Int64(amount * 84)])
        }
    }

    @Test(arguments: engines)
    func `gives what came free on a note to the late success that lacked it`(engine: Engine) async throws {
        var books = OldBooks()
        books.note(400, total: 100, drawn: 40, behind: nil, currency: "USD", rate: 84)
        books.refund(1, of: 60, payment: nil, note: 400, .voided, currency: "USD", rate: 84)
        books.refund(
            2, of: 80, payment: nil, note: 400, by: true, .late, noteLacked: 40, currency: "USD", rate: 84)
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.integers("select drawn from credit_notes") == [80])
            #expect(try session.integers("select lacking from credit_notes") == [0])
            #expect(try session.integers("select note_shortfall from refunds order by id") == [0, 0])
            #expect(try session.overRefunds() == [0, 0])
            #expect(try session.row(StoredInteger.self, sql(unallocated), [])?.value == 0)
        }
    }

    private let unallocated = """
        select coalesce(cast(sum(amount) as bigint), 0) from journal_lines where account = 'unallocated_refunds'
        """

    @Test(arguments: engines)
    func `has of disputes what they claim, and of its owner what nobody else has told`(engine: Engine) async throws {
        var books = OldBooks()
        for id in 300...303 { books.payment(id, captured: 100, disputed: id == 302 ? 0 : 100, charge: "ch_\(id)") }
        books.payment(304, captured: 100, refunded: 60, disputed: 40, charge: "ch_304")
        books.refund(1, of: 60, payment: 304, .succeeded)
        books.dispute("d0", of: 300, "open", amount: 30, held: 100)
        books.dispute("d1", of: 301, "lost", amount: 100, held: 100)
        books.dispute("d2", of: 302, "won", amount: 100, held: 0)
        books.dispute("d4", of: 304, "open", amount: 5, held: 40, currency: "USD")
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.integers("select disputed from payments order by id") == [30, 100, 0, 100, 40])
            #expect(try session.integers("select claims from payments order by id") == [30, 100, 0, 100, 100])
            #expect(try session.integers("select claims_told from payments order by id") == [0, 0, 0, 100, 0])
            #expect(try session.integers("select is_disputed from payments order by id") == [1, 1, 1, 0, 1])
        }
    }

    @Test(arguments: engines)
    func `of another party or currency is cut from a note, or bars it where refunds went by it`(
        engine: Engine
    ) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 30, party: 101)
        books.payment(301, captured: 100, currency: "USD")
        books.note(400, total: 60, behind: 300)
        books.note(410, total: 60, drawn: 20, behind: 301)
        books.refund(1, of: 20, payment: nil, note: 410, .succeeded)
        books.note(420, total: 60, drawn: 30, behind: 300)
        books.refund(2, of: 30, payment: 300, note: 420, .succeeded)
        try await Self.migrated(engine, books) { (session) throws in
            let links = try session.integers("select coalesce(payment_id, 0) from credit_notes order by id")
            #expect(links == [0, 0, 300])
            #expect(try session.integers("select count(*) from note_backings") == [0])
            #expect(try session.figures(of: 300) == Figures(refunded: 30, excess: 0))
            let open = try session.exceptions()
            #expect(open.map(\.id.text) == ["mismatched_link.credit_note.420"])
            #expect(open.map(\.payment) == [PaymentID(300)])
        }
    }

    @Test(arguments: engines)
    func `tells of what disputes claim and refunds have taken`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 60, disputed: 40, charge: "ch_1")
        books.refund(1, of: 60, payment: 300, by: true, .succeeded)
        books.dispute("d", of: 300, "lost", amount: 100, held: 40)
        books.payment(301, captured: 100, refunded: 60, disputed: 40, charge: "ch_2")
        books.refund(2, of: 60, payment: 301, by: true, .succeeded)
        books.dispute("e", of: 301, "open", amount: 40, held: 40)
        try await Self.migrated(engine, books) { (session) throws in
            let open = try session.exceptions()
            #expect(open.map(\.id.text) == ["disputed_after_refund.payment.300"])
            #expect(open.map(\.refund) == [RefundID(1)])
            #expect(open.map(\.cause) == ["history"])
            let id = ExceptionID(.disputedAfterRefund, about: .payment(PaymentID(300)))
            #expect(try session.steps(of: id, of: OrganizationID(10)).map(\.event) == [.opened])
        }
    }

    @Test(arguments: engines)
    func `carries what a refund lacked of its own note, which was void when it succeeded late`(
        engine: Engine
    ) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, refunded: 120, excess: 20, charge: "ch_1")
        books.note(400, total: 60, behind: 300, isVoid: true)
        books.refund(
            1, of: 60, payment: 300, note: 400, by: true, .late, paymentLacked: 20, noteLacked: 60, isNoteVoid: true)
        books.note(410, total: 60, drawn: 60, behind: 300)
        books.refund(2, of: 60, payment: 300, note: 410, .succeeded)
        try await Self.migrated(engine, books) { (session) throws in
            #expect(try session.figures(of: 300) == Figures(refunded: 120, excess: 20))
            #expect(try session.overRefunds() == [20, 20])
            #expect(try session.integers("select lacking from credit_notes order by id") == [60, 0])
            #expect(try session.integers("select excess from credit_notes order by id") == [0, 0])
        }
    }

    @Test(arguments: engines)
    func `is as it was after a look at what a migration would change`(engine: Engine) async throws {
        var books = OldBooks()
        books.payment(300, captured: 100, disputed: 100, charge: "ch_1")
        books.payment(301, captured: 100, party: 101, charge: "ch_1")
        books.payment(302, captured: 100)
        books.note(400, total: 60, behind: 301)
        for note in [410, 420] {
            books.note(note, total: 60, drawn: 60, behind: 302)
            books.refund(note - 409, of: 60, payment: nil, note: note, .succeeded)
        }
        books.dispute("d", of: 300, "open", amount: 30, held: 100)
        try await withEarlierPlace(engine, version: 4) { place in
            try place.run(books.statements)
            let organization = OrganizationID(10)
            for _ in 0..<2 {
                let check = try place.check()
                #expect(check.version == 4)
                #expect(check.versions == Array(5...Schema.current))
                let found = check.findings
                #expect(
                    Array(found.prefix(4)) == [
                        .overRefunded(
                            organization, PaymentID(302), before: .zero(Fixtures.rupee), after: Self.rupees(20)),
                        .linkCut(organization, CreditNoteID(400), from: PaymentID(301)),
                        .chargeBarred(
                            organization, Charge(gateway: GatewayName("simulator"), reference: "ch_1"),
                            [PaymentID(300), PaymentID(301)]),
                        .disputed(organization, PaymentID(300), held: Self.rupees(100), claims: Self.rupees(30)),
                    ])
                #expect(
                    Array(found.dropFirst(4)) == [
                        .exceptions(.mismatchedLink, count: 2), .exceptions(.overRefunded, count: 1),
                    ])
            }
            await (try place.open(migrating: true)).close()
            let again = try place.check()
            #expect(again.versions == [])
            #expect(again.findings == [])
        }
    }

    private static func rupees(_ minorUnits: Int64) -> Money {
        Money(minorUnits: minorUnits, currency: Fixtures.rupee)
    }

    /// Migrates and looks, and holds the books against the promises.
    private static func migrated(
        _ engine: Engine, _ books: OldBooks, breaches: [String] = [],
        _ look: @escaping @Sendable (any Session) throws -> Void
    ) async throws {
        try await withEarlierPlace(engine, version: 4) { place in
            try place.run(books.statements)
            let store = try place.open(migrating: true)
            try await closing(store) {
                let found = try await store.look { session in
                    try look(session)
                    return try session.breaches().map(\.detail)
                }
                #expect(found == breaches)
            }
        }
    }
}

/// What refunds took of a payment, and what they took beyond it.
private struct Figures: Equatable {
    let refunded: Int64
    let excess: Int64
}

extension Session {
    fileprivate func figures(of payment: Int64) throws(StorageError) -> Figures? {
        let refunded = try integers("select refunded from payments where id = $1", [.integer(payment)])
        let excess = try integers("select excess from payments where id = $1", [.integer(payment)])
        guard let refunded = refunded.first, let excess = excess.first else { return nil }
        return Figures(refunded: refunded, excess: excess)
    }

    /// The balance of `over_refunds`, in its currency and in the base currency.
    fileprivate func overRefunds() throws(StorageError) -> [Int64] {
        let sum = "select coalesce(cast(sum(amount) as bigint), 0) from journal_lines where account = 'over_refunds'"
        return try integers(sum) + integers(sum.replacing("(amount)", with: "(base_amount)"))
    }
}
