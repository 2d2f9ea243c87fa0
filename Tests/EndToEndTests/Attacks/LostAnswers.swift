import GatewayStandIns
import Testing

/// Stripe gives money back, and the program does not hear it.
@Suite struct `A refund whose answer is lost` {
    /// How Stripe refuses the same call when it comes again; whether an operator is told at once.
    private static let refusals: [(refusal: StripeStandIn.Fault, isTold: Bool)] = [
        (.turnedAway(status: 400, type: "invalid_request_error", code: "account_restricted"), true),
        (.turnedAway(status: 400, type: "idempotency_error", code: nil), true),
        (.keyInUse, false), (.tooManyCalls, false), (.turnedAway(status: 500, type: "api_error", code: nil), false),
    ]

    @Test(arguments: DatabaseKind.allCases)
    func `never fails and is never paid again, however Stripe refuses to repeat it`(kind: DatabaseKind) async throws {
        try await withShop(kind) { shop in
            shop.stripe.hideRefunds()
            var lost: [(purse: Purse, refund: String)] = []
            for (number, (refusal, isTold)) in Self.refusals.enumerated() {
                let purse = try await shop.open("10\(number)")
                shop.stripe.plan(for: purse.charge, .answerLost, then: refusal)
                let refund = try await shop.ask(.native, purse, 100_00, key: "lost-\(number)").text("id")
                try await shop.expect(refund, toBe: "unknown")
                try await shop.check(refund)
                try await shop.untilRepeated(purse)
                if isTold {
                    #expect(try await shop.exceptions("refund=\(refund)").contains("outcome_unknown"))
                }
                lost.append((purse, refund))
            }
            for (purse, refund) in lost { try await expectHeld(refund, purse, shop) }
            let told = try await shop.expectSound()
            #expect(told.contains("2 open of kind outcome_unknown"), "\(told)")

            shop.stripe.hideRefunds(false)
            for (purse, refund) in lost {
                shop.stripe.plan(for: purse.charge)
                try await shop.checkUntilSucceeded(refund)
                #expect(try await !shop.states(of: refund).contains("failed"))
                #expect(shop.book.refunds(of: purse.charge).map(\.amount) == [100_00])
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `because Stripe took longer than the program waits is made once`(kind: DatabaseKind) async throws {
        try await withShop(kind) { shop in
            let (purse, gate) = (try await shop.open("200"), Gate())
            defer { gate.open() }
            shop.stripe.plan(for: purse.charge, .held(gate))
            let refund = try await shop.ask(.payments, purse, 100_00, key: "late").text("refund", "refund_id")
            try await shop.expect(refund, toBe: "unknown")
            #expect(shop.book.left(purse.charge) == 0)
            try await shop.check(refund)
            _ = try await patiently {
                shop.submissions(of: purse.charge)
            } until: {
                $0 == 2
            }
            #expect(try await !shop.ask(.billingNote, purse, 1).isAccepted)
            gate.open()
            try await shop.checkUntilSucceeded(refund)
            #expect(shop.book.refunds(of: purse.charge).map(\.amount) == [100_00])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `does not hide what the dashboard gives back meanwhile, nor lets it leave by hand too`(
        kind: DatabaseKind
    ) async throws {
        try await withShop(kind) { shop in
            let (purse, gate) = (try await shop.open("250"), Gate())
            defer { gate.open() }
            shop.stripe.plan(for: purse.charge, .held(gate))
            let refund = try await shop.ask(.native, purse, 40_00, key: "hanging").text("id")
            let desk = try #require(shop.book.refundAtDesk(purse.charge, 60_00))
            #expect(try await shop.tell("evt_250", "refund.created", shop.book.told(refund: desk)).status == 200)
            let rest = try await patiently {
                try await shop.remaining(purse)
            } until: {
                $0 == "0.00"
            }
            #expect(rest == "0.00")
            for road in [Road.cash, .native, .billingNote] {
                #expect(try await !shop.ask(road, purse, 60_00).isAccepted, "\(road)")
            }
            gate.open()
            try await shop.expect(refund, toBe: "succeeded")
            #expect(shop.book.refunds(of: purse.charge).map(\.amount) == [60_00, 40_00])
        }
    }

    /// What Stripe says of the refund that it made, in place of the truth.
    private static let lies: [[String: any Sendable]] = [
        ["currency": "usd"], ["currency": "jpy"], ["amount": 1], ["amount": 100_01], ["amount": -100_00],
        ["amount": Int64.max],
    ]

    @Test(arguments: DatabaseKind.allCases)
    func `in another amount or currency never succeeds by it, and is never paid again`(
        kind: DatabaseKind
    ) async throws {
        try await withShop(kind) { shop in
            for (number, lie) in Self.lies.enumerated() {
                let purse = try await shop.open("30\(number)")
                shop.stripe.plan(for: purse.charge, .toldOtherwise(lie))
                let refund = try await shop.ask(.native, purse, 100_00, key: "lie-\(number)").text("id")
                try await shop.expect(refund, toBe: "unknown")
                try await shop.check(refund)
                try await shop.untilRepeated(purse)
                try await expectHeld(refund, purse, shop)

                let resolved = try await patiently {
                    try await shop.run(
                        ["refund", "resolve"],
                        [
                            "--organization", shop.account.organization, "--state", "succeeded", "--person", "Ana",
                            "--reason", "seen in the dashboard", "--evidence", "the dashboard", refund,
                        ])
                } until: {
                    $0.status == 0
                }
                #expect(resolved.status == 0, "\(resolved.errors)")
                #expect(try await shop.remaining(purse) == "0.00")
                #expect(shop.book.refunds(of: purse.charge).count == 1)
            }
        }
    }

    /// The whole is still promised: no more of it can be asked for, and the same key means the same refund.
    private func expectHeld(_ refund: String, _ purse: Purse, _ shop: Shop) async throws {
        #expect(try await shop.state(of: refund) == "unknown")
        let payment = try await shop.payment(purse)
        #expect(payment.text("reserved") == "100.00" && payment.text("remaining") == "0.00", "\(payment.body)")
        for road in [Road.native, .payments, .billing, .nativeNote, .billingNote, .zuora, .cash] {
            let refused = try await shop.ask(road, purse, 100_00)
            #expect(!refused.isAccepted, "\(road): \(refused.body)")
        }
        #expect(shop.book.refunds(of: purse.charge).count == 1)
    }
}
