import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// localstripe, a stand-in for Stripe that others wrote: one server for all tests of a process.
package actor Localstripe {
    package static let shared = Localstripe()

    /// It waits longer than any test takes, and is never shut down.
    private static let client = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(timeout: HTTPClient.Configuration.Timeout(connect: .hours(1))))

    private var started: Task<PythonScript.Serving, any Error>?

    package struct Answer: Sendable {
        package let status: Int
        package let body: String

        func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: Data(body.utf8))
        }
    }

    package struct Object: Decodable, Sendable {
        package let id: String
    }

    package struct Refund: Decodable, Sendable {
        package let id: String
        package let amount: Int64
        package let currency: String
        package let status: String
        package let created: Int64
        package let metadata: [String: String]
        package let balanceTransaction: String?

        enum CodingKeys: String, CodingKey {
            case id, amount, currency, status, created, metadata
            case balanceTransaction = "balance_transaction"
        }
    }

    struct Charge: Decodable, Sendable {
        let amount: Int64
        let amountRefunded: Int64

        enum CodingKeys: String, CodingKey {
            case amount
            case amountRefunded = "amount_refunded"
        }
    }

    package struct Intent: Decodable, Sendable {
        package let id: String
        package let latestCharge: Object

        enum CodingKeys: String, CodingKey {
            case id
            case latestCharge = "latest_charge"
        }
    }

    private struct List<Element: Decodable>: Decodable {
        let data: [Element]
    }

    /// Passes a call on; a body is a form.
    package func send(_ method: String, _ path: String, body: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: try await address() + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers = ["Authorization": "Bearer sk_test_12345"]
        if let body, !body.isEmpty {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await Self.client.execute(request, timeout: .hours(1))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return Answer(status: Int(response.status.code), body: String(buffer: bytes))
    }

    /// Takes money by card, and gives the charge's identifier.
    package func charge(_ amount: Int64, _ currency: String) async throws -> String {
        let card = try await card()
        let answer = try await send(
            "POST", "/v1/charges", body: "amount=\(amount)&currency=\(currency.lowercased())&source=\(card)")
        return try answer.decoded(Object.self).id
    }

    /// Takes money by card as integrations do today, and gives the payment intent and its charge.
    package func intent(_ amount: Int64, _ currency: String) async throws -> Intent {
        let card = try await card()
        return try await send(
            "POST", "/v1/payment_intents",
            body: "amount=\(amount)&currency=\(currency.lowercased())&payment_method=\(card)&confirm=true"
        ).decoded()
    }

    /// What was given back of a charge, in the order done.
    package func refunds(of charge: String) async throws -> [Refund] {
        let list: List<Refund> = try await send("GET", "/v1/refunds?charge=\(charge)&limit=1000").decoded()
        return list.data.sorted { $0.created < $1.created }
    }

    /// Gives money back as people do in Stripe's dashboard: nobody here asked for it.
    package func refundAtDesk(_ charge: String, _ amount: Int64) async throws -> String {
        try await send("POST", "/v1/refunds", body: "charge=\(charge)&amount=\(amount)").decoded(Object.self).id
    }

    private func card() async throws -> String {
        let form = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2050&card[cvc]=123"
        return try await send("POST", "/v1/payment_methods", body: form).decoded(Object.self).id
    }

    /// Where it listens.
    package func address() async throws -> String {
        let starting = started ?? Task { try await PythonScript.serve("localstripe_for_tests.py") }
        started = starting
        return "http://127.0.0.1:\(try await starting.value.port)"
    }
}
