import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Notes behind which several payments stand, or one that covers a part; two roads, and one purse.
@Suite struct `A note that payments back in part` {
    private static let id = Fixtures.organization.id
    private static let note = RequestRefund.Source.creditNote(Brought.reference("n1"), lines: [])

    private static func of(_ payment: String) -> RequestRefund.Source {
        .payment(Brought.reference(payment), raisingNote: false)
    }

    private static func with(
        _ engine: Engine, captured: [String: Int64], backed: [(String, Int64)], lone: String? = nil,
        _ body: @escaping @Sendable (ServiceNode) async throws -> Void
    ) async throws {
        try await withService(engine) { node, _ in
            var records: [RecordBatch.Entry] = [.party(Brought.party()), .paymentMethod(Brought.method)]
            for (name, amount) in captured.sorted(by: { $0.key < $1.key }) {
                records.append(.payment(Brought.payment(name, captured: Brought.rupees(amount))))
            }
            var note = Brought.note("n1", behind: lone)
            note.payments = backed.map {
                PutCreditNote.Backing(payment: Brought.reference($0.0), amount: Brought.rupees($0.1))
            }
            records.append(.creditNote(note))
            _ = try await node.operations.put(Brought.batch(records, updates: true), for: id)
            try await body(node)
            #expect(try await node.operations.breaches() == [])
        }
    }

    private static func cash(_ node: ServiceNode, _ source: RequestRefund.Source, _ amount: String) async throws
        -> RefundError?
    {
        await node.operations.answer(to: try .of(source, amount, way: .offline(.cash))).refusal
    }

    private static func balance(_ node: ServiceNode, _ payment: String) async throws -> PaymentBalance {
        try await node.operations.retrievePayment(Brought.reference(payment), of: id).balance
    }

