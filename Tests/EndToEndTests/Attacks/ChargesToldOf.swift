import Foundation
import GatewayStandIns
import Testing

/// Stripe tells of a charge before the shop does.
@Suite struct `A charge that Stripe tells of first` {
    /// How the shop brings the payment in, and by which name of its charge.
    private struct Arrival: Sendable {
        let name: String
        let isLoaded: Bool
        let prefix: String
    }

    private static let arrivals = [
        Arrival(name: "500", isLoaded: false, prefix: "ch"), Arrival(name: "501", isLoaded: false, prefix: "pi"),
        Arrival(name: "502", isLoaded: true, prefix: "ch"), Arrival(name: "503", isLoaded: true, prefix: "pi"),
    ]

    @Test(arguments: DatabaseKind.allCases)
    func `is not given back again where its dashboard has done so before its payment is put or loaded`(
        kind: DatabaseKind
    ) async throws {
        try await withShop(kind) { shop in
            for arrival in Self.arrivals {
                let purse = Purse(name: arrival.name, captured: 100_00)
                shop.book.charge(arrival.name, 100_00)
                let desk = try #require(shop.book.refundAtDesk(purse.charge, 30_00))
                let told = try await shop.tell(
                    "evt_\(arrival.name)", "refund.created", shop.book.told(refund: desk))
                #expect(told.status == 200, "\(told)")
                try await bring(purse, arrival, shop)

                #expect(try await shop.remaining(purse) == "70.00", "it counts at once")
                for road in [Road.native, .payments, .billing] {
                    #expect(try await !shop.ask(road, purse, 70_01).isAccepted, "\(road)")
                }
                #expect(try await shop.ask(.native, purse, 70_00).isAccepted)
                #expect(try await !shop.ask(.payments, purse, 1).isAccepted)
                _ = try await patiently {
                    shop.book.left(purse.charge)
                } until: {
                    $0 >= 100_00
                }
                #expect(shop.book.left(purse.charge) == 100_00)
            }
        }
    }

