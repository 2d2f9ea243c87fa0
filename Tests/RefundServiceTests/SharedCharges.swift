import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

extension TellingScene {
    /// Puts a payment of 100.00, by the charge `ch_p1` unless another is named.
    fileprivate func putPayment(
        _ id: String, charge: String = "ch_p1", captured: Int64 = 10_000, party: String = "c1", updates: Bool = true,
        on node: ServiceNode? = nil
    ) async throws(Failure) -> PutResult {
        var payment = Brought.payment(id, captured: Brought.rupees(captured))
        payment.charge = Charge(gateway: Fixtures.gateway, reference: charge)
        payment.party = Brought.reference(party)
        payment.number = "P-1"
        payment.method = nil
        let results = try await (node ?? self.node).operations.put(
            Brought.batch([.payment(payment)], updates: updates), for: Fixtures.organization.id)
        return results[0]
    }

    fileprivate func putParties() async throws {
        let parties: [RecordBatch.Entry] = [.party(Brought.party()), .party(Brought.party("c2", name: "Bea"))]
        _ = try await operations.put(Brought.batch(parties), for: Fixtures.organization.id)
    }

    fileprivate func payment(_ id: String, in dialect: DialectName = .native) async throws -> Payment {
        try await operations.retrievePayment(Brought.reference(id, in: dialect), of: Fixtures.organization.id)
    }

    /// The refusal of a put, in which the payment that has the charge is named.
    fileprivate func owner(_ put: () async throws(Failure) -> PutResult) async -> PaymentID? {
        do throws(Failure) {
            _ = try await put()
            return nil
        } catch {
            guard case .chargeOfAnotherPayment(let payment, _) = error else { return nil }
            return payment
        }
    }
}

private func charge(_ references: String...) -> GatewayNews {
    .charge(
        ChargeNews(
            charges: references, customer: nil, captured: Brought.rupees(10_000), takenAt: Fixtures.now))
}

/// A6: two payments of one charge gave back 200 % of it.
@Suite struct `One charge` {
    private static let gateway = DialectName.references(of: Fixtures.gateway)

