import AsyncHTTPClient
import GatewayStandIns
import RefundDomain
import Synchronization
import Testing

@testable import RefundGateways

/// What becomes of a call on its way.
@Suite struct TransportWays {
    private let body = Array("amount=100".utf8)

    private func transport(
        _ client: HTTPClient = StripeBench.client, turns: any GatewayTurns = EveryTurn()
    ) -> Transport {
        Transport(client: client, gateway: GatewayName("sample"), pace: .sample(turns))
    }

    /// How a call ends that has no answer; nil where it has one.
    private func ending(of call: HTTPCall, over transport: Transport? = nil) async -> TransportError? {
        do throws(TransportError) {
            let transport = transport ?? self.transport()
            _ = try await transport.send(call, bearing: Secret("sk_test_12345"), by: .now + StripeBench.patience)
            return nil
        } catch {
            return error
        }
    }

    private func isNotSent(_ error: TransportError?) -> Bool {
        if case .notSent = error { true } else { false }
    }

    private func isLost(_ error: TransportError?) -> Bool {
        if case .lost = error { true } else { false }
    }

    @Test func `An answer comes whole, whatever its status`() async throws {
        let server = try await HTTPStandIn.start { _ in
            .answer(status: 418, fields: [("Retry-After", "7")], body: "short and stout")
        }
        let call = HTTPCall(.post, "sample", at: server.address + "/pot", fields: [("X-Sample", "1")], body: body)
        let reply = try await transport().send(call, bearing: Secret("sk_test_12345"), by: .now + StripeBench.patience)
        #expect(reply.status == 418)
        #expect(reply.body == Array("short and stout".utf8))
        #expect(reply.field("retry-after") == "7")
        let heard = try #require(server.calls.first)
        #expect(heard.method == "POST")
        #expect(heard.path == "/pot")
        #expect(heard.body == "amount=100")
        #expect(heard.fields["authorization"] == "Bearer sk_test_12345")
        #expect(heard.fields["x-sample"] == "1")
    }

    @Test func `Where nobody listens nothing was sent`() async {
        #expect(isNotSent(await ending(of: HTTPCall(.post, "sample", at: "http://127.0.0.1:1/", body: body))))
    }

    @Test func `Where the name is unknown nothing was sent`() async {
        let call = HTTPCall(.post, "sample", at: "http://gateway.invalid/", body: body)
        #expect(isNotSent(await ending(of: call)))
    }

    @Test func `Where the other side speaks no TLS nothing was sent`() async throws {
        let server = try await HTTPStandIn.start { _ in .answer(status: 200) }
        let address = server.address.replacing("http://", with: "https://")
        #expect(isNotSent(await ending(of: HTTPCall(.post, "sample", at: address, body: body))))
        #expect(server.calls.isEmpty)
    }

    @Test(.enabled(if: PythonScript.isThere, "`make stripe` makes its environment, and runs this test"))
    func `Where nobody vouches for the other side nothing was sent`() async throws {
        let server = try await PythonScript.serve("strange_tls.py")
        let call = HTTPCall(.post, "sample", at: "https://localhost:\(server.port)/", body: body)
        #expect(isNotSent(await ending(of: call)))
        try server.end()
    }

    @Test func `Where the connection closes on a call it may have arrived`() async throws {
        let server = try await HTTPStandIn.start { _ in .hangUp }
        #expect(isLost(await ending(of: HTTPCall(.post, "sample", at: server.address, body: body))))
        #expect(server.calls.count == 1)
    }

