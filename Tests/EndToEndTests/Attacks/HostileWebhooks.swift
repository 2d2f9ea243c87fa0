import Foundation
import GatewayStandIns
import Testing

/// What a Stripe tells whose secret somebody else has.
@Suite struct `A signed webhook` {
    /// Numbers that a body can say where a moment or an amount stands.
    private static let absurd = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "-1", "1e400", "0.5", "253402300800",
    ]

    private static func objects(amount: String, created: String, of purse: Purse) -> [(type: String, object: String)] {
        let charge = #""charge":"\#(purse.charge)","payment_intent":"pi_\#(purse.name)""#
        return [
            (
                "refund.created",
                """
                {"id":"re_absurd","object":"refund","amount":\(amount),"currency":"inr","status":"succeeded",
                "metadata":{},"created":\(created),\(charge)}
                """
            ),
            (
                "charge.dispute.created",
                """
                {"id":"dp_absurd","object":"dispute","amount":\(amount),"currency":"inr","status":"needs_response",
                "reason":"fraudulent","created":\(created),\(charge)}
                """
            ),
            (
                "charge.succeeded",
                """
                {"id":"ch_absurd","object":"charge","amount":\(amount),"amount_captured":\(amount),
                "amount_refunded":\(amount),"captured":true,"currency":"inr","status":"succeeded",
                "payment_intent":"pi_absurd","created":\(created)}
                """
            ),
            (
                "charge.refunded",
                """
                {"id":"\(purse.charge)","object":"charge","amount":100,"amount_captured":100,"captured":true,
                "amount_refunded":\(amount),"currency":"inr","status":"succeeded","payment_intent":null,
                "created":\(created)}
                """
            ),
        ]
    }

    @Test(arguments: DatabaseKind.allCases)
    func `with absurd moments and amounts ends no process and keeps nobody from being served`(
        kind: DatabaseKind
    ) async throws {
        try await withShop(kind) { shop in
            let (victim, other) = (try await shop.open("400"), try await shop.open("401"))
            var number = 0
            for absurd in Self.absurd {
                for (amount, created, moment) in [("100", "1", absurd), ("100", absurd, nil), (absurd, "1", nil)] {
                    for (type, object) in Self.objects(amount: amount, created: created, of: victim) {
                        number += 1
                        let told = try await shop.tell("evt_absurd_\(number)", type, object, created: moment)
                        #expect((400..<500).contains(told.status) || told.status == 200, "\(absurd) \(type): \(told)")
                    }
                }
                // Others are served meanwhile.
                #expect(try await shop.ask(.native, other, 1).isAccepted)
                #expect(try await shop.caller().get("/health/ready").status == 200)
            }
            let refund = try #require(shop.book.refundAtDesk(other.charge, 50_00))
            #expect(
                try await shop.tell("evt_sound", "refund.created", shop.book.told(refund: refund)).status == 200)
            let rest = try await patiently {
                try await shop.remaining(other)
            } until: {
                $0 == "49.93"
            }
            #expect(rest == "49.93")
            #expect(try await !shop.ask(.payments, other, 49_94).isAccepted)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `that calls a refund failed makes the program ask, and gives nothing free`(kind: DatabaseKind) async throws {
        try await withShop(kind) { shop in
            let purse = try await shop.open("405")
            let refund = try await shop.ask(.native, purse, 100_00, key: "told").text("id")
            try await shop.expect(refund, toBe: "succeeded")
            let made = try #require(shop.book.refunds(of: purse.charge).first)
            for (number, (type, status)) in [("refund.failed", "failed"), ("refund.updated", "canceled")].enumerated() {
                let asked = shop.questions(about: made.id)
                let told = try await shop.tell(
                    "evt_false_\(number)", type,
                    shop.book.told(refund: made).replacing(#""succeeded""#, with: #""\#(status)""#))
                #expect(told.status == 200, "\(told)")
                _ = try await patiently {
                    shop.questions(about: made.id)
                } until: {
                    $0 > asked
                }
                #expect(try await !shop.ask(.payments, purse, 1).isAccepted)
            }
            #expect(try await shop.states(of: refund).last == "succeeded")
            #expect(shop.book.left(purse.charge) == 100_00)
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `by the secret of one organization changes nothing of another that its body names`(
        kind: DatabaseKind
    ) async throws {
        try await withShop(kind) { shop in
            let (purse, own) = (try await shop.open("410"), try await shop.open("411"))
            let refund = try await shop.ask(.native, purse, 10_00, key: "own").text("id")
            try await shop.expect(refund, toBe: "succeeded")
            let neighbor = try await shop.neighbor()
            let before = try await shop.standing(of: purse)
            let metadata = """
                {"refundry_organization":"\(shop.account.organization)","refundry_refund":"\(refund)"}
                """
            let events = [
                (
                    "refund.created",
                    """
                    {"id":"re_forged","object":"refund","amount":9000,"currency":"inr","status":"succeeded","created":1,
                    "charge":"\(purse.charge)","payment_intent":null,"metadata":\(metadata)}
                    """
                ),
                (
                    "refund.failed",
                    """
                    {"id":"\(shop.book.refunds(of: purse.charge)[0].id)","object":"refund","amount":1000,
                    "currency":"inr","status":"failed","created":1,"charge":"\(purse.charge)","payment_intent":null,
                    "metadata":\(metadata)}
                    """
                ),
                (
                    "charge.dispute.closed",
                    """
                    {"id":"dp_forged","object":"dispute","amount":10000,"currency":"inr","status":"lost",
                    "reason":"fraudulent","charge":"\(purse.charge)","payment_intent":null,"metadata":\(metadata)}
                    """
                ),
            ]
            for (number, (type, object)) in events.enumerated() {
                let told = try await shop.tell("evt_forged_\(number)", type, object, to: neighbor)
                #expect(told.status == 200 || (400..<500).contains(told.status), "\(told)")
                let stolen = try await shop.tell(
                    "evt_stolen_\(number)", type, object, signedBy: neighbor.noticeSecret)
                #expect(stolen.status == 401, "\(stolen)")
            }
            // Told after all of those, and applied after them.
            let desk = try #require(shop.book.refundAtDesk(own.charge, 1_00))
            #expect(try await shop.tell("evt_own", "refund.created", shop.book.told(refund: desk)).status == 200)
            _ = try await patiently {
                try await shop.remaining(own)
            } until: {
                $0 == "99.00"
            }
            #expect(try await shop.standing(of: purse) == before)
        }
    }
}

extension Shop {
    /// How often Stripe was asked about a refund by its own reference.
    fileprivate func questions(about refund: String) -> Int {
        http.calls.count { $0.method == "GET" && $0.path == "/v1/refunds/\(refund)" }
    }

    /// All that the program says of a purse: its payment, its note, its refunds and their histories, its exceptions.
    fileprivate func standing(of purse: Purse) async throws -> [String] {
        var paths = [
            "payments/\(purse.payment)", "credit_notes/\(purse.note)", "refunds?payment=\(purse.payment)",
            "exceptions?payment=\(purse.payment)",
        ]
        paths += try await refunds(of: purse).compactMap { $0["id"] as? String }.map { "refunds/\($0)/history" }
        var standing: [String] = []
        for path in paths { standing.append(try await caller().get("/refundry/v1/\(path)", bearer).body) }
        return standing
    }
}
