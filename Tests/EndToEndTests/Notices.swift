import RefundDomain
import RefundGateways
import Testing

/// Notices that a gateway sends over a real socket.
@Suite struct `A gateway that sends notices` {
    @Test(arguments: DatabaseKind.allCases)
    func `Brings in a refund made at its desk, once, in whatever order and number`(kind: DatabaseKind) async throws {
        try await withDatabase(kind) { database in
            let server = try await RunningServer(["--demo"] + database.options)
            let caller = Caller(origin: server.origin)
            let asked = try await caller.post(
                "/api/v1/payments/731000001449100/refunds?account_id=23137556",
                [("authorization", "Zoho-oauthtoken \(Caller.token)")],
                #"{"amount": 10, "type": "initiated_by_merchant", "reason": "duplicate"}"#)
            #expect(asked.status == 201 || asked.status == 200, "\(asked.body)")
            for amount in ["25.00", "5.00"] {
                let made = try await Program.run(
                    ["simulator", "refund"] + database.options
                        + [
                            "--organization", "23137556", "--charge", "charge-9", "--amount", amount, "--currency",
                            "INR",
                        ])
                #expect(made.status == 0, "\(made.errors)")
            }
            let refused = try await Program.run(
                ["simulator", "notices"] + database.options + ["--to", server.origin, "--secret", "another"])
            #expect(refused.status == 69)
            let sent = try await Program.run(
                ["simulator", "notices"] + database.options
                    + ["--to", server.origin, "--copies", "3", "--reversed"])
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(sent.output.split(separator: "\n").count == 9)

            let payment = try await caller.eventually(
                "/refundry/v1/payments/zoho_payments:731000001449100", { $0.text("refunded") == "40.00" })
            #expect(payment.text("remaining") == "60.00", "\(payment.body)")
            await server.stop()
            let verified = try await database.verify()
            #expect(verified.status == 0)
            #expect(verified.output.split(separator: "\n").filter { $0.contains("not asked for here") }.count == 2)
        }
    }
}

extension Caller {
    /// Asks until the answer is as told, for twenty seconds; then the last answer.
    func eventually(_ path: String, _ isAsTold: (Answer) -> Bool) async throws -> Answer {
        for _ in 0..<100 {
            let answer = try await get(path, [("authorization", "Bearer \(Caller.token)")])
            if isAsTold(answer) { return answer }
            try await Task.sleep(for: .milliseconds(200))
        }
        return try await get(path, [("authorization", "Bearer \(Caller.token)")])
    }
}
