import Foundation
import GatewayStandIns
import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A node whose gateway is Stripe, with localstripe in its place.
private struct StripeScene: Sendable {
    let node: ServiceNode
    let account: ChargedStripe

    var operations: Operations { node.operations }
    var stripe: StripeStandIn { account.standIn }
    /// The charge of the card payment, as localstripe knows it.
    var charge: String { account.charge }

    /// The charge that the card payment names holds so much, and the payment all that the fixtures say.
    static func make(_ store: any Store, charging amount: Int64) async throws -> StripeScene {
        let clock = ServiceClock(at: Fixtures.now)
        let account = try await ChargedStripe.make(
            amount, knownAs: "ch_300", clock: clock, turns: SharedTurns(store: store, now: { clock.now }))
        return StripeScene(node: ServiceNode(store: store, clock: clock, gateway: account.gateway), account: account)
    }

    func refund(_ amount: String) async throws -> RefundView {
        try await operations.refund(.of(.payment(Fixtures.cardPayment), amount))
    }

    /// What the payment has left, in minor units.
    func remaining() async throws -> Int64 {
        try await node.payment(Fixtures.cardPayment).balance.remaining.minorUnits
    }

    /// Lets Stripe tell of an object, under an event of its own, and applies what follows.
    func tell(_ type: String, _ object: String) async throws {
        let now = node.clock.now
        let body = Array(
            """
            {"id":"evt_\(UInt64.random(in: 0...UInt64.max))","type":"\(type)","created":1772433000,"livemode":false,
            "data":{"object":\(object)}}
            """.utf8)
        let header = NoticeSignature(secrets: [ChargedStripe.noticeSecret]).header(for: body, at: now)
        let message = GatewayMessage(headers: ["stripe-signature": header], body: body, receivedAt: now)
        try await operations.receiveNotice(at: Fixtures.gateway.text, message)
        let worker = NoticeWorker(operations)
        // What the first has found is a notice too.
        for _ in 0..<2 { _ = await worker.applyWhatIsDue() }
        try await node.workOff()
    }

    /// Each refund, by amount and state.
    func refunds() async throws -> [String] {
        try await operations.listRefunds(RefundQuery(), for: .native, of: Fixtures.organization.id).refunds.map {
            "\($0.refund.amount) \($0.refund.state)"
        }
    }

    func expectSound() async throws {
        let verification = try await operations.verify()
        #expect(verification.breaches == [])
    }
}

/// Whole lives of refunds that Stripe carries out.
@Suite(.enabled(if: PythonScript.isThere, "`make stripe` fetches localstripe, and runs these tests"))
struct StripeServiceLives {
    private func withStripe<T>(charging amount: Int64 = 1_000_00, _ body: (StripeScene) async throws -> T) async throws
        -> T
    {
        try await withBooks(.sqliteInMemory) { store in
            let scene = try await StripeScene.make(store, charging: amount)
            return try await scene.node.running { try await body(scene) }
        }
    }

    @Test func `A refund succeeds, and comes back weeks later`() async throws {
        try await withStripe { scene in
            let view = try await scene.refund("250.00")
            #expect(view.refund.state == .succeeded)
            #expect(try await scene.remaining() == 750_00)
            let made = try #require(try await Localstripe.shared.refunds(of: scene.charge).first)
            #expect(made.amount == 250_00)
            #expect(made.metadata["refundry_refund"] == "\(view.refund.id)")
            scene.stripe.change(made.id, ["status": "failed", "failure_reason": "lost_or_stolen_card"])
            try await scene.node.pass(.seconds(86_400))
            let last = try await scene.operations.now(view).refund
            #expect(last.state == .returned)
            #expect(last.failureReason == .lostOrStolenCard)
            #expect(try await scene.remaining() == 1_000_00)
            try await scene.expectSound()
        }
    }

    @Test func `What Stripe charges for a refund is posted when it is asked about`() async throws {
        try await withStripe { scene in
            let view = try await scene.refund("250.00")
            let made = try #require(try await Localstripe.shared.refunds(of: scene.charge).first)
            scene.stripe.change(try #require(made.balanceTransaction), ["fee": 350])
            try await scene.node.pass(.seconds(86_400))
            let history = try await scene.operations.retrieveHistory(
                of: reference(view.refund.id), of: view.organization)
            #expect(history.fees.map(\.fee.amount.minorUnits) == [350])
            #expect(history.fees.map(\.fee.reference) == [made.balanceTransaction])
            #expect(
                history.fees.flatMap(\.postings).map { "\($0.account) \($0.amount)" } == [
                    "gateway_fees 3.50 INR", "gateway_clearing:simulator -3.50 INR",
                ])
            try await scene.expectSound()
        }
    }