    @Test func `Where no answer comes in time the call may have arrived`() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let server = try await HTTPStandIn.start { _ in
            arrived.yield()
            return .silence
        }
        // Its time is over as soon as the call is there.
        let transport = Transport(
            client: StripeBench.client, gateway: GatewayName("sample"), pace: .sample(),
            sleep: { _ in for await _ in arrivals { break } })
        let call = HTTPCall(.post, "sample", at: server.address, body: body)
        #expect(isLost(await ending(of: call, over: transport)))
        #expect(server.calls.count == 1)
    }

    @Test func `A caller that leaves does not know whether the call arrived`() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let server = try await HTTPStandIn.start { _ in
            arrived.yield()
            return .silence
        }
        let call = HTTPCall(.post, "sample", at: server.address, body: body)
        let caller = Task { await ending(of: call) }
        for await _ in arrivals { break }
        caller.cancel()
        #expect(isLost(await caller.value))
    }

    @Test func `A caller that has left before sends nothing`() async throws {
        let server = try await HTTPStandIn.start { _ in .answer(status: 200) }
        let call = HTTPCall(.post, "sample", at: server.address, body: body)
        let caller = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await ending(of: call)
        }
        #expect(isNotSent(await caller.value))
        #expect(server.calls.isEmpty)
    }

    @Test func `An answer without end is not read to its end`() async throws {
        let endless = String(repeating: "0", count: Limits.gatewayReplyBytesMax + 1)
        let server = try await HTTPStandIn.start { _ in .answer(status: 200, body: endless) }
        let error = await ending(of: HTTPCall(.post, "sample", at: server.address, body: body))
        #expect(error == .lost("the answer is too long"))
    }

    @Test func `A redirect is an answer, and nothing goes where it points`() async throws {
        let other = try await HTTPStandIn.start { _ in .answer(status: 200) }
        let server = try await HTTPStandIn.start { _ in
            .answer(status: 307, fields: [("Location", other.address)])
        }
        let call = HTTPCall(.post, "sample", at: server.address, body: body)
        let reply = try await transport().send(call, bearing: Secret("sk_test_12345"), by: .now + StripeBench.patience)
        #expect(reply.status == 307)
        #expect(other.calls.isEmpty)
    }

    @Test func `A gateway that asks for patience is left alone for as long`() async throws {
        let server = try await HTTPStandIn.start { _ in .answer(status: 429, fields: [("Retry-After", "3600")]) }
        let turns = EveryTurn()
        let transport = transport(turns: turns)
        let call = HTTPCall(.post, "sample", at: server.address, body: body)
        let reply = try await transport.send(call, bearing: Secret("sk_test_12345"), by: .now + StripeBench.patience)
        #expect(reply.status == 429)
        #expect(await ending(of: call, over: transport) == .busy("too many calls are waiting for the gateway"))
        #expect(server.calls.count == 1)
        // The whole account, and no longer than is ever waited for.
        let line = TurnLine(
            organization: OrganizationID(7), gateway: GatewayName("sample"), name: "", distance: .milliseconds(25))
        #expect(turns.closings == [line: Limits.gatewayPauseMax])
    }

    @Test func `A call takes a turn at its endpoint and one of the account, and goes when both have come`() async throws
    {
        let server = try await HTTPStandIn.start { _ in .answer(status: 200) }
        let turns = TurnsOfTwoSeconds()
        let slept = Mutex<[ContinuousClock.Instant]>([])
        let transport = Transport(
            client: StripeBench.client, gateway: GatewayName("sample"), pace: .sample(turns),
            sleep: { moment in
                let isTurn = slept.withLock { slept in
                    slept.append(moment)
                    return slept.count == 1
                }
                // The other sleeper is the deadline.
                if !isTurn { try await Task.sleep(for: StripeBench.patience) }
            })
        let call = HTTPCall(.post, "refund_create", at: server.address, body: body)
        let start = ContinuousClock.now
        _ = try await transport.send(call, bearing: Secret("sk_test_12345"), by: .now + StripeBench.patience)
        #expect(try #require(slept.withLock { $0.first }) >= start + .seconds(2))
        let taken = turns.taken.withLock { $0 }
        #expect(taken.map(\.name) == ["", "refund_create"])
        #expect(taken.map(\.distance) == [.milliseconds(25), .milliseconds(50)])
    }

    @Test func `A question has less patience than a call that moves money, and so lets it go first`() async throws {
        let server = try await HTTPStandIn.start { _ in .answer(status: 200) }
        let turns = TurnsOfTwoSeconds()
        let transport = Transport(
            client: StripeBench.client, gateway: GatewayName("sample"), pace: .sample(turns),
            sleep: { _ in throw CancellationError() })
        for method in [HTTPCall.Method.get, .post] {
            _ = await ending(of: HTTPCall(method, "sample", at: server.address, body: body), over: transport)
        }
        #expect(turns.patience.withLock { $0 } == [.seconds(1), .seconds(5)])
        #expect(server.calls.isEmpty)
    }

    @Test func `A call whose turn comes after its time does not leave`() async throws {
        let server = try await HTTPStandIn.start { _ in .answer(status: 200) }
        let transport = Transport(
            client: StripeBench.client, gateway: GatewayName("sample"), pace: .sample(TurnsOfTwoSeconds()),
            sleep: { _ in })
        let call = HTTPCall(.post, "sample", at: server.address, body: body)
        await #expect(throws: TransportError.busy("too many calls are waiting for the gateway")) {
            try await transport.send(call, bearing: Secret("sk_test_12345"), by: .now + .seconds(1))
        }
        #expect(server.calls.isEmpty)
    }

    @Test func `A call for which no turn can be taken does not leave`() async throws {
        let server = try await HTTPStandIn.start { _ in .answer(status: 200) }
        let call = HTTPCall(.post, "sample", at: server.address, body: body)
        #expect(await ending(of: call, over: transport(turns: NoTurns())) == .busy("no turn could be taken"))
        #expect(server.calls.isEmpty)
    }

    @Test func `No error names the address, the credential or the body`() async throws {
        let server = try await HTTPStandIn.start { _ in .hangUp }
        for address in [server.address, "http://127.0.0.1:1", "http://gateway.invalid", "no address"] {
            let error = await ending(of: HTTPCall(.post, "sample", at: address + "/secret", body: body))
            let words = String(reflecting: try #require(error))
            for secret in ["127.0.0.1", "gateway.invalid", "sk_test", "amount=100", "secret"] {
                #expect(!words.contains(secret), "\(words)")
            }
        }
    }
}

