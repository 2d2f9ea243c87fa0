import Foundation
import RefundDomain
import Synchronization
import Testing

@testable import RefundGateways

/// The simulator held against the contract.
struct SimulatorFixture: GatewayFixture {
    let testDescription = "Simulator"
    let cancels = true

    func trial(of condition: GatewayCondition) throws -> GatewayTrial {
        let faults: [SimulatorFaultRule] =
            switch condition {
            case .sound: []
            case .refusing: [SimulatorFaultRule(.call(1), .decline(.insufficientFunds))]
            case .losingTheFirstAnswer: [SimulatorFaultRule(.call(1), .answerLost)]
            case .unreachableAtFirst: [SimulatorFaultRule(.call(1), .notSent)]
            case .undecided: [SimulatorFaultRule(.call(1), .staysPending)]
            }
        let gateway = try HandClock().gateway(faults: faults)
        return GatewayTrial(gateway: gateway) {
            gateway.book.effects().map { GatewayEffect(key: $0.submission.key, amount: $0.given) }
        }
    }
}

/// A clock that moves when it is told to, and when somebody waits.
final class HandClock: Sendable {
    private let moment = Mutex(Instant(seconds: 1_724_154_320))

    var now: Instant { moment.withLock { $0 } }

    func move(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }

    /// A simulator that lives by this clock.
    func gateway(_ config: SimulatorConfig) throws -> SimulatorGateway {
        try SimulatorGateway(config, now: { self.now }, sleep: { self.move(by: $0) })
    }

    func gateway(seed: UInt64 = 7, faults: [SimulatorFaultRule] = []) throws -> SimulatorGateway {
        try gateway(SimulatorConfig(seed: seed, faults: faults))
    }
}

/// What a call gives or throws, so that a table can say it.
private func outcome(
    of submission: Submission, at gateway: SimulatorGateway
) async -> Result<GatewayReport.State, GatewayError> {
    do {
        return .success(try await gateway.submit(submission).state)
    } catch {
        return .failure(error)
    }
}

private func refusal(_ reason: FailureReason, code: String) -> Result<GatewayReport.State, GatewayError> {
    .failure(.refused(reason, code: code, message: "Refused: \(reason.rawValue).", isKeptAnswer: true))
}

/// The cards and amounts that need no configuration.
@Suite struct SimulatorDocumentedValues {
    private let clock = HandClock()

    @Test(
        arguments: [
            (6_601, .lostOrStolenCard), (6_602, .expiredOrCanceledCard), (6_603, .insufficientFunds), (6_604, .unknown),
            (6_605, .exceedsPaymentAmount), (6_606, .exceedsBalanceAmount), (6_607, .paymentAlreadyRefunded),
            (6_608, .paymentAlreadyDisputed), (6_609, .paymentNotCaptured), (6_610, .expiryTimeExceeded),
            (6_611, .amountTooSmall), (6_612, .chargeForPendingRefundDisputed), (6_613, .merchantRequest),
        ] as [(Int64, FailureReason)])
    func `An amount is refused for its reason`(minorUnits: Int64, reason: FailureReason) async throws {
        let gateway = try clock.gateway()
        let code = reason == .unknown ? "card_declined" : reason.rawValue
        for (refund, currency) in [(1, "USD"), (2, "JPY"), (3, "KWD")] as [(Int64, String)] {
            let submission = try Submission.sample(refund: refund, minorUnits: minorUnits, currency: currency)
            #expect(await outcome(of: submission, at: gateway) == refusal(reason, code: code))
        }
        #expect(gateway.book.effects().isEmpty)
    }

    @Test func `Every reason has an amount, and the next amount is none`() async throws {
        let rules = SimulatorFaultRule.documented(delay: .zero)
        let reasons = rules.compactMap { rule -> FailureReason? in
            guard case .amount = rule.trigger, case .decline(let reason) = rule.fault else { return nil }
            return reason
        }
        // No gateway says that it was not reached.
        let told = FailureReason.allCases.filter { $0 != .notSent }
        #expect(Set(reasons) == Set(told))
        #expect(reasons.count == told.count)
        #expect(Set(rules.map(\.trigger)).count == rules.count)
        let next = try Submission.sample(minorUnits: 6_601 + Int64(reasons.count))
        #expect(await outcome(of: next, at: try clock.gateway()) == .success(.succeeded))
    }

    @Test func `The declined card is refused for an unknown reason`() async throws {
        let submission = try Submission.sample(lastFour: "0002")
        #expect(await outcome(of: submission, at: try clock.gateway()) == refusal(.unknown, code: "card_declined"))
    }

