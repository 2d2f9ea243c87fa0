import GatewayStandIns
import RefundDomain
import RefundTesting
import Testing

@testable import RefundGateways

/// Notices that are rightly signed, with numbers that nobody expects.
@Suite struct `A notice with strange numbers` {
    private static let now = Instant(microseconds: 1_700_000_000_000_000)
    private static let strangest: [Int64] = [
        .min, .min + 1, .min / 1_000, .min / 1_000_000, -62_135_596_801, -1, 0, 1, 500, 1_700_000_000, 253_402_300_800,
        .max / 1_000_000, .max / 1_000_000 + 1, .max / 1_000, .max / 10 + 1, .max - 1, .max,
    ]
    private static let types = [
        "refund.created", "refund.updated", "charge.refunded", "charge.succeeded", "charge.captured",
        "charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
    ]

    private static func stripe(at address: String = StripeConnector.address) throws -> StripeGateway {
        let config = try StripeConfig(
            secretKey: Secret("sk_test_12345"), mode: .test, address: address, noticeSecrets: [Secret("whsec_abc")],
            organization: OrganizationID(7))
        return StripeGateway(
            config, over: Transport(client: StripeBench.client, gateway: GatewayName("stripe"), pace: .sample()),
            timeout: StripeBench.patience)
    }

    private static func event(_ type: String, created: Int64, _ number: () -> Int64) -> String {
        let currency = ["usd", "jpy", "isk", "kwd", "ugx"][Int(number().magnitude % 5)]
        return """
            {"id":"evt_1","type":"\(type)","created":\(created),"livemode":false,"data":{"object":
            {"id":"x_1","amount":\(number()),"amount_captured":\(number()),"amount_refunded":\(number()),
            "currency":"\(currency)","charge":"ch_1","payment_intent":"pi_1","created":\(number()),"reason":"other",
            "metadata":{"refundry_organization":"7","refundry_refund":"\(number())"},"status":"\(
                type.hasPrefix("charge.dispute") ? "lost" : "succeeded")"}}}
            """
    }

    /// What the gateway makes of a body, up to the news; nil where it turns it away.
    private static func heard(
        by gateway: any Gateway, _ text: String, header: String, secret: String
    ) throws -> GatewayNews? {
        let body = Array(text.utf8)
        let signature = NoticeSignature(secrets: [secret]).header(for: body, at: now)
        do throws(NoticeRefusal) {
            let message = GatewayMessage(headers: [header: signature], body: body, receivedAt: now)
            return try gateway.notice(message).flatMap { gateway.news(in: $0.kept) }
        } catch {
            guard case .unreadable = error else { throw error }
            return nil
        }
    }

    private static func expectBounded(_ news: GatewayNews?, _ text: String) {
        let (amount, moment): (Money?, Instant?) =
            switch news {
            case .refund(let refund): (refund.amount, refund.madeAt)
            case .charge(let charge): (charge.captured, charge.takenAt)
            case .dispute(let dispute): (dispute.amount, nil)
            case .refundsOf, nil: (nil, nil)
            }
        #expect((0...Limits.gatewayAmounts.upperBound).contains(amount?.minorUnits ?? 0), "\(text)")
        guard let moment else { return }
        #expect(Instant(told: moment.seconds) != nil, "\(text)")
    }

    @Test func `of the end of time ends no process`() throws {
        let gateway = try Self.stripe()
        for type in Self.types {
            let text = Self.event(type, created: .max) { 500 }
            #expect(try Self.heard(by: gateway, text, header: "stripe-signature", secret: "whsec_abc") == nil)
        }
    }

    @Test(arguments: [(Int64.max, Int64(500)), (1_700_000_000, .max), (1_700_000_000, -500)])
    func `was passed over in a list of refunds`(created: Int64, amount: Int64) async throws {
        let page = """
            {"data":[{"id":"re_1","amount":\(amount),"currency":"usd","charge":"ch_1","status":"succeeded",
            "created":\(created)}],"has_more":false}
            """
        let server = try await HTTPStandIn.start { _ in .answer(status: 200, body: page) }
        let gateway = try Self.stripe(at: server.address)
        await #expect(throws: GatewayError.misunderstood("a refund whose amount or moment cannot be read")) {
            try await gateway.refunds(ofCharge: "ch_1", isPast: false)
        }
    }

    @Test func `of Stripe is read within bounds or turned away`() throws {
        let gateway = try Self.stripe()
        for seed in UInt64(1)...1_000 {
            var generator = SeededGenerator(seed: seed)
            func number() -> Int64 {
                generator.chance(oneIn: 2) ? 500 : generator.pick(Self.strangest) ?? 0
            }
            let text = Self.event(generator.pick(Self.types) ?? "", created: number(), number)
            Self.expectBounded(
                try Self.heard(by: gateway, text, header: "stripe-signature", secret: "whsec_abc"), text)
        }
    }

    @Test func `of the simulator is read within bounds or turned away`() throws {
        let now = Self.now
        let gateway = try SimulatorGateway(SimulatorConfig(seed: 7, noticeSecret: "s"), now: { now }, sleep: { _ in })
        for seed in UInt64(1)...1_000 {
            var generator = SeededGenerator(seed: seed)
            func number() -> Int64 {
                generator.chance(oneIn: 2) ? 500 : generator.pick(Self.strangest) ?? 0
            }
            let text = """
                {"event":"e","organization":"\(number())","refund":"\(number())","reference":"r","charge":"ch_1",
                "amount":\(number()),"currency":"USD","state":"succeeded","made_at":\(number()),
                "occurred_at":\(number())}
                """
            Self.expectBounded(
                try Self.heard(by: gateway, text, header: SimulatorNotice.signatureHeader, secret: "s"), text)
        }
    }
}
