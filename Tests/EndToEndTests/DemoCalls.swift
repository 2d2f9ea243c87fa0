import RefundStorage

/// Refunds of the demo's records, each under a key.
struct DemoCalls: Sendable {
    let caller: Caller

    init(_ server: RunningServer) {
        caller = Caller(origin: server.origin)
    }

    /// One paisa of the documents' payment.
    func refundPayment(key: String) async throws -> Caller.Answer { try await refund(caller, key: key) }

    /// A part of the documents' credit memo.
    func refundMemo(key: String) async throws -> Caller.Answer {
        try await caller.post(
            "/v1/credit-memos/4028905f5a890526015a8d73f73d0015/refund",
            [("Authorization", "Bearer \(Caller.token)"), ("Idempotency-Key", key)],
            #"{"type": "External", "totalAmount": 1, "methodType": "Cash", "refundDate": "2017-03-02"}"#)
    }

    /// A refund of the payment, read again.
    func retrieve(_ refund: String) async throws -> Caller.Answer {
        try await caller.get("/api/v1/refunds/\(refund)?account_id=23137556")
    }
}

/// All rows of a database that no server has open, by table, in an order that is the same in every engine.
func allRows(of store: any Store) async throws -> [String: [String]] {
    let rows = try await store.read { session in
        try MovedTable.all.map { table in
            (table.name, try session.rows(of: table, after: nil, limit: .max).map { "\($0.values)" }.sorted())
        }
    }
    await store.close()
    return Dictionary(uniqueKeysWithValues: rows)
}
