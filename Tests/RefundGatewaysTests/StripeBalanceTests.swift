import GatewayStandIns
import RefundDomain
import Testing

@testable import RefundGateways

/// What Stripe charges for refunds, by what moved the account's balance.
@Suite struct StripeFees {
    private let inquiry = GatewayInquiry(
        organization: OrganizationID(1), refund: RefundID(2), target: .charge("ch_1"), gatewayReference: "re_1")

    private func refund(_ movements: String) -> String {
        """
        {"id":"re_1","amount":710,"currency":"eur","charge":"ch_1","status":"failed",\(movements),
        "metadata":{"refundry_organization":"1","refundry_refund":"2"}}
        """
    }

    private func movement(_ id: String, amount: Int64 = -768, currency: String = "usd", fee: Int64) -> String {
        #"{"id":"\#(id)","amount":\#(amount),"currency":"\#(currency)","fee":\#(fee),"net":\#(amount - fee)}"#
    }

    /// What is found where Stripe answers so, by path, and what it was asked.
    private func found(_ answers: [String: (Int, String)]) async throws -> (fees: [GatewayFee]?, asked: [String]) {
        let server = try await HTTPStandIn.start { call in
            let (status, body) = answers[call.path] ?? (404, "{}")
            return .answer(status: status, body: body)
        }
        let finding = try await StripeBench.gateway(at: server.address).inquire(inquiry)
        guard case .found(let report) = finding else { return ([], []) }
        #expect(report.state == .failed(.unknown))
        return (report.fees, server.calls.map(\.path))
    }

    private static let path = "/v1/balance_transactions/"

