import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// What operators are told of, and what becomes of it.
@Suite struct `An exception of a refund` {
    private static let organization = Fixtures.organization.id
    private static let refusal = GatewayError.refused(.unknown, code: "account_restricted", message: "Not now.")

    private static func exceptions(
        on node: ServiceNode, _ states: [RefundException.State] = RefundException.State.allCases
    ) async throws -> [RefundException] {
        var query = ExceptionQuery()
        query.states = states
        return try await node.operations.listExceptions(query, of: organization).exceptions
    }

    @Test(arguments: Engine.allCases)
    func `Is opened once a refund was unknown for an hour, and resolved when its outcome is known`(
        engine: Engine
    ) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway(isSureOfWhatItLacks: false)
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                gateway.fail(1_000, with: .ambiguous("no answer in time"))
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                #expect(view.refund.state == .unknown)
                try await node.pass(.seconds(600))
                #expect(try await Self.exceptions(on: node).isEmpty, "it may be known soon")
                for _ in 0..<5 { try await node.pass(.seconds(86_400)) }
                let open = try await Self.exceptions(on: node)
                #expect(open.map(\.kind) == [.outcomeUnknown])
                #expect(open.map(\.refund) == [view.refund.id])
                #expect(open.map(\.revision) == [1], "asked daily, told once")

                gateway.fail(0, with: .ambiguous(""))
                gateway.say(.succeeded)
                for _ in 0..<2 { try await node.pass(.seconds(86_400)) }
                #expect(try await node.operations.now(view).refund.state == .succeeded)
                let healed = try #require(try await Self.exceptions(on: node).first)
                #expect(healed.state == .resolved)
                #expect(healed.resolution?.by == RefundException.program)
                #expect(try await node.operations.verify().exceptions.isEmpty)
            }
        }
    }

    @Test func `Is opened at once when a resend of an unknown refund was refused`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            gateway.say(.succeeded)
            gateway.fail(1, with: .ambiguous("no answer in time"))
            try await node.running {
                _ = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "25.00"))
                gateway.fail(1, with: Self.refusal)
                try await node.pass(.seconds(30))
                let open = try await Self.exceptions(on: node, [.open])
                #expect(open.map(\.kind) == [.outcomeUnknown])
                #expect(open.map(\.cause) == ["resend_refused"])
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Says that a payment is over-refunded, until a return heals it`(engine: Engine) async throws {
        try await withBooks(engine) { store in
            let gateway = FickleGateway()
            let node = ServiceNode(store: store, clock: ServiceClock(at: Fixtures.now), gateway: gateway)
            try await node.running {
                let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "600.00"))
                #expect(view.refund.state == .failed)
                _ = try await node.operations.refund(
                    .of(.payment(Fixtures.cardPayment), "700.00", way: .offline(.cash)))
                gateway.say(.succeeded)
                _ = try await node.operations.checkRefund(reference(view.refund.id), of: Self.organization)
                try await node.workOff()
                let open = try await Self.exceptions(on: node, [.open])
                #expect(Set(open.map(\.kind)) == [.contradicted, .overRefunded])
                let over = try #require(open.first { $0.kind == .overRefunded })
                #expect(over.id.text == "over_refunded.payment.300")
                #expect(over.payment == Fixtures.cardPayment.id)
                #expect(over.detail.contains("300.00"))

                gateway.say(.failed(.expiredOrCanceledCard))
                try await node.pass(.seconds(86_400))
                #expect(try await node.operations.now(view).refund.state == .returned)
                #expect(try await Self.exceptions(on: node, [.open]).map(\.kind) == [.contradicted])
                #expect(try await node.operations.breaches() == [])
            }
        }
    }

    @Test func `Is resolved with a reason by whom it is told, and not twice`() async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.11"))
            try await node.pass(.seconds(86_400))
            _ = try await node.operations.checkRefund(reference(view.refund.id), of: Self.organization)
            try await node.workOff()
            let open = try #require(try await Self.exceptions(on: node, [.open]).first)
            #expect(open.kind == .contradicted)
            let resolve: @Sendable () async throws(Failure) -> RefundException = { () async throws(Failure) in
                try await node.operations.resolveException(
                    open.id, of: Self.organization, by: "client:900", because: "the customer keeps it"
                ).unkeyed()
            }
            #expect(try await resolve().resolution?.by == "client:900")
            await #expect(throws: Failure.conflict("the exception is resolved already")) { try await resolve() }
            #expect(try await node.operations.verify().exceptions.isEmpty)
            let reopened = try await node.operations.reopenException(
                open.id, of: Self.organization, by: "operator:ana", because: "it came back")
            #expect(try reopened.unkeyed().state == .open)
            let history = try await node.operations.retrieveException(open.id, of: Self.organization)
            #expect(history.steps.map(\.event) == [.opened, .resolved, .reopened])
            await #expect(throws: Failure.notFound(.exception, open.id.text)) {
                try await node.operations.retrieveException(open.id, of: Fixtures.stranger.id)
            }
            await #expect(throws: Failure.notFound(.exception, "late.refund.1")) {
                try await node.operations.resolveException(
                    ExceptionID(text: "late.refund.1"), of: Self.organization, by: "client:900", because: "seen")
            }
        }
    }
}
