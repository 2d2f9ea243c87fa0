import Foundation
import GatewayStandIns
import RefundDomain
import RefundGateways
import Testing

/// The program with an account at Stripe, with localstripe in Stripe's place: from the command line to the charge.
@Suite(.enabled(if: PythonScript.isThere, "`make stripe` fetches localstripe, and runs these tests"))
struct `An account at Stripe` {
    private static let payments = [("authorization", "Zoho-oauthtoken \(Caller.token)")]
    private static let bearer = [("authorization", "Bearer \(Caller.token)")]

    private struct Setting {
        let server: RunningServer
        let stripe: HTTPStandIn
        let noticePath: String
        let gateway: ([String]) async throws -> Program.Finished

        var caller: Caller { Caller(origin: server.origin) }
    }

    /// Lends a server with the account `main`, configured as a person does it.
    private func withAccount(
        _ kind: DatabaseKind, _ body: (Setting) async throws -> Void
    ) async throws {
        let stripe = try await StripeStandIn().start()
        let address = ["REFUNDRY_STRIPE_ADDRESS": stripe.address]
        try await withFolder { folder in
            try await withDatabase(kind) { database in
                try await Program.run("gateway", "key", "first").output
                    .write(toFile: "\(folder)/keys", atomically: true, encoding: .utf8)
                for (name, secret) in [("secret", "sk_test_12345"), ("notice", "whsec_abc")] {
                    try secret.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
                }
                let keys = ["--key-file", "\(folder)/keys"]
                let server = try await RunningServer(["--demo"] + keys + database.options, environment: address)
                let options = keys + database.options + ["--organization", "Refundry Demo"]
                let gateway = { (arguments: [String]) in
                    try await Program.run(
                        ["gateway", arguments[0]] + options + arguments.dropFirst(), environment: address)
                }
                let made = try await gateway([
                    "create", "--kind", "stripe", "main", "secret_key=@\(folder)/secret",
                    "notice_secret=@\(folder)/notice",
                ])
                #expect(made.status == 0, "\(made.errors)")
                let path = made.output.trimmingCharacters(in: .newlines)
                let setting = Setting(server: server, stripe: stripe, noticePath: path, gateway: gateway)
                try await untilKnown(in: setting)
                try await body(setting)
                await server.stop()
                let verified = try await database.verify()
                #expect(verified.status == 0, "\(verified.output)")
            }
        }
    }

