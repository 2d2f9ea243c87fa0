import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Invariant 9: one organization never sees, guesses or changes another's data.
@Suite struct `A stranger` {
    private static let stranger = Fixtures.stranger.id

    private static let references: [String: @Sendable (RefundView) -> RecordReference] = [
        "by the generated identifier": { reference($0.refund.id) },
        "by the number": {
            RecordReference(dialect: .native, text: "\($0.refund.number)", generated: nil, mayBeNumber: true)
        },
        "by the identifier it came in with": { _ in Brought.reference("r1") },
    ]

    private static let attempts: [String: @Sendable (Operations, RecordReference) async throws -> Void] = [
        "retrieve": { _ = try await $0.retrieveRefund($1, of: stranger) },
        "history": { _ = try await $0.retrieveHistory(of: $1, of: stranger) },
        "cancel": { _ = try await $0.cancelRefund($1, of: stranger, by: "client:1", remark: "") },
        "check": { _ = try await $0.checkRefund($1, of: stranger) },
        "retry": { _ = try await $0.retryRefund($1, of: stranger) },
        "resolve": {
            let resolution = Resolution(
                outcome: .failed, failure: nil, reason: "mine", evidence: "none", person: "eve")
            _ = try await $0.resolveRefund($1, of: stranger, as: resolution)
        },
    ]

    @Test func `Finds no refund, by whatever name and for whatever purpose`() async throws {
        try await withService { node, _ in
            _ = try await node.operations.put(Brought.batch(Brought.everything), for: Fixtures.organization.id)
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.08"))
            for (name, refer) in Self.references {
                for (purpose, attempt) in Self.attempts {
                    let reference = refer(view)
                    await #expect(throws: Failure.notFound(.refund, reference.text), "\(purpose) \(name)") {
                        try await attempt(node.operations, reference)
                    }
                }
            }
            #expect(try await node.operations.now(view) == view)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Finds none of the documents`() async throws {
        try await withService { node, _ in
            let operations = node.operations
            _ = try await operations.put(Brought.batch(Brought.everything), for: Fixtures.organization.id)
            for text in ["p1", "\(Fixtures.cardPayment.id)"] {
                let reference = RecordReference(dialect: .native, text: text, generated: Fixtures.cardPayment.id.value)
                await #expect(throws: Failure.notFound(.payment, text)) {
                    try await operations.retrievePayment(reference, of: Self.stranger)
                }
            }
            for text in ["n1", "CN-1", "CN-41"] {
                let reference = RecordReference(
                    dialect: .native, text: text, generated: Fixtures.openNote.id.value, mayBeNumber: true)
                await #expect(throws: Failure.notFound(.creditNote, text)) {
                    try await operations.retrieveCreditNote(reference, of: Self.stranger)
                }
            }
            let party = RecordReference(dialect: .native, text: "c1", generated: Fixtures.customer.id.value)
            await #expect(throws: Failure.notFound(.party, "c1")) {
                try await operations.retrieveParty(party, of: Self.stranger)
            }
            await #expect(throws: Failure.notFound(.party, "c1")) {
                try await operations.listContactRefunds(
                    of: party, in: RefundState.allCases, offset: 0, limit: 10, of: Self.stranger)
            }
            for listed in [
                ListedRecord.party(party), .payment(reference(Fixtures.cardPayment.id)),
                .creditNote(reference(Fixtures.openNote.id)),
            ] {
                await #expect(throws: Failure.self) {
                    try await operations.listRefunds(
                        RefundQuery(), narrowedTo: listed, for: .native, of: Self.stranger)
                }
            }
            let page = try await operations.listRefunds(RefundQuery(), for: .native, of: Self.stranger)
            #expect(page.refunds.isEmpty && !page.hasMore)
        }
    }

    @Test func `Refunds nothing that is not its own`() async throws {
        try await withService { node, _ in
            let card = reference(Fixtures.card.id)
            let requests: [(RefundRequest, Failure)] = [
                (
                    try .of(.payment(Fixtures.cardPayment), "1.00", organization: Self.stranger),
                    .notFound(.payment, "300")
                ),
                (try .of(.note(Fixtures.openNote), "1.00", organization: Self.stranger), .notFound(.creditNote, "400")),
                (
                    try .of(
                        .payment(Fixtures.cashPayment), "1.00", way: .method(card, through: nil),
                        organization: Self.stranger), .notFound(.payment, "\(Fixtures.cashPayment.id)")
                ),
            ]
            for (request, failure) in requests {
                #expect(await node.operations.answer(to: request).failure == failure)
            }
            #expect(try await node.payment(Fixtures.cardPayment) == Fixtures.cardPayment)
        }
    }

    @Test func `Brings in records under the same identifiers without touching the others`() async throws {
        try await withService { node, _ in
            _ = try await node.operations.put(Brought.batch(Brought.everything), for: Fixtures.organization.id)
            let own = Brought.party(name: "Somebody else")
            let results = try await node.operations.put(Brought.batch([.party(own)]), for: Self.stranger)
            #expect(results == [.created])
            let party = try await node.operations.retrieveParty(
                Brought.reference("c1"), of: Fixtures.organization.id)
            #expect(party.name == "Ana Pérez")
            var payment = Brought.payment()
            payment.method = nil
            payment.rate = Fixtures.exchangeRate("0.012")
            payment.party = RecordReference(dialect: .native, text: "100", generated: Fixtures.customer.id.value)
            await #expect(throws: Failure.self) {
                try await node.operations.put(Brought.batch([.payment(payment)]), for: Self.stranger)
            }
        }
    }
}
