import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

extension TellingScene {
    /// A payment of 100.00 with refunds of its history.
    fileprivate func load(_ refunds: PutPastRefund...) async throws {
        let records: [RecordBatch.Entry] = [
            .party(Brought.party()), .paymentMethod(Brought.method),
            .payment(Brought.payment(captured: Brought.rupees(10_000))),
        ]
        let batch = Brought.batch(records + refunds.map { .refund($0) })
        _ = try await operations.put(batch, for: Fixtures.organization.id)
    }

    fileprivate func balance() async throws -> PaymentBalance {
        try await operations.retrievePayment(Brought.reference("p1"), of: Fixtures.organization.id).balance
    }

    fileprivate func past(_ id: String = "r1") async throws -> RefundView {
        try await operations.retrieveRefund(Brought.reference(id), of: Fixtures.organization.id)
    }
}

/// Refunds that were loaded as history, of which their gateway tells.
@Suite struct `A refund of the history` {
    /// As a list of payments has it: with a day and an amount, and no reference.
    private static func listed(_ id: String = "r1") -> PutPastRefund {
        let refund = Brought.refund(id)
        return PutPastRefund(
            externalIDs: refund.externalIDs, number: nil, source: refund.source, amount: refund.amount,
            state: refund.state, channel: refund.channel, effectiveOn: refund.effectiveOn,
            createdAt: refund.createdAt, reason: nil, initiator: .merchant, description: "", reference: "",
            gatewayReference: "", networkReference: "", failure: nil, annotations: "")
    }

    private static func told(_ reference: String, _ minorUnits: Int64 = 2_500, daysLater: Int64 = 0) -> GatewayNews {
        let noon = Instant(seconds: Int64(Fixtures.date("2026-02-10").daysSinceEpoch) * 86_400 + 43_200)
        return .refund(
            RefundNews(
                refund: nil, gatewayReference: reference, charges: ["ch_p1"], amount: Brought.rupees(minorUnits),
                madeAt: noon + .seconds(86_400 * daysLater)))
    }

    /// A14: it was counted a second time, as one that was made out of band, and the customer was refused.
    @Test(arguments: Engine.allCases, [false, true])
    func `Without a reference is the one that the gateway tells of, before or after`(
        engine: Engine, isToldFirst: Bool
    ) async throws {
        try await withTellingGateway(engine) { scene in
            if isToldFirst { try await scene.tell(Self.told("re_1")) }
            try await scene.load(Self.listed())
            if !isToldFirst { try await scene.tell(Self.told("re_1")) }
            try await scene.tell(Self.told("re_1"))
            #expect(try await scene.past().payout?.gatewayReference == "re_1")
            let balance = try await scene.balance()
            #expect(balance.refunded == 2_500 && balance.reserved == 0)
            #expect(balance.remaining == Brought.rupees(7_500))
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [] && verification.exceptions.isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Without a reference is none of another amount or day, and but one of two that are equal`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.load(Self.listed())
            try await scene.tell(
                Self.told("re_other", 2_400), Self.told("re_late", daysLater: 3), Self.told("re_1"), Self.told("re_2"))
            #expect(try await scene.past().payout?.gatewayReference == "re_1")
            let balance = try await scene.balance()
            #expect(balance.refunded == 2_500 && balance.reserved == 2_400 + 2_500 + 2_500)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    /// A16: it stayed succeeded for ever, and nobody could have the gateway asked.
    @Test(arguments: Engine.allCases, [false, true])
    func `That the bank sent back is returned, by the schedule of its day or as a person has it asked`(
        engine: Engine, isAsked: Bool
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.load(Brought.refund())
            scene.gateway.answer(
                GatewayReport(
                    state: .failed(.expiredOrCanceledCard), amount: Brought.rupees(2_500), gatewayReference: "rf_r1"))
            #expect(try await scene.past().refund.state == .succeeded)
            if isAsked {
                let reference = Brought.reference("r1")
                _ = try await scene.operations.checkRefund(reference, of: Fixtures.organization.id)
                try await scene.node.workOff()
            } else {
                try await scene.node.pass(.seconds(86_400 * 7))
            }
            let view = try await scene.past()
            #expect(view.refund.state == .returned && view.refund.failureReason == .expiredOrCanceledCard)
            let balance = try await scene.balance()
            #expect(balance.refunded == 0 && balance.remaining == Brought.rupees(10_000))
            #expect(try await scene.operations.breaches() == [])
        }
    }
}
