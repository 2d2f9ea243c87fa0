import GatewayStandIns
import Testing

/// Somebody clicks twice, by an API whose callers have no keys, while Stripe does not answer.
@Suite struct `A double click` {
    @Test(arguments: DatabaseKind.allCases)
    func `is one refund by every road, at whichever node it arrives`(kind: DatabaseKind) async throws {
        try await withShop(kind) { shop in
            if kind == .postgres { try await shop.start() }
            let gate = Gate()
            defer { gate.open() }
            shop.stripe.failAll(.held(gate))
            var purses: [(road: Road, purse: Purse)] = []
            for (number, road) in Road.throughStripe.enumerated() {
                purses.append((road, try await shop.open("70\(number)")))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (road, purse) in purses {
                    group.addTask { try await click(thrice: road, purse, shop) }
                }
                try await group.waitForAll()
            }
            gate.open()
            for (road, purse) in purses {
                _ = try await patiently {
                    try await shop.refunds(of: purse)
                } until: { refunds in
                    refunds.contains { $0["state"] as? String == "succeeded" }
                }
                #expect(try await shop.refunds(of: purse).count == 1, "\(road)")
                #expect(shop.book.refunds(of: purse.charge).map(\.amount) == [20_00], "\(road)")
            }
        }
    }

    /// Twice at once, and once more when the first is answered as under way.
    private func click(thrice road: Road, _ purse: Purse, _ shop: Shop) async throws {
        async let first = shop.ask(road, purse, 20_00, node: 0)
        async let second = shop.ask(road, purse, 20_00, node: 1)
        let answers = try await [first, second]
        #expect(answers.count { $0.isAccepted } == 1, "\(road): \(answers.map(\.body))")
        let third = try await shop.ask(road, purse, 20_00)
        #expect(!third.isAccepted, "\(road): \(third.body)")
    }
}
