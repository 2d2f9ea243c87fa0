import Foundation
import RefundDomain
import Testing

@testable import RefundGateways

/// How a refund changes while the clock moves.
@Suite struct SimulatorTime {
    private let clock = HandClock()

    @Test func `Delayed settling pends first`() async throws {
        let gateway = try clock.gateway(SimulatorConfig(seed: 7, settle: .delayed(.seconds(120))))
        let submission = try Submission.sample()
        #expect(try await gateway.submit(submission).state == .pending)
        clock.move(by: .seconds(119))
        #expect(try await gateway.state(of: submission) == .pending)
        clock.move(by: .seconds(1))
        #expect(try await gateway.state(of: submission) == .succeeded)
    }

    @Test func `With delayed settling a return comes after the success`() async throws {
        let gateway = try clock.gateway(SimulatorConfig(seed: 7, settle: .delayed(.seconds(120))))
        let submission = try Submission.sample(lastFour: "5126")
        #expect(try await gateway.submit(submission).state == .pending)
        clock.move(by: .seconds(120))
        #expect(try await gateway.state(of: submission) == .succeeded)
        clock.move(by: .seconds(10))
        let report = try await gateway.report(on: submission)
        #expect(report.state == .failed(.expiredOrCanceledCard))
        #expect(report.networkReference != nil)
    }

    @Test func `A key is remembered for its lifetime, and carried out as new after it`() async throws {
        let gateway = try clock.gateway(SimulatorConfig(seed: 7, keyLifetime: .seconds(3_600)))
        let submission = try Submission.sample()
        let first = try await gateway.submit(submission)
        clock.move(by: .seconds(3_599))
        #expect(try await gateway.submit(submission) == first)
        clock.move(by: .seconds(1))
        let second = try await gateway.submit(submission)
        #expect(second.gatewayReference != first.gatewayReference)
        #expect(try await gateway.report(on: submission) == second)
        #expect(gateway.book.effects().count == 2)
    }

    @Test func `A refusal is remembered like an effect`() async throws {
        let gateway = try clock.gateway(
            SimulatorConfig(
                seed: 7, keyLifetime: .seconds(3_600), faults: [SimulatorFaultRule(.call(1), .decline(.unknown))]))
        let trial = GatewayTrial(gateway: gateway, effects: { [] })
        let submission = try Submission.sample()
        #expect(await trial.ending(of: submission) == .refused)
        clock.move(by: .seconds(3_599))
        #expect(await trial.ending(of: submission) == .refused)
        clock.move(by: .seconds(1))
        #expect(try await gateway.submit(submission).state == .succeeded)
    }

    @Test func `What has succeeded is not canceled, and what was canceled does not succeed`() async throws {
        let gateway = try clock.gateway(SimulatorConfig(seed: 7, settle: .delayed(.seconds(120))))
        let early = try Submission.sample(refund: 1)
        let late = try Submission.sample(refund: 2)
        for submission in [early, late] { _ = try await gateway.submit(submission) }
        #expect(try await gateway.cancel(GatewayInquiry(early), key: "cancel-1").state == .canceled)
        clock.move(by: .seconds(120))
        #expect(try await gateway.cancel(GatewayInquiry(late), key: "cancel-2").state == .succeeded)
        #expect(try await gateway.state(of: early) == .canceled)
        #expect(try await gateway.state(of: late) == .succeeded)
    }

    @Test func `What was never taken cannot be canceled`() async throws {
        let gateway = try clock.gateway()
        let refusal = GatewayError.refused(.unknown, code: "not_found", message: "The gateway has no such refund.")
        await #expect(throws: refusal) {
            try await gateway.cancel(GatewayInquiry(try .sample()), key: "cancel-1")
        }
    }
}

/// The book kept in a file.
@Suite struct SimulatorBookFile {
    private let clock = HandClock()
    private let file = ScratchFile()
    private var path: String { file.path }

    @Test func `A gateway opened again goes on where it was`() async throws {
        let pending = try Submission.sample(refund: 1, lastFour: "7726")
        let returned = try Submission.sample(refund: 2, target: .method("token-1"), lastFour: "5126")
        let canceled = try Submission.sample(refund: 3, lastFour: "0127")
        let refused = try Submission.sample(refund: 4, lastFour: "0002")
        let before = try gateway()
        for submission in [pending, returned, canceled] { _ = try await before.submit(submission) }
        _ = try await before.cancel(GatewayInquiry(canceled), key: "cancel-3")
        await #expect(throws: GatewayError.self) { try await before.submit(refused) }
        clock.move(by: .seconds(10))

        let after = try gateway()
        #expect(after.book.effects() == before.book.effects())
        #expect(try await after.state(of: pending) == .succeeded)
        #expect(try await after.state(of: returned) == .failed(.expiredOrCanceledCard))
        #expect(try await after.state(of: canceled) == .canceled)
        #expect(try await after.inquire(GatewayInquiry(refused)) == .neverTaken)
        #expect(try await after.submit(pending) == before.report(on: pending))
        #expect(after.book.effects().count == 3)
    }

