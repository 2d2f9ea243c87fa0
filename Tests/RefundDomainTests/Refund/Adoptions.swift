import RefundDomain
import Testing

@Suite struct `The adoption of a refund` {
    private static let now = Instant(seconds: 1_724_154_320)

    private static func adopt(
        _ amount: String, by payment: Payment, isListed: Bool = false
    ) throws -> Adoption {
        let news = RefundNews(
            refund: nil, gatewayReference: "re_9", charges: ["ch_1"], amount: money(amount), madeAt: now,
            isListed: isListed)
        return try RefundDomain.adopt(
            news,
            given: AdoptionFacts(
                payment: payment, gateway: GatewayName("simulator"), base: .inr, refund: RefundID(9),
                number: RefundNumber(9), now: now, madeOn: day("2024-08-20")))
    }

    @Test func `makes it pending, to be asked about at once and never sent`() throws {
        let adoption = try Self.adopt("200.00 INR", by: PaymentDraft().record(in: .inr, reserving: 20_000))
        let refund = adoption.decision.refund
        #expect(refund.state == .pending && refund.lacking == 0)
        #expect(adoption.decision.steps.map(\.event) == [.adopted])
        #expect(adoption.decision.steps.map(\.actor) == ["gateway:simulator"])
        let payout = try #require(adoption.decision.payout)
        #expect(payout.gatewayReference == "re_9" && payout.dueAt == Self.now && payout.leaseUntil == nil)
        #expect(!GatewaySchedule.maySend(keySentAt: payout.keySentAt, lifetime: .zero, at: Self.now))
        #expect(adoption.exception == "the gateway made a refund that was not asked for here")
        #expect(
            Books(adoption.decision.journals).open == ["unallocated_refunds": 20_000, "refunds_payable": -20_000])
    }

    @Test(
        arguments: [
            // refunded, disputed of 1000.00 → over-refunded
            (80_000, 0, 0), (80_001, 0, 1), (90_000, 5_000, 10_000), (100_000, 0, 20_000),
        ] as [(Int64, Int64, Int64)])
    func `takes of its payment whatever is left, and is over-refunded by the rest`(
        refunded: Int64, disputed: Int64, excess: Int64
    ) throws {
        let payment = PaymentDraft(refunded: refunded, disputed: disputed).record(in: .inr, reserving: 20_000)
        let adoption = try Self.adopt("200.00 INR", by: payment)
        #expect(adoption.decision.allocations == [PaymentAllocation(payment: payment.id, amount: 20_000)])
        let open = [
            "refunds_payable": -20_000, "unallocated_refunds": 20_000 - excess, "over_refunds": excess,
        ]
        #expect(adoption.decision.journals.map(\.isBalanced) == [true])
        #expect(Books(adoption.decision.journals).open == open.filter { $0.value != 0 })
        #expect(adoption.exception?.contains("not left") == (excess > 0))
        let listed = try Self.adopt("200.00 INR", by: payment, isListed: true)
        #expect((listed.exception != nil) == (excess > 0), "nobody is told of what was known long before")
    }
}
