import Foundation
import GatewayStandIns
import RefundDomain
import RefundGateways
import Testing

/// A customer's payment by a charge, the card that paid it, and a note that it backs, each known to every API.
struct Purse: Sendable {
    /// Digits, as some APIs know records by numbers alone.
    let name: String
    let captured: Int64

    var charge: String { "ch_\(name)" }
    var payment: String { "native:P-\(name)" }
    var note: String { "native:N-\(name)" }
}

/// A call that asks for money back: of the payment, or of the note that it backs.
enum Road: CaseIterable, Sendable {
    /// Of the payment, by the program's own API, Zoho Payments and Zoho Billing.
    case native, payments, billing
    /// Of the note through the charge, by the program's own API, Zoho Billing and Zuora.
    case nativeNote, billingNote, zuora
    /// Of the note by hand, by Zuora.
    case cash
    /// Of the note to another card, by Zuora.
    case otherCard

    /// Those that Stripe carries out.
    static let throughStripe: [Road] = [.native, .payments, .billing, .nativeNote, .billingNote, .zuora]
}

extension Shop {
    var bearer: [(String, String)] { [("Authorization", "Bearer \(account.token)")] }
    private var zoho: [(String, String)] { [("Authorization", "Zoho-oauthtoken \(account.token)")] }

