import RefundDomain
import RefundGateways
import RefundService
import RefundTesting
import Testing

/// A payment of 500.00 and a note of 200.00 that it backs: two roads to one customer, and one purse.
@Suite struct `Two roads to one customer` {
    private static let organization = Fixtures.organization.id

    /// Every way in which the note can be paid out: by the charge, to another card, by hand.
    enum Destination: CaseIterable {
        case charge, method, cash

        func request(_ amount: String) throws -> RefundRequest {
            switch self {
            case .charge: try ElectronicSource.noteThroughPayment.request(amount)
            case .method: try ElectronicSource.noteToMethod.request(amount)
            case .cash: try .of(ElectronicSource.noteToMethod.source, amount, way: .offline(.cash))
            }
        }
    }

    private static func left(on node: ServiceNode) async throws -> Int64 {
        try await node.operations.retrievePayment(ElectronicSource.paymentReference, of: organization)
            .balance.remaining.minorUnits
    }

    @Test(arguments: Engine.allCases, Destination.allCases)
    func `Lead out no more than came in: the note first, and then the payment`(
        engine: Engine, destination: Destination
    ) async throws {
        try await withService(engine) { node, _ in
            try await ElectronicSource.put(card: "0042", in: node.store)
            let note = try await node.operations.refund(destination.request("200.00"))
            #expect(note.refund.state == .succeeded)
            #expect(try await Self.left(on: node) == 30_000)
            let more = await node.operations.answer(to: try ElectronicSource.payment.request("300.01"))
            #expect(more.refusal == .exceedsRemaining(Brought.rupees(30_000)))
            _ = try await node.operations.refund(ElectronicSource.payment.request("300.00"))
            #expect(try await Self.left(on: node) == 0)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases, Destination.allCases)
    func `Lead out no more than came in: the payment first, and then the note`(
        engine: Engine, destination: Destination
    ) async throws {
        try await withService(engine) { node, book in
            try await ElectronicSource.put(card: "0042", in: node.store)
            _ = try await node.operations.refund(ElectronicSource.payment.request("400.00"))
            let more = await node.operations.answer(to: try destination.request("100.01"))
            #expect(more.refusal == .exceedsPaymentBehindNote(Brought.rupees(10_000)))
            _ = try await node.operations.refund(destination.request("100.00"))
            let again = await node.operations.answer(to: try destination.request("0.01"))
            #expect(again.refusal == .paymentRefunded)
            #expect(try await Self.left(on: node) == 0)
            let effects = book.effects()
            #expect(effects.count == (destination == .cash ? 1 : 2))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Are open again by what is voided`(engine: Engine) async throws {
        try await withService(engine) { node, _ in
            try await ElectronicSource.put(card: "0042", in: node.store)
            let cash = try await node.operations.refund(Destination.cash.request("200.00"))
            _ = try await node.operations.cancelRefund(
                reference(cash.refund.id), of: Self.organization, by: "person:asha", remark: "recorded by mistake")
            #expect(try await Self.left(on: node) == 50_000)
            _ = try await node.operations.refund(ElectronicSource.payment.request("500.00"))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Lead out no more than came in where both are taken at once`(engine: Engine) async throws {
        try await withService(engine) { node, _ in
            try await ElectronicSource.put(card: "0042", in: node.store)
            _ = try await node.operations.refund(ElectronicSource.payment.request("300.00"))
            let answers = await node.operations.answers(
                to: [
                    try Destination.cash.request("150.00"), try ElectronicSource.payment.request("150.00"),
                    try Destination.method.request("150.00"), try ElectronicSource.paymentRaisingNote.request("150.00"),
                ])
            #expect(answers.filter { $0.failure == nil }.count == 1)
            #expect(try await Self.left(on: node) == 5_000)
            #expect(try await node.operations.breaches() == [])
        }
    }
}
