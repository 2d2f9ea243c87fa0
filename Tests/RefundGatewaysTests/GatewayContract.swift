import RefundDomain
import Testing

/// What every connector keeps, whatever gateway stands behind it.
///
/// A connector is held against it by a fixture in the list; the checks are the same for all.
@Suite struct GatewayContract {
    static let fixtures: [any GatewayFixture] = [SimulatorFixture()] + StripeFixture.whereInstalled

    @Test(arguments: fixtures)
    func `The same key twice gives one effect`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .sound)
        let submission = try Submission.sample()
        let first = try await trial.gateway.submit(submission)
        let second = try await trial.gateway.submit(submission)
        #expect(first.gatewayReference == second.gatewayReference)
        #expect(try await trial.effects() == [GatewayEffect(submission)])
    }

    @Test(arguments: fixtures)
    func `Fifty concurrent calls with one key give one effect`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .sound)
        let submission = try Submission.sample()
        let references = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask { try await trial.gateway.submit(submission).gatewayReference }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(references.count == 1)
        #expect(try await trial.effects() == [GatewayEffect(submission)])
    }

    @Test(arguments: fixtures)
    func `Two keys give two effects`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .sound)
        let submissions = [try Submission.sample(refund: 1), try Submission.sample(refund: 2)]
        var references: Set<String> = []
        for submission in submissions {
            references.insert(try await trial.gateway.submit(submission).gatewayReference)
        }
        #expect(references.count == 2)
        #expect(try await trial.effects() == submissions.map(GatewayEffect.init))
    }

    @Test(arguments: fixtures)
    func `Another amount under a used key is refused`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .sound)
        let submission = try Submission.sample(minorUnits: 20_000)
        _ = try await trial.gateway.submit(submission)
        let other = try Submission.sample(minorUnits: 20_001)
        #expect(await trial.ending(of: other) == .refused)
        #expect(try await trial.effects() == [GatewayEffect(submission)])
    }

    @Test(arguments: fixtures)
    func `Another target under a used key is refused`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .sound)
        let submission = try Submission.sample(target: .charge("charge-1"))
        _ = try await trial.gateway.submit(submission)
        let other = try Submission.sample(target: .charge("charge-2"))
        #expect(await trial.ending(of: other) == .refused)
        #expect(try await trial.effects() == [GatewayEffect(submission)])
    }

    @Test(arguments: fixtures)
    func `A refused submission leaves no effect`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .refusing)
        let submission = try Submission.sample()
        #expect(await trial.ending(of: submission) == .refused)
        #expect(await trial.ending(of: submission) == .refused)
        #expect(try await trial.effects().isEmpty)
    }

    @Test(arguments: fixtures)
    func `A lost answer is ambiguous, and the question finds what was done`(
        fixture: any GatewayFixture
    ) async throws {
        let trial = try await fixture.trial(of: .losingTheFirstAnswer)
        let submission = try Submission.sample()
        #expect(await trial.ending(of: submission) == .ambiguous)
        let found = try await trial.report(on: GatewayInquiry(submission))
        #expect(found.amount == submission.amount)
        #expect(try await trial.gateway.submit(submission).gatewayReference == found.gatewayReference)
        #expect(try await trial.effects() == [GatewayEffect(submission)])
    }

    @Test(arguments: fixtures)
    func `A submission that was not sent is not taken, and can be sent again`(
        fixture: any GatewayFixture
    ) async throws {
        let trial = try await fixture.trial(of: .unreachableAtFirst)
        let submission = try Submission.sample()
        #expect(await trial.ending(of: submission) == .notSent)
        #expect(try await trial.effects().isEmpty)
        let finding = try await trial.gateway.inquire(GatewayInquiry(submission))
        #expect(finding == .neverTaken || finding == .notFoundYet)
        _ = try await trial.gateway.submit(submission)
        #expect(try await trial.effects() == [GatewayEffect(submission)])
    }

    @Test(arguments: fixtures, [("USD", 7_10), ("JPY", 500), ("KWD", 1_250)] as [(String, Int64)])
    func `The report echoes the amount`(fixture: any GatewayFixture, amount: (String, Int64)) async throws {
        let trial = try await fixture.trial(of: .sound)
        let submission = try Submission.sample(minorUnits: amount.1, currency: amount.0)
        let report = try await trial.gateway.submit(submission)
        #expect(report.amount == submission.amount)
        #expect(report.state == .succeeded || report.state == .pending)
        #expect(!report.gatewayReference.isEmpty)
    }

    @Test(arguments: fixtures)
    func `A question finds a refund by our reference alone, and by the gateway's too`(
        fixture: any GatewayFixture
    ) async throws {
        let trial = try await fixture.trial(of: .sound)
        let submission = try Submission.sample()
        let reference = try await trial.gateway.submit(submission).gatewayReference
        for known in [nil, reference] {
            let report = try await trial.report(on: GatewayInquiry(submission, gatewayReference: known))
            #expect(report.gatewayReference == reference)
            #expect(report.amount == submission.amount)
        }
    }

    @Test(arguments: fixtures)
    func `A question finds no refund of another organization`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .sound)
        _ = try await trial.gateway.submit(try Submission.sample(organization: 1))
        let other = GatewayInquiry(try Submission.sample(organization: 2))
        let finding = try await trial.gateway.inquire(other)
        #expect(finding == .neverTaken || finding == .notFoundYet)
    }

    @Test(arguments: fixtures.filter(\.cancels))
    func `What is pending can be canceled, once and again`(fixture: any GatewayFixture) async throws {
        let trial = try await fixture.trial(of: .undecided)
        let submission = try Submission.sample()
        let report = try await trial.gateway.submit(submission)
        #expect(report.state == .pending)
        let inquiry = GatewayInquiry(submission, gatewayReference: report.gatewayReference)
        for _ in 1...2 {
            let canceled = try await trial.gateway.cancel(inquiry, key: "cancel-1")
            #expect(canceled.state == .canceled)
            #expect(canceled.amount == submission.amount)
        }
        #expect(try await trial.report(on: inquiry).state == .canceled)
    }
}

