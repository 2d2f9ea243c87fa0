import RefundDomain
import RefundGateways
import Testing

@Suite struct `The signature of a notice` {
    private static let now = Instant(seconds: 1_724_154_320)
    private static let body = Array(#"{"event":"e1"}"#.utf8)
    private static let signature = NoticeSignature(secrets: ["s1"])

    private static func heard(_ header: String?, secrets: [String] = ["s1"], after pause: Duration = .zero) -> String {
        do throws(NoticeRefusal) {
            try NoticeSignature(secrets: secrets).check(header, of: body, at: now + pause)
            return "taken"
        } catch {
            return "\(error)"
        }
    }

    @Test func `is the HMAC-SHA256 of moment, point and body`() {
        // By another program: printf '1724154320.{"event":"e1"}' | openssl dgst -sha256 -hmac s1
        let code = "dc6b658bc6cf18a98598c09d502d5ee4f7e926aab7adfa8fce70dc20584c5112"
        #expect(Self.signature.header(for: Self.body, at: Self.now) == "t=1724154320,v1=\(code)")
    }

    @Test func `fits with any of the secrets, old or new`() {
        let both = NoticeSignature(secrets: ["s1", "s2"]).header(for: Self.body, at: Self.now)
        for secrets in [["s1"], ["s2"], ["s3", "s1"], ["s2", "s3"]] {
            #expect(Self.heard(both, secrets: secrets) == "taken")
        }
        #expect(Self.heard(both, secrets: ["s3"]) == #"notGenuine("its signature does not fit")"#)
        #expect(Self.heard(both, secrets: []) == #"notGenuine("its signature does not fit")"#)
    }

    @Test(arguments: [(300, true), (301, false), (-300, true), (-301, false)])
    func `is good for five minutes`(seconds: Int, isTaken: Bool) {
        let header = Self.signature.header(for: Self.body, at: Self.now)
        #expect((Self.heard(header, after: .seconds(seconds)) == "taken") == isTaken)
    }

    @Test(
        arguments: [
            nil, "", "t=1724154320", "v1=00", "t=,v1=00", "t=x,v1=00", "t=1724154320,v1=", "t=1724154320,v1=zz",
            "t=1724154320,v0=00", "t=-1,v1=00", "t=9223372036854775807,v1=00", ",,==", "t=1724154320,v1=\u{0}",
        ] as [String?])
    func `that is malformed fits nothing`(header: String?) {
        #expect(Self.heard(header).hasPrefix("notGenuine"))
    }
}

@Suite struct `The simulator's notices` {
    private static let organization = OrganizationID(10)

    private static func submission(_ minorUnits: Int64) throws -> Submission {
        Submission(
            organization: organization, refund: RefundID(100_000 + minorUnits), key: "refund-\(minorUnits)",
            amount: Money(minorUnits: minorUnits, currency: try #require(Currency("INR"))), target: .charge("ch_1"),
            lastFour: nil)
    }

    @Test func `tell each state once, in the order in which it was reached`() async throws {
        let clock = HandClock()
        let gateway = try clock.gateway(SimulatorConfig(seed: 7, noticeSecret: "s"))
        for amount: Int64 in [2_500, 6_705, 6_706, 6_707, 6_709] {
            _ = try await gateway.submit(try Self.submission(amount))
        }
        #expect(gateway.notices().count == 5)
        clock.move(by: .seconds(10))
        let pending = try Self.submission(6_707)
        _ = try await gateway.cancel(
            GatewayInquiry(pending), key: "c")
        let notices = gateway.notices()
        #expect(notices.map(\.occurredAt) == notices.map(\.occurredAt).sorted())
        let told = notices.map { String(decoding: $0.body, as: UTF8.self) }
        for (amount, states) in [
            (2_500, ["succeeded"]), (6_705, ["pending", "succeeded"]), (6_706, ["succeeded", "failed"]),
            (6_707, ["pending", "canceled"]), (6_709, ["pending", "failed"]),
        ] {
            let lines = told.filter { $0.contains("\"amount\":\(amount),") }
            #expect(lines.count == states.count)
            #expect(zip(lines, states).allSatisfy { $0.contains("\"state\":\"\($1)\"") }, "\(amount): \(lines)")
        }
        for notice in notices {
            let signature = try #require(gateway.signature(of: notice.body))
            let taken = try gateway.notice(
                GatewayMessage(
                    headers: [SimulatorNotice.signatureHeader: signature], body: notice.body, receivedAt: clock.now))
            let kept = try #require(taken?.kept)
            guard case .refund(let refund)? = gateway.news(in: kept) else {
                Issue.record("it cannot be read")
                continue
            }
            let asked = try Self.submission(refund.amount.minorUnits)
            #expect(refund.refund == asked.refund)
            #expect(refund.charges == ["ch_1"])
        }
    }

    @Test func `of a refund at the desk name none of ours, and it is found by the gateway's reference`() async throws {
        let gateway = try HandClock().gateway(SimulatorConfig(seed: 7, noticeSecret: "s"))
        let amount = try Self.submission(2_500).amount
        let effects = try ["ch_1", "ch_1", "ch_2"].map {
            try gateway.refundAtDesk($0, amount: amount, of: Self.organization)
        }
        #expect(Set(effects.map(\.gatewayReference)).count == 3)
        for (effect, notice) in zip(effects, gateway.notices()) {
            guard case .refund(let news)? = gateway.news(in: String(decoding: notice.body, as: UTF8.self)) else {
                Issue.record("it cannot be read")
                continue
            }
            #expect(news.refund == nil && news.gatewayReference == effect.gatewayReference)
            let inquiry = GatewayInquiry(
                organization: Self.organization, refund: RefundID(99), target: .charge("ch_1"),
                gatewayReference: effect.gatewayReference)
            let finding = try await gateway.inquire(inquiry)
            #expect(finding == .found(effect.report(at: effect.takenAt)))
            let foreign = GatewayInquiry(
                organization: OrganizationID(11), refund: RefundID(99), target: .charge("ch_1"),
                gatewayReference: effect.gatewayReference)
            let strange = try await gateway.inquire(foreign)
            #expect(strange == .neverTaken, "another organization's")
        }
    }

    @Test func `are neither signed nor taken without a secret`() throws {
        let gateway = try HandClock().gateway(SimulatorConfig(seed: 7))
        #expect(gateway.signature(of: []) == nil)
        #expect(throws: NoticeRefusal.notExpected) {
            try gateway.notice(GatewayMessage(headers: [:], body: [], receivedAt: HandClock().now))
        }
    }
}
