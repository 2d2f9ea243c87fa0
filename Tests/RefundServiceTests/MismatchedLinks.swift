import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Notes that an earlier version let in, whose payment is another party's or in another currency.
@Suite struct `A note with a mismatched payment` {
    private static let other = Party(
        id: PartyID(901), role: .customer, name: "Bea", email: "bea@example.com", isActive: true)
    private static let ofAnother = note(902, of: other.id, in: Fixtures.rupee)
    private static let inYen = note(903, of: Fixtures.customer.id, in: Currency("JPY") ?? Fixtures.dollar)

    /// A note of 100 or 10000, behind which the payment of the fixtures' customer in rupees stands.
    private static func note(_ id: Int64, of party: PartyID, in currency: Currency) -> CreditNote {
        CreditNote(
            id: CreditNoteID(id), party: party, number: "CN-\(id)", state: .open,
            balance: CreditNoteBalance(currency: currency, total: 10_000), rate: .one,
            raisedOn: Fixtures.date("2026-02-25"), payment: Fixtures.cardPayment.id)
    }

    @Test(arguments: Engine.allCases, [RequestRefund.Way.asTaken, .offline(.cash)])
    func `That is stored already is not refunded, and nothing is taken`(
        engine: Engine, way: RequestRefund.Way
    ) async throws {
        try await withService(engine) { node, book in
            let organization = Fixtures.organization.id
            try await node.store.write(for: organization) { session in
                try session.put(Self.other, for: organization)
                for note in [Self.ofAnother, Self.inYen] { try session.insert(note, lines: [], for: organization) }
            }
            let before = try await node.payment(Fixtures.cardPayment)
            for note in [Self.ofAnother, Self.inYen] {
                let answer = await node.operations.answer(to: try .of(.note(note), "50", way: way))
                #expect(answer.refusal == .paymentBehindNoteMismatched)
                #expect(try await node.note(note).balance.drawn == 0)
            }
            #expect(try await node.payment(Fixtures.cardPayment) == before)
            #expect(book.effects().isEmpty)
        }
    }

    @Test(arguments: Engine.allCases, [RequestRefund.Way.asTaken, .offline(.cash)])
    func `is no worse than a payment whose charge another party's has too`(
        engine: Engine, way: RequestRefund.Way
    ) async throws {
        try await withService(engine) { node, book in
            try await node.store.write(for: Fixtures.organization.id) { session in
                try session.execute("update payments set is_barred = 1", [])
            }
            for source in [
                RequestRefund.Source.payment(Fixtures.cardPayment), .note(Fixtures.noteBehindCard),
            ] {
                let answer = await node.operations.answer(to: try .of(source, "0.50", way: way))
                #expect(answer.refusal == .chargeOfSeveralPayments)
            }
            #expect(try await node.payment(Fixtures.cardPayment).balance.taken == 0)
            #expect(book.effects().isEmpty)
        }
    }
}
