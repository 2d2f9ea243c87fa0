import GatewayStandIns
import RefundDomain
import Testing

@testable import RefundGateways

/// Refunds at localstripe, from the charge to the last word about them.
@Suite(.enabled(if: PythonScript.isThere, "`make stripe` fetches localstripe, and runs these tests"))
struct StripeLives {
    @Test func `A charge is given back in parts, and no more than it has`() async throws {
        let bench = try await StripeBench.make()
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        for refund in 1...2 {
            let part = try Submission.sample(
                refund: Int64(refund), minorUnits: 40_00, target: .charge(charge))
            let report = try await bench.gateway.submit(part)
            #expect(report.state == .succeeded)
            #expect(report.amount == part.amount)
        }
        let trial = GatewayTrial(gateway: bench.gateway, effects: { [] })
        let excess = try Submission.sample(refund: 3, minorUnits: 20_01, target: .charge(charge))
        await #expect(throws: Self.refusal(.exceedsPaymentAmount, code: "invalid_request_error")) {
            try await bench.gateway.submit(excess)
        }
        let rest = try Submission.sample(refund: 4, minorUnits: 20_00, target: .charge(charge))
        #expect(await trial.ending(of: rest) == nil)
        let more = try Submission.sample(refund: 5, minorUnits: 1, target: .charge(charge))
        await #expect(throws: Self.refusal(.paymentAlreadyRefunded, code: "charge_already_refunded")) {
            try await bench.gateway.submit(more)
        }
        let refunds = try await Localstripe.shared.refunds(of: charge)
        #expect(refunds.map(\.amount) == [40_00, 40_00, 20_00])
    }

    @Test func `A payment intent is given back, and found by it`() async throws {
        let bench = try await StripeBench.make()
        let intent = try await Localstripe.shared.intent(50_00, "EUR")
        let submission = try Submission.sample(minorUnits: 50_00, currency: "EUR", target: .charge(intent.id))
        let report = try await bench.gateway.submit(submission)
        #expect(report.amount == submission.amount)
        let finding = try await bench.gateway.inquire(GatewayInquiry(submission))
        #expect(finding == .found(report))
        #expect(try await Localstripe.shared.refunds(of: intent.latestCharge.id).map(\.id) == [report.gatewayReference])
    }

    @Test func `A call that is repeated makes one refund, and it carries our reference`() async throws {
        let bench = try await StripeBench.make()
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        let submission = try Submission.sample(
            organization: 7, refund: 11, minorUnits: 30_00, target: .charge(charge))
        let first = try await bench.gateway.submit(submission)
        #expect(try await bench.gateway.submit(submission) == first)
        let refunds = try await Localstripe.shared.refunds(of: charge)
        #expect(refunds.map(\.id) == [first.gatewayReference])
        #expect(refunds.first?.metadata == ["refundry_organization": "7", "refundry_refund": "11"])
    }

    @Test func `An answer that is lost leaves the refund in doubt, and either way of asking ends the doubt`()
        async throws
    {
        let bench = try await StripeBench.make()
        let trial = GatewayTrial(gateway: bench.gateway, effects: { [] })
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        let submission = try Submission.sample(minorUnits: 30_00, target: .charge(charge))
        bench.standIn.fail(.answerLost)
        #expect(await trial.ending(of: submission) == .ambiguous)
        let found = try await trial.report(on: GatewayInquiry(submission))
        #expect(found.state == .succeeded)
        #expect(try await bench.gateway.submit(submission) == found)
        #expect(try await Localstripe.shared.refunds(of: charge).count == 1)
    }

    @Test func `A 500 that Stripe repeats for its key does not hide the refund it made`() async throws {
        let bench = try await StripeBench.make()
        let trial = GatewayTrial(gateway: bench.gateway, effects: { [] })
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        let submission = try Submission.sample(minorUnits: 30_00, target: .charge(charge))
        bench.standIn.fail(.errorAfterDoing)
        #expect(await trial.ending(of: submission) == .ambiguous)
        let report = try await bench.gateway.submit(submission)
        #expect(report.state == .succeeded)
        #expect(try await Localstripe.shared.refunds(of: charge).map(\.id) == [report.gatewayReference])
    }

    @Test func `A key that was first used with other words for the same refund finds that refund`() async throws {
        let bench = try await StripeBench.make()
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        let submission = try Submission.sample(minorUnits: 30_00, target: .charge(charge))
        let wire = StripeWire(address: bench.server.address)
        let call = try wire.creation(of: submission)
        let earlier = HTTPCall(
            .post, call.endpoint, at: call.url, fields: call.fields.map { ($0.name, $0.value) },
            body: call.body + Array("&metadata[written]=otherwise".utf8))
        let transport = Transport(client: StripeBench.client, gateway: GatewayName("stripe"), pace: .sample())
        let reply = try await transport.send(earlier, bearing: Secret("sk_test_12345"), by: .now + StripeBench.patience)
        #expect(reply.status == 200)
        let report = try await bench.gateway.submit(submission)
        #expect(try await Localstripe.shared.refunds(of: charge).map(\.id) == [report.gatewayReference])
    }

    @Test func `A refund that is turned away by a limit or a lock is made when it is sent again`() async throws {
        let bench = try await StripeBench.make()
        let trial = GatewayTrial(gateway: bench.gateway, effects: { [] })
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        let submission = try Submission.sample(minorUnits: 30_00, target: .charge(charge))
        bench.standIn.fail(.tooManyCalls, .keyInUse)
        #expect(await trial.ending(of: submission) == .busy)
        // The gateway asked for a pause, after which it takes calls again.
        let later = GatewayTrial(gateway: try StripeBench.gateway(at: bench.server.address), effects: { [] })
        #expect(await later.ending(of: submission) == .ambiguous)
        #expect(await later.ending(of: submission) == nil)
        #expect(try await Localstripe.shared.refunds(of: charge).count == 1)
    }

    @Test func `A refund that succeeded and comes back is told with its reason`() async throws {
        let bench = try await StripeBench.make()
        let trial = GatewayTrial(gateway: bench.gateway, effects: { [] })
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        let submission = try Submission.sample(minorUnits: 30_00, target: .charge(charge))
        let report = try await bench.gateway.submit(submission)
        bench.standIn.change(
            report.gatewayReference, ["status": "failed", "failure_reason": "lost_or_stolen_card"])
        let inquiry = GatewayInquiry(submission, gatewayReference: report.gatewayReference)
        #expect(try await trial.report(on: inquiry).state == .failed(.lostOrStolenCard))
    }

    @Test func `What cannot be withdrawn any more is told as it is`() async throws {
        let bench = try await StripeBench.make()
        let charge = try await Localstripe.shared.charge(100_00, "USD")
        let submission = try Submission.sample(minorUnits: 30_00, target: .charge(charge))
        let report = try await bench.gateway.submit(submission)
        #expect(try await bench.gateway.cancel(GatewayInquiry(submission), key: "cancel-1") == report)
    }

    @Test func `A refund is found behind a hundred others of its charge`() async throws {
        let bench = try await StripeBench.make()
        let charge = try await Localstripe.shared.charge(1_000_00, "USD")
        let submission = try Submission.sample(minorUnits: 1_00, target: .charge(charge))
        let report = try await bench.gateway.submit(submission)
        for _ in 1...120 {
            _ = try await Localstripe.shared.send("POST", "/v1/refunds", body: "charge=\(charge)&amount=1")
        }
        let finding = try await bench.gateway.inquire(GatewayInquiry(submission))
        #expect(finding == .found(report))
        let absent = try Submission.sample(refund: 2, target: .charge(charge))
        #expect(try await bench.gateway.inquire(GatewayInquiry(absent)) == .notFoundYet)
    }

    @Test(
        arguments: [("JPY", 500, 500), ("KWD", 1_250, 1_250), ("ISK", 5, 500), ("MGA", 5_00, 5)]
            as [(String, Int64, Int64)])
    func `A currency that Stripe counts in its own way comes back as it went`(
        currency: String, minorUnits: Int64, number: Int64
    ) async throws {
        let bench = try await StripeBench.make()
        let charge = try await Localstripe.shared.charge(1_000_000, currency)
        let submission = try Submission.sample(minorUnits: minorUnits, currency: currency, target: .charge(charge))
        #expect(try await bench.gateway.submit(submission).amount == submission.amount)
        #expect(try await Localstripe.shared.refunds(of: charge).map(\.amount) == [number])
    }

    private static func refusal(_ reason: FailureReason, code: String) -> GatewayError {
        .refused(reason, code: code, message: "In the words of a stand-in.")
    }
}
