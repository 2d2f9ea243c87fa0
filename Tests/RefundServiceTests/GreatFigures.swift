import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Refunds and disputes of amounts that nobody has, which a tenant who signs its own notices can tell of.
@Suite struct `Figures beyond any money` {
    private static let great: Int64 = 900_000_000_000_000_000

    /// The sum over two payments did not fit, and `verify` ended for every organization.
    @Test(arguments: Engine.allCases)
    func `Are kept as far as they can be added, and blind nobody`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            for payment in ["p1", "p2", "p3"] {
                var brought = Brought.payment(payment, captured: Brought.rupees(10_000))
                brought.method = nil
                let records: [RecordBatch.Entry] = [.party(Brought.party()), .payment(brought)]
                _ = try await scene.operations.put(Brought.batch(records), for: Fixtures.organization.id)
                for number in 1...6 {
                    try await scene.tell(
                        .refund(
                            RefundNews(
                                refund: nil, gatewayReference: "re_\(payment)_\(number)", charges: ["ch_\(payment)"],
                                amount: Brought.rupees(Self.great), madeAt: Fixtures.now)),
                        .dispute(
                            DisputeNews(
                                gatewayReference: "dp_\(payment)_\(number)", charges: ["ch_\(payment)"],
                                amount: Brought.rupees(Self.great), stages: [.open], reason: "",
                                at: Fixtures.now)))
                }
                let balance = try await scene.operations.retrievePayment(
                    Brought.reference(payment), of: Fixtures.organization.id
                ).balance
                #expect(balance.reserved == 4 * Self.great && balance.claims == 4 * Self.great)
                #expect(balance.remaining.isZero)
            }
            // What could not be added waits, and is left to a person in the end.
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.unsettledNotices.count == 3 * 4)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Are refused where history brings them`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let refunds = (1...5).map { number in
                Brought.refund("r\(number)", amount: Brought.rupees(Self.great))
            }
            let records: [RecordBatch.Entry] = [
                .party(Brought.party()), .paymentMethod(Brought.method), .payment(Brought.payment()),
            ]
            let batch = Brought.batch(records + refunds.map { .refund($0) })
            await #expect(throws: Failure.refund(.amountOverflow)) {
                _ = try await scene.operations.put(batch, for: Fixtures.organization.id)
            }
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
        }
    }
}
