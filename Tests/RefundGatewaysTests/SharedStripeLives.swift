import GatewayStandIns
import RefundDomain
import RefundGateways
import Testing

/// Refunds at Stripe from the charge to the last word about them, as they go at localstripe and at Stripe itself.
///
/// `make test-stripe-live` lives them in Stripe's test mode. Nobody has done so yet: so far they have run at
/// localstripe alone, whose stand-in knows what Stripe says of its test cards (https://docs.stripe.com/testing).
@Suite(.enabled(if: !StripePlace.chosen.isEmpty, "`make stripe` fetches localstripe, and runs these tests"))
struct SharedStripeLives {
    @Test(arguments: StripePlace.chosen)
    func `A charge is given back in parts, and no more than it has`(place: StripePlace) async throws {
        let stripe = try await place.open()
        let charge = try await stripe.charge(100_00, "USD").latestCharge.id
        for number in [1, 2] as [Int64] {
            let part = try Submission.once(number, 40_00, "USD", of: charge)
            let report = try await stripe.gateway.submit(part)
            #expect(report.state == .succeeded)
            #expect(report.amount == part.amount)
        }
        #expect(await stripe.refusal(of: try .once(3, 20_01, "USD", of: charge)) == .exceedsPaymentAmount)
        _ = try await stripe.gateway.submit(.once(4, 20_00, "USD", of: charge))
        #expect(await stripe.refusal(of: try .once(5, 1, "USD", of: charge)) == .paymentAlreadyRefunded)
        let refunds = try await stripe.refunds(of: charge)
        #expect(refunds.map(\.amount).sorted() == [20_00, 40_00, 40_00])
    }

    @Test(arguments: StripePlace.chosen)
    func `A payment intent is given back, and found by our reference alone`(place: StripePlace) async throws {
        let stripe = try await place.open()
        let intent = try await stripe.charge(50_00, "EUR")
        let submission = try Submission.once(1, 50_00, "EUR", of: intent.id)
        let report = try await stripe.gateway.submit(submission)
        #expect(report.amount == submission.amount)
        for known in [nil, report.gatewayReference] {
            let finding = try await stripe.gateway.inquire(GatewayInquiry(submission, gatewayReference: known))
            #expect(finding.report?.gatewayReference == report.gatewayReference)
        }
        #expect(try await stripe.refunds(of: intent.latestCharge.id).map(\.id) == [report.gatewayReference])
    }

    @Test(arguments: StripePlace.chosen)
    func `A call that is repeated makes one refund, and it carries our reference`(place: StripePlace) async throws {
        let stripe = try await place.open()
        let charge = try await stripe.charge(100_00, "USD").latestCharge.id
        let submission = try Submission.once(11, 30_00, "USD", of: charge)
        let first = try await stripe.gateway.submit(submission)
        #expect(try await stripe.gateway.submit(submission).gatewayReference == first.gatewayReference)
        let refunds = try await stripe.refunds(of: charge)
        #expect(refunds.map(\.id) == [first.gatewayReference])
        #expect(refunds.first?.metadata == ["refundry_organization": "1", "refundry_refund": "11"])
    }

    @Test(arguments: StripePlace.chosen)
    func `What cannot be withdrawn any more is told as it is`(place: StripePlace) async throws {
        let stripe = try await place.open()
        let charge = try await stripe.charge(100_00, "USD").latestCharge.id
        let submission = try Submission.once(1, 30_00, "USD", of: charge)
        let report = try await stripe.gateway.submit(submission)
        let told = try await stripe.gateway.cancel(GatewayInquiry(submission), key: "cancel-\(charge)")
        #expect(told.gatewayReference == report.gatewayReference)
        #expect(told.state == .succeeded)
    }

    @Test(arguments: StripePlace.chosen)
    func `A refund that pends succeeds in the end`(place: StripePlace) async throws {
        let stripe = try await place.open()
        let charge = try await stripe.charge(100_00, "USD", by: .refundsPend).latestCharge.id
        let submission = try Submission.once(1, 30_00, "USD", of: charge)
        let report = try await stripe.gateway.submit(submission)
        #expect(report.state == .pending)
        let inquiry = GatewayInquiry(submission, gatewayReference: report.gatewayReference)
        #expect(try await stripe.state(of: inquiry, leaving: .pending) == .succeeded)
    }

    @Test(arguments: StripePlace.chosen)
    func `A refund that succeeded fails in the end`(place: StripePlace) async throws {
        let stripe = try await place.open()
        let charge = try await stripe.charge(100_00, "USD", by: .refundsFail).latestCharge.id
        let submission = try Submission.once(1, 30_00, "USD", of: charge)
        let report = try await stripe.gateway.submit(submission)
        #expect(report.state == .succeeded)
        let inquiry = GatewayInquiry(submission, gatewayReference: report.gatewayReference)
        let last = try await stripe.state(of: inquiry, leaving: .succeeded)
        guard case .failed = last else {
            Issue.record("it is \(last)")
            return
        }
    }
}

extension OpenStripe {
    /// Why a submission is refused; nil where it is not.
    fileprivate func refusal(of submission: Submission) async -> FailureReason? {
        do {
            _ = try await gateway.submit(submission)
            return nil
        } catch {
            guard case .refused(let reason, _, _, _) = error else { return nil }
            return reason
        }
    }
}

extension Submission {
    /// A submission whose key no other run has: Stripe remembers them for a day, and its charges are new each time.
    fileprivate static func once(
        _ refund: Int64, _ minorUnits: Int64, _ currency: String, of charge: String
    ) throws -> Submission {
        let sample = try sample(
            refund: refund, minorUnits: minorUnits, currency: currency, target: .charge(charge), lastFour: nil)
        return Submission(
            organization: sample.organization, refund: sample.refund, key: "\(charge)-\(refund)",
            amount: sample.amount, target: sample.target, lastFour: nil)
    }
}

extension GatewayFinding {
    fileprivate var report: GatewayReport? {
        guard case .found(let report) = self else { return nil }
        return report
    }
}