    /// Lets a customer pay by card, and puts what the shop knows of it.
    func open(_ name: String, captured: Int64 = 100_00, note: Int64 = 100_00) async throws -> Purse {
        let purse = Purse(name: name, captured: captured)
        book.charge(name, captured)
        try await put("parties/C-\(name)", #"{"name": "Customer \#(name)"}"#)
        try await put("payment_methods/M-\(name)", methodBody(name, at: "main", zuora: "M\(name)"))
        try await put("payments/P-\(name)", paymentBody(purse))
        try await put(
            "credit_notes/N-\(name)",
            """
            {"party": "native:C-\(name)", "number": "Till-\(name)", "currency": "INR", "raised_on": "2026-01-11",
             "payment": "native:P-\(name)", "external_ids": {"zuora": "CM\(name)", "zoho_billing": "903\(name)"},
             "items": [{"external_ids": {"native": "L-\(name)"}, "name": "Table", "amount": "\(major(note))"}]}
            """)
        return purse
    }

    /// Puts another card of a purse's customer, which the simulated gateway pays out to.
    func putOtherCard(of purse: Purse) async throws {
        try await put(
            "payment_methods/S-\(purse.name)",
            methodBody(purse.name, at: "simulator", zuora: "S\(purse.name)"))
    }

    /// The purse's payment as its owner puts it; `reference` is another name of the charge.
    func paymentBody(_ purse: Purse, reference: String? = nil, captured: Int64? = nil) -> String {
        """
        {"party": "native:C-\(purse.name)", "mode": "credit_card", "gateway": "main",
         "charge_reference": "\(reference ?? purse.charge)", "payment_method": "native:M-\(purse.name)",
         "external_ids": {"zoho_payments": "901\(purse.name)", "zoho_billing": "902\(purse.name)"},
         "currency": "INR", "captured": "\(major(captured ?? purse.captured))", "received_on": "2026-01-10"}
        """
    }

    private func methodBody(_ name: String, at gateway: String, zuora: String) -> String {
        """
        {"party": "native:C-\(name)", "gateway": "\(gateway)", "token": "pm_\(gateway)_\(name)",
         "external_ids": {"zuora": "\(zuora)"},
         "card": {"last_four": "4242", "expiry_month": 12, "expiry_year": 2030}}
        """
    }

    /// Puts a record that is new.
    func put(_ path: String, _ body: String) async throws {
        let answer = try await caller().put("/refundry/v1/\(path)", bearer, body)
        #expect(answer.status == 201, "\(path): \(answer.body)")
    }

    /// Asks for money back; `node` is which of several nodes is asked.
    func ask(
        _ road: Road, _ purse: Purse, _ amount: Int64, key: String? = nil, node: Int = 0
    ) async throws -> Caller.Answer {
        let keyed = key.map { [("Idempotency-Key", $0)] } ?? []
        let (name, figure, caller) = (purse.name, major(amount), caller(node))
        let billing = zoho + keyed + [("X-com-zoho-subscriptions-organizationid", "777")]
        switch road {
        case .native, .nativeNote:
            let source = road == .native ? #""payment": "\#(purse.payment)""# : #""credit_note": "\#(purse.note)""#
            return try await caller.post(
                "/refundry/v1/refunds", bearer + keyed, #"{\#(source), "amount": "\#(figure)"}"#)
        case .payments:
            return try await caller.post(
                "/api/v1/payments/901\(name)/refunds?account_id=778", zoho + keyed,
                #"{"amount": \#(figure), "reason": "duplicate"}"#)
        case .billing:
            return try await caller.post(
                "/billing/v1/payments/902\(name)/refunds", billing, #"{"amount": \#(figure)}"#)
        case .billingNote:
            return try await caller.post(
                "/billing/v1/creditnotes/903\(name)/refunds", billing, #"{"amount": \#(figure)}"#)
        case .cash:
            return try await caller.post(
                "/v1/credit-memos/CM\(name)/refund", bearer + keyed,
                #"{"type": "External", "methodType": "Cash", "totalAmount": \#(figure)}"#)
        case .zuora, .otherCard:
            let method = road == .zuora ? "M\(name)" : "S\(name)"
            return try await caller.post(
                "/v1/credit-memos/CM\(name)/refund", bearer + keyed,
                #"{"type": "Electronic", "totalAmount": \#(figure), "paymentMethodId": "\#(method)"}"#)
        }
    }

    /// The payment of a purse as it stands.
    func payment(_ purse: Purse) async throws -> Caller.Answer {
        try await caller().get("/refundry/v1/payments/\(purse.payment)", bearer)
    }

    /// What of a purse can still be given back, as the program says.
    func remaining(_ purse: Purse) async throws -> String { try await payment(purse).text("remaining") }

    /// Every refund of a purse's payment and note, the newest first.
    func refunds(of purse: Purse) async throws -> [[String: Any]] {
        let answer = try await caller().get("/refundry/v1/refunds?payment=\(purse.payment)", bearer)
        return answer["refunds"] as? [[String: Any]] ?? []
    }

    /// The state of a refund.
    func state(of refund: String) async throws -> String {
        try await caller().get("/refundry/v1/refunds/\(refund)", bearer).text("state")
    }

    /// Waits until a refund is in a state.
    func expect(_ refund: String, toBe state: String) async throws {
        let reached = try await patiently {
            try await self.state(of: refund)
        } until: {
            $0 == state
        }
        #expect(reached == state)
    }

    /// Has a refund looked at, as soon as no node has it in hand.
    func check(_ refund: String) async throws {
        let answer = try await patiently {
            try await self.caller().post("/refundry/v1/refunds/\(refund)/check", self.bearer, "{}")
        } until: {
            $0.status == 200
        }
        #expect(answer.status == 200, "\(answer.body)")
    }

    /// Has a refund looked at, again and again, until it has succeeded.
    func checkUntilSucceeded(_ refund: String) async throws {
        let reached = try await patiently {
            _ = try await self.caller().post("/refundry/v1/refunds/\(refund)/check", self.bearer, "{}")
            return try await self.state(of: refund)
        } until: {
            $0 == "succeeded"
        }
        #expect(reached == "succeeded")
    }

    /// Every state that a refund was ever in.
    func states(of refund: String) async throws -> [String] {
        let answer = try await caller().get("/refundry/v1/refunds/\(refund)/history", bearer)
        return (answer["steps"] as? [[String: Any]] ?? []).compactMap { $0["state"] as? String }
    }

    /// The open exceptions of a refund or a payment, by kind and detail, once there is one.
    func exceptions(_ record: String) async throws -> String {
        let answer = try await patiently {
            try await self.caller().get("/refundry/v1/exceptions?state=open&\(record)", self.bearer)
        } until: {
            ($0["exceptions"] as? [Any])?.isEmpty == false
        }
        return answer.body
    }

    /// Lets Stripe tell of something, signed by a secret, the account's own unless another is named.
    func tell(
        _ event: String, _ type: String, _ object: String, created: String? = nil, to other: Account? = nil,
        signedBy secret: String? = nil
    ) async throws -> Caller.Answer {
        let now = Instant(seconds: Int64(Date.now.timeIntervalSince1970))
        let account = other ?? account
        let body = """
            {"id":"\(event)","object":"event","type":"\(type)","created":\(created ?? "\(now.seconds)"),
            "livemode":false,"data":{"object":\(object)}}
            """
        let signature = NoticeSignature(secrets: [secret ?? account.noticeSecret]).header(
            for: Array(body.utf8), at: now)
        return try await caller().post(account.noticePath, [("Stripe-Signature", signature)], body)
    }
}

/// Minor units of the shop's currency as text in major ones.
func major(_ minor: Int64) -> String { "\(minor / 100).\(minor % 100 < 10 ? "0" : "")\(minor % 100)" }

extension Caller.Answer {
    /// Whether a call that asked for money back was accepted, in whatever dialect.
    var isAccepted: Bool { status == 201 || (status == 200 && (self["success"] as? Bool) == true) }
}
