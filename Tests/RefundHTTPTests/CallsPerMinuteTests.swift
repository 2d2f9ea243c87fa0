import HTTPTypes
import RefundDomain
import RefundService
import Testing

@testable import RefundHTTP

@Suite struct `Calls per minute` {
    @Test func `are counted for each organization, up to their number`() {
        let calls = CallsPerMinute()
        let quotas = (0..<3).map { _ in calls.count(for: OrganizationID(1), atMost: 2) }
        #expect(quotas.map(\.isLeft) == [true, true, false])
        #expect(quotas.map(\.remaining) == [1, 0, 0])
        #expect(quotas.allSatisfy { (1...60).contains($0.resetSeconds) })
        #expect(calls.count(for: OrganizationID(2), atMost: 2).remaining == 1)
        #expect(calls.count(for: OrganizationID(1), atMost: 3).isLeft)
        #expect(!calls.count(for: OrganizationID(3), atMost: 0).isLeft)
    }

    @Test func `of an account of Payments are refused beyond their number, for as long as the minute lasts`()
        async throws
    {
        try await withOperations(settings: ["zoho_payments.refund_calls_per_minute": "1"]) { operations in
            let handler = ZohoPayments.CallRate(operations: operations).bounding { (_, _) throws(Failure) in
                Reply(status: .ok)
            }
            let call = Call(method: .get, path: "/", requestID: "00000000-0000-4000-8000-000000000001")
            var replies: [Reply] = []
            for organization in [1, 1, 2, 2] as [Int64] {
                let caller = Caller(
                    organization: OrganizationID(organization), client: ClientID(1), scopes: ScopeSet([]))
                replies.append(try await handler(call, caller))
            }
            #expect(replies.map(\.status.code) == [200, 429, 200, 200])
            let wait = replies[1].headers[.retryAfter].flatMap { Int($0) } ?? 0
            #expect((1...60).contains(wait))
        }
    }
}
