import GatewayStandIns
import Testing

/// A customer disputes a charge while its refund waits for Stripe to be reached.
@Suite struct `A refund that was accepted before a dispute` {
    @Test(arguments: DatabaseKind.allCases)
    func `is not sent after it, and waits for an operator`(kind: DatabaseKind) async throws {
        try await withShop(kind) { shop in
            let purse = try await shop.open("900")
            await shop.stop()
            // Nobody listens there.
            try await shop.start(stripeAt: "http://127.0.0.1:1")
            let asked = try await shop.ask(.native, purse, 100_00, key: "before")
            #expect(asked.isAccepted, "\(asked.body)")
            let refund = asked.text("id")
            try await shop.expect(refund, toBe: "approved")
            let told = try await shop.tell(
                "evt_900", "charge.dispute.created",
                """
                {"id":"dp_900","object":"dispute","amount":10000,"currency":"inr","status":"needs_response",
                "reason":"fraudulent","charge":"\(purse.charge)","payment_intent":"pi_900"}
                """)
            #expect(told.status == 200, "\(told)")
            let disputed = try await patiently {
                try await shop.payment(purse)
            } until: {
                $0.text("disputed") == "100.00"
            }
            #expect(disputed.text("disputed") == "100.00", "\(disputed.body)")
            await shop.stop()

            try await shop.start()
            try await shop.check(refund)
            #expect(try await shop.exceptions("refund=\(refund)").contains("it is not sent"))
            #expect(try await shop.exceptions("payment=\(purse.payment)").contains("disputed_after_refund"))
            try await shop.check(refund)
            #expect(try await shop.state(of: refund) == "approved")
            let canceled = try await shop.caller().post(
                "/refundry/v1/refunds/\(refund)/cancel", shop.bearer, #"{"reason": "disputed"}"#)
            #expect(canceled.text("state") == "canceled", "\(canceled.body)")
            #expect(try await !shop.ask(.payments, purse, 1).isAccepted)
            #expect(shop.submissions(of: purse.charge) == 0)
            #expect(shop.book.left(purse.charge) == 0)
        }
    }
}
