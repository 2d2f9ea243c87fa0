import GatewayStandIns
import RefundDomain
import RefundGateways
import Testing

/// The payment of a customer and the note that it backs, asked back by every API and in every order.
@Suite struct `Two roads over sockets` {
    private static let ofNote: [Road] = [.cash, .otherCard, .nativeNote, .billingNote, .zuora]
    private static let ofPayment: [Road] = [.native, .payments, .billing]

    @Test(arguments: DatabaseKind.allCases)
    func `lead out no more than came in, whichever is taken first`(kind: DatabaseKind) async throws {
        try await withShop(kind, isSimulating: true) { shop in
            for (number, note) in Self.ofNote.enumerated() {
                // Each road of the note meets two of the payment's, one in each order.
                let first = [note, Self.ofPayment[number % 3]]
                for (name, roads) in [
                    ("61\(number)", first), ("62\(number)", [Self.ofPayment[(number + 1) % 3], note]),
                ] {
                    let purse = try await shop.open(name, note: 60_00)
                    try await shop.putOtherCard(of: purse)
                    // 60.00 by the first road leave 40.00 to the second: no more, and no less.
                    #expect(try await shop.ask(roads[0], purse, 60_00).isAccepted, "\(roads)")
                    #expect(try await !shop.ask(roads[1], purse, 40_01).isAccepted, "\(roads)")
                    #expect(try await shop.ask(roads[1], purse, 40_00).isAccepted, "\(roads)")
                    for road in Self.ofNote + Self.ofPayment {
                        #expect(try await !shop.ask(road, purse, 1).isAccepted, "\(roads), \(road)")
                    }
                    try await expectLeft(100_00, purse, shop)
                }
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `lead out no more than came in, where twenty callers take them at once`(kind: DatabaseKind) async throws {
        try await withShop(kind, isSimulating: true) { shop in
            if kind == .postgres { try await shop.start() }
            let purse = try await shop.open("690")
            try await shop.putOtherCard(of: purse)
            let roads = Self.ofNote + Self.ofPayment
            let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await shop.ask(roads[number % roads.count], purse, 15_00 + Int64(number), node: number)
                            .isAccepted
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            // One that had to wait too long on a busy machine may have been told to come again.
            #expect((1...6).contains(accepted), "\(accepted)")
            try await expectLeft(nil, purse, shop)
        }
    }

    /// So much left by charge, by card and by hand together, as the gateways' own books tell; at most all, where nil.
    private func expectLeft(_ amount: Int64?, _ purse: Purse, _ shop: Shop) async throws {
        let refunds = try await patiently {
            try await shop.refunds(of: purse)
        } until: { refunds in
            refunds.allSatisfy { $0["state"] as? String == "succeeded" }
        }
        #expect(refunds.allSatisfy { $0["state"] as? String == "succeeded" }, "\(refunds)")
        func sum(_ mode: (Any?) -> Bool) -> Int64 {
            refunds.filter { mode($0["mode"]) }
                .reduce(0) { $0 + (Int64(($1["amount"] as? String ?? "").replacing(".", with: "")) ?? 0) }
        }
        let byHand = sum { $0 is String }
        let ids = Set(refunds.compactMap { $0["id"] as? String })
        let byCard = try SimulatorBook.effects(inFile: shop.database.book)
            .filter { ids.contains("\($0.submission.refund)") }
            .reduce(0) { $0 + $1.submission.amount.minorUnits }
        let left = byHand + byCard + shop.book.left(purse.charge)
        #expect(left <= purse.captured)
        if let amount { #expect(left == amount) }
        #expect(left == sum { _ in true }, "what is done is what is promised")
    }
}
