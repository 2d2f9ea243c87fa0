import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Calls under an idempotency key that change a refund that is there.
@Suite struct `A call under a key` {
    private static let organization = Fixtures.organization.id
    private static let day = Duration.seconds(86_400)

    private static func key(_ text: String, digest: String = "d") -> AnswerKey<RefundView> {
        AnswerKey(IdempotencyKey(space: "client:900", key: text, digest: digest)) { view in
            StoredAnswer(status: 200, body: Array("\(view.refund.state.rawValue) \(view.refund.step)".utf8))
        }
    }

    private static let resolution = Resolution(
        outcome: .succeeded, failure: nil, reason: "seen", evidence: "statement 17", person: "ana")

    /// What a call comes to: the state reached, or the words that were kept.
    private static func words(_ performed: Performed<RefundView>) -> String {
        switch performed {
        case .done(let view): "done \(view.refund.state.rawValue)"
        case .replay(let answer): String(decoding: answer.body, as: UTF8.self)
        }
    }

    @Test(arguments: Engine.allCases)
    func `That cancels, retries or resolves is done once, and answered alike for good`(engine: Engine) async throws {
        try await withService(engine) { node, _ in
            let cash = try await node.operations.refund(.of(.payment(Fixtures.cashPayment), "40.00"))
            let unknown = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.08"))
            let calls: [(String, @Sendable (AnswerKey<RefundView>) async throws -> Performed<RefundView>)] = [
                (
                    "cancel",
                    {
                        try await node.operations.cancelRefund(
                            reference(cash.refund.id), of: Self.organization, by: "client:900", remark: "twice",
                            under: $0)
                    }
                ),
                (
                    "retry",
                    {
                        try await node.operations.checkRefund(
                            reference(unknown.refund.id), of: Self.organization, by: "client:900", under: $0)
                    }
                ),
                (
                    "resolve",
                    {
                        try await node.operations.resolveRefund(
                            reference(unknown.refund.id), of: Self.organization, as: Self.resolution,
                            by: "client:900", under: $0)
                    }
                ),
            ]
            for (name, call) in calls {
                let first = Self.words(try await call(Self.key(name)))
                #expect(first.hasPrefix("done "))
                for pause in [Duration.zero, Self.day * 2] {
                    node.clock.move(by: pause)
                    let again = Self.words(try await call(Self.key(name)))
                    #expect("done " + again.prefix { $0 != " " } == first, "\(name)")
                    await #expect(throws: Failure.refund(.keyReused)) {
                        _ = try await call(Self.key(name, digest: "other"))
                    }
                }
            }
            for (refund, deeds) in [(cash, [RequestedAction.Deed.cancel]), (unknown, [.resolve, .retry])] {
                let history = try await node.operations.retrieveHistory(
                    of: reference(refund.refund.id), of: Self.organization)
                #expect(Set(history.actions.map(\.deed)) == Set(deeds))
                #expect(history.actions.count == deeds.count)
                #expect(Set(history.actions.map(\.actor)) == ["client:900"])
            }
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `That twenty callers make at once is done once`(engine: Engine) async throws {
        try await withService(engine) { node, _ in
            let cash = try await node.operations.refund(.of(.payment(Fixtures.cashPayment), "40.00"))
            let words = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        Self.words(
                            try await node.operations.cancelRefund(
                                reference(cash.refund.id), of: Self.organization, by: "client:900", remark: "",
                                under: Self.key("a")))
                    }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(words.count { $0 == "done voided" } == 1)
            #expect(words.count { $0 == "voided 3" } == 19)
        }
    }

    @Test func `That is refused burns no key`() async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.05"))
            let resolve: @Sendable () async throws -> Performed<RefundView> = {
                try await node.operations.resolveRefund(
                    reference(view.refund.id), of: Self.organization, as: Self.resolution, by: "client:900",
                    under: Self.key("a"))
            }
            await #expect(throws: Failure.self) { _ = try await resolve() }
            node.clock.move(by: Self.day)
            #expect(Self.words(try await resolve()) == "done succeeded")
        }
    }

    @Test func `Holds its key against a refund that is asked for days later`() async throws {
        try await withService { node, _ in
            let cash = try await node.operations.refund(.of(.payment(Fixtures.cashPayment), "40.00"))
            _ = try await node.operations.cancelRefund(
                reference(cash.refund.id), of: Self.organization, by: "client:900", remark: "", under: Self.key("a"))
            node.clock.move(by: Self.day * 2)
            let other = await node.operations.answer(
                to: try .of(.payment(Fixtures.cashPayment), "1.00", key: "a", space: "client:900"))
            #expect(other.refusal == .keyReused)
        }
    }
}

/// What an operator says of a refund whose end the program does not know.
@Suite struct `A resolution` {
    private static let organization = Fixtures.organization.id

    private static func resolve(
        _ view: RefundView, _ outcome: Resolution.Outcome, paid: String? = nil, on node: ServiceNode
    ) async throws -> RefundView {
        let resolution = Resolution(
            outcome: outcome, failure: nil, paid: try paid.map { try #require(DecimalAmount($0)) }, reason: "seen",
            evidence: "statement 17", person: "ana")
        return try await node.operations.resolveRefund(
            reference(view.refund.id), of: organization, as: resolution, by: "client:900", under: nil
        ).unkeyed()
    }

    @Test(arguments: Engine.allCases, Resolution.Outcome.allCases)
    func `Ends a refund that has been pending for a day, and none before`(
        engine: Engine, outcome: Resolution.Outcome
    ) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway()
            gateway.say(.pending)
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                #expect(view.refund.state == .pending)
                try await node.pass(.seconds(86_399))
                await #expect(throws: Failure.self) { _ = try await Self.resolve(view, outcome, on: node) }
                #expect(try await node.operations.now(view).refund.state == .pending)
                node.clock.move(by: .seconds(1))
                let ended = try await Self.resolve(view, outcome, on: node)
                #expect(ended.refund.state == (outcome == .succeeded ? .succeeded : .failed))
                let balance = try await node.payment(Fixtures.cardPayment).balance
                #expect(balance.reserved == 0)
                #expect(balance.refunded == (outcome == .succeeded ? 2_500 : 0))
                let history = try await node.operations.retrieveHistory(
                    of: reference(view.refund.id), of: Self.organization)
                #expect(history.steps.last?.actor == "client:900")
                #expect(history.steps.last?.remark == "ana: seen; evidence: statement 17")
                #expect(try await node.operations.breaches() == [])
            }
        }
    }

    @Test func `Is taken with the amount that was asked for, and refused with another`() async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.08"))
            #expect(view.refund.state == .unknown)
            let refusal = Failure.refund(.paidAmountNotSupported(asked: view.refund.amount))
            await #expect(throws: refusal) { _ = try await Self.resolve(view, .succeeded, paid: "67.07", on: node) }
            #expect(try await node.operations.now(view).refund == view.refund)
            let ended = try await Self.resolve(view, .succeeded, paid: "67.08", on: node)
            #expect(ended.refund.state == .succeeded)
        }
    }
}
