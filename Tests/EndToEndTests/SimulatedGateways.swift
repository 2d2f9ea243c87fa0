import Foundation
import Testing

/// Whether there is a gateway that only says that money was moved.
@Suite struct `A simulated gateway` {
    private static let bearer = [("authorization", "Bearer \(Caller.token)")]
    private static let electronic = #"""
        {"type":"Electronic","totalAmount":50,"paymentMethodId":"4028905f5a87c0ff015a87d25ae90101",
         "gatewayId":"simulator"}
        """#

    @Test(arguments: DatabaseKind.allCases)
    func `is there for a server that was started with it, and for no other`(kind: DatabaseKind) async throws {
        try await withDatabase(kind) { database in
            try await RunningServer(["--demo"] + database.options).stop()
            for (options, isThere) in [([], false), (["--simulator", database.book], true)] {
                let server = try await RunningServer(["--database", database.url] + options)
                let caller = Caller(origin: server.origin)
                let answer = try await caller.post(
                    "/v1/credit-memos/CM00000005/refund", Self.bearer, Self.electronic)
                #expect(answer.text("status") == (isThere ? "Processed" : ""), "\(answer.body)")
                #expect(answer.body.contains(#""code":60010740,"#) == !isThere)
                await server.stop()
            }
            #expect(try await database.verify().status == 0)
        }
    }

    @Test func `is refused beside the charges and methods that name it, which may be put`() async throws {
        try await withDatabase(.sqlite) { database in
            try await RunningServer(["--demo"] + database.options).stop()
            let server = try await RunningServer(["--database", database.url])
            let caller = Caller(origin: server.origin)
            let party = try await caller.put("/refundry/v1/parties/P-1", Self.bearer, #"{"name": "Ada"}"#)
            #expect(party.status == 201, "\(party.body)")
            let payment = try await caller.put(
                "/refundry/v1/payments/PAY-1", Self.bearer,
                #"""
                {"party": "native:P-1", "mode": "credit_card", "gateway": "simulator", "charge_reference": "ch_1",
                 "currency": "INR", "captured": "100.00", "received_on": "2026-01-10"}
                """#)
            #expect(payment.status == 201, "\(payment.body)")
            let refund = try await caller.post(
                "/refundry/v1/refunds", Self.bearer, #"{"payment": "native:PAY-1", "amount": "10.00"}"#)
            #expect(refund.status == 422)
            #expect(refund.text("error", "code") == "gateway_unknown", "\(refund.body)")
            await server.stop()
            #expect(try await database.verify().status == 0)
        }
    }

    @Test(arguments: [false, true])
    func `gives nothing back to a method of Stripe's that asks for it, there or not`(isThere: Bool) async throws {
        try await withShop(.sqlite, isSimulating: isThere) { shop in
            let purse = try await shop.open("990")
            let asked = try await shop.caller().post(
                "/refundry/v1/refunds", shop.bearer,
                #"""
                {"credit_note": "\#(purse.note)", "payment_method": "native:M-990", "gateway": "simulator",
                 "amount": "10.00"}
                """#)
            #expect(asked.status == 422, "\(asked.body)")
            let byZuora = try await shop.caller().post(
                "/v1/credit-memos/CM990/refund", shop.bearer,
                #"{"type": "Electronic", "totalAmount": 10, "paymentMethodId": "M990", "gatewayId": "simulator"}"#)
            #expect(!byZuora.isAccepted, "\(byZuora.body)")
            #expect(try await shop.remaining(purse) == "100.00")
            #expect(try await shop.refunds(of: purse).isEmpty)
            #expect(shop.submissions(of: purse.charge) == 0)
        }
    }
}