    @Test func `They are told with a refund, in the currency of the balance, and those of its failure too`()
        async throws
    {
        let (fees, asked) = try await found([
            "/v1/refunds/re_1": (
                200, refund(#""balance_transaction":"txn_1","failure_balance_transaction":"txn_2""#)
            ),
            Self.path + "txn_1": (200, movement("txn_1", fee: 25)),
            Self.path + "txn_2": (200, movement("txn_2", amount: 768, fee: -25)),
        ])
        let usd = try #require(Currency("USD"))
        let expected = [("txn_1", 25), ("txn_2", -25)].map { reference, fee in
            GatewayFee(
                reference: reference, amount: Money(minorUnits: Int64(fee), currency: usd),
                settled: Money(minorUnits: 768, currency: usd))
        }
        #expect(fees == expected.compactMap(\.self))
        #expect(asked == ["/v1/refunds/re_1", Self.path + "txn_1", Self.path + "txn_2"])
    }

    @Test(arguments: [
        (200, #"{"id":"txn_1","amount":-768,"currency":"usd","fee":0}"#),
        (200, #"{"id":"txn_1","amount":0,"currency":"usd","fee":5}"#),
        (200, #"{"id":"txn_1","amount":-9223372036854775808,"currency":"usd","fee":5}"#),
        (200, #"{"id":"txn_1","amount":-768,"currency":"xyz","fee":5}"#),
        (200, #"{"id":"txn_1","amount":-768,"currency":"usd","fee":0.5}"#), (200, "<html>"),
        (403, #"{"error":{"type":"invalid_request_error","message":"The key may not."}}"#),
    ])
    func `Where there is none, or it cannot be read, the refund is told all the same`(
        status: Int, body: String
    ) async throws {
        let (fees, asked) = try await found([
            "/v1/refunds/re_1": (200, refund(#""balance_transaction":"txn_1""#)), Self.path + "txn_1": (status, body),
        ])
        #expect(fees == [])
        #expect(asked.count == 2)
    }

    @Test(arguments: [429, 500, 503])
    func `Where they cannot be asked for now, the refund is told without them, and they are still wanted`(
        status: Int
    ) async throws {
        let (fees, asked) = try await found([
            "/v1/refunds/re_1": (200, refund(#""balance_transaction":"txn_1""#)), Self.path + "txn_1": (status, "{}"),
        ])
        #expect(fees == nil)
        #expect(asked.count == 2)
    }

    @Test(arguments: [#""balance_transaction":null"#, #""failure_balance_transaction":"""#])
    func `Where the balance has not moved, nothing is asked`(movements: String) async throws {
        let (fees, asked) = try await found(["/v1/refunds/re_1": (200, refund(movements))])
        #expect(fees == [])
        #expect(asked == ["/v1/refunds/re_1"])
    }

    @Test func `They hold no submission up, and are still wanted then`() async throws {
        let made = refund(#""balance_transaction":"txn_1""#)
        let server = try await HTTPStandIn.start { _ in .answer(status: 200, body: made) }
        let submission = try Submission.sample(
            organization: 1, refund: 2, minorUnits: 710, currency: "EUR", target: .charge("ch_1"))
        let report = try await StripeBench.gateway(at: server.address).submit(submission)
        #expect(report.fees == nil)
        #expect(server.calls.map(\.path) == ["/v1/refunds"])
    }
}

/// At what rate Stripe exchanged a charge.
@Suite struct StripeExchanges {
    private static let eur10 = charge(1_000, "eur")

    private static func charge(_ amount: Int64, _ currency: String) -> String {
        """
        {"id":"ch_1","amount":\(amount),"amount_captured":\(amount),"captured":true,"amount_refunded":0,
        "currency":"\(currency)","created":1,"status":"succeeded","balance_transaction":"txn_1"}
        """
    }

    /// What is said of a charge where Stripe answers so.
    private func exchange(_ charge: String, _ movement: String) async throws -> Result<ChargeExchange?, GatewayError> {
        let server = try await HTTPStandIn.start { call in
            .answer(status: 200, body: call.path == "/v1/charges/ch_1" ? charge : movement)
        }
        let gateway = try StripeBench.gateway(at: server.address)
        do throws(GatewayError) {
            return .success(try await gateway.exchange(ofCharge: "ch_1"))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [
        (eur10, #"{"id":"txn_1","amount":1234,"currency":"usd","fee":30,"exchange_rate":1.234}"#, "USD", "1.234"),
        (
            eur10.replacing(#""amount_captured":1000"#, with: #""amount_captured":500"#),
            #"{"id":"txn_1","amount":617,"currency":"usd","fee":30,"exchange_rate":1.234}"#, "USD", "1.234"
        ),
        (eur10, #"{"id":"txn_1","amount":89825,"currency":"inr","fee":30,"exchange_rate":89.8247}"#, "INR", "89.8247"),
        (eur10, #"{"id":"txn_1","amount":1623,"currency":"jpy","fee":30,"exchange_rate":162.34}"#, "JPY", "162.34"),
        (
            charge(1_000, "jpy"), #"{"id":"txn_1","amount":616,"currency":"eur","fee":3,"exchange_rate":0.00616}"#,
            "EUR", "0.00616"
        ),
    ])
    func `The rate is as Stripe writes it`(
        charge: String, movement: String, currency: String, rate: String
    ) async throws {
        let expected = ChargeExchange(
            currency: try #require(Currency(currency)), rate: try #require(ExchangeRate(rate)))
        #expect(try await exchange(charge, movement) == .success(expected))
    }

    @Test(arguments: [
        (eur10.replacing(#""txn_1""#, with: "null"), "{}"),
        (eur10, #"{"id":"txn_1","amount":1000,"currency":"eur","fee":30,"exchange_rate":null}"#),
        (eur10, #"{"id":"txn_1","amount":1000,"currency":"eur","fee":30,"exchange_rate":1.0}"#),
    ])
    func `There is none where nothing was exchanged`(charge: String, movement: String) async throws {
        #expect(try await exchange(charge, movement) == .success(nil))
    }

    @Test(arguments: ["123.4", "0.01234", "0", "-1.234", "1.2345678901234", "true", #""1.234""#])
    func `A rate that does not fit the amounts is not believed`(rate: String) async throws {
        let movement = #"{"id":"txn_1","amount":1234,"currency":"usd","fee":30,"exchange_rate":\#(rate)}"#
        guard case .failure(.misunderstood) = try await exchange(Self.eur10, movement) else {
            return #expect(Bool(false), "\(rate)")
        }
    }
}