    /// The note is worth 118.00: 68.00 came in by one payment and 50.00 by another.
    @Test(arguments: Engine.allCases)
    func `Takes its payments in their order, of each what it has left, and no more than they have together`(
        engine: Engine
    ) async throws {
        try await Self.with(
            engine, captured: ["p1": 6_800, "p2": 5_000], backed: [("p1", 6_800), ("p2", 5_000)]
        ) { (node: ServiceNode) async throws in
            #expect(try await Self.cash(node, Self.note, "78.00") == nil)
            #expect(try await Self.balance(node, "p1").refunded == 6_800)
            #expect(try await Self.balance(node, "p2").refunded == 1_000)
            #expect(try await Self.cash(node, Self.of("p2"), "40.01") != nil)
            #expect(try await Self.cash(node, Self.of("p2"), "40.00") == nil)
            #expect(try await Self.cash(node, Self.note, "40.00") == .paymentRefunded)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Goes back by the charge of one payment alone, the first that has enough`(engine: Engine) async throws {
        try await Self.with(
            engine, captured: ["p1": 6_800, "p2": 5_000], backed: [("p2", 5_000), ("p1", 6_800)]
        ) { (node: ServiceNode) async throws in
            let view = try await node.operations.refund(.of(Self.note, "60.00"))
            #expect(view.payout?.target == .charge("ch_p1"))
            #expect(try await Self.balance(node, "p1").taken == 6_000)
            let refused = await node.operations.answer(to: try .of(Self.note, "50.01"))
            #expect(refused.refusal == .exceedsPaymentBehindNote(Brought.rupees(5_000)))
        }
    }

    @Test(arguments: Engine.allCases)
    func `Takes the payment first, and what no payment backs of the note alone`(engine: Engine) async throws {
        try await Self.with(
            engine, captured: ["p1": 10_000], backed: [], lone: "p1"
        ) { (node: ServiceNode) async throws in
            let byCharge = await node.operations.answer(to: try .of(Self.note, "118.00"))
            #expect(byCharge.refusal == .exceedsPaymentBehindNote(Brought.rupees(10_000)))
            let view = try await node.operations.refund(.of(Self.note, "118.00", way: .offline(.cash)))
            #expect(try await Self.balance(node, "p1").refunded == 10_000)
            #expect(try await Self.cash(node, Self.of("p1"), "0.01") == .paymentRefunded)
            _ = try await node.operations.cancelRefund(
                reference(view.refund.id), of: Self.id, by: "client:41", remark: "")
            #expect(try await Self.balance(node, "p1").taken == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is not refundable while nothing is captured behind it, and backed by what is captured later`(
        engine: Engine
    ) async throws {
        try await Self.with(engine, captured: ["p1": 0], backed: [], lone: "p1") { (node: ServiceNode) async throws in
            #expect(try await Self.cash(node, Self.note, "60.00") == .paymentNotCaptured)
            let captured = Brought.payment("p1", captured: Brought.rupees(10_000))
            _ = try await node.operations.put(Brought.batch([.payment(captured)], updates: true), for: Self.id)
            #expect(try await Self.cash(node, Self.note, "60.00") == nil)
            #expect(try await Self.cash(node, Self.of("p1"), "50.00") != nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is refused where a payment that is named behind it is another party's, or named twice`(
        engine: Engine
    ) async throws {
        try await Self.with(
            engine, captured: ["p1": 6_800, "p2": 5_000], backed: []
        ) { (node: ServiceNode) async throws in
            for named in [[("p1", 6_800), ("p1", 1)], [("p1", 6_800), ("p2", 5_001)]] as [[(String, Int64)]] {
                var note = Brought.note("n2", number: "CN-42")
                note.payments = named.map {
                    PutCreditNote.Backing(payment: Brought.reference($0.0), amount: Brought.rupees($0.1))
                }
                let batch = Brought.batch([.creditNote(note)], updates: true)
                await #expect(throws: Failure.self) { try await node.operations.put(batch, for: Self.id) }
            }
        }
    }

    /// A12: a note whose applied amount grew, or that was voided since, was refunded as a whole.
    @Test(arguments: Engine.allCases)
    func `Follows its owner: what invoices use up is not refunded, and a void note not at all`(
        engine: Engine
    ) async throws {
        try await Self.with(engine, captured: [:], backed: []) { (node: ServiceNode) async throws in
            var note = Brought.note("n1")
            note.applied = Brought.rupees(7_800)
            let results = try await node.operations.put(
                Brought.batch([.creditNote(note)], updates: true), for: Self.id)
            #expect(results == [.updated])
            #expect(try await Self.cash(node, Self.note, "40.01") == .exceedsRemaining(Brought.rupees(4_000)))
            #expect(try await Self.cash(node, Self.note, "40.00") == nil)
            note.applied = Brought.rupees(7_801)
            let more = Brought.batch([.creditNote(note)], updates: true)
            await #expect(throws: Failure.self) { try await node.operations.put(more, for: Self.id) }

            var draft = Brought.note("n2", number: "CN-42")
            draft.state = .draft
            for state in [CreditNote.State.draft, .open, .void] {
                draft.state = state
                _ = try await node.operations.put(Brought.batch([.creditNote(draft)], updates: true), for: Self.id)
            }
            let void = RequestRefund.Source.creditNote(Brought.reference("n2"), lines: [])
            #expect(try await Self.cash(node, void, "1.00") == .noteIsVoid)
            draft.state = .open
            let reopened = Brought.batch([.creditNote(draft)], updates: true)
            await #expect(throws: Failure.self) { try await node.operations.put(reopened, for: Self.id) }
        }
    }

    /// Five callers at once, of two nodes over one server: what the payments have goes out once.
    @Test(arguments: 0..<4)
    func `Gives what is left once, whoever asks at the same time`(seed: Int) async throws {
        try await Self.with(
            .postgres, captured: ["p1": 6_800, "p2": 5_000], backed: [("p1", 6_800), ("p2", 5_000)]
        ) { (node: ServiceNode) async throws in
            let requests = try (0..<12).map { index in
                try RefundRequest.of(
                    index.isMultiple(of: 3) ? Self.of("p\(index % 2 + 1)") : Self.note, "\(11 + (index + seed) % 5).00",
                    way: .offline(.cash))
            }
            let answers = await node.operations.answers(to: requests)
            #expect(answers.contains { $0.refusal == nil })
            for payment in ["p1", "p2"] {
                #expect(try await Self.balance(node, payment).overRefunded == 0)
            }
        }
    }
}