    @Test(arguments: Engine.allCases, [false, true])
    func `That its gateway told first is the payment that its owner puts`(engine: Engine, updates: Bool) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            try await scene.tell(charge("ch_p1", "pi_p1"))
            #expect(try await scene.putPayment("p1", charge: "pi_p1", updates: updates) == .updated)
            let payment = try await scene.payment("p1")
            #expect(try await scene.payment("ch_p1", in: Self.gateway) == payment)
            #expect(payment.charge?.reference == "ch_p1", "by which refunds go")
            let party = try await scene.operations.retrieveParty(Brought.reference("c1"), of: Fixtures.organization.id)
            #expect(payment.party == party.id && payment.receivedOn == Fixtures.date("2026-02-01"))
            #expect(payment.balance.remaining == Brought.rupees(10_000))
            #expect(try await scene.putPayment("p1", charge: "pi_p1", updates: updates) == .unchanged)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `That was refunded before its owner put it keeps its party, and is named to another`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            try await scene.tell(charge("ch_p1"))
            let known = try await scene.payment("ch_p1", in: Self.gateway)
            _ = try await scene.operations.refund(.of(.payment(known), "10.00"))
            let owner = await scene.owner { () async throws(Failure) in try await scene.putPayment("p1") }
            #expect(owner == known.id)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    /// What its gateway told of it since was taken for all that was told: another party's record took it over.
    @Test(arguments: Engine.allCases, [false, true])
    func `That its owner put before anything was captured of it stays its owner's`(
        engine: Engine, isShown: Bool
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            #expect(try await scene.putPayment("p1", captured: 0) == .created)
            try await scene.tell(charge("ch_p1"))
            let payment = try await scene.payment("p1")
            await #expect(throws: Failure.self) {
                try await scene.putPayment(isShown ? payment.id.description : "p2", captured: 0, party: "c2")
            }
            #expect(try await scene.payment("p1") == payment)
        }
    }

    /// It was another payment's until the gateway told of something captured.
    @Test(arguments: Engine.allCases)
    func `That its gateway told before anything was captured of it is the payment that its owner puts`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            let nothing = ChargeNews(
                charges: ["ch_p1"], customer: nil, captured: Brought.rupees(0), takenAt: Fixtures.now)
            try await scene.tell(.charge(nothing))
            #expect(try await scene.putPayment("p1", captured: 0) == .updated)
            let party = try await scene.operations.retrieveParty(Brought.reference("c1"), of: Fixtures.organization.id)
            #expect(try await scene.payment("p1").party == party.id)
        }
    }

    @Test(arguments: Engine.allCases, [false, true])
    func `Under a second identifier is the same payment where the two agree, else refused`(
        engine: Engine, updates: Bool
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            #expect(try await scene.putPayment("p1", updates: updates) == .created)
            #expect(try await scene.putPayment("p2", updates: updates) == .unchanged)
            let payment = try await scene.payment("p1")
            #expect(try await scene.payment("p2") == payment)
            let more = await scene.owner { () async throws(Failure) in
                try await scene.putPayment("p3", captured: 10_001, updates: updates)
            }
            let others = await scene.owner { () async throws(Failure) in
                try await scene.putPayment("p3", party: "c2", updates: updates)
            }
            #expect(more == payment.id && others == payment.id)
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Put at once by two nodes is one payment`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            let other = ServiceNode(store: scene.node.store, clock: scene.node.clock, gateway: scene.gateway)
            async let first = scene.putPayment("p1")
            async let second = scene.putPayment("p2", on: other)
            let results = try await [first, second]
            #expect(Set(results) == [.created, .unchanged])
            #expect(try await scene.payment("p1") == scene.payment("p2"))
            #expect(try await scene.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of two payments here, by one reference each, is told to a person and makes no third`(
        engine: Engine
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            _ = try await scene.putPayment("p1")
            _ = try await scene.putPayment("p2", charge: "pi_p1", captured: 5_000)
            try await scene.tell(charge("ch_p1", "pi_p1"))
            let verification = try await scene.operations.verify()
            #expect(verification.exceptions.map(\.kind) == [.unmatched])
            #expect(verification.exceptions.map(\.origin?.reference) == ["ch_p1"])
            #expect(verification.unsettledNotices == [])
            await #expect(throws: Failure.self) { try await scene.payment("ch_p1", in: Self.gateway) }
        }
    }

    /// The answer to a refund of one named both references, and yet the other made a second payment of the charge.
    @Test(arguments: Engine.allCases)
    func `Is known by each reference that the answer to its refund names`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            _ = try await scene.putPayment("p1", charge: "ch_p1")
            let payment = try await scene.payment("p1")
            scene.gateway.nameCharges("ch_p1", "pi_p1")
            _ = try await scene.operations.refund(.of(.payment(payment), "100.00"))
            let owner = await scene.owner { () async throws(Failure) in
                try await scene.putPayment("p2", charge: "pi_p1", party: "c2")
            }
            #expect(owner == payment.id)
            #expect(try await scene.putPayment("p2", charge: "pi_p1") == .unchanged, "where they agree")
            #expect(try await scene.operations.verify().exceptions.isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of two payments here is told to a person as the answer to a refund names it`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            _ = try await scene.putPayment("p1", charge: "ch_p1")
            _ = try await scene.putPayment("p2", charge: "pi_p1", party: "c2")
            scene.gateway.nameCharges("ch_p1", "pi_p1")
            _ = try await scene.operations.refund(.of(.payment(try await scene.payment("p1")), "100.00"))
            let exceptions = try await scene.operations.verify().exceptions
            #expect(exceptions.map(\.kind) == [.unmatched])
            #expect(exceptions.map(\.payment) == [try await scene.payment("p2").id])
        }
    }

    /// Refundable is the greater of the two, and nobody was told that the charge may not have it.
    @Test(arguments: Engine.allCases, [false, true])
    func `Of which its owner tells more than its gateway is told to a person until the two agree`(
        engine: Engine, isToldFirst: Bool
    ) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            func tell(_ captured: Int64) async throws {
                let news = ChargeNews(
                    charges: ["ch_p1"], customer: nil, captured: Brought.rupees(captured), takenAt: Fixtures.now)
                try await scene.tell(.charge(news))
            }
            if isToldFirst { try await tell(4_000) }
            _ = try await scene.putPayment("p1", captured: 10_000)
            if !isToldFirst { try await tell(4_000) }
            let payment = try await scene.payment("p1")
            #expect(payment.balance.captured == 10_000, "the greater of the two")
            let exceptions = try await scene.operations.verify().exceptions
            #expect(exceptions.map(\.kind) == [.capturedDiffers])
            #expect(exceptions.map(\.payment) == [payment.id])
            try await tell(10_000)
            let verification = try await scene.operations.verify()
            #expect(verification.exceptions.isEmpty && verification.breaches == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Is known by the reference that its gateway told since`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            _ = try await scene.putPayment("p1")
            try await scene.tell(charge("ch_p1", "pi_p1"))
            #expect(try await scene.putPayment("p2", charge: "pi_p1") == .unchanged)
            #expect(try await scene.payment("p1") == scene.payment("p2"))
        }
    }

    @Test(arguments: Engine.allCases)
    func `Put by the identifier that is shown, or by the gateway's, is that payment`(engine: Engine) async throws {
        try await withTellingGateway(engine) { scene in
            try await scene.putParties()
            try await scene.tell(charge("ch_p1"))
            let payment = try await scene.payment("ch_p1", in: Self.gateway)
            for id in [payment.id.description, "\(Self.gateway.text):ch_p1"] {
                let result = try await scene.putPayment(id)
                #expect(result != .created)
            }
            let aliases = try await scene.node.store.read { session in
                try session.externalIDs(of: [payment.id.value], in: .native, of: Fixtures.organization.id)
            }
            #expect(aliases[payment.id.value] == nil, "no other record is to be taken for it")
        }
    }
}
