import Foundation
import Testing

/// Every call that the reference documents print, sent to the running program with host and port changed.
@Suite struct `The documented calls` {
    private static let billing = [("X-com-zoho-subscriptions-organizationid", "10234695")]
    private static let bearer = [("Authorization", "Bearer \(Caller.token)")]
    private static let placeholder = #"{"field1":"value1","field2":"value2"}"#

    @Test(arguments: DatabaseKind.allCases)
    func `answer as printed`(kind: DatabaseKind) async throws {
        try await withDatabase(kind) { database in
            let server = try await RunningServer(["--demo"] + database.options)
            let caller = Caller(origin: server.origin)
            try await checkBooks(caller)
            try await checkBilling(caller)
            try await checkPayments(caller)
            try await checkZuora(caller)
            try await checkCommandLine(database)
            await server.stop()
            let verified = try await database.verify()
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    /// A person looks at a printed refund, beside the running server.
    private func checkCommandLine(_ database: ProgramDatabase) async throws {
        for name in ["173000002895561", "zoho_payments:173000002895561"] {
            let shown = try await Program.run(
                ["refund", "show", "--organization", "Refundry Demo"] + database.options + [name])
            #expect(shown.status == 0, "\(shown.errors)")
            #expect(shown.output.contains("succeeded"))
        }
        let strange = try await Program.run(
            ["refund", "show", "--organization", "Refundry Demo"] + database.options + ["zuora:173000002895561"])
        #expect(strange.status == 66)
    }

    private func checkBooks(_ caller: Caller) async throws {
        let answer = try await caller.get("/books/v3/contacts/460000000026049/refunds?organization_id=123456789")
        #expect(answer.status == 200)
        #expect(
            answer.body == """
                {"code":0,"message":"success","refunds":[{"refund_id":"460000000026201",\
                "contact_id":"460000000026049","customer_name":"Kalki LLP Solutions","date":"2023-11-10",\
                "refund_mode":"bank_transfer","reference_number":"REF-99882","amount":150.00,"status":"refunded",\
                "description":"Refund for damaged goods return."}]}
                """)
        let unknown = try await caller.get("/books/v3/contacts/999999999999999/refunds?organization_id=123456789")
        #expect(unknown.status == 404)
        #expect(unknown.text("code") == "2")
    }

    private func checkBilling(_ caller: Caller) async throws {
        let refund = #"{"amount": "20", "description": "Refund for discount Offer"}"#
        let note = "/billing/v1/creditnotes/90300000081375/refunds"
        let first = try await caller.post(note, Self.billing, refund)
        #expect(first.status == 201)
        #expect(first.text("code") == "0")
        #expect(first.text("message") == "The refund information has been saved.")
        #expect((first["refund"] as? [String: Any])?.count == 13)
        #expect(first.text("refund", "amount") == "20")
        #expect(first.text("refund", "status") == "success")
        #expect(first.text("refund", "creditnote", "balance_amount") == "0")
        #expect(first.text("refund", "autotransaction", "last_four_digits") == "1111")
        #expect(try await caller.post(note, Self.billing, refund).text("code") == "12003")
        #expect(try await caller.post(note, Self.billing, Self.placeholder).status == 400)
        #expect(try await caller.post("/billing/v1/payments//refunds", Self.billing, refund).status == 404)
        let payment = try await caller.post("/billing/v1/payments/9030000079467/refunds", Self.billing, refund)
        #expect(payment.status == 201)
        #expect(payment.text("refund", "creditnote", "refund_amount") == "20")
        let read = try await caller.get("/billing/v1/creditnotes/refunds/90300000081385", Self.billing)
        #expect(read.text("message") == "success")
        #expect(read.text("refund", "refund_id") == "90300000081385")
    }

    private func checkPayments(_ caller: Caller) async throws {
        let path = "/api/v1/payments/731000001449003/refunds?account_id=23137556"
        let older = #"""
            {"amount": 200, "reason": "requested_by_customer", "type": "initiated_by_merchant",
             "description": "Refund for Payment (INV-000008)"}
            """#
        let newer = older.replacingOccurrences(
            of: "(INV-000008)\"", with: #"(INV-000008)", "meta_data": [{"key": "Key1", "value": "Value1"}]"#)
        for body in [older, newer] {
            let answer = try await caller.post(path, [], body)
            #expect(answer.status == 201)
            #expect(answer.text("message") == "Refund initiated")
            #expect((answer["refund"] as? [String: Any])?.count == 13)
            #expect(answer.text("refund", "amount") == "200.00")
            #expect(answer.text("refund", "status") == "succeeded")
            let id = answer.text("refund", "refund_id")
            let read = try await caller.get("/api/v1/refunds/\(id)?account_id=23137556")
            #expect(read.text("refund", "payment_id") == "731000001449003")
        }
        #expect(try await caller.post(path, [], Self.placeholder).status == 400)
        let printed = try await caller.get("/api/v1/refunds/731000001449003?account_id=23137556")
        #expect(printed.text("refund", "date") == "1724154320")
    }

    private func checkZuora(_ caller: Caller) async throws {
        let path = "/v1/credit-memos/4028905f5a890526015a8d73f73d0015/refund"
        let body = #"""
            {"customRates": [{"currency": "CAD", "customFxRate": 2.22, "rateDate": "2022-10-21"},
                             {"currency": "EUR", "customFxRate": 1.5, "rateDate": "2022-10-21"}],
             "gatewayOptions": {"Comments": "test", "IPAddress": "192.168.1.1"},
             "items": [{"amount": 7, "creditMemoItemId": "4028905f5a890526015a8d73f74b0016"},
                       {"amount": 0.1, "creditTaxItemId": "4028905f5a890526015a8d73f90c0018"}],
             "methodType": "CreditCard", "refundDate": "2017-03-02", "totalAmount": 7.1, "type": "External"}
            """#
        let keyed = Self.bearer + [("Idempotency-Key", "seed-1")]
        let first = try await caller.post(path, keyed, body)
        #expect(first.status == 200)
        #expect(first["success"] as? Bool == true)
        #expect(first.text("amount") == "7.1")
        #expect(first.text("status") == "Processed")
        #expect(first.text("gatewayState") == "NotSubmitted")
        #expect(first.text("reasonCode") == "Standard Refund")
        let again = try await caller.post(path, keyed, body)
        #expect(again.body == first.body)
        let spent = try await caller.post(path, Self.bearer, body)
        #expect(spent.status == 200)
        #expect(spent["success"] as? Bool == false)
        let read = try await caller.get("/v1/refunds/\(first.text("number"))", Self.bearer)
        #expect(read.text("id") == first.text("id"))
    }
}