    private func bring(_ purse: Purse, _ arrival: Arrival, _ shop: Shop) async throws {
        let name = purse.name
        try await shop.put("parties/C-\(name)", #"{"name": "Customer"}"#)
        let body = """
            "party": "native:C-\(name)", "mode": "credit_card", "gateway": "main", "currency": "INR",
            "charge_reference": "\(arrival.prefix)_\(name)", "captured": "100.00", "received_on": "2026-01-10"
            """
        let identifiers = #""zoho_payments": "901\#(name)", "zoho_billing": "902\#(name)""#
        guard arrival.isLoaded else {
            return try await shop.put("payments/P-\(name)", #"{\#(body), "external_ids": {\#(identifiers)}}"#)
        }
        let loaded = try await shop.load(
            #"{"payments": [{\#(body), "external_ids": {"native": "P-\#(name)", \#(identifiers)}}]}"#)
        #expect(loaded.status == 0, "\(loaded.errors)")
    }

    @Test(arguments: DatabaseKind.allCases)
    func `is one payment, by whichever of its names the shop puts or loads it again`(kind: DatabaseKind) async throws {
        try await withShop(kind) { shop in
            let purse = Purse(name: "510", captured: 100_00)
            shop.book.charge("510", 100_00)
            let told = try await shop.tell("evt_510", "charge.succeeded", shop.book.told(charge: purse.charge))
            #expect(told.status == 200, "\(told)")
            let payments = "/refundry/v1/payments"
            let byStripe = try await patiently {
                try await shop.caller().get("\(payments)/gateway.main:ch_510", shop.bearer)
            } until: {
                $0.status == 200
            }
            #expect(byStripe.text("captured") == "100.00", "\(byStripe.body)")
            try await shop.put("parties/C-510", #"{"name": "Customer"}"#)
            try await shop.put("parties/C-511", #"{"name": "Somebody else"}"#)

            let first = try await shop.caller().put("\(payments)/P-510", shop.bearer, Self.body(purse, "ch_510"))
            #expect([200, 201].contains(first.status), "\(first.body)")
            for reference in ["ch_510", "pi_510"] {
                let other = Self.body(Purse(name: "511", captured: 90_00), reference)
                let twin = try await shop.caller().put("\(payments)/P-511", shop.bearer, other)
                #expect(twin.status == 409 && twin.body.contains("charge_of_another_payment"), "\(twin.body)")
                let loaded = try await shop.load(
                    #"{"payments": [\#(Self.entry("P-512", "ch_512")), \#(Self.entry("P-511", reference))]}"#)
                #expect(loaded.status != 0 && loaded.errors.contains("payments[1]"), "\(loaded.errors)")
            }
            #expect(try await shop.payment(purse).text("id") == byStripe.text("id"))
            try await expectGivenBackOnce(purse, shop)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `or nobody has told of is no second payment of a file, nor of two calls at once`(
        kind: DatabaseKind
    ) async throws {
        try await withShop(kind) { shop in
            let purse = Purse(name: "520", captured: 100_00)
            shop.book.charge("520", 100_00)
            for name in ["510", "520", "521"] { try await shop.put("parties/C-\(name)", #"{"name": "Customer"}"#) }
            let loaded = try await shop.load(
                #"{"payments": [\#(Self.entry("P-520", "ch_520")), \#(Self.entry("P-521", "ch_520", "90.00"))]}"#)
            #expect(loaded.status != 0 && loaded.errors.contains("payments[1]"), "\(loaded.errors)")

            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for name in ["520", "521"] {
                    group.addTask {
                        try await shop.caller().put(
                            "/refundry/v1/payments/P-\(name)", shop.bearer,
                            Self.body(Purse(name: name, captured: 100_00), "ch_520")
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
            #expect(statuses == [201, 409])
            let winner = try await shop.payment(purse).status == 200 ? purse : Purse(name: "521", captured: 100_00)
            #expect(try await shop.ask(.native, winner, 100_00).isAccepted)
            #expect(try await !shop.ask(.native, winner, 1).isAccepted)
            _ = try await patiently {
                shop.book.left(purse.charge)
            } until: {
                $0 >= 100_00
            }
            #expect(shop.book.left(purse.charge) == 100_00)
        }
    }

    private func expectGivenBackOnce(_ purse: Purse, _ shop: Shop) async throws {
        #expect(try await shop.ask(.native, purse, 100_00).isAccepted)
        for name in ["P-510", "gateway.main:ch_510", "gateway.main:pi_510", "P-511"] {
            let body = #"{"payment": "\#(name.contains(":") ? name : "native:" + name)", "amount": "1.00"}"#
            let more = try await shop.caller().post("/refundry/v1/refunds", shop.bearer, body)
            #expect(!more.isAccepted, "\(name): \(more.body)")
        }
        _ = try await patiently {
            shop.book.left(purse.charge)
        } until: {
            $0 >= 100_00
        }
        #expect(shop.book.left(purse.charge) == 100_00)
    }

    private static func body(_ purse: Purse, _ reference: String) -> String {
        """
        {"party": "native:C-\(purse.name)", "mode": "credit_card", "gateway": "main", "currency": "INR",
         "charge_reference": "\(reference)", "captured": "\(major(purse.captured))", "received_on": "2026-01-10"}
        """
    }

    private static func entry(_ name: String, _ reference: String, _ captured: String = "100.00") -> String {
        """
        {"external_ids": {"native": "\(name)"}, "party": "native:C-510", "mode": "credit_card", "gateway": "main",
         "charge_reference": "\(reference)", "currency": "INR", "captured": "\(captured)", "received_on": "2026-02-11"}
        """
    }
}

extension Shop {
    /// Loads a file beside the servers.
    func load(_ records: String) async throws -> Program.Finished {
        let file = "\(folder)/records.json"
        try records.write(toFile: file, atomically: true, encoding: .utf8)
        return try await run(["load"], ["--organization", account.organization, file])
    }
}
