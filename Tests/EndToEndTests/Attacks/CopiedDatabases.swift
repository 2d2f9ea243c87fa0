import Foundation
import GatewayStandIns
import Testing

/// Somebody starts the program on a copy of the shop's file, while Stripe knows more than the copy.
@Suite struct `A copied file` {
    /// Roads by which nothing is accepted.
    private static let roads: [Road] = [.native, .payments, .billing, .billingNote, .zuora, .cash]

    @Test func `that was restored sends and accepts nothing until it is compared with Stripe`() async throws {
        try await withShop(.sqlite) { shop in
            let purse = try await shop.open("950")
            #expect(try await shop.ask(.native, purse, 30_00, key: "before").isAccepted)
            shop.stripe.failAll(.turnedAway(status: 401, type: "invalid_request_error", code: nil))
            let waiting = try await shop.ask(.native, purse, 10_00, key: "waiting").text("id")
            try await shop.expect(waiting, toBe: "approved")
            let backup = try await Program.run(
                "backup", "--database", shop.database.url, "--to", "\(shop.folder)/backup")
            #expect(backup.status == 0, "\(backup.errors)")
            shop.stripe.failAll(nil)
            try await shop.checkUntilSucceeded(waiting)
            let lost = try await shop.ask(.payments, purse, 40_00, key: "after").text("refund", "refund_id")
            try await shop.expect(lost, toBe: "succeeded")
            #expect(shop.book.left(purse.charge) == 80_00)
            await shop.stop()

            let restored = "sqlite:\(shop.folder)/restored.sqlite"
            let made = try await Program.run("restore", "\(shop.folder)/backup", "--database", restored)
            #expect(made.status == 0, "\(made.errors)")
            try await expectOff(restored, purse, shop)
            try await expectCompared(restored, purse, waiting, shop)
        }
    }

    private func expectOff(_ restored: String, _ purse: Purse, _ shop: Shop) async throws {
        let calls = shop.http.calls.count
        let options = ["--database", restored, "--key-file", "\(shop.folder)/keys"]
        try await shop.start(options)
        #expect(try await shop.caller().get("/health/ready").text("sending") == "off")
        for road in Self.roads {
            #expect(try await !shop.ask(road, purse, 1_00, key: "off-\(road)").isAccepted, "\(road)")
        }
        // Without the key to Stripe's key nothing can be compared, and nothing is let go.
        let blind = try await Program.run("resume", "--database", restored)
        #expect(blind.status != 0, "\(blind.output)")
        #expect(try await shop.caller().get("/health/ready").text("sending") == "off")
        #expect(shop.http.calls.count == calls)
    }

    private func expectCompared(_ restored: String, _ purse: Purse, _ waiting: String, _ shop: Shop) async throws {
        let resumed = try await Program.run(
            ["resume", "--database", restored, "--key-file", "\(shop.folder)/keys"],
            environment: ["REFUNDRY_STRIPE_ADDRESS": shop.http.address])
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.output.contains("Sending is on"))
        #expect(try await shop.caller().get("/health/ready").text("sending") == "on")
        try await shop.checkUntilSucceeded(waiting)
        #expect(try await shop.remaining(purse) == "20.00")
        for road in Self.roads {
            #expect(try await !shop.ask(road, purse, 20_01).isAccepted, "\(road)")
        }
        #expect(try await shop.ask(.payments, purse, 20_00).isAccepted)
        _ = try await patiently {
            shop.book.left(purse.charge)
        } until: {
            $0 >= 100_00
        }
        #expect(shop.book.left(purse.charge) == 100_00)
        #expect(shop.book.refunds(of: purse.charge).map(\.amount) == [30_00, 10_00, 40_00, 20_00])
        let verified = try await Program.run("verify", "--database", restored)
        #expect(verified.status == 0, "\(verified.output)")
        #expect(verified.output.contains("out_of_band"), "\(verified.output)")
    }

    @Test func `with a key file that does not open its secrets sends nothing`() async throws {
        try await withShop(.sqlite) { shop in
            let purse = try await shop.open("960")
            shop.stripe.failAll(.turnedAway(status: 401, type: "invalid_request_error", code: nil))
            let waiting = try await shop.ask(.native, purse, 10_00, key: "waiting").text("id")
            try await shop.expect(waiting, toBe: "approved")
            await shop.stop()
            shop.stripe.failAll(nil)
            let calls = shop.http.calls.count
            let copy = "\(shop.folder)/copy.sqlite"
            let source = String(shop.database.url.dropFirst("sqlite:".count))
            for end in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: source + end) {
                try FileManager.default.copyItem(atPath: source + end, toPath: copy + end)
            }
            try await Program.run("gateway", "key", "another").output
                .write(toFile: "\(shop.folder)/other-keys", atomically: true, encoding: .utf8)
            try await shop.start(["--database", "sqlite:\(copy)", "--key-file", "\(shop.folder)/other-keys"])
            for road in Self.roads where road != .cash {
                #expect(try await !shop.ask(road, purse, 1_00).isAccepted, "\(road)")
            }
            let before = try await shop.states(of: waiting).count
            try await shop.check(waiting)
            let after = try await patiently {
                try await shop.states(of: waiting)
            } until: {
                $0.count > before && $0.last == "approved"
            }
            #expect(after.count > before && after.last == "approved", "it was tried in vain: \(after)")
            #expect(shop.http.calls.count == calls)
            #expect(shop.book.left(purse.charge) == 0)
        }
    }
}