    @Test(arguments: [StripeStandIn.Fault.answerLost, .errorAfterDoing, .keyInUse])
    func `A refund of which nothing is known is made once`(fault: StripeStandIn.Fault) async throws {
        try await withStripe { scene in
            scene.stripe.fail(fault)
            let view = try await scene.refund("250.00")
            #expect(view.refund.state == .unknown)
            #expect(try await scene.remaining() == 750_00)
            try await scene.node.pass(.seconds(30))
            #expect(try await scene.operations.now(view).refund.state == .succeeded)
            #expect(try await Localstripe.shared.refunds(of: scene.charge).map(\.amount) == [250_00])
            try await scene.expectSound()
        }
    }

    @Test func `An unknown refund is not failed by what Stripe says before it looks at the key`() async throws {
        try await withStripe { scene in
            scene.stripe.fail(.answerLost, .tooManyCalls)
            let view = try await scene.refund("250.00")
            #expect(view.refund.state == .unknown)
            try await scene.node.pass(.seconds(30))
            #expect(try await scene.operations.now(view).refund.state == .unknown)
            try await scene.node.pass(.seconds(300))
            #expect(try await scene.operations.now(view).refund.state == .succeeded)
            #expect(try await Localstripe.shared.refunds(of: scene.charge).count == 1)
            try await scene.expectSound()
        }
    }

    @Test func `A refund that is turned away by the limit of calls is sent again`() async throws {
        try await withStripe { scene in
            scene.stripe.fail(.tooManyCalls)
            let view = try await scene.refund("250.00")
            #expect(view.refund.state == .approved)
            try await scene.node.pass(.seconds(2))
            #expect(try await scene.operations.now(view).refund.state == .succeeded)
            #expect(try await Localstripe.shared.refunds(of: scene.charge).count == 1)
            try await scene.expectSound()
        }
    }

    @Test func `What the charge does not have fails, and the payment has it again`() async throws {
        try await withStripe(charging: 100_00) { scene in
            let view = try await scene.refund("250.00")
            #expect(view.refund.state == .failed)
            #expect(view.refund.failureReason == .exceedsPaymentAmount)
            #expect(try await scene.remaining() == 1_000_00)
            #expect(try await Localstripe.shared.refunds(of: scene.charge).isEmpty)
            try await scene.expectSound()
        }
    }

    @Test func `What waits for the customer is canceled`() async throws {
        try await withStripe { scene in
            scene.stripe.leaveUndecided()
            let view = try await scene.refund("250.00")
            #expect(view.refund.state == .pending)
            _ = try await scene.operations.cancelRefund(
                reference(view.refund.id), of: view.organization, by: "client:900", remark: "")
            #expect(try await scene.operations.now(view).refund.state == .canceled)
            #expect(try await scene.remaining() == 1_000_00)
            try await scene.expectSound()
        }
    }

    /// Under the charge or the intent, whichever of them the payment is recorded by.
    @Test(arguments: [("ch_300", "pi_9"), ("py_9", "ch_300")])
    func `A refund made in Stripe's dashboard is taken in when Stripe tells of it`(
        charge: String, intent: String
    ) async throws {
        try await withStripe { scene in
            let made = try await Localstripe.shared.refundAtDesk(scene.charge, 400_00)
            try await scene.tell(
                "refund.created",
                """
                {"id":"\(made)","amount":40000,"currency":"inr","charge":"\(charge)","payment_intent":"\(intent)",
                "created":1772433000,"metadata":{},"status":"succeeded"}
                """)
            #expect(try await scene.refunds() == ["400.00 INR succeeded"])
            #expect(try await scene.remaining() == 600_00)
            try await scene.expectSound()
        }
    }

    @Test func `Refunds made in the dashboard are found where Stripe tells of the charge alone`() async throws {
        try await withStripe { scene in
            _ = try await scene.refund("50.00")
            for amount in [400_00, 100_00] as [Int64] {
                let made = try await Localstripe.shared.refundAtDesk(scene.charge, amount)
                // As it knows the charge by the name that the payment has.
                scene.stripe.change(made, ["charge": "ch_300"])
            }
            for _ in 0..<2 {
                try await scene.tell(
                    "charge.refunded",
                    """
                    {"id":"ch_300","amount":100000,"amount_captured":100000,"amount_refunded":55000,"currency":"inr",
                    "created":1772433000,"status":"succeeded"}
                    """)
            }
            let found = try await scene.refunds().sorted()
            #expect(found == ["100.00 INR succeeded", "400.00 INR succeeded", "50.00 INR succeeded"])
            #expect(try await scene.remaining() == 450_00)
            #expect(
                try await scene.operations.verify().exceptions.count == 2, "somebody looks at what nobody asked for")
            try await scene.expectSound()
        }
    }
}