/// Turns that come after two seconds.
final class TurnsOfTwoSeconds: GatewayTurns {
    let taken = Mutex<[TurnLine]>([])
    let patience = Mutex<[Duration]>([])

    func take(_ lines: [TurnLine], patience: Duration) async throws -> Duration? {
        taken.withLock { $0 += lines }
        self.patience.withLock { $0.append(patience) }
        return .seconds(2)
    }

    func close(_ line: TurnLine, for duration: Duration) async throws {}
}

/// Turns whose place cannot be reached.
private struct NoTurns: GatewayTurns {
    struct Unreachable: Error {}

    func take(_ lines: [TurnLine], patience: Duration) async throws -> Duration? { throw Unreachable() }

    func close(_ line: TurnLine, for duration: Duration) async throws { throw Unreachable() }
}

/// What is kept from being seen.
@Suite struct Discretion {
    @Test func `A secret prints as dots, also as a part of something`() throws {
        let config = try StripeConfig(secretKey: Secret("sk_test_12345"), mode: .test)
        var dumped = ""
        dump(config, to: &dumped)
        for text in ["\(config)", String(reflecting: config), dumped, "\(config.secretKey)"] {
            #expect(!text.contains("12345"), "\(text)")
        }
        #expect("\(config.secretKey)" == "••••")
    }

    @Test(arguments: [
        ("No such charge: ch_3MmlLrLkdIwHu7ix0snN0B15", "No such charge: ch_3MmlLrLkdIwHu7ix0snN0B15"),
        ("Card 4242 4242 4242 4242 was declined", "Card •••• was declined"),
        ("card 4242-4242-4242-4242.", "card ••••."),
        ("number=378282246310005", "number=••••"),
        ("Invalid API Key provided: sk_test_4eC39HqLyjWDarjtT1zdp7dc", "Invalid API Key provided: ••••"),
        ("signed with whsec_abcDEF09", "signed with ••••"),
        ("at 1724154320 for 12000", "at 1724154320 for 12000"),
        ("two\nlines", "two lines"),
    ])
    func `Words are kept without credentials and card numbers`(words: String, kept: String) {
        #expect(Redaction.cleaned(words) == kept)
    }

    @Test func `Words are kept up to a length`() {
        #expect(Redaction.cleaned(String(repeating: "ä", count: 1_000)).count == Limits.gatewayTextLengthMax)
    }
}
