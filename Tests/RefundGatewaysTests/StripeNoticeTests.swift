import Foundation
import GatewayStandIns
import RefundDomain
import Testing

@testable import RefundGateways

/// Whether a notice is Stripe's.
@Suite struct StripeSignatures {
    private static let body = Array(#"{"id":"evt_1","object":"event"}"#.utf8)
    private static let moment = Instant(seconds: 1_700_000_000)
    /// Made by Stripe's own library for Python, version 16.1.0, from the body, `whsec_abc` and the moment.
    private static let header =
        "t=1700000000,v1=8e592cdd14d5abcfca2d98925d5b89177aa4331a92facc0e96493db4f54fa0a5"

    @Test func `What Stripe's library signs is believed, and we sign the same`() throws {
        let signature = NoticeSignature(secrets: ["whsec_abc"])
        try signature.check(Self.header, of: Self.body, at: Self.moment)
        #expect(signature.header(for: Self.body, at: Self.moment) == Self.header)
        #expect(throws: NoticeRefusal.self) {
            try signature.check(Self.header, of: Self.body + [0x20], at: Self.moment)
        }
    }

    @Test(.enabled(if: PythonScript.isThere, "`make stripe` fetches Stripe's library, and runs this test"))
    func `Stripe's own library and we believe each other`() async throws {
        let body = Array(#"{"id":"evt_ü","object":"event","data":{"object":{"id":"re_1"}}}"#.utf8)
        let now = Instant(seconds: Int64(Date.now.timeIntervalSince1970))
        let both = NoticeSignature(secrets: ["whsec_def", "whsec_abc"])
        let theirs = try await PythonScript.answer(
            of: "signatures.py", ["sign", "whsec_abc", String(now.seconds)], to: body)
        #expect(throws: Never.self) { try both.check(theirs, of: body, at: now) }
        let ours = both.header(for: body, at: now)
        for (secret, said) in [("whsec_abc", "evt_ü"), ("whsec_def", "evt_ü"), ("whsec_ghi", "refused")] {
            let answer = try await PythonScript.answer(of: "signatures.py", ["verify", secret, ours], to: body)
            #expect(answer == said)
        }
    }
}

/// What a notice of Stripe's comes to.
@Suite struct StripeNotices {
    private static let now = Instant(seconds: 1_700_000_000)

    private func gateway(
        secrets: [String] = ["whsec_abc"], organization: OrganizationID? = OrganizationID(7)
    ) throws -> StripeGateway {
        let config = try StripeConfig(
            secretKey: Secret("sk_test_12345"), mode: .test, noticeSecrets: secrets.map { Secret($0) },
            organization: organization)
        return StripeGateway(
            config,
            over: Transport(client: StripeBench.client, gateway: GatewayName("stripe"), pace: .sample()))
    }

    private func message(
        _ type: String, metadata: String = "{}", isLive: Bool = false, secret: String = "whsec_abc"
    ) -> GatewayMessage {
        let body = Array(
            """
            {"id":"evt_1","type":"\(type)","created":1692942400,"livemode":\(isLive),"data":{"object":
            {"id":"re_1","amount":500,"currency":"isk","charge":"ch_1","payment_intent":"pi_1","created":1692942318,
            "metadata":\(metadata),"status":"succeeded"}}}
            """.utf8)
        let header = NoticeSignature(secrets: [secret]).header(for: body, at: Self.now)
        return GatewayMessage(headers: ["stripe-signature": header], body: body, receivedAt: Self.now)
    }