    @Test(arguments: [("7726", 20_000), (nil, 6_705)] as [(String?, Int64)])
    func `A refund pends, then succeeds and has a network reference`(card: String?, minorUnits: Int64) async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: minorUnits, lastFour: card)
        let first = try await gateway.submit(submission)
        #expect(first.state == .pending)
        #expect(first.networkReference == nil)
        clock.move(by: .microseconds(9_999_999))
        #expect(try await gateway.state(of: submission) == .pending)
        clock.move(by: .microseconds(1))
        let last = try await gateway.submit(submission)
        #expect(last.state == .succeeded)
        #expect(last.gatewayReference == first.gatewayReference)
        #expect(last.networkReference?.wholeMatch(of: /[1-9][0-9]{12}/) != nil)
    }

    @Test(arguments: [("5126", 20_000), (nil, 6_706)] as [(String?, Int64)])
    func `A refund succeeds, then is returned`(card: String?, minorUnits: Int64) async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: minorUnits, lastFour: card)
        #expect(await outcome(of: submission, at: gateway) == .success(.succeeded))
        clock.move(by: .seconds(10))
        #expect(try await gateway.state(of: submission) == .failed(.expiredOrCanceledCard))
    }

    @Test(arguments: [("0127", 20_000), (nil, 6_707)] as [(String?, Int64)])
    func `A refund stays pending for years`(card: String?, minorUnits: Int64) async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: minorUnits, lastFour: card)
        #expect(await outcome(of: submission, at: gateway) == .success(.pending))
        clock.move(by: .seconds(100_000_000))
        #expect(try await gateway.state(of: submission) == .pending)
    }

    @Test(arguments: [6_701, 6_702] as [Int64])
    func `An answer fails once, and the refund is done`(minorUnits: Int64) async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: minorUnits)
        let text = minorUnits == 6_701 ? "the answer was lost" : "the gateway answered 500"
        #expect(await outcome(of: submission, at: gateway) == .failure(.ambiguous(text)))
        #expect(try await gateway.state(of: submission) == .succeeded)
        #expect(await outcome(of: submission, at: gateway) == .success(.succeeded))
        #expect(gateway.book.effects().map(\.submission) == [submission])
    }

    @Test func `A call that times out is never taken, which is certain after a quiet time`() async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: 6_703)
        for _ in 1...2 {
            #expect(await outcome(of: submission, at: gateway) == .failure(.ambiguous("no answer in time")))
        }
        #expect(try await gateway.inquire(GatewayInquiry(submission)) == .notFoundYet)
        clock.move(by: .seconds(59))
        #expect(try await gateway.inquire(GatewayInquiry(submission)) == .notFoundYet)
        clock.move(by: .seconds(1))
        #expect(try await gateway.inquire(GatewayInquiry(submission)) == .neverTaken)
        #expect(gateway.book.effects().isEmpty)
    }

    @Test func `A call that does not leave is certainly not taken, and leaves the next time`() async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: 6_704)
        #expect(await outcome(of: submission, at: gateway) == .failure(.notSent("the simulated line is down")))
        #expect(try await gateway.inquire(GatewayInquiry(submission)) == .neverTaken)
        #expect(await outcome(of: submission, at: gateway) == .success(.succeeded))
    }

    @Test func `A wrong amount is given, reported and found again`() async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: 6_708)
        #expect(try await gateway.submit(submission).amount.minorUnits == 6_707)
        #expect(try await gateway.report(on: submission).amount.minorUnits == 6_707)
        #expect(gateway.book.effects().map(\.given.minorUnits) == [6_707])
        #expect(gateway.book.effects().map(\.submission) == [submission])
    }

    @Test func `A refund pends, then fails`() async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: 6_709)
        #expect(await outcome(of: submission, at: gateway) == .success(.pending))
        clock.move(by: .seconds(10))
        #expect(try await gateway.state(of: submission) == .failed(.chargeForPendingRefundDisputed))
    }

    @Test func `A forgotten key gives the money back twice, and the book tells`() async throws {
        let gateway = try clock.gateway()
        let submission = try Submission.sample(minorUnits: 6_710)
        let first = try await gateway.submit(submission)
        let second = try await gateway.submit(submission)
        #expect(first.gatewayReference != second.gatewayReference)
        #expect(gateway.book.effects().map(\.submission) == [submission, submission])
    }

    @Test func `The README lists what the code does`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/RefundGateways/Simulator/README.md").standardized
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        let rows = lines.drop { !$0.hasPrefix("| ---") }.dropFirst().prefix { $0.hasPrefix("|") }
        let rules = SimulatorFaultRule.documented(delay: .zero)
        let expected = rules.map { rule in
            "| \(rule.trigger) | \(rule.fault)\(rule.firstAttemptOnly ? " (first attempt only)" : "") |"
        }
        #expect(rows.map(String.init) == expected)
    }
}

/// What the configuration adds to the documented values.
@Suite struct SimulatorConfiguration {
    private let clock = HandClock()

