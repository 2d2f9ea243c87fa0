import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Words of a gateway that come when the refund has long been final here.
@Suite struct `A late word` {
    private static let organization = Fixtures.organization.id
    private static let day = Duration.seconds(86_400)

    @Test(arguments: Engine.allCases, ElectronicSource.allCases)
    func `Of success is heard when a person asks, and draws on the sources again`(
        engine: Engine, source: ElectronicSource
    ) async throws {
        try await withService(engine) { node, book in
            try await ElectronicSource.put(card: "0042", in: node.store)
            let view = try await node.operations.refund(source.request("67.11"))
            #expect(view.refund.state == .failed)
            #expect(view.refund.failureReason == .insufficientFunds)
            try await source.expectHeld(view, on: node)
            try await node.pass(Self.day)
            #expect(try await node.operations.now(view).refund == view.refund, "nobody asks by himself")

            _ = try await node.operations.checkRefund(reference(view.refund.id), of: Self.organization)
            try await node.workOff()
            let late = try await node.operations.now(view)
            #expect(late.refund.state == .succeeded)
            #expect(late.refund.failureReason == nil)
            if source == .paymentRaisingNote {
                #expect(late.creditNote?.state == .void)
                #expect(late.payment?.balance.refunded == 6_711)
            } else {
                #expect(late.refund.lacking == 0)
                try await source.expectHeld(late, on: node)
            }
            try await node.pass(.seconds(40 * 86_400))
            #expect(try await node.operations.now(view).refund == late.refund)
            let verification = try await node.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.exceptions.map(\.refund) == [view.refund.id])
            #expect(book.effects().count == 1)
        }
    }

    @Test(arguments: Engine.allCases, ElectronicSource.allCases)
    func `Of success is too much where others took what was left, until the bank returns it`(
        engine: Engine, source: ElectronicSource
    ) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                try await ElectronicSource.put(card: "0042", in: store)
                let view = try await node.operations.refund(source.request("100.00"))
                #expect(view.refund.state == .failed)
                // Of the payment 40.00 are left, and of the note 30.00.
                for (other, amount) in [(ElectronicSource.noteToMethod, "170.00"), (.payment, "290.00")] {
                    _ = try await node.operations.refund(.of(other.source, amount, way: .offline(.cash)))
                }
                let before = try await Self.balances(on: node)

                gateway.say(.succeeded)
                _ = try await node.operations.checkRefund(reference(view.refund.id), of: Self.organization)
                try await node.workOff()
                let late = try await node.operations.now(view).refund
                #expect(late.state == .succeeded)
                #expect(late.lacking == source.lacking)
                #expect(try await Self.balances(on: node).payment.overRefunded == 6_000)
                #expect(try await node.operations.breaches() == [])
                let again = await node.operations.answer(
                    to: try .of(ElectronicSource.payment.source, "40.01", way: .offline(.cash)))
                #expect(again.refusal != nil)

                gateway.say(.failed(.expiredOrCanceledCard))
                try await node.pass(Self.day)
                #expect(try await node.operations.now(view).refund.state == .returned)
                #expect(try await Self.balances(on: node) == before)
                let history = try await node.operations.retrieveHistory(
                    of: reference(view.refund.id), of: Self.organization)
                for lines in Dictionary(grouping: history.postings, by: \.account).values {
                    #expect(lines.reduce(0) { $0 + $1.amount.minorUnits } == 0)
                    #expect(lines.reduce(0) { $0 + $1.baseMinorUnits } == 0)
                }
                let verification = try await node.operations.verify()
                #expect(verification.breaches == [])
                #expect(verification.exceptions.count == 1)
            }
        }
    }

    @Test(
        arguments: Engine.allCases,
        [(1, 1), (2, 7), (7, 7), (8, 30), (30, 30)] as [(returned: Int, noticed: Int)])
    func `Of a return is heard on the first, seventh or thirtieth day after the success`(
        engine: Engine, days: (returned: Int, noticed: Int)
    ) async throws {
        let config = SimulatorConfig(seed: 7, documentedDelay: Self.day * days.returned)
        try await withService(engine, config: config) { node, _ in
            try await ElectronicSource.put(card: "5126", in: node.store)
            let source = ElectronicSource.noteThroughPayment
            let view = try await node.operations.refund(source.request("25.00"))
            #expect(view.refund.state == .succeeded)
            for day in 1...31 {
                try await node.pass(Self.day)
                let refund = try await node.operations.now(view).refund
                #expect(refund.state == (day < days.noticed ? .succeeded : .returned), "day \(day)")
            }
            try await source.expectHeld(try await node.operations.now(view), on: node)
            let verification = try await node.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.exceptions.isEmpty)
        }
    }

    @Test func `Of success is heard though the gateway has no turn for it when a notice or a person asks`()
        async throws
    {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "100.00"))
                #expect(view.refund.state == .failed)
                gateway.say(.succeeded)
                gateway.fail(3, with: .busy("429 rate_limit"))
                _ = try await node.operations.checkRefund(reference(view.refund.id), of: Self.organization)
                try await node.workOff()
                #expect(try await node.operations.now(view).refund.state == .failed)
                for _ in 0..<3 { try await node.pass(Limits.busyDelayMax) }
                #expect(try await node.operations.now(view).refund.state == .succeeded)
            }
        }
    }

    @Test(arguments: [GatewayError.busy("429 rate_limit"), .notSent("no route")])
    func `Of a call that did nothing tells a person nothing, where another has been made since`(
        error: GatewayError
    ) async throws {
        try await withBooks(.sqliteInMemory) { store in
            let (gateway, clock) = (FickleGateway(), ServiceClock(at: Fixtures.now))
            let one = ServiceNode(
                store: store, clock: clock, gateway: gateway, patience: ServiceClock(at: Fixtures.now))
            let two = ServiceNode(store: store, clock: clock, gateway: gateway)
            gateway.say(.succeeded)
            gateway.fail(1, with: error)
            gateway.duringTheNextCall {
                try? await two.pass(Limits.attemptLease + .seconds(1))
                try? await two.pass(.seconds(30))
            }
            try await one.running {
                let view = try await one.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                #expect(view.refund.state == .succeeded)
                #expect(view.payout?.attempt == 2)
                #expect(try await one.operations.verify().exceptions.isEmpty)
            }
        }
    }

    @Test func `Of a return after the thirtieth day is heard when a person asks`() async throws {
        let config = SimulatorConfig(seed: 7, documentedDelay: Self.day * 31)
        try await withService(config: config) { node, _ in
            try await ElectronicSource.put(card: "5126", in: node.store)
            let view = try await node.operations.refund(ElectronicSource.payment.request("25.00"))
            for _ in 0..<40 { try await node.pass(Self.day) }
            #expect(try await node.operations.now(view).refund.state == .succeeded)
            _ = try await node.operations.checkRefund(reference(view.refund.id), of: Self.organization)
            try await node.workOff()
            #expect(try await node.operations.now(view).refund.state == .returned)
            #expect(try await node.operations.breaches() == [])
        }
    }

    private struct Balances: Equatable {
        let payment: PaymentBalance
        let note: CreditNote
        let lines: [CreditNoteLine]
    }

    private static func balances(on node: ServiceNode) async throws -> Balances {
        let (note, lines) = try await node.operations.retrieveCreditNote(
            ElectronicSource.noteReference, of: organization)
        let payment = try await node.operations.retrievePayment(ElectronicSource.paymentReference, of: organization)
        return Balances(payment: payment.balance, note: note, lines: lines)
    }
}

extension ElectronicSource {
    /// What 100.00 lack of the note of which 30.00 are left; of the payment 40.00 are.
    fileprivate var lacking: Int64 {
        switch self {
        case .payment: 0
        case .paymentRaisingNote: 10_000
        case .noteThroughPayment, .noteToMethod: 7_000
        }
    }
}
