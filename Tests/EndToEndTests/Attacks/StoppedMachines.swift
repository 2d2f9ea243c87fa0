import GatewayStandIns
import RefundTesting
import Testing

/// Something stops after a refund was accepted, while Stripe works on it.
@Suite struct `A refund under way` {
    /// A road whose answers are written for each call, and one whose answers are kept for a replay.
    private static let roads: [Road] = [.payments, .zuora]

    @Test func `is not made again for a caller whose database stopped meanwhile`() async throws {
        try await withShop(.postgres) { shop in
            let server = try #require(shop.database.server)
            for (number, road) in Self.roads.enumerated() {
                let (purse, gate) = (try await shop.open("80\(number)"), Gate())
                defer { gate.open() }
                shop.stripe.plan(for: purse.charge, .held(gate))
                async let asked = shop.ask(road, purse, 100_00, key: "stopped-\(number)")
                _ = try await patiently {
                    gate.arrivals
                } until: {
                    $0 == 1
                }
                try server.stop()
                _ = try await patiently {
                    try await shop.caller().get("/health/ready").status
                } until: {
                    $0 == 503
                }
                gate.open()
                let heard = try await asked
                #expect(heard.isAccepted, "\(road): \(heard.body)")
                try await server.start()

                // Whatever it heard, it may come again under its key: that is the same refund.
                let again = try await patiently {
                    try await shop.ask(road, purse, 100_00, key: "stopped-\(number)")
                } until: {
                    $0.isAccepted
                }
                #expect(again.isAccepted, "\(road): \(again.body)")
                try await expectOnce(purse, shop)
            }
            await shop.stop()
            try await shop.letLeasesRunOut()
            try await shop.start()
            for number in Self.roads.indices {
                let purse = Purse(name: "80\(number)", captured: 100_00)
                try await expectSucceeded(purse, shop)
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `is made once where the program was killed between the call and its answer`(kind: DatabaseKind) async throws {
        try await withShop(kind) { shop in
            let (gate, answered) = (Gate(), Gate())
            defer {
                gate.open()
                answered.open()
            }
            // Killed before Stripe does it, which then does it all the same; and killed after Stripe has done it.
            let (early, late) = (try await shop.open("820"), try await shop.open("821"))
            let faults = [(early, StripeStandIn.Fault.held(gate), gate), (late, .answerHeld(answered), answered)]
            var callers: [Task<Caller.Answer, any Error>] = []
            for (purse, fault, arrivals) in faults {
                shop.stripe.plan(for: purse.charge, fault)
                callers.append(Task { try await shop.ask(.payments, purse, 100_00, key: "killed-\(purse.name)") })
                _ = try await patiently {
                    arrivals.arrivals
                } until: {
                    $0 == 1
                }
            }
            await shop.kill9()
            for caller in callers { _ = await caller.result }
            gate.open()
            try await shop.letLeasesRunOut()
            try await shop.start()

            for purse in [early, late] {
                let again = try await shop.ask(.payments, purse, 100_00, key: "killed-\(purse.name)")
                #expect(again.isAccepted, "\(again.body)")
                #expect(try await !shop.ask(.native, purse, 1).isAccepted)
                try await expectSucceeded(purse, shop)
                try await expectOnce(purse, shop)
            }
        }
    }

    private func expectOnce(_ purse: Purse, _ shop: Shop) async throws {
        let refunds = try await shop.refunds(of: purse)
        #expect(refunds.count == 1, "\(refunds)")
        for road in [Road.native, .payments, .nativeNote, .cash] {
            #expect(try await !shop.ask(road, purse, 1).isAccepted, "\(road)")
        }
        _ = try await patiently {
            shop.book.left(purse.charge)
        } until: {
            $0 > 0
        }
        #expect(shop.book.refunds(of: purse.charge).map(\.amount) == [100_00])
    }

    private func expectSucceeded(_ purse: Purse, _ shop: Shop) async throws {
        let refund = try #require(try await shop.refunds(of: purse).first?["id"] as? String)
        try await shop.checkUntilSucceeded(refund)
        #expect(shop.book.refunds(of: purse.charge).map(\.amount) == [100_00])
        #expect(try await !shop.states(of: refund).contains("failed"))
    }
}
