import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Equal requests without a key, while the outcome of the first is open.
@Suite struct `A duplicate without a key` {
    /// An amount whose refund stays in a state, and whether a setting then holds its duplicate back.
    private static let table: [(hold: DuplicateHold, amount: String, state: RefundState, isHeld: Bool)] = [
        (.unknown, "67.03", .unknown, true), (.unknown, "67.07", .pending, false),
        (.unknown, "25.00", .succeeded, false), (.unresolved, "67.03", .unknown, true),
        (.unresolved, "67.07", .pending, false), (.unresolved, "25.00", .succeeded, false),
        (.unresolved, "66.01", .failed, false), (.off, "67.03", .unknown, false), (.off, "67.07", .pending, false),
    ]

    @Test(arguments: table.indices)
    func `Is held back by the setting and the state of the first`(row: Int) async throws {
        let (hold, amount, state, isHeld) = Self.table[row]
        try await withService { node, _ in
            try await node.set { $0.duplicateHold = hold }
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), amount)
            let first = try await node.operations.refund(request)
            #expect(first.refund.state == state)
            let second = await node.operations.answer(to: request)
            #expect(second.refusal == (isHeld ? .duplicateOpen(first.refund.id, first.refund.number) : nil))
            let other = await node.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "1.00"))
            #expect(other.failure == nil)
            let keyed = await node.operations.answer(to: try .of(.payment(Fixtures.cardPayment), amount, key: "a"))
            #expect(keyed.failure == nil)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is held back while the first waits to be sent, and passes once it was`(engine: Engine) async throws {
        try await withNode(engine) { node, book in
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00")
            let first = try await node.operations.refund(request)
            #expect(first.refund.state == .approved)
            let second = await node.operations.answer(to: request)
            #expect(second.refusal == .duplicateOpen(first.refund.id, first.refund.number))
            try await node.workOff()
            let third = try await node.operations.refund(request)
            #expect(third.refund.id != first.refund.id)
            let fourth = await node.operations.answer(to: request)
            #expect(fourth.refusal == .duplicateOpen(third.refund.id, third.refund.number))
            try await node.workOff()
            #expect(book.effects().count == 2)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Passes once the first is resolved`() async throws {
        try await withService { node, _ in
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "67.03")
            let first = try await node.operations.refund(request)
            let resolution = Resolution(
                outcome: .failed, failure: nil, reason: "asked them", evidence: "ticket 7", person: "ana")
            _ = try await node.operations.resolveRefund(
                reference(first.refund.id), of: Fixtures.organization.id, as: resolution)
            #expect(await node.operations.answer(to: request).failure == nil)
        }
    }

    /// All five were accepted: each asked before any of the others had written its refund.
    @Test(arguments: Engine.allCases)
    func `Is held back in the group of the first`(engine: Engine) async throws {
        try await withBooks(engine) { store in
            let gathering = GatheringStore(store)
            let node = try ServiceNode.simulated(over: gathering)
            // Its identifiers and numbers are drawn before the group is gathered.
            _ = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "1.00"))
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00")
            gathering.gather(5) {}
            let answers = await node.operations.answers(to: Array(repeating: request, count: 5))
            try await Self.expectOneOfFive(answers, on: node)
        }
    }

    /// The first of the five is refused; one of the others takes its place.
    @Test(arguments: Engine.allCases)
    func `Passes where its neighbour in the group was refused`(engine: Engine) async throws {
        try await withBooks(engine) { store in
            let gathering = GatheringStore(store)
            let node = try ServiceNode.simulated(over: gathering)
            _ = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "1.00"))
            let refused = try RefundRequest.of(
                .payment(Fixtures.cardPayment), "25.00", expecting: "7.00", digest: "equal")
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00", digest: "equal")
            gathering.gather(2) {}
            let answers = await node.operations.answers(to: [refused, request])
            #expect(answers[0].failure != nil)
            #expect(answers[1].failure == nil || answers[0].refusal != nil)
            #expect(try await node.payment(Fixtures.cardPayment).balance.reserved == 2_600)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Is held back by the first over another process`() async throws {
        try await withPostgresSchema { address in
            let stores = (try PostgresStore(address), try PostgresStore(address))
            try await Fixtures.put(in: stores.0)
            let nodes = (try ServiceNode.simulated(over: stores.0), try ServiceNode.simulated(over: stores.1))
            for amount in ["25.00", "26.00", "27.00", "28.00"] {
                let requests = Array(
                    repeating: try RefundRequest.of(.payment(Fixtures.cardPayment), amount), count: 3)
                async let here = nodes.0.operations.answers(to: requests)
                async let there = nodes.1.operations.answers(to: requests)
                let answers = await here + there
                #expect(answers.filter { $0.failure == nil }.count == 1)
                let first = try #require(answers.compactMap { try? $0.get() }.first?.refund)
                for case .failure(let failure) in answers {
                    #expect(failure == .refund(.duplicateOpen(first.id, first.number)))
                }
            }
            #expect(try await nodes.0.operations.breaches() == [])
            await stores.0.close()
            await stores.1.close()
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is held back by a refund that has no row of its own`(engine: Engine) async throws {
        try await withNode(engine) { node, _ in
            // It had a key, as all that was made by earlier versions has no row.
            let digest = "equal"
            let keyed = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00", key: "a", digest: digest)
            let first = try await node.operations.refund(keyed)
            let second = await node.operations.answer(
                to: try .of(.payment(Fixtures.cardPayment), "25.00", digest: digest))
            #expect(second.refusal == .duplicateOpen(first.refund.id, first.refund.number))
            try await node.workOff()
            let third = await node.operations.answer(
                to: try .of(.payment(Fixtures.cardPayment), "25.00", digest: digest))
            #expect(third.failure == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is held back for a while after the first, where that is set`(engine: Engine) async throws {
        try await withService(engine) { node, book in
            try await node.set { $0.duplicateWindowSeconds = 60 }
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00")
            let first = try await node.operations.refund(request)
            #expect(first.refund.state == .succeeded)
            node.clock.move(by: .seconds(59))
            let second = await node.operations.answer(to: request)
            #expect(second.refusal == .duplicateOpen(first.refund.id, first.refund.number))
            let cash = try RefundRequest.of(.payment(Fixtures.cashPayment), "5.00", way: .offline(.cash))
            for _ in 0..<2 { #expect(await node.operations.answer(to: cash).failure == nil) }
            node.clock.move(by: .seconds(1))
            #expect(await node.operations.answer(to: request).failure == nil)
            #expect(book.effects().count == 2)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Without a gateway is held back only for a while that is set`(engine: Engine) async throws {
        try await withService(engine) { node, _ in
            try await node.set { $0.duplicateWindowOfflineSeconds = 10 }
            let request = try RefundRequest.of(.payment(Fixtures.cashPayment), "5.00", way: .offline(.cash))
            let answers = await node.operations.answers(to: Array(repeating: request, count: 5))
            #expect(answers.filter { $0.failure == nil }.count == 1)
            let keyed = try RefundRequest.of(
                .payment(Fixtures.cashPayment), "5.00", way: .offline(.cash), key: "a")
            #expect(await node.operations.answer(to: keyed).failure == nil)
            node.clock.move(by: .seconds(10))
            #expect(await node.operations.answer(to: request).failure == nil)
            try await node.set { $0.duplicateHold = .off }
            #expect(await node.operations.answer(to: request).failure == nil)
            #expect(try await node.payment(Fixtures.cashPayment).balance.refunded == 2_000)
        }
    }

    private static func expectOneOfFive(_ answers: [Result<RefundView, Failure>], on node: ServiceNode) async throws {
        let accepted = answers.compactMap { try? $0.get().refund }
        #expect(accepted.count == 1)
        let first = try #require(accepted.first)
        for case .failure(let failure) in answers {
            #expect(failure == .refund(.duplicateOpen(first.id, first.number)))
        }
        #expect(try await node.payment(Fixtures.cardPayment).balance.reserved == 2_600)
        try await node.workOff()
        #expect(await node.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "25.00")).failure == nil)
        #expect(try await node.operations.breaches() == [])
    }
}

extension ServiceNode {
    /// A node over a store, with a simulator of its own.
    fileprivate static func simulated(over store: any Store) throws -> ServiceNode {
        let clock = ServiceClock(at: Fixtures.now)
        let gateway = try SimulatorGateway(
            SimulatorConfig(seed: 7), now: { clock.now }, sleep: { try await clock.sleep($0) })
        return ServiceNode(store: store, clock: clock, gateway: gateway)
    }

    /// Changes the settings of the organization, as this node sees them at once.
    fileprivate func set(_ change: (inout OrganizationSettings) -> Void) async throws {
        var organization = try await operations.organization(Fixtures.organization.id)
        change(&organization.settings)
        _ = try await operations.putOrganization(organization)
    }
}
