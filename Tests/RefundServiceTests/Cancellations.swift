import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A refund that is withdrawn, as far as it still can be.
@Suite struct `A cancellation` {
    private static let organization = Fixtures.organization.id

    private static func cancel(_ view: RefundView, on node: ServiceNode) async -> Result<RefundView, Failure> {
        do throws(Failure) {
            return .success(
                try await node.operations.cancelRefund(
                    reference(view.refund.id), of: organization, by: "client:900", remark: "by mistake"))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: ElectronicSource.allCases)
    func `Before it was sent gives everything back, and nothing is sent`(source: ElectronicSource) async throws {
        try await withNode { node, book in
            try await ElectronicSource.put(card: "0042", in: node.store)
            let view = try await node.operations.refund(source.request("25.00"))
            #expect(view.refund.state == .approved)
            let canceled = try await Self.cancel(view, on: node).get()
            #expect(canceled.refund.state == .canceled)
            try await source.expectHeld(canceled, on: node)
            try await node.pass(.seconds(86_400))
            #expect(book.effects().isEmpty)
            #expect(await Self.cancel(view, on: node).refusal == .notCancelable(.canceled))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Between two attempts gives everything back, and nothing is sent`() async throws {
        try await withService { node, book in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.04"))
            #expect(view.refund.state == .approved)
            #expect(try await Self.cancel(view, on: node).get().refund.state == .canceled)
            try await node.pass(.seconds(86_400))
            #expect(book.effects().isEmpty)
            #expect(try await node.payment(Fixtures.cardPayment).balance.taken == 0)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `For which the gateway has no turn may be tried again, and does not say that it is too late`()
        async throws
    {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            gateway.say(.pending)
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                #expect(view.refund.state == .pending)
                gateway.fail(1, with: .busy("429 rate_limit"))
                await #expect(throws: Failure.unavailable) { try await Self.cancel(view, on: node).get() }
                #expect(await Self.cancel(view, on: node).refusal == .notCancelable(.pending))
            }
        }
    }

    @Test(arguments: ElectronicSource.allCases)
    func `Of a pending one is asked of the gateway`(source: ElectronicSource) async throws {
        try await withService { node, book in
            try await ElectronicSource.put(card: "0042", in: node.store)
            let view = try await node.operations.refund(source.request("67.07"))
            let canceled = try await Self.cancel(view, on: node).get()
            #expect(canceled.refund.state == .canceled)
            #expect(book.effects().map { $0.state(at: node.clock.now) } == [.canceled])
            try await source.expectHeld(canceled, on: node)
            #expect(await Self.cancel(view, on: node).refusal == .notCancelable(.canceled))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Loses against a success`() async throws {
        try await withService { node, book in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.05"))
            node.clock.move(by: .seconds(10))
            let answered = try await Self.cancel(view, on: node).get()
            #expect(answered.refund.state == .succeeded)
            #expect(book.effects().map { $0.state(at: node.clock.now) } == [.succeeded])
            #expect(try await node.payment(Fixtures.cardPayment).balance.refunded == 6_705)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: [
        ("25.00", RefundState.succeeded), ("66.01", .failed), ("67.03", .unknown), ("67.08", .unknown),
    ])
    func `Is refused where nothing can be withdrawn`(amount: String, state: RefundState) async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), amount))
            #expect(view.refund.state == state)
            #expect(await Self.cancel(view, on: node).refusal == .notCancelable(state))
            #expect(try await node.operations.now(view) == view)
        }
    }

    @Test func `Is refused while the gateway is being called`() async throws {
        let latency = Duration.seconds(2)
        try await withNode(config: SimulatorConfig(seed: 7, latency: latency...latency)) { node, _ in
            let call = try await node.runningToTheEnd {
                let call = Task { try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00")) }
                await node.clock.untilSomebodySleeps(for: latency)
                let page = try await node.operations.listRefunds(
                    RefundQuery(), for: .native, of: Self.organization)
                let view = try #require(page.refunds.first)
                #expect(await Self.cancel(view, on: node).refusal == .notCancelable(.submitting))
                node.clock.move(by: latency)
                return call
            }
            #expect(try await call.value.refund.state == .succeeded)
        }
    }

    @Test(arguments: [
        RequestRefund.Source.payment(Fixtures.cashPayment), .payment(Fixtures.cashPayment, raisingNote: true),
        .payment(Fixtures.cardPayment), .note(Fixtures.openNote), .note(Fixtures.appliedNote),
        .note(Fixtures.noteBehindCard), .note(Fixtures.foreignNote),
    ])
    func `Of an offline one voids it, and gives everything back`(source: RequestRefund.Source) async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(source, "40.00", way: .offline(.check)))
            #expect(view.refund.state == .succeeded)
            let voided = try await Self.cancel(view, on: node).get()
            #expect(voided.refund.state == .voided)
            #expect(voided.payment?.balance.taken ?? 0 == 0)
            #expect(voided.creditNote?.balance.drawn ?? 0 == 0)
            if let note = voided.creditNote {
                #expect(note.state == (note.isForRefund ? .void : .open))
                let lines = try await node.operations.retrieveCreditNote(
                    reference(note.id), of: Self.organization
                ).lines
                #expect(lines.allSatisfy { $0.drawn == 0 })
            }
            let history = try await node.operations.retrieveHistory(
                of: reference(view.refund.id), of: Self.organization)
            let byAccount = Dictionary(grouping: history.postings, by: \.account)
            #expect(byAccount.values.allSatisfy { $0.reduce(0) { $0 + $1.amount.minorUnits } == 0 })
            #expect(byAccount.values.allSatisfy { $0.reduce(0) { $0 + $1.baseMinorUnits } == 0 })
            #expect(await Self.cancel(view, on: node).refusal == .notCancelable(.voided))
            #expect(try await node.operations.breaches() == [])
        }
    }
}
