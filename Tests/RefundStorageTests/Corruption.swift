import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// A change behind the program's back, and what it should be told as.
struct Tampering: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let read: @Sendable (any Session) throws -> Void

    /// A word that was never written; `read` meets it.
    init(_ statement: String, _ read: @escaping @Sendable (any Session) throws -> Void) {
        testDescription = statement
        self.read = read
    }

    private static let organization = Fixtures.organization.id

    static let words = [
        Tampering("update organizations set base_currency = 'ZZZ'") { _ = try $0.organization(organization) },
        Tampering("update settings set value = '-1' where name = 'refund_window_days'") {
            _ = try $0.organization(organization)
        },
        Tampering("update settings set name = 'nonsense' where name = 'duplicate_hold'") { _ = try $0.organizations() },
        Tampering("update payments set mode = 'barter'") {
            _ = try $0.payment(Fixtures.cardPayment.id, of: organization)
        },
        Tampering("update payments set currency = 'inr'") {
            _ = try $0.payment(Fixtures.cardPayment.id, of: organization)
        },
        Tampering("update payments set rate = '-1'") { _ = try $0.payment(Fixtures.cardPayment.id, of: organization) },
        Tampering("update payments set rate = '1e9'") {
            _ = try $0.reserve(Money(minorUnits: 1, currency: Fixtures.rupee), on: PaymentID(300), of: organization)
                .rows()
        },
        Tampering("update payment_methods set mode = ''") {
            _ = try $0.paymentMethod(Fixtures.card.id, of: organization)
        },
        Tampering("update credit_notes set currency = '???'") {
            _ = try $0.creditNote(Fixtures.openNote.id, of: organization)
        },
        Tampering("update credit_notes set rate = ''") {
            _ = try $0.creditNote(Fixtures.openNote.id, of: organization)
        },
        Tampering("update refunds set currency = 'XAU'") { _ = try $0.refund(RefundID(1), of: organization) },
        Tampering("update refunds set rate = '0'") { _ = try $0.refund(RefundNumber(1), of: organization) },
        Tampering("update refunds set reason = 'whim'") { _ = try $0.refunds(RefundQuery(), of: organization) },
        Tampering("update refunds set failure_reason = 'fate'") { _ = try $0.refund(RefundID(1), of: organization) },
        Tampering("update refund_steps set event = 'blessed'") {
            _ = try $0.history(of: RefundID(1), of: organization)
        },
        Tampering("update refund_steps set state = 'lost'") { _ = try $0.history(of: RefundID(1), of: organization) },
        Tampering("update journal_lines set cause = 'whim'") { _ = try $0.postings(of: 1, of: organization) },
        Tampering("update journal_lines set currency = 'rup'") { _ = try $0.postings(of: 1, of: organization) },
    ]

    /// Words that a CHECK keeps out, where one is not held.
    static let unchecked = [
        Tampering("update payments set state = 'open'") {
            _ = try $0.payment(Fixtures.cardPayment.id, of: organization)
        },
        Tampering("update payment_methods set state = 'open'") {
            _ = try $0.paymentMethod(Fixtures.card.id, of: organization)
        },
        Tampering("update parties set role = 'friend'") { _ = try $0.party(Fixtures.customer.id, of: organization) },
        Tampering("update credit_notes set state = 'closed', drawn = 0") {
            _ = try $0.creditNote(Fixtures.openNote.id, of: organization)
        },
        Tampering("update refunds set state = 'done'") { _ = try $0.refund(RefundID(1), of: organization) },
        Tampering("update refunds set initiator = 'nobody'") { _ = try $0.refund(RefundID(1), of: organization) },
        Tampering("update refunds set mode = null, gateway = null") {
            _ = try $0.refund(RefundID(1), of: organization)
        },
    ]
}

/// What was read and never written.
@Suite struct `Corrupt rows` {
    @Test(arguments: Engine.allCases, Tampering.words)
    func `A word that was never written is corrupt, to a reader and to a unit`(
        engine: Engine, tampering: Tampering
    ) async throws {
        try await expectCorrupt(engine, tampering)
    }

    @Test(arguments: Engine.sqlite, Tampering.unchecked)
    func `So is one that a check would have kept out`(engine: Engine, tampering: Tampering) async throws {
        try await expectCorrupt(engine, tampering, before: "pragma ignore_check_constraints = on")
    }

    @Test(arguments: Engine.allCases)
    func `A unit that met a corrupt word leaves nothing, and its neighbours stay`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            try await store.unit { try $0.run("update payments set mode = 'barter'") }
            let heard = try await inOneGroup(
                store,
                { session in try session.mark(0) },
                { session in
                    try session.mark(1)
                    do { _ = try session.payment(PaymentID(300), of: Fixtures.organization.id) } catch {}
                },
                { session in try session.mark(2) })
            #expect(heard.map(\.word) == ["()", "corrupt", "()"])
            #expect(try await store.marks() == [0, 2])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A refund without its party is not shown`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let source = RefundOrder.Source.payment(Fixtures.cashPayment.id, raisingNote: false)
            let decision = try await store.unit { try $0.accept(RefundOrder(id: 1, source: source, minorUnits: 1)) }
            let code = await code(
                { _ = try $0.view(of: decision.refund, for: .native, of: Fixtures.stranger.id) }, in: store)
            #expect(code == .corrupt)
        }
    }

    private func expectCorrupt(_ engine: Engine, _ tampering: Tampering, before: String? = nil) async throws {
        try await withFixtures(engine) { store in
            let source = RefundOrder.Source.payment(Fixtures.cashPayment.id, raisingNote: false)
            try await store.unit { session in
                _ = try session.accept(RefundOrder(id: 1, source: source, minorUnits: 1))
                if let before { try session.run(before) }
                try session.run(tampering.testDescription)
            }
            #expect(await store.word(of: tampering.read) == "corrupt")
            // Guarded updates only write.
            if !tampering.testDescription.contains("1e9") {
                #expect(await code(tampering.read, in: store) == .corrupt)
            }
        }
    }

    private func code(
        _ read: @escaping @Sendable (any Session) throws -> Void, in store: any Store
    ) async -> StorageError.Code? {
        do {
            try await store.look(read)
            return nil
        } catch {
            return (error as? StorageError)?.code
        }
    }
}
