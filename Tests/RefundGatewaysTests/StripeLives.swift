import GatewayStandIns
import RefundDomain
import Testing

@testable import RefundGateways

/// Refunds at localstripe, from the charge to the last word about them: those lives that need its stand-in.
@Suite(.enabled(if: PythonScript.isThere, "`make stripe` fetches localstripe, and runs these tests"))
struct StripeLives {
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
        var again = try await bench.gateway.submit(submission)
        // What it costs is asked with a question alone.
        again.fees = found.fees
        #expect(again == found)
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

    @Test func `A refund is found behind a hundred others of its charge`() async throws {
        let bench = try await StripeBench.make()
        let charge = try await Localstripe.shared.charge(1_000_00, "USD")
        let submission = try Submission.sample(minorUnits: 1_00, target: .charge(charge))
        var report = try await bench.gateway.submit(submission)
        report.fees = []
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
}