    /// A server sees within ten seconds that another process has made an account.
    private func untilKnown(in setting: Setting) async throws {
        for _ in 0..<600 {
            guard try await setting.caller.post(setting.noticePath, [], "{}").status == 404 else { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the server does not see the account")
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Takes charges in, gives them back through the vendors' calls, and hears what Stripe tells`(
        kind: DatabaseKind
    ) async throws {
        try await withAccount(kind) { setting in
            let charge = try await OfficialClient.charge(500_00, "INR")
            _ = try await Localstripe.shared.refundAtDesk(charge, 100_00)
            // Other tests charge through the same localstripe, also in currencies that the demo has no rate for.
            let imported = try await setting.gateway(["import", "--from", "2020-01-01", "main"])
            #expect([0, 65].contains(imported.status), "\(imported.errors)")
            let path = "/refundry/v1/payments/gateway.main:\(charge)"
            let payment = try await setting.caller.eventually(path) { $0.text("refunded") == "100.00" }
            #expect(payment.text("captured") == "500.00" && payment.text("remaining") == "400.00", "\(payment.body)")

            try await refundByPayments(payment.text("id"), of: charge, setting)
            try await putNote(behind: charge, setting)
            try await refuseToMethod(of: charge, setting)
            try await refundByNote(charge, setting)
            #expect(try await setting.caller.get(path, Self.bearer).text("remaining") == "330.00")
            try await tellOfDispute(charge, setting)
            let disputed = try await setting.caller.eventually(path) { $0.text("disputed") != "0.00" }
            #expect(disputed.text("disputed") == "330.00" && disputed.text("remaining") == "0.00")
        }
    }

    /// A refund by Zoho Payments' call, as Zuora's sees it, again under its key, and of more than is left.
    private func refundByPayments(_ payment: String, of charge: String, _ setting: Setting) async throws {
        let path = "/api/v1/payments/\(payment)/refunds?account_id=23137556"
        let keyed = Self.payments + [("Idempotency-Key", "order-7")]
        let body = #"{"amount": 50, "type": "initiated_by_merchant", "reason": "duplicate"}"#
        let first = try await setting.caller.post(path, keyed, body)
        #expect(first.status == 201, "\(first.body)")
        try await expectSucceeded(first.text("refund", "refund_id"), setting)
        let again = try await setting.caller.post(path, keyed, body)
        #expect(again.text("refund", "refund_id") == first.text("refund", "refund_id"))
        let made = try await OfficialClient.refunds(of: charge)
        #expect(made.map(\.id) == (try await Localstripe.shared.refunds(of: charge).map(\.id)))
        #expect(made.map(\.amount) == [100_00, 50_00])
        let own = try #require(made.last)
        #expect(own.metadata["refundry_refund"] == first.text("refund", "refund_id"))
        #expect(own.metadata["refundry_organization"] == "1")
        try await readByZuora(first.text("refund", "refund_id"), made: own, setting)
        let tooMuch = try await setting.caller.post(path, Self.payments, #"{"amount": 350.01, "reason": "others"}"#)
        #expect(tooMuch.status == 400, "\(tooMuch.body)")
        #expect(try await OfficialClient.refunds(of: charge).count == 2)
    }

    /// A caller is answered after five seconds in any case, which a busy machine may take for the call to Stripe.
    private func expectSucceeded(_ refund: String, _ setting: Setting) async throws {
        let read = try await setting.caller.eventually("/refundry/v1/refunds/\(refund)") {
            $0.text("state") == "succeeded"
        }
        #expect(read.text("state") == "succeeded", "\(read.body)")
    }

    /// The same refund by Zuora's call: the money is on its way, under Stripe's own name.
    private func readByZuora(_ refund: String, made: Localstripe.Refund, _ setting: Setting) async throws {
        let number = try await setting.caller.get("/refundry/v1/refunds/\(refund)", Self.bearer).text("number")
        let read = try await setting.caller.get("/v1/refunds/\(number)", Self.bearer)
        #expect(read.status == 200 && read.text("success") == "1", "\(read.body)")
        #expect(read.text("status") == "Processed" && read.text("gatewayState") == "Submitted", "\(read.body)")
        #expect(read.text("type") == "Electronic" && read.text("gatewayId") == "main", "\(read.body)")
        #expect(read.text("amount") == "50" && read.text("referenceId") == made.id, "\(read.body)")
    }

    /// A payment method that paid no charge behind the note: Stripe gives back charges alone, and is not even asked.
    private func refuseToMethod(of charge: String, _ setting: Setting) async throws {
        let put = try await setting.caller.put(
            "/refundry/v1/payment_methods/M-7", Self.bearer,
            """
            {"party": "gateway.main:\(charge)", "gateway": "main", "token": "pm_7", "external_ids": {"zuora": "M7"},
             "card": {"last_four": "4242", "expiry_month": 12, "expiry_year": 2030}}
            """)
        #expect(put.status == 201, "\(put.body)")
        let refused = try await setting.caller.post(
            "/v1/credit-memos/CM7/refund", Self.bearer,
            #"{"type": "Electronic", "totalAmount": 20, "paymentMethodId": "M7"}"#)
        #expect(refused.status == 200 && refused.text("success") == "0", "\(refused.body)")
        // What breaks a rule of the gateway that is named, or else of the payment method's own.
        let reason = (refused["reasons"] as? [[String: Any]])?.first
        #expect(reason?["code"] as? Int == 600_107_30, "\(refused.body)")
        #expect(reason?["message"] as? String == "The gateway cannot pay out in this way.")
        let kept = try await setting.caller.get("/refundry/v1/refunds?credit_note=native:N-7", Self.bearer)
        #expect(kept.status == 200 && (kept["refunds"] as? [Any])?.isEmpty == true, "\(kept.body)")
        #expect(setting.stripe.calls.filter { $0.method == "POST" }.count == 1)
        #expect(try await OfficialClient.refunds(of: charge).count == 2)
    }

    /// A note behind which the charge stands.
    private func putNote(behind charge: String, _ setting: Setting) async throws {
        let put = try await setting.caller.put(
            "/refundry/v1/credit_notes/N-7", Self.bearer,
            """
            {"party": "gateway.main:\(charge)", "number": "CN-700", "currency": "INR", "raised_on": "2026-01-10",
             "payment": "gateway.main:\(charge)", "external_ids": {"zoho_billing": "90300000081700", "zuora": "CM7"},
             "items": [{"external_ids": {"native": "L-7"}, "name": "Chair", "amount": "20.00"}]}
            """)
        #expect(put.status == 201, "\(put.body)")
    }

    /// A refund of a note through the charge behind it, by Zoho Billing's call.
    private func refundByNote(_ charge: String, _ setting: Setting) async throws {
        let refunded = try await setting.caller.post(
            "/billing/v1/creditnotes/90300000081700/refunds",
            Self.payments + [("X-com-zoho-subscriptions-organizationid", "10234695")],
            #"{"amount": "20", "description": "Chair sent back"}"#)
        #expect(refunded.status == 201, "\(refunded.body)")
        try await expectSucceeded(refunded.text("refund", "refund_id"), setting)
        let made = try await OfficialClient.refunds(of: charge)
        #expect(made.map(\.amount) == [100_00, 50_00, 20_00])
        #expect(made.last?.metadata["refundry_organization"] == "1")
    }

    /// A note behind a charge that was paid with a payment method which Zuora knows.
    private func putMemo(behind charge: String, _ setting: Setting) async throws {
        let records = [
            ("parties/C-9", #"{"role": "customer", "name": "Ana Pérez", "email": "ana@example.com"}"#),
            (
                "payment_methods/M-9",
                """
                {"party": "native:C-9", "gateway": "main", "token": "pm_9", "external_ids": {"zuora": "M9"},
                 "card": {"last_four": "4242", "expiry_month": 12, "expiry_year": 2030}}
                """
            ),
            (
                "payments/P-9",
                """
                {"party": "native:C-9", "mode": "credit_card", "gateway": "main", "charge_reference": "\(charge)",
                 "payment_method": "native:M-9", "currency": "INR", "captured": "300.00", "received_on": "2026-01-10"}
                """
            ),
            (
                "credit_notes/N-9",
                """
                {"party": "native:C-9", "number": "CN-900", "currency": "INR", "raised_on": "2026-01-11",
                 "payment": "native:P-9", "external_ids": {"zuora": "CM9"},
                 "items": [{"external_ids": {"native": "L-9"}, "name": "Table", "amount": "120.00"}]}
                """
            ),
        ]
        for (path, body) in records {
            let put = try await setting.caller.put("/refundry/v1/\(path)", Self.bearer, body)
            #expect(put.status == 201, "\(put.body)")
        }
    }

    /// Stripe pays out to no payment method: the money goes back by the charge that this one paid.
    @Test(arguments: DatabaseKind.allCases)
    func `Gives a charge back by Zuora's electronic call, once`(kind: DatabaseKind) async throws {
        try await withAccount(kind) { setting in
            let charge = try await OfficialClient.charge(300_00, "INR")
            try await putMemo(behind: charge, setting)
            let path = "/v1/credit-memos/CM9/refund"
            let keyed = Self.bearer + [("Idempotency-Key", "memo-9")]
            let body = #"{"type": "Electronic", "totalAmount": 70.5, "paymentMethodId": "M9"}"#
            let first = try await setting.caller.post(path, keyed, body)
            #expect(first.status == 200 && first.text("success") == "1", "\(first.body)")
            #expect(first.text("paymentMethodId") == "M9" && first.text("gatewayId") == "main", "\(first.body)")
            let read = try await setting.caller.eventually("/v1/refunds/\(first.text("id"))") {
                $0.text("status") == "Processed"
            }
            #expect(read.text("gatewayState") == "Submitted" && read.text("amount") == "70.5", "\(read.body)")
            let again = try await setting.caller.post(path, keyed, body)
            #expect(again.body == first.body)
            let tooMuch = try await setting.caller.post(
                path, Self.bearer, #"{"type": "Electronic", "totalAmount": 49.51, "paymentMethodId": "M9"}"#)
            #expect(tooMuch.text("success") == "0", "\(tooMuch.body)")

            let made = try await OfficialClient.refunds(of: charge)
            #expect(made.map(\.amount) == [70_50])
            #expect(made.first?.metadata["refundry_organization"] == "1")
            #expect(read.text("referenceId") == made.first?.id)
            let payment = try await setting.caller.get("/refundry/v1/payments/native:P-9", Self.bearer)
            #expect(payment.text("remaining") == "229.50", "\(payment.body)")
        }
    }

    private func tellOfDispute(_ charge: String, _ setting: Setting) async throws {
        let now = Instant(seconds: Int64(Date.now.timeIntervalSince1970))
        let event = """
            {"id":"evt_dispute","type":"charge.dispute.created","created":\(now.seconds),"livemode":false,"data":{
            "object":{"id":"dp_1","amount":33000,"currency":"inr","status":"needs_response","reason":"fraudulent",
            "charge":"\(charge)","payment_intent":null}}}
            """
        let signature = NoticeSignature(secrets: ["whsec_abc"]).header(for: Array(event.utf8), at: now)
        let told = try await setting.caller.post(setting.noticePath, [("Stripe-Signature", signature)], event)
        #expect(told.status == 200, "\(told.body)")
        let forged = try await setting.caller.post(setting.noticePath, [("Stripe-Signature", "t=1,v1=0")], event)
        #expect(forged.status == 401)
    }

    @Test func `Says whether its key is good`() async throws {
        try await withAccount(.sqlite) { setting in
            let good = try await setting.gateway(["test", "main"])
            #expect(good.output == "acct_1, test mode\n", "\(good.errors)")
            let malformed = try await setting.gateway(["set", "main", "secret_key=pk_test_12345"])
            #expect(malformed.status == 65 || malformed.status == 64, "\(malformed.errors)")
            #expect(malformed.errors.contains("secret_key"))
        }
    }
}