    private func news(_ refund: RefundID?) throws -> GatewayNews {
        let money = Money(minorUnits: 5, currency: try #require(Currency("ISK")))
        return .refund(
            RefundNews(
                refund: refund, gatewayReference: "re_1", charges: ["ch_1", "pi_1"], amount: money,
                madeAt: Instant(seconds: 1_692_942_318)))
    }

    @Test(arguments: [OrganizationID(8), nil])
    func `A refund of ours is told with whose it is`(organization: OrganizationID?) throws {
        let gateway = try gateway(organization: organization)
        let ours = #"{"refundry_organization":"8","refundry_refund":"11"}"#
        let notice = try #require(try gateway.notice(message("refund.updated", metadata: ours)))
        #expect(notice.event == "evt_1")
        #expect(notice.organization == OrganizationID(8))
        #expect(gateway.news(in: notice.kept) == (try news(RefundID(11))))
    }

    @Test func `A refund of another organization that uses the same account tells nothing`() throws {
        let other = message("refund.updated", metadata: #"{"refundry_organization":"8","refundry_refund":"11"}"#)
        #expect(try gateway(organization: OrganizationID(7)).notice(other) == nil)
    }

    @Test func `A refund made in Stripe's dashboard belongs to the account's organization, or to nobody`() throws {
        let notice = try #require(try gateway().notice(message("refund.created")))
        #expect(notice.organization == OrganizationID(7))
        #expect(try gateway().news(in: notice.kept) == (try news(nil)))
        #expect(try gateway(organization: nil).notice(message("refund.created")) == nil)
    }

    @Test func `What is not about a refund, or of the other world, tells nothing`() throws {
        #expect(try gateway().notice(message("customer.created")) == nil)
        #expect(try gateway().notice(message("refund.created", isLive: true)) == nil)
    }

    /// One that was rightly signed stopped the process, and again after each start.
    @Test(arguments: [Int64.max, Int64.max / 1_000_000 + 1, 253_402_300_800, Int64.min])
    func `An absurd moment or amount is refused, and stops nothing`(number: Int64) throws {
        let gateway = try gateway()
        func heard(_ type: String, created: Int64, _ object: String) throws -> NoticeRefusal? {
            let body = Array(
                """
                {"id":"evt_1","type":"\(type)","created":\(created),"livemode":false,"data":{"object":\(object)}}
                """.utf8)
            let header = NoticeSignature(secrets: ["whsec_abc"]).header(for: body, at: Self.now)
            do throws(NoticeRefusal) {
                _ = try gateway.notice(
                    GatewayMessage(headers: ["stripe-signature": header], body: body, receivedAt: Self.now))
                return nil
            } catch {
                return error
            }
        }
        func refund(amount: Int64, created: Int64) -> String {
            """
            {"id":"re_1","amount":\(amount),"currency":"usd","charge":"ch_1","created":\(created),
            "status":"succeeded"}
            """
        }
        func charge(amount: Int64, created: Int64) -> String {
            """
            {"id":"ch_1","amount":\(amount),"amount_captured":\(amount),"amount_refunded":0,"captured":true,
            "currency":"usd","created":\(created),"status":"succeeded"}
            """
        }
        let moment: Int64 = 1_692_942_400
        #expect(try heard("refund.updated", created: moment, refund(amount: 500, created: moment)) == nil)
        #expect(try heard("charge.succeeded", created: moment, charge(amount: 500, created: moment)) == nil)
        let refusals = [
            try heard("refund.updated", created: number, refund(amount: 500, created: moment)),
            try heard("refund.updated", created: moment, refund(amount: 500, created: number)),
            try heard("charge.succeeded", created: moment, charge(amount: 500, created: number)),
            try heard("customer.created", created: number, "{}"),
        ]
        #expect(refusals.allSatisfy { $0 != nil })
        guard number.magnitude > Limits.gatewayAmounts.upperBound.magnitude else { return }
        #expect(try heard("refund.updated", created: moment, refund(amount: number, created: moment)) != nil)
        #expect(try heard("charge.succeeded", created: moment, charge(amount: number, created: moment)) != nil)
    }

    private func notice(_ type: String, _ object: String) throws -> GatewayNotice? {
        let body = Array(
            """
            {"id":"evt_1","type":"\(type)","created":1692942400,"livemode":false,"data":{"object":\(object)}}
            """.utf8)
        let header = NoticeSignature(secrets: ["whsec_abc"]).header(for: body, at: Self.now)
        return try gateway().notice(
            GatewayMessage(headers: ["stripe-signature": header], body: body, receivedAt: Self.now))
    }

    @Test(
        arguments: [
            ("created", "needs_response", [.open]), ("updated", "under_review", [.open]), ("closed", "won", [.won]),
            ("closed", "lost", [.lost]), ("created", "warning_needs_response", [.inquiry]),
            ("updated", "warning_under_review", [.inquiry]), ("closed", "warning_closed", [.inquiry]),
            ("updated", "needs_response", [.open]), ("created", "novel", []),
            ("funds_withdrawn", "needs_response", [.open, .withdrawn]), ("funds_withdrawn", "novel", [.withdrawn]),
            ("funds_reinstated", "won", [.won, .reinstated]),
        ] as [(String, String, [Dispute.Stage])])
    func `A dispute is told with how far it has come, and its funds`(
        type: String, status: String, stages: [Dispute.Stage]
    ) throws {
        let notice = try notice(
            "charge.dispute.\(type)",
            """
            {"id":"dp_1","amount":1000,"currency":"usd","status":"\(status)","reason":"fraudulent",
            "charge":"ch_1","payment_intent":"pi_1"}
            """)
        #expect((notice == nil) == stages.isEmpty)
        guard let notice else { return }
        let amount = Money(minorUnits: 1_000, currency: try #require(Currency("USD")))
        let expected = DisputeNews(
            gatewayReference: "dp_1", charges: ["ch_1", "pi_1"], amount: amount, stages: stages,
            reason: "fraudulent", at: Instant(seconds: 1_692_942_400))
        #expect(notice.organization == OrganizationID(7))
        #expect(try gateway().news(in: notice.kept) == .dispute(expected))
    }

    @Test(
        arguments: [
            ("charge.succeeded", "succeeded", 700, 700), ("charge.captured", "succeeded", 500, 500),
            ("charge.succeeded", "succeeded", 0, 0), ("charge.succeeded", "pending", 700, 0),
            ("charge.captured", "failed", 700, 0),
        ] as [(String, String, Int, Int64)])
    func `A charge is told with who paid it and what was taken`(
        type: String, status: String, captured: Int, taken: Int64
    ) throws {
        let notice = try #require(
            try notice(
                type,
                """
                {"id":"ch_1","amount":700,"amount_captured":\(captured),"amount_refunded":0,"currency":"usd",
                "payment_intent":null,"customer":"cus_1","created":1692942318,"status":"\(status)",
                "billing_details":{"name":"Ana Pérez","email":null}}
                """))
        let expected = ChargeNews(
            charges: ["ch_1"], customer: .init(gatewayReference: "cus_1", name: "Ana Pérez", email: ""),
            captured: Money(minorUnits: taken, currency: try #require(Currency("USD"))),
            takenAt: Instant(seconds: 1_692_942_318))
        #expect(try gateway().news(in: notice.kept) == .charge(expected))
    }

    @Test func `A charge that was given back has its refunds looked for`() throws {
        let notice = try notice(
            "charge.refunded",
            """
            {"id":"ch_1","amount":700,"amount_captured":700,"amount_refunded":700,"currency":"usd","created":1692942318,
            "status":"succeeded"}
            """)
        let news = try gateway().news(in: try #require(notice).kept)
        #expect(news == .refundsOf(charge: "ch_1"))
    }

    @Test func `What is not genuine is not read`() throws {
        let strange = message("refund.created", secret: "whsec_other")
        #expect(throws: NoticeRefusal.notGenuine("its signature does not fit")) { try gateway().notice(strange) }
        let unsigned = GatewayMessage(headers: [:], body: strange.body, receivedAt: Self.now)
        #expect(throws: NoticeRefusal.self) { try gateway().notice(unsigned) }
        #expect(throws: NoticeRefusal.notExpected) { try gateway(secrets: []).notice(message("refund.created")) }
    }

    @Test func `What is genuine and no event is unreadable`() throws {
        let body = Array("[]".utf8)
        let header = NoticeSignature(secrets: ["whsec_abc"]).header(for: body, at: Self.now)
        let message = GatewayMessage(headers: ["stripe-signature": header], body: body, receivedAt: Self.now)
        #expect(throws: NoticeRefusal.unreadable("it is no event that Stripe documents")) {
            try gateway().notice(message)
        }
        #expect(try gateway().news(in: "[]") == nil)
    }

    @Test func `Nothing personal is kept of a refund`() throws {
        let notice = try #require(try gateway().notice(message("refund.created", metadata: #"{"name":"Ana"}"#)))
        #expect(
            notice.kept == #"{"refund":{"charges":["ch_1","pi_1"],"isListed":false,"madeAt":1692942318000000,"#
                + #""money":{"amount":5,"currency":"ISK"},"reference":"re_1"}}"#)
    }
}

/// What Stripe tells of its own accord.
@Suite struct StripeEvents {
    private func event(_ type: String, _ object: String) throws(StripeEventError) -> StripeEvent {
        let text = """
            {"id":"evt_1","object":"event","api_version":"2025-04-30.basil","created":1692942318,"livemode":false,
            "pending_webhooks":1,"request":{"id":null,"idempotency_key":null},"type":"\(type)",
            "data":{"object":\(object),"previous_attributes":{"status":"pending"}}}
            """
        return try StripeEvent(Array(text.utf8))
    }

    private func refund(_ metadata: String) -> String {
        """
        {"id":"re_1","object":"refund","amount":1000,"currency":"usd","charge":"ch_1","payment_intent":"pi_1",
        "metadata":\(metadata),"status":"failed","failure_reason":"expired_or_canceled_card",
        "destination_details":{"type":"card","card":{"reference":"123","type":"refund"}}}
        """
    }

    private func charge(captured: Int, refunded: Int) -> String {
        """
        {"id":"ch_1","object":"charge","amount":1099,"amount_captured":\(captured),"amount_refunded":\(refunded),
        "currency":"eur","payment_intent":null,"created":1692942318,"status":"succeeded",
        "captured":true,"refunded":false,"metadata":{}}
        """
    }

    private func euros(_ minorUnits: Int64) throws -> Money {
        Money(minorUnits: minorUnits, currency: try #require(Currency("EUR")))
    }

    @Test(arguments: ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"])
    func `A refund of ours is told with whose it is`(type: String) throws {
        let event = try event(type, refund(#"{"refundry_organization":"7","refundry_refund":"11"}"#))
        #expect(event.id == "evt_1")
        #expect(event.createdAt == Instant(seconds: 1_692_942_318))
        #expect(!event.isLive)
        guard case .refund(let news) = event.news else { return #expect(Bool(false), "\(event.news)") }
        #expect(news.organization == OrganizationID(7))
        #expect(news.refund == RefundID(11))
        #expect(news.charge == "ch_1")
        #expect(news.paymentIntent == "pi_1")
        #expect(news.report.state == .failed(.expiredOrCanceledCard))
        #expect(news.report.amount == Money(minorUnits: 10_00, currency: try #require(Currency("USD"))))
        #expect(news.report.networkReference == "123")
    }

    @Test(arguments: ["{}", "null", #"{"order":"7"}"#, #"{"refundry_refund":"eleven"}"#])
    func `A refund that others asked for is told without`(metadata: String) throws {
        let event = try event("refund.created", refund(metadata))
        guard case .refund(let news) = event.news else { return #expect(Bool(false), "\(event.news)") }
        #expect(news.organization == nil)
        #expect(news.refund == nil)
    }

    @Test func `A charge is told with what was taken and given back`() throws {
        let given = try event("charge.refunded", charge(captured: 1_099, refunded: 1_000))
        guard case .chargeRefunded(let news) = given.news else { return #expect(Bool(false), "\(given.news)") }
        #expect(news.charge == "ch_1")
        #expect(news.amount == (try euros(10_99)))
        #expect(news.captured == (try euros(10_99)))
        #expect(news.refunded == (try euros(10_00)))
        for type in ["charge.succeeded", "charge.captured"] {
            let taken = try event(type, charge(captured: 0, refunded: 0))
            guard case .charge(let news) = taken.news else { return #expect(Bool(false), "\(taken.news)") }
            #expect(news.captured == (try euros(0)))
        }
    }

    @Test(
        arguments: [
            ("warning_needs_response", .inquiry), ("warning_under_review", .inquiry),
            ("warning_closed", .inquiryClosed), ("needs_response", .open), ("under_review", .open), ("won", .won),
            ("lost", .lost), ("prevented", .other("prevented")),
        ] as [(String, StripeDisputeNews.State)])
    func `A dispute is told with how it stands`(status: String, state: StripeDisputeNews.State) throws {
        for type in ["charge.dispute.created", "charge.dispute.closed"] {
            let event = try event(
                type,
                """
                {"id":"du_1","object":"dispute","amount":1099,"currency":"eur","charge":"ch_1","payment_intent":"pi_1",
                "reason":"fraudulent","status":"\(status)"}
                """)
            guard case .dispute(let news) = event.news else { return #expect(Bool(false), "\(event.news)") }
            #expect(news.dispute == "du_1")
            #expect(news.charge == "ch_1")
            #expect(news.amount == (try euros(10_99)))
            #expect(news.state == state)
            #expect(news.reason == "fraudulent")
        }
    }

    @Test func `What we do not listen to is told by its type`() throws {
        let event = try event("customer.created", #"{"id":"cus_1"}"#)
        #expect(event.news == .other("customer.created"))
    }

    @Test(arguments: ["", "[]", "{}", #"{"id":"evt_1","type":"refund.created","created":1,"livemode":true}"#])
    func `What is no event cannot be read`(text: String) {
        #expect(throws: StripeEventError.unreadable) { try StripeEvent(Array(text.utf8)) }
    }

    @Test func `An amount that we cannot express is not made up`() {
        #expect(throws: StripeEventError.amountNotExpressible) {
            try event("refund.updated", refund("{}").replacing("usd", with: "xyz"))
        }
    }
}