/// What a connector brings along to be held against the contract.
protocol GatewayFixture: Sendable, CustomTestStringConvertible {
    /// Whether its gateway can withdraw what is pending.
    var cancels: Bool { get }

    /// A fresh gateway in some condition, used by one test alone.
    func trial(of condition: GatewayCondition) async throws -> GatewayTrial
}

/// How a gateway fares while it is tried.
enum GatewayCondition: Sendable {
    case sound
    /// It refuses whatever it is sent.
    case refusing
    /// It does what it is sent, and the first answer does not arrive.
    case losingTheFirstAnswer
    /// The first call does not leave.
    case unreachableAtFirst
    /// It takes what it is sent, and leaves it pending.
    case undecided
}

/// A gateway, and a look behind it.
struct GatewayTrial: Sendable {
    let gateway: any Gateway
    /// What the gateway did in truth, in the order done.
    let effects: @Sendable () async throws -> [GatewayEffect]

    /// How a submission ends that should give no report; nil where it gives one.
    func ending(of submission: Submission) async -> GatewayEnding? {
        do {
            _ = try await gateway.submit(submission)
            return nil
        } catch {
            return GatewayEnding(error)
        }
    }

    /// What the gateway says when it is asked, where it has to know.
    func report(on inquiry: GatewayInquiry) async throws -> GatewayReport {
        let finding = try await gateway.inquire(inquiry)
        guard case .found(let report) = finding else { throw Unfound(finding: finding) }
        return report
    }

    private struct Unfound: Error {
        let finding: GatewayFinding
    }
}

/// Money that a gateway gave back, as it knows it.
struct GatewayEffect: Hashable, Sendable {
    let key: String
    let amount: Money

    init(key: String, amount: Money) {
        self.key = key
        self.amount = amount
    }

    init(_ submission: Submission) {
        self.init(key: submission.key, amount: submission.amount)
    }
}

/// The kinds of `GatewayError`, without what a gateway says in its own words.
enum GatewayEnding: Sendable {
    case notSent, busy, ambiguous, refused, misunderstood

    init(_ error: GatewayError) {
        self =
            switch error {
            case .notSent: .notSent
            case .busy: .busy
            case .ambiguous: .ambiguous
            case .refused: .refused
            case .misunderstood: .misunderstood
            }
    }
}

extension Submission {
    /// A submission of 200.00 unless it is told otherwise, under a key that goes with its refund.
    static func sample(
        organization: Int64 = 1, refund: Int64 = 1, minorUnits: Int64 = 20_000, currency: String = "USD",
        target: Target = .charge("charge-1"), lastFour: String? = "4242"
    ) throws -> Submission {
        Submission(
            organization: OrganizationID(organization), refund: RefundID(refund), key: "\(organization)-\(refund)",
            amount: Money(minorUnits: minorUnits, currency: try #require(Currency(currency))), target: target,
            lastFour: lastFour)
    }
}

extension GatewayInquiry {
    init(_ submission: Submission, gatewayReference: String? = nil) {
        self.init(
            organization: submission.organization, refund: submission.refund, target: submission.target,
            gatewayReference: gatewayReference)
    }
}
