import HTTPTypes
import RefundDomain
import RefundService
import Testing

@testable import RefundHTTP

/// What no exchange can bring about: answers to failures of ours, and to bodies that do not arrive.
@Suite struct `Rare failures` {
    private static let call = Call(method: .post, path: "/", requestID: "00000000-0000-4000-8000-00000000000a")

    @Test(
        arguments: [
            (.native, .unavailable, 503, #""code":"unavailable""#), (.native, .bug, 500, #""code":"internal_error""#),
            (.native, .conflict("number"), 409, #""code":"conflict""#),
            (.native, .sendingOff, 503, #""code":"sending_off""#), (.books, .sendingOff, 503, "until an operator"),
            (.billing, .sendingOff, 503, "until an operator"), (.payments, .sendingOff, 503, "until an operator"),
            (.zuora, .sendingOff, 503, "until an operator"), (.accounts, .sendingOff, 503, "server_error"),
            (.books, .unavailable, 503, #""code":1000,"#), (.books, .bug, 500, #""code":1000,"#),
            (.books, .conflict("number"), 409, #""code":2,"#),
            (.billing, .unavailable, 503, #""code":1000,"#), (.billing, .bug, 500, #""code":1000,"#),
            (.billing, .conflict("number"), 409, #""code":2,"#),
            (.payments, .unavailable, 503, #""code":"error""#), (.payments, .bug, 500, #""code":"error""#),
            (.payments, .conflict("number"), 409, #""code":"invalid_request""#),
            (.zuora, .unavailable, 503, #""code":50000061,"#), (.zuora, .bug, 500, #""code":50000060,"#),
            (.zuora, .conflict("number"), 200, #""code":60010030,"#),
            (.accounts, .unavailable, 503, #""error":"server_error""#),
            (.accounts, .bug, 500, #""error":"server_error""#),
            (.oauth, .unavailable, 503, #""code":90000061,"#), (.oauth, .bug, 500, #""code":90000060,"#),
        ] as [(Spoken, Failure, Int, String)])
    func `of ours are told in the words of each dialect`(
        spoken: Spoken, failure: Failure, status: Int, words: String
    ) async throws {
        try await expect(status, words) { dialects in try #require(dialects[spoken]).reply(to: failure, of: Self.call) }
    }

    @Test(
        arguments: [
            (.native, .bodyTooSlow, 408, #""code":"body_too_slow""#), (.native, .bug, 500, #""code":"internal_error""#),
            (.books, .bodyTooSlow, 408, #""code":2,"#), (.books, .bug, 500, #""code":1000,"#),
            (.billing, .bodyTooSlow, 408, #""code":2,"#), (.billing, .bug, 500, #""code":1000,"#),
            (.payments, .bodyTooSlow, 408, #""code":"invalid_request""#), (.payments, .bug, 500, #""code":"error""#),
            (.zuora, .bodyTooSlow, 408, #""code":60010090,"#), (.zuora, .bug, 500, #""code":50000060,"#),
            (.accounts, .bodyTooSlow, 408, #""error":"server_error""#),
            (.oauth, .bodyTooSlow, 408, #""code":90000090,"#),
        ] as [(Spoken, TransportProblem, Int, String)])
    func `of transport are told in the words of each dialect`(
        spoken: Spoken, problem: TransportProblem, status: Int, words: String
    ) async throws {
        try await expect(status, words) { dialects in try #require(dialects[spoken]).reply(to: problem, of: Self.call) }
    }

    /// Nobody can put such a note any more; a database may hold one since before.
    @Test(
        arguments: [
            (.native, 422, #""code":"payment_"#), (.books, 400, #""code":2,"#), (.billing, 400, #""code":2,"#),
            (.payments, 400, #""code":"invalid_request""#), (.zuora, 200, #""code":60010030,"#),
        ] as [(Spoken, Int, String)])
    func `to give back through a payment that is not the note's are told in the words of each dialect`(
        spoken: Spoken, status: Int, words: String
    ) async throws {
        try await expect(status, words) { dialects in
            try #require(dialects[spoken]).reply(to: .refund(.paymentBehindNoteMismatched), of: Self.call)
        }
    }

    @Test(
        arguments: [
            (.native, 422, #""code":"method_of_another_gateway""#), (.books, 400, #""code":2,"#),
            (.billing, 400, #""code":2,"#), (.payments, 400, #""code":"invalid_request""#),
            (.zuora, 200, #""code":60010730,"#),
        ] as [(Spoken, Int, String)])
    func `to pay out through a gateway that does not know the method are told in the words of each dialect`(
        spoken: Spoken, status: Int, words: String
    ) async throws {
        try await expect(status, words) { dialects in
            try #require(dialects[spoken]).reply(to: .refund(.methodOfAnotherGateway), of: Self.call)
        }
    }

    /// Zuora's callers repeat what is told as contention.
    @Test(
        arguments: [
            (.native, 409, #""refund":{"id":"7","number":"R-00000009"}"#), (.native, 409, #""code":"duplicate_open""#),
            (.books, 409, #""code":2,"#), (.billing, 409, #""code":2,"#),
            (.payments, 409, #""code":"refund_cannot_be_initiated""#), (.zuora, 200, #""code":60010030,"#),
        ] as [(Spoken, Int, String)])
    func `to repeat what is open are told in the words of each dialect`(
        spoken: Spoken, status: Int, words: String
    ) async throws {
        try await expect(status, words) { dialects in
            try #require(dialects[spoken]).reply(
                to: .refund(.duplicateOpen(RefundID(7), RefundNumber(9))), of: Self.call)
        }
    }

    private func expect(
        _ status: Int, _ words: String, _ reply: ([Spoken: any Dialect]) throws -> Reply
    ) async throws {
        try await withOperations { operations in
            let answer = try reply([
                .native: Native(operations: operations), .books: ZohoBooks(operations: operations),
                .billing: ZohoBilling(operations: operations), .payments: ZohoPayments(operations: operations),
                .zuora: Zuora(operations: operations), .oauth: ZuoraOAuth(operations: operations),
                .accounts: ZohoAccounts(operations: operations),
            ])
            #expect(answer.status.code == status)
            #expect(answer.headers[.contentType] == "application/json;charset=UTF-8")
            #expect(String(decoding: answer.body, as: UTF8.self).contains(words))
        }
    }
}

enum Spoken {
    case native, books, billing, payments, zuora, accounts, oauth
}
