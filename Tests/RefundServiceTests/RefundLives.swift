import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Whole lives, from the request to the end, with a gateway that does what its table says.
@Suite struct `The life of a refund` {
    private static let organization = Fixtures.organization.id
    private static let soon = Duration.seconds(1)

    @Test(arguments: Life.all, ElectronicSource.allCases)
    func `Goes the way of its gateway, and holds what its state says`(
        life: Life, source: ElectronicSource
    ) async throws {
        try await withService { node, book in
            try await ElectronicSource.put(card: life.card, in: node.store)
            let view = try await node.operations.refund(source.request(life.amount))
            #expect(view.refund.state == life.first)
            try await source.expectHeld(view, on: node)
            for (pause, state) in life.then {
                // A moment before it is due, nothing moves.
                try await node.pass(pause - Self.soon)
                #expect(try await node.operations.now(view).refund.updatedAt < node.clock.now)
                try await node.pass(Self.soon)
                let current = try await node.operations.now(view)
                #expect(current.refund.state == state)
                try await source.expectHeld(current, on: node)
                #expect(try await node.operations.breaches() == [])
            }
            #expect(try await node.operations.now(view).refund.failureReason == life.failure)
            #expect(book.effects().count == life.effects)
            #expect(Set(book.effects().map(\.submission.key)).count <= 1)
            let exceptions = try await node.operations.verify().exceptions
            #expect(exceptions.map(\.kind) == (life.last == .unknown ? [.outcomeUnknown] : []))
        }
    }

    @Test(arguments: Life.refusals, [ElectronicSource.payment, .paymentRaisingNote, .noteThroughPayment])
    func `Ends with a refusal for each reason, and gives everything back`(
        life: Life, source: ElectronicSource
    ) async throws {
        try await withService { node, book in
            try await ElectronicSource.put(card: life.card, in: node.store)
            let view = try await node.operations.refund(source.request(life.amount))
            #expect(view.refund.state == .failed)
            #expect(view.refund.failureReason == life.failure)
            try await source.expectHeld(view, on: node)
            try await node.pass(.seconds(40 * 86_400))
            #expect(try await node.operations.now(view).refund == view.refund)
            #expect(book.effects().isEmpty)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `A refund to the method that paid goes back by its charge where the gateway pays out to none`(
        engine: Engine
    ) async throws {
        try await withBooks(engine) { store in
            try await ElectronicSource.put(card: "0042", in: store)
            let gateway = FickleGateway(paysOutToMethods: false)
            gateway.say(.succeeded)
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                let view = try await node.operations.refund(ElectronicSource.noteToMethod.request("25.00"))
                #expect(view.refund.state == .succeeded)
                #expect(view.payout?.target == .charge(ElectronicSource.chargeReference))
                try await ElectronicSource.noteThroughPayment.expectHeld(view, on: node)
                #expect(try await node.operations.breaches() == [])
            }
        }
    }

    @Test func `A call that never leaves is tried for three days, and then has failed for a reason of its own`()
        async throws
    {
        let config = SimulatorConfig(
            seed: 7, faults: [SimulatorFaultRule(.amount(minorUnits: 2_500, nil), .notSent)])
        try await withService(config: config) { node, book in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
            for attempt in 1...72 {
                let current = try await node.operations.now(view)
                #expect(current.refund.state == .approved)
                #expect(current.payout?.attempt == attempt)
                try await node.pass(.seconds(3_600))
            }
            let current = try await node.operations.now(view)
            #expect(current.refund.state == .failed)
            #expect(current.refund.failureReason == .notSent)
            #expect(try await node.payment(Fixtures.cardPayment).balance.taken == 0)
            #expect(book.effects().isEmpty)
            #expect(try await node.operations.breaches() == [])
        }
    }

