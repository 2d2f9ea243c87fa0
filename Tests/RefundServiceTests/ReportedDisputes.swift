import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A dispute of 300.00 that has come so far, after so many seconds.
private func dispute(
    _ stages: Dispute.Stage..., of minorUnits: Int64 = 30_000, reference: String = "dp_1", after seconds: Int64 = 0
) -> GatewayNews {
    .dispute(
        DisputeNews(
            gatewayReference: reference, charges: ["ch_300", "pi_300"], amount: Brought.rupees(minorUnits),
            stages: stages, reason: "fraudulent", at: Fixtures.now + .seconds(seconds)))
}

@Suite struct `A dispute that a gateway tells of` {
    @Test(arguments: Engine.allCases)
    func `Keeps what it claims while it lasts, and nothing once it is won`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let underWay = try await scene.operations.refund(.of(.payment(Fixtures.cardPayment), "100.00"))
            try await scene.tell(dispute(.open))
            #expect(try await scene.remaining() == 60_000)
            let refused = await scene.operations.answer(to: try .of(.payment(Fixtures.cardPayment), "600.01"))
            #expect(refused.refusal == .paymentDisputed)
            let during = try await scene.operations.verify()
            #expect(during.breaches == [])
            #expect(during.exceptions.map(\.refund) == [underWay.refund.id])
            #expect(during.exceptions.map(\.detail) == ["the charge behind it is disputed: fraudulent"])
            try await scene.tell(dispute(.won, after: 1))
            #expect(try await scene.remaining() == 90_000)
            let after = try await scene.operations.verify()
            #expect(after.breaches == [])
            #expect(after.exceptions.isEmpty, "it has healed")
        }
    }

    @Test(arguments: Engine.allCases)
    func `That is lost keeps its claim, until its funds are given back`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(dispute(.open), dispute(.lost, after: 1))
            #expect(try await scene.remaining() == 70_000)
            try await scene.tell(dispute(.lost, of: 80_000, reference: "dp_2"))
            #expect(try await scene.remaining() == 0)
            try await scene.tell(dispute(.reinstated, of: 80_000, reference: "dp_2", after: 2))
            #expect(try await scene.remaining() == 70_000)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases, [Dispute.Stage.won, .lost])
    func `Ends as the gateway's moments say, in whatever order the news come`(
        engine: Engine, end: Dispute.Stage
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.tell(dispute(end, after: 9), dispute(.open, after: 7))
            #expect(try await scene.remaining() == (end == .won ? 100_000 : 70_000))
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `That was an inquiry first claims its amount, and grows and shrinks as it is told`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            for (stage, amount, left) in [
                (.inquiry, 30_000, 100_000), (.open, 30_000, 70_000), (.open, 50_000, 50_000),
                (.open, 20_000, 80_000), (.won, 20_000, 100_000), (.open, 20_000, 80_000),
            ] as [(Dispute.Stage, Int64, Int64)] {
                scene.node.clock.move(by: .seconds(60))
                let at = Int64(scene.node.clock.now.since(Fixtures.now) / .seconds(1))
                try await scene.tell(dispute(stage, of: amount, after: at))
                #expect(try await scene.remaining() == left, "\(stage) \(amount)")
            }
            #expect(try await scene.operations.breaches() == [])
        }
    }

    /// A11: the cash refund was voided, and what the dispute claims was refunded again.
    @Test(arguments: Engine.allCases)
    func `Meets its claim from a refund that is voided, before anything is refundable`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let cash = try await scene.operations.refund(
                .of(.payment(Fixtures.cardPayment), "600.00", way: .offline(.cash)))
            try await scene.tell(dispute(.open, of: 100_000))
            let before = try await scene.node.payment(Fixtures.cardPayment).balance
            #expect(before.held == 40_000 && before.unmetClaims == 60_000)
            let told = try await scene.operations.verify().exceptions
            #expect(told.map(\.kind) == [.disputedAfterRefund] && told.map(\.payment) == [Fixtures.cardPayment.id])
            _ = try await scene.operations.cancelRefund(
                reference(cash.refund.id), of: Fixtures.organization.id, by: "client:41", remark: "")
            let after = try await scene.node.payment(Fixtures.cardPayment).balance
            #expect(after.held == 100_000 && after.unmetClaims == 0 && after.remaining.isZero)
            let again = await scene.operations.answer(
                to: try .of(.payment(Fixtures.cardPayment), "0.01", way: .offline(.cash)))
            #expect(again.refusal == .paymentDisputed)
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [] && verification.exceptions.isEmpty)
        }
    }

    /// B13: a dispute in another currency was held at its face value.
    @Test(arguments: Engine.allCases)
    func `In another currency claims all of its payment`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let news = DisputeNews(
                gatewayReference: "dp_4", charges: ["ch_300"],
                amount: Money(minorUnits: 500, currency: Fixtures.dollar),
                stages: [.open], reason: "", at: Fixtures.now)
            try await scene.tell(.dispute(news))
            #expect(try await scene.remaining() == 0)
            let verification = try await scene.operations.verify()
            #expect(verification.breaches == [])
            #expect(verification.exceptions.map(\.kind) == [.disputeCurrency])
            #expect(verification.exceptions.map(\.payment) == [Fixtures.cardPayment.id])
        }
    }

    /// B13: disputes posted nothing.
    @Test(arguments: Engine.allCases)
    func `Posts the funds that the gateway takes and gives back`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            let postings = { (account: String) in
                try await scene.node.store.read { session in
                    try session.postings(of: Fixtures.cardPayment.id.value, of: Fixtures.organization.id)
                        .filter { $0.account == account }.map(\.amount.minorUnits).reduce(0, +)
                }
            }
            try await scene.tell(dispute(.open, .withdrawn))
            #expect(try await postings("disputes_receivable") == 30_000)
            #expect(try await postings("gateway_clearing:simulator") == -30_000)
            try await scene.tell(dispute(.lost, after: 1))
            #expect(try await postings("disputes_receivable") == 0)
            #expect(try await postings("disputes_lost") == 30_000)
            try await scene.tell(dispute(.reinstated, after: 2))
            #expect(try await postings("disputes_lost") == 0)
            #expect(try await postings("gateway_clearing:simulator") == 0)
            #expect(try await scene.remaining() == 100_000)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test func `Stays as it is when the payment's owner brings the payment again`() async throws {
        try await withTellingGateway(.sqliteInMemory) { scene in
            let id = Fixtures.organization.id
            let records: [RecordBatch.Entry] = [
                .party(Brought.party()), .paymentMethod(Brought.method), .payment(Brought.payment()),
            ]
            _ = try await scene.operations.put(Brought.batch(records, updates: true), for: id)
            try await scene.tell(
                .dispute(
                    DisputeNews(
                        gatewayReference: "dp_3", charges: ["ch_p1"], amount: Brought.rupees(1_000), stages: [.lost],
                        reason: "", at: Fixtures.now)))
            let results = try await scene.operations.put(Brought.batch(records, updates: true), for: id)
            #expect(results == [.unchanged, .unchanged, .unchanged])
            let payment = try await scene.operations.retrievePayment(Brought.reference("p1"), of: id)
            #expect(payment.balance.claims == 1_000)
        }
    }
}
