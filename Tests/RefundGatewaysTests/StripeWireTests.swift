import Foundation
import GatewayStandIns
import RefundDomain
import RefundTesting
import Testing

@testable import RefundGateways

/// What is written to Stripe.
@Suite struct StripeCalls {
    private let wire = StripeWire(address: "https://api.stripe.com")

    @Test func `Calls are written as they have always been`() throws {
        let charge = try Submission.sample(
            organization: 10_234_695, refund: 1_234_567_890_123_456, target: .charge("ch_3MmlLrLkdIwHu7ix0snN0B15"))
        let intent = try Submission.sample(
            refund: 2, minorUnits: 500, currency: "ISK", target: .charge("pi_1GszsK2eZvKYlo2CfhZyoZLp"))
        let calls = [
            try wire.creation(of: charge), try wire.creation(of: intent),
            wire.retrieval(of: "re_1Nispe2eZvKYlo2Cd31jOCgZ"),
            try #require(wire.listing(of: charge.target, after: nil)),
            try #require(wire.listing(of: intent.target, after: "re_1Nispe2eZvKYlo2Cd31jOCgZ")),
            wire.cancellation(of: "re_1Nispe2eZvKYlo2Cd31jOCgZ", key: "refund-1-2-cancel"),
            wire.movement("txn_1MiN3gLkdIwHu7ixxapQrznl"),
        ]
        Golden.expect(calls.map(\.text).joined(separator: "\n"), in: "stripe-calls.txt")
    }

    @Test func `A reference cannot lead to another place`() {
        let call = wire.retrieval(of: "re_1/../../accounts?limit=1#")
        #expect(call.url == "https://api.stripe.com/v1/refunds/re_1%2F..%2F..%2Faccounts%3Flimit%3D1%23")
    }

    @Test(arguments: ["charge-1", "", "cus_1", "re_1", "CH_1"])
    func `What is no charge is refused before anything is sent`(reference: String) throws {
        let submission = try Submission.sample(target: .charge(reference))
        #expect(throws: GatewayError.self) { try wire.creation(of: submission) }
        #expect(wire.listing(of: submission.target, after: nil) == nil)
    }

    @Test func `A payment method is refused before anything is sent`() throws {
        let submission = try Submission.sample(target: .method("pm_1"))
        #expect(throws: GatewayError.self) { try wire.creation(of: submission) }
    }

    @Test(arguments: [("KWD", 1_251), ("IQD", 1_000), ("USD", 0), ("USD", -1)] as [(String, Int64)])
    func `An amount that Stripe cannot take is refused before anything is sent`(
        currency: String, minorUnits: Int64
    ) throws {
        let submission = try Submission.sample(minorUnits: minorUnits, currency: currency, target: .charge("ch_1"))
        #expect(throws: GatewayError.self) { try wire.creation(of: submission) }
    }

    @Test func `A key goes as it is where it fits, and as its digest where it does not`() {
        #expect(StripeWire.idempotencyKey("refund-1-2") == "refundry-refund-1-2")
        let long = String(repeating: "k", count: 246)
        #expect(StripeWire.idempotencyKey(long) == "refundry-" + long)
        let digests = [long + "k", long + "l", "two words", "schlüssel"].map(StripeWire.idempotencyKey)
        #expect(Set(digests).count == 4)
        #expect(digests.allSatisfy { $0.wholeMatch(of: /refundry-[0-9a-f]{64}/) != nil })
        #expect(StripeWire.idempotencyKey("two words") == StripeWire.idempotencyKey("two words"))
    }
}

extension HTTPCall {
    /// The call as it goes over the line, but for the credential.
    fileprivate var text: String {
        let head = ["\(method.rawValue) \(url)"] + fields.map { "\($0.name): \($0.value)" }
        return (head + ["", String(decoding: body, as: UTF8.self), ""]).joined(separator: "\n")
    }
}

/// What is read of Stripe's answers.
@Suite struct StripeAnswers {
    private let organization = OrganizationID(1)
    private var inquiry: GatewayInquiry {
        GatewayInquiry(
            organization: organization, refund: RefundID(2), target: .charge("ch_1"), gatewayReference: "re_1")
    }

    /// What a gateway finds where Stripe answers so.
    private func finding(status: Int = 200, _ body: String) async throws -> Result<GatewayFinding, GatewayError> {
        let server = try await HTTPStandIn.start { _ in .answer(status: status, body: body) }
        let gateway = try StripeBench.gateway(at: server.address)
        do throws(GatewayError) {
            return .success(try await gateway.inquire(inquiry))
        } catch {
            return .failure(error)
        }
    }