    /// A gateway's long outage failed many refunds, and nobody could send them again but one by one.
    @Test(arguments: Engine.allCases)
    func `All that never left is made again at once, each once, and nothing else`(engine: Engine) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                func refund(_ amount: String) async throws -> RefundView {
                    try await node.operations.refund(.of(.payment(Fixtures.cardPayment), amount))
                }
                func retried() async throws -> [RefundID] {
                    var retried: [RefundID] = []
                    try await node.operations.retryUnsent(of: Self.organization, through: nil, as: "operator:x") {
                        #expect((try? $0.again.get())?.refund.retryOf == $0.first.id)
                        retried.append($0.first.id)
                    }
                    return retried
                }
                let declined = try await refund("1.00")
                gateway.fail(1_000, with: .notSent("no route"))
                let unsent = [try await refund("2.00"), try await refund("3.00")].map(\.refund.id)
                for _ in 1...73 { try await node.pass(.seconds(3_600)) }
                gateway.fail(0, with: .notSent(""))
                gateway.say(.succeeded)
                #expect(try await node.operations.now(declined).refund.state == .failed)
                #expect(try await retried() == unsent)
                #expect(try await retried() == [], "once")
                #expect(try await node.payment(Fixtures.cardPayment).balance.taken == 5_00)
                #expect(try await node.operations.breaches() == [])
            }
        }
    }

    @Test(arguments: ElectronicSource.allCases, Resolution.Outcome.allCases)
    func `What nobody knows ends by a person's word, kept with its evidence`(
        source: ElectronicSource, outcome: Resolution.Outcome
    ) async throws {
        try await withService { node, _ in
            try await ElectronicSource.put(card: "0042", in: node.store)
            let view = try await node.operations.refund(source.request("67.08"))
            let id = reference(view.refund.id)
            for missing in [("", "letter", "ana"), ("they said so", " ", "ana"), ("they said so", "letter", "\t\n")] {
                let resolution = Resolution(
                    outcome: outcome, failure: nil, reason: missing.0, evidence: missing.1, person: missing.2)
                await #expect(throws: Failure.refund(.evidenceMissing)) {
                    try await node.operations.resolveRefund(id, of: Self.organization, as: resolution)
                }
            }
            let resolution = Resolution(
                outcome: outcome, failure: .insufficientFunds, reason: "they said so", evidence: "letter", person: "ana"
            )
            let resolved = try await node.operations.resolveRefund(id, of: Self.organization, as: resolution)
            #expect(resolved.refund.state == (outcome == .succeeded ? .succeeded : .failed))
            #expect(resolved.refund.failureReason == (outcome == .succeeded ? nil : .insufficientFunds))
            try await source.expectHeld(resolved, on: node)
            let last = try #require(try await node.operations.retrieveHistory(of: id, of: Self.organization).steps.last)
            #expect(last.actor == "operator:ana")
            #expect(last.remark == "ana: they said so; evidence: letter")
            await #expect(throws: Failure.self) {
                try await node.operations.resolveRefund(id, of: Self.organization, as: resolution)
            }
            try await node.pass(.seconds(40 * 86_400))
            #expect(try await node.operations.now(view).refund.state == resolved.refund.state)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: ["25.00", "66.01", "67.01", "67.05", "67.06"])
    func `Is told step by step, without a gap`(amount: String) async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment, raisingNote: true), amount))
            try await node.pass(.seconds(86_400))
            let history = try await node.operations.retrieveHistory(
                of: reference(view.refund.id), of: Self.organization)
            #expect(history.steps.map(\.step) == Array(1...history.steps.count))
            #expect(history.steps.first?.actor == "client:\(Fixtures.client)")
            #expect(history.steps.last?.state == history.view.refund.state)
            #expect(history.postings.reduce(0) { $0 + $1.amount.minorUnits } == 0)
            let payable = history.postings.filter { $0.account == "refunds_payable" }
            #expect(payable.reduce(0) { $0 + $1.amount.minorUnits } == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `That is unknown is not ended by a person while a node has it in hand`(engine: Engine) async throws {
        try await withService(engine) { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.03"))
            #expect(view.refund.state == .unknown)
            let organization = Self.organization
            try await node.store.write(for: organization) { [now = node.clock.now] session in
                guard let payout = try session.payout(of: view.refund.id, of: organization) else { return }
                var claimed = payout
                claimed.leaseUntil = now + .seconds(60)
                _ = try session.update(claimed, decidedOn: payout, for: organization)
            }
            let resolution = Resolution(
                outcome: .failed, failure: nil, reason: "never arrived", evidence: "letter", person: "asha")
            await #expect(throws: Failure.self) {
                try await node.operations.resolveRefund(reference(view.refund.id), of: organization, as: resolution)
            }
            #expect(try await node.operations.now(view).refund.state == .unknown)
            node.clock.move(by: .seconds(60))
            let resolved = try await node.operations.resolveRefund(
                reference(view.refund.id), of: organization, as: resolution)
            #expect(resolved.refund.state == .failed)
        }
    }

    @Test func `A person who cannot wait has the gateway asked at once`() async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.01"))
            try await node.workOff()
            #expect(try await node.operations.now(view).refund.state == .unknown)
            _ = try await node.operations.retryRefund(reference(view.refund.id), of: Self.organization)
            try await node.workOff()
            #expect(try await node.operations.now(view).refund.state == .succeeded)
            let cash = try await node.operations.refund(.of(.payment(Fixtures.cashPayment), "1.00"))
            await #expect(throws: Failure.refund(.stepNotAllowed(from: .succeeded, event: .claimed))) {
                try await node.operations.retryRefund(reference(cash.refund.id), of: Self.organization)
            }
        }
    }
}