    @Test func `The first rule that matches strikes, before the documented ones`() async throws {
        let gateway = try clock.gateway(faults: [
            SimulatorFaultRule(.amount(minorUnits: 6_601, Currency("INR")), .staysPending),
            SimulatorFaultRule(.amount(minorUnits: 6_601, Currency("INR")), .decline(.unknown)),
        ])
        let rupees = try Submission.sample(refund: 1, minorUnits: 6_601, currency: "INR")
        #expect(await outcome(of: rupees, at: gateway) == .success(.pending))
        let dollars = try Submission.sample(refund: 2, minorUnits: 6_601, currency: "USD")
        #expect(
            await outcome(of: dollars, at: gateway) == refusal(.lostOrStolenCard, code: "lost_or_stolen_card"))
    }

    @Test func `The third call is struck, and no other`() async throws {
        let gateway = try clock.gateway(faults: [SimulatorFaultRule(.call(3), .decline(.insufficientFunds))])
        var refused: [Int64] = []
        for refund in 1...5 as ClosedRange<Int64> {
            guard case .success = await outcome(of: try .sample(refund: refund), at: gateway) else {
                refused.append(refund)
                continue
            }
        }
        #expect(refused == [3])
    }

    @Test func `A chance strikes the same keys again under the same seed, in any order`() async throws {
        let rules = [SimulatorFaultRule(.chance(perMille: 250), .decline(.unknown))]
        let forward = try await refused(of: Array(1...400), at: try clock.gateway(seed: 1, faults: rules))
        let backward = try await refused(of: (1...400).reversed(), at: try clock.gateway(seed: 1, faults: rules))
        let other = try await refused(of: Array(1...400), at: try clock.gateway(seed: 2, faults: rules))
        #expect(forward == backward)
        #expect(forward != other)
        #expect((60...140).contains(forward.count))
    }

    @Test func `References follow from seed and key`() async throws {
        let submission = try Submission.sample()
        let report = try await clock.gateway(seed: 1).submit(submission)
        #expect(try await clock.gateway(seed: 1).submit(submission) == report)
        #expect(try await clock.gateway(seed: 2).submit(submission).gatewayReference != report.gatewayReference)
        #expect(report.gatewayReference.wholeMatch(of: /rf[0-9a-z]{13}/) != nil)
        #expect(report.code == "approve")
    }

    @Test func `An answer takes as long as the latency allows, and as the seed decides`() async throws {
        let config = SimulatorConfig(seed: 7, latency: .milliseconds(5) ... .milliseconds(50))
        var waits: [[Duration]] = []
        for _ in 1...2 {
            let gateway = try clock.gateway(config)
            var waitsOfRun: [Duration] = []
            for refund in 1...20 as ClosedRange<Int64> {
                let before = clock.now
                _ = try await gateway.submit(try .sample(refund: refund))
                waitsOfRun.append(clock.now.since(before))
            }
            waits.append(waitsOfRun)
        }
        #expect(waits[0] == waits[1])
        #expect(waits[0].allSatisfy { config.latency.contains($0) })
        #expect(Set(waits[0]).count > 10)
    }

    @Test func `A caller that leaves while it waits is left in doubt, and the refund is done`() async throws {
        let clock = clock
        let config = SimulatorConfig(seed: 7, latency: .seconds(1) ... .seconds(1))
        let gateway = try SimulatorGateway(config, now: { clock.now }, sleep: { _ in throw CancellationError() })
        let submission = try Submission.sample()
        let left = GatewayError.ambiguous("the caller left before the answer")
        #expect(await outcome(of: submission, at: gateway) == .failure(left))
        #expect(gateway.book.effects().map(\.submission) == [submission])
    }

    @Test func `Capabilities follow from the configuration`() throws {
        let config = SimulatorConfig(seed: 7, keyLifetime: .seconds(60), label: "Test Gateway")
        #expect(
            try clock.gateway(config).capabilities
                == GatewayCapabilities(
                    linkedRefund: true, unlinkedCredit: true, cancel: true, keyLifetime: .seconds(60),
                    refundWindow: nil,
                    label: "Test Gateway"))
    }

    @Test func `An amount that is not above zero is refused`() async throws {
        let gateway = try clock.gateway()
        for minorUnits in [0, -1, .min] as [Int64] {
            let submission = try Submission.sample(refund: minorUnits, minorUnits: minorUnits)
            #expect(await outcome(of: submission, at: gateway) == refusal(.amountTooSmall, code: "amount_too_small"))
        }
    }

    private func refused(of refunds: [Int64], at gateway: SimulatorGateway) async throws -> Set<Int64> {
        var refused: Set<Int64> = []
        for refund in refunds {
            guard case .failure = await outcome(of: try .sample(refund: refund), at: gateway) else { continue }
            refused.insert(refund)
        }
        return refused
    }
}

extension SimulatorGateway {
    /// What the gateway says of a submission when it is asked.
    func report(on submission: Submission) async throws -> GatewayReport {
        let trial = GatewayTrial(gateway: self, effects: { [] })
        return try await trial.report(on: GatewayInquiry(submission))
    }

    func state(of submission: Submission) async throws -> GatewayReport.State {
        try await report(on: submission).state
    }
}
