import RefundDomain
import Testing

@Suite struct `A fee of a gateway` {
    private func fee(_ amount: String, of settled: String) throws -> GatewayFee {
        try #require(GatewayFee(reference: "txn_1", amount: try signed(amount), settled: money(settled)))
    }

    private func signed(_ text: String) throws -> Money {
        text.hasPrefix("-") ? try money(String(text.dropFirst())).negated() : money(text)
    }

    /// A refund of 200.00 INR of a payment with a rate, in the books of another currency.
    private func refund(rate text: String = "1", base: String = "INR") throws -> RefundAtGateway {
        var scene = RefundScene(.payment)
        scene.payment.rate = rate(text)
        var refund = try RefundAtGateway(scene, in: .succeeded)
        refund.base = currency(base)
        return refund
    }

    @Test func `is an expense, and less that the gateway owes us`() throws {
        let posting = try post(fee("3.50 INR", of: "200.00 INR"), as: Identifier(77), given: refund().facts)
        #expect(posting.journal.posted == ["gateway_fees 3.50 INR", "gateway_clearing:simulator -3.50 INR"])
        #expect(posting.journal.record == 77)
        #expect(posting.journal.step == 1)
        #expect(posting.journal.cause == .gatewayFee)
        #expect(posting.journal.effectiveOn == day("2024-08-21"))
        #expect(posting.fee.reference == "txn_1")
        #expect(posting.fee.gateway == GatewayName("simulator"))
        #expect(posting.fee.postedAt == posting.journal.recordedAt)
    }

    @Test func `that is given back is its opposite`() throws {
        let posting = try post(fee("-3.50 INR", of: "200.00 INR"), as: Identifier(77), given: refund().facts)
        #expect(posting.journal.posted == ["gateway_fees -3.50 INR", "gateway_clearing:simulator 3.50 INR"])
    }

    @Test(
        arguments: [
            // rate of the refund, base, fee, refund on the balance → worth in the base currency
            ("1", "INR", "3.50 INR", "200.00 INR", 350),
            // The balance is kept in the base currency: the fee is what it is.
            ("0.012", "USD", "0.50 USD", "2.37 USD", 50),
            // In the refund's own currency: by its rate.
            ("0.012", "USD", "10.00 INR", "200.00 INR", 12),
            // In a third one: as much of 2.40 USD as 0.10 is of 2.20.
            ("0.012", "USD", "0.10 EUR", "2.20 EUR", 11),
            ("0.012", "USD", "-0.10 EUR", "2.20 EUR", -11),
            ("0.012", "USD", "5 JPY", "360 JPY", 3),
            ("0.004", "KWD", "0.10 EUR", "2.20 EUR", 36),
        ])
    func `is worth what the refund's rate says of it`(
        rate: String, base: String, amount: String, settled: String, worth: Int64
    ) throws {
        let posting = try post(
            fee(amount, of: settled), as: Identifier(77), given: refund(rate: rate, base: base).facts)
        #expect(posting.journal.lines.map(\.base.minorUnits) == [worth, -worth])
        #expect(posting.journal.lines.allSatisfy { $0.base.currency == currency(base) })
        #expect(posting.journal.lines.map(\.amount) == [try signed(amount), try signed(amount).negated()])
    }

    @Test func `that does not fit the base currency is not posted`() throws {
        let vast = try fee("922337203685477.58 EUR", of: "0.01 EUR")
        let facts = try refund(rate: "2", base: "USD").facts
        #expect(throws: MoneyError.overflow) { try post(vast, as: Identifier(77), given: facts) }
    }

    @Test(arguments: [("0.00 INR", "200.00 INR"), ("3.50 INR", "0.00 INR"), ("3.50 INR", "2.37 USD")])
    func `is none where nothing is charged or its worth is unknown`(amount: String, settled: String) {
        #expect(GatewayFee(reference: "txn_1", amount: money(amount), settled: money(settled)) == nil)
    }
}