    @Test func `A line torn anywhere was not done, and the next line stands alone`() async throws {
        let first = try Submission.sample(refund: 1)
        let second = try Submission.sample(refund: 2)
        _ = try await gateway().submit(first)
        let whole = try Data(contentsOf: URL(filePath: path))
        _ = try await gateway().submit(second)
        let both = try Data(contentsOf: URL(filePath: path))
        for length in whole.count..<both.count {
            try both.prefix(length).write(to: URL(filePath: path))
            #expect(try SimulatorBook.effects(inFile: path).map(\.submission) == [first])
            let gateway = try gateway()
            #expect(try await gateway.inquire(GatewayInquiry(second)) == .neverTaken)
            _ = try await gateway.submit(second)
            #expect(gateway.book.effects().map(\.submission) == [first, second])
            #expect(try SimulatorBook.effects(inFile: path) == gateway.book.effects())
            #expect(try self.gateway().book.effects() == gateway.book.effects())
        }
    }

    @Test func `Gateways that share a file are one gateway`() async throws {
        let gateways = [try gateway(), try gateway(), try gateway()]
        let submissions = try (1...500).map { try Submission.sample(refund: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for gateway in gateways {
                group.addTask {
                    for submission in submissions { _ = try await gateway.submit(submission) }
                }
            }
            try await group.waitForAll()
        }
        let effects = try SimulatorBook.effects(inFile: path)
        #expect(effects.count == submissions.count)
        #expect(Set(effects.map(\.submission)) == Set(submissions))
        _ = try await gateways[0].cancel(GatewayInquiry(submissions[0]), key: "cancel-1")
        #expect(try await gateways[2].state(of: submissions[0]) == .succeeded)
    }

    @Test func `Nobody else writes while a submission is decided`() throws {
        let submission = try Submission.sample()
        let book = try SimulatorBook(.file(path: path))
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var isLocked = false
        _ = try book.entry(for: submission, at: clock.now) { _ in
            isLocked = flock(descriptor, LOCK_EX | LOCK_NB) != 0
            return .refusal(
                SimulatorRefusal(
                    submission: submission, reason: .unknown, refusedAt: clock.now, keyUntil: clock.now))
        }
        #expect(isLocked)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    }

    @Test(arguments: ["-", "", "\\", "a\tb", "a\nb", "\\t", "-\\-", "größer"])
    func `Any text survives the file`(text: String) async throws {
        let submission = Submission(
            organization: OrganizationID(1), refund: RefundID(.max), key: text,
            amount: Money(minorUnits: .max, currency: try #require(Currency("KWD"))), target: .method(text),
            lastFour: text)
        let without = try Submission.sample(lastFour: nil)
        let gateway = try gateway()
        for submission in [submission, without] { _ = try await gateway.submit(submission) }
        #expect(try SimulatorBook.effects(inFile: path).map(\.submission) == [submission, without])
    }

    @Test(arguments: ["hello", "cancel\t1\t1\t5", "refusal\t1\t1\tkey", "effect\t1\t1\tkey\t5\tXXX", ""])
    func `A file that is no book is left alone`(line: String) throws {
        try Data((line + "\n").utf8).write(to: URL(filePath: path))
        #expect(throws: SimulatorBookError.malformed(line: 1)) { try SimulatorBook(.file(path: path)) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == line + "\n")
    }

    @Test func `A file that cannot be opened is said so`() throws {
        let reason = SimulatorBookError.unavailable(path: path + "/book", reason: "No such file or directory")
        #expect(throws: reason) { try SimulatorBook(.file(path: path + "/book")) }
        #expect(throws: SimulatorBookError.self) { try SimulatorBook.effects(inFile: path) }
    }

    @Test func `A book that cannot be kept leaves the caller in doubt`() async throws {
        let gateway = try gateway()
        try Data("hello\n".utf8).write(to: URL(filePath: path))
        let doubt = GatewayError.ambiguous("the gateway's book: line 1 is not a book's")
        await #expect(throws: doubt) { try await gateway.submit(try .sample()) }
        await #expect(throws: GatewayError.self) { try await gateway.inquire(GatewayInquiry(try .sample())) }
    }

    private func gateway() throws -> SimulatorGateway {
        try clock.gateway(SimulatorConfig(seed: 7, book: .file(path: path)))
    }
}

/// A path of its own, and whatever lies there until the test is over.
private final class ScratchFile: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).book").path

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