    private func refund(_ fields: String = "", refund: Int = 2) -> String {
        """
        {"id":"re_1","object":"refund","amount":710,"currency":"usd","charge":"ch_1","payment_intent":null,
        "metadata":{"refundry_organization":"1","refundry_refund":"\(refund)"},"reason":null,
        "balance_transaction":"txn_1"\(fields)}
        """
    }

    private func report(
        _ state: GatewayReport.State, network: String? = nil, code: String
    ) throws -> Result<GatewayFinding, GatewayError> {
        let money = Money(minorUnits: 7_10, currency: try #require(Currency("USD")))
        return .success(
            .found(
                GatewayReport(
                    state: state, amount: money, gatewayReference: "re_1", networkReference: network, code: code,
                    charges: ["ch_1"])))
    }

    @Test func `A refund is read with its number at the network`() async throws {
        let details = #""card":{"reference":"74120344","reference_status":"available","type":"refund"},"type":"card""#
        let found = try await finding(refund(#","status":"succeeded","destination_details":{\#(details)}"#))
        #expect(found == (try report(.succeeded, network: "74120344", code: "succeeded")))
    }

    @Test(arguments: [
        #"{"type":"card","card":{"reference_status":"pending","type":"refund"}}"#, #"{"type":"affirm","affirm":{}}"#,
        #"{"type":"new_kind"}"#, #"{"type":"new_kind","new_kind":7}"#, #"{"card":{"reference":""},"type":"card"}"#,
        "null",
        #"{}"#,
    ])
    func `A refund is read without a number where there is none`(details: String) async throws {
        let found = try await finding(refund(#","status":"pending","destination_details":\#(details)"#))
        #expect(found == (try report(.pending, code: "pending")))
    }

    @Test func `What a refund waits for and why it failed is kept`() async throws {
        let waiting = try await finding(refund(#","status":"pending","pending_reason":"insufficient_funds""#))
        #expect(waiting == (try report(.pending, code: "insufficient_funds")))
        let failed = try await finding(refund(#","status":"failed","failure_reason":"expired_or_canceled_card""#))
        #expect(failed == (try report(.failed(.expiredOrCanceledCard), code: "expired_or_canceled_card")))
    }

    @Test func `Another amount than ours is reported as it is`() async throws {
        let body = refund(#","status":"succeeded""#).replacing("\"usd\"", with: "\"jpy\"")
        let money = Money(minorUnits: 710, currency: try #require(Currency("JPY")))
        let found = try await finding(body)
        #expect(
            found
                == .success(
                    .found(
                        GatewayReport(
                            state: .succeeded, amount: money, gatewayReference: "re_1", code: "succeeded",
                            charges: ["ch_1"]))))
    }

    /// It was believed, and the refund succeeded, whatever charge was given back.
    @Test func `Another charge than ours in the answer to a refund is misunderstood`() async throws {
        let body = refund(#","status":"succeeded""#).replacing(#""ch_1""#, with: #""ch_2""#)
        let server = try await HTTPStandIn.start { _ in .answer(status: 200, body: body) }
        let gateway = try StripeBench.gateway(at: server.address)
        let submission = Submission(
            organization: organization, refund: RefundID(2), key: "k",
            amount: Money(minorUnits: 7_10, currency: try #require(Currency("USD"))), target: .charge("ch_1"),
            lastFour: nil)
        await #expect(throws: GatewayError.misunderstood("an answer about another refund")) {
            try await gateway.submit(submission)
        }
    }

    @Test(arguments: [
        "", "{}", "<html>", #"{"id":"re_1"}"#, #"{"id":"re_1","amount":"710","currency":"usd"}"#,
        #"{"id":"re_1","amount":7.5,"currency":"usd"}"#, #"{"id":"re_1","amount":1e30,"currency":"usd"}"#,
        #"{"id":"re_1","amount":710,"currency":"xyz","metadata":{"refundry_organization":"1","refundry_refund":"2"}}"#,
    ])
    func `What cannot be read is misunderstood`(body: String) async throws {
        let found = try await finding(body)
        guard case .failure(.misunderstood) = found else { return #expect(Bool(false), "\(found)") }
    }

    @Test func `A refund of another organization is misunderstood`() async throws {
        let body = refund(#","status":"succeeded""#).replacing(#"organization":"1""#, with: #"organization":"9""#)
        let found = try await finding(body)
        #expect(found == .failure(.misunderstood("an answer about a refund of another organization")))
    }

    @Test func `A refund that others asked for is read by Stripe's reference`() async throws {
        let made = #"{"id":"re_1","amount":710,"currency":"usd","charge":"ch_1","status":"succeeded","metadata":{}}"#
        let found = try await finding(made)
        #expect(found == (try report(.succeeded, code: "succeeded")))
        let lost = try await finding(refund(#","status":"succeeded""#, refund: 3))
        #expect(lost == (try report(.succeeded, code: "succeeded")))
    }

    @Test func `An answer to a submission that is about another refund is misunderstood`() async throws {
        let body = refund(#","status":"succeeded""#, refund: 3)
        let server = try await HTTPStandIn.start { _ in .answer(status: 200, body: body) }
        let gateway = try StripeBench.gateway(at: server.address)
        await #expect(throws: GatewayError.misunderstood("an answer about another refund")) {
            try await gateway.submit(try .sample(refund: 2, minorUnits: 7_10, target: .charge("ch_1")))
        }
    }

    @Test func `A message of Stripe's is kept without card numbers`() async throws {
        let body = #"{"error":{"type":"card_error","code":"card_declined","message":"Card 4242424242424242 said no."}}"#
        let found = try await finding(status: 402, body)
        #expect(found == .failure(.refused(.unknown, code: "card_declined", message: "Card •••• said no.")))
    }

    @Test func `Two refunds that carry one reference are for a person to look at`() async throws {
        let page = "{\"data\":[\(refund()),\(refund())],\"has_more\":false}"
        let server = try await HTTPStandIn.start { _ in .answer(status: 200, body: page) }
        let gateway = try StripeBench.gateway(at: server.address)
        let inquiry = GatewayInquiry(
            organization: organization, refund: RefundID(2), target: .charge("ch_1"), gatewayReference: nil)
        await #expect(throws: GatewayError.misunderstood("several refunds that carry our reference")) {
            try await gateway.inquire(inquiry)
        }
    }

    @Test func `A list without end is not read to its end`() async throws {
        let page = "{\"data\":[\(refund(refund: 3))],\"has_more\":true}"
        let server = try await HTTPStandIn.start { _ in .answer(status: 200, body: page) }
        let gateway = try StripeBench.gateway(at: server.address)
        let inquiry = GatewayInquiry(
            organization: organization, refund: RefundID(2), target: .charge("ch_1"), gatewayReference: "")
        await #expect(throws: GatewayError.self) { try await gateway.inquire(inquiry) }
        #expect(server.calls.count == Limits.gatewayPagesMax)
        #expect(server.calls.last?.path == "/v1/refunds?charge=ch_1&limit=100&starting_after=re_1")
    }

    @Test func `A 500 that is repeated, of which nothing can be learnt, leaves the refund in doubt`() async throws {
        let server = try await HTTPStandIn.start { call in
            call.method == "POST"
                ? .answer(status: 500, fields: [("Idempotent-Replayed", "true")]) : .answer(status: 503)
        }
        let gateway = try StripeBench.gateway(at: server.address)
        let trial = GatewayTrial(gateway: gateway, effects: { [] })
        #expect(await trial.ending(of: try .sample(target: .charge("ch_1"))) == .ambiguous)
        #expect(server.calls.count == 2)
    }

    @Test func `A key of another request, of which nothing can be learnt, leaves the refund in doubt`() async throws {
        let server = try await HTTPStandIn.start { call in
            call.method == "POST"
                ? .answer(status: 400, body: #"{"error":{"type":"idempotency_error"}}"#) : .answer(status: 503)
        }
        let gateway = try StripeBench.gateway(at: server.address)
        let trial = GatewayTrial(gateway: gateway, effects: { [] })
        #expect(await trial.ending(of: try .sample(target: .charge("ch_1"))) == .ambiguous)
    }

    @Test(arguments: [true, false])
    func `A refusal is the kept answer of its key where Stripe says so, and there alone`(
        isReplayed: Bool
    ) async throws {
        let server = try await HTTPStandIn.start { _ in
            .answer(
                status: 400, fields: isReplayed ? [("Idempotent-Replayed", "true")] : [],
                body: #"{"error":{"type":"invalid_request_error","code":"charge_already_refunded"}}"#)
        }
        let gateway = try StripeBench.gateway(at: server.address)
        await #expect(
            throws: GatewayError.refused(
                .paymentAlreadyRefunded, code: "charge_already_refunded", message: "", isKeptAnswer: isReplayed)
        ) {
            try await gateway.submit(try .sample(target: .charge("ch_1")))
        }
    }

    @Test func `A key that was exchanged does not end what was sent with the old one`() async throws {
        let server = try await HTTPStandIn.start { _ in
            .answer(status: 401, body: #"{"error":{"type":"invalid_request_error","message":"Invalid API Key"}}"#)
        }
        let gateway = try StripeBench.gateway(at: server.address)
        let trial = GatewayTrial(gateway: gateway, effects: { [] })
        #expect(await trial.ending(of: try .sample(target: .charge("ch_1"))) == .notSent)
    }
}
