import Foundation
import Synchronization

/// What carries out the calls that a stand-in of Stripe lets through.
package protocol StripeBackend: Sendable {
    /// Passes a call on; a body is a form.
    func send(_ method: String, _ path: String, body: String?) async throws -> Localstripe.Answer
}

extension Localstripe: StripeBackend {}

/// Charges and what left of each, for tests that need no Python: the book that a test believes more than the program.
///
/// It gives back whatever it is asked for, also more than a charge has, so that too much is seen rather than refused.
package final class StripeBook: StripeBackend {
    /// Money that left a charge.
    package struct Refund: Sendable, Hashable {
        package let id: String
        package let charge: String
        package let amount: Int64
        package let currency: String
        /// By the names that callers gave it.
        package let metadata: [String: String]
        package let created: Int64
    }

    private struct Charge {
        let id: String
        let intent: String
        let amount: Int64
        let currency: String
        let created: Int64
    }

    private struct State {
        var charges: [Charge] = []
        var refunds: [Refund] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Takes money: the charge `ch_NAME` of the payment intent `pi_NAME`.
    package func charge(_ name: String, _ amount: Int64, _ currency: String = "inr") {
        let charge = Charge(
            id: "ch_\(name)", intent: "pi_\(name)", amount: amount, currency: currency, created: Self.now)
        state.withLock { $0.charges.append(charge) }
    }

    /// Gives money back as people do in Stripe's dashboard.
    package func refundAtDesk(_ charge: String, _ amount: Int64) -> Refund? {
        refund(["charge": charge, "amount": "\(amount)"])
    }

    /// What left of a charge, in the order done.
    package func refunds(of charge: String) -> [Refund] {
        state.withLock { $0.refunds.filter { $0.charge == charge } }
    }

    /// How much left of a charge, in Stripe's units.
    package func left(_ charge: String) -> Int64 { refunds(of: charge).reduce(0) { $0 + $1.amount } }

    /// A charge as Stripe tells of it, as JSON text.
    package func told(charge id: String) -> String {
        text(state.withLock { state in state.charges.first { $0.id == id }.map { Self.object($0, state) } } ?? [:])
    }

    /// A refund as Stripe tells of it, as JSON text.
    package func told(refund: Refund) -> String { text(object(refund)) }

    /// Answers as Stripe does.
    package func send(_ method: String, _ path: String, body: String?) async throws -> Localstripe.Answer {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = StripeForm.pairs(parts.count == 2 ? parts[1] : "")
        let place = (parts.first ?? "").split(separator: "/").map(String.init)
        let found: [String: Any]? =
            switch (method, place.dropFirst().first, place.dropFirst(2).first) {
            case ("POST", "refunds", nil): refund(StripeForm.pairs(body ?? "")).map(object)
            case ("GET", "refunds", nil): list(refunds(asked: query).map(object), after: query)
            case ("GET", "refunds", let id?):
                state.withLock { $0.refunds.first { $0.id == id } }.map(object)
            case ("GET", "charges", let id):
                state.withLock { state in
                    let charges = state.charges.reversed().map { Self.object($0, state) }
                    return id.map { id in charges.first { $0["id"] as? String == id } } ?? list(charges, after: query)
                }
            case (_, _, _): nil
            }
        guard let found else {
            let fault = ["type": "invalid_request_error", "code": "resource_missing", "message": "No such object."]
            return Localstripe.Answer(status: 404, body: text(["error": fault]))
        }
        return Localstripe.Answer(status: 200, body: text(found))
    }

    private static var now: Int64 { Int64(Date.now.timeIntervalSince1970) }

    private func refund(_ form: [String: String]) -> Refund? {
        let metadata = form.compactMap { name, value in
            name.firstMatch(of: /^metadata\[(.*)\]$/).map { (String($0.1), value) }
        }
        return state.withLock { state in
            guard
                let charge = state.charges.first(where: {
                    $0.id == form["charge"] || $0.intent == form["payment_intent"]
                })
            else { return nil }
            let refund = Refund(
                id: "re_\(charge.id)_\(state.refunds.count + 1)", charge: charge.id,
                amount: form["amount"].flatMap { Int64($0) } ?? charge.amount, currency: charge.currency,
                metadata: Dictionary(uniqueKeysWithValues: metadata), created: Self.now)
            state.refunds.append(refund)
            return refund
        }
    }

    /// The newest first, as Stripe lists them.
    private func refunds(asked query: [String: String]) -> [Refund] {
        state.withLock { state in
            let charge = query["charge"] ?? state.charges.first { $0.intent == query["payment_intent"] }?.id
            return state.refunds.filter { charge == nil || $0.charge == charge }.reversed()
        }
    }

    private func list(_ objects: [[String: Any]], after query: [String: String]) -> [String: Any] {
        let rest = query["starting_after"].map { last in
            objects.drop { $0["id"] as? String != last }.dropFirst()
        }
        return ["object": "list", "data": Array(rest ?? objects[...]), "has_more": false]
    }

    private func object(_ refund: Refund) -> [String: Any] {
        [
            "id": refund.id, "object": "refund", "amount": refund.amount, "currency": refund.currency,
            "charge": refund.charge, "payment_intent": refund.charge.replacing("ch_", with: "pi_"),
            "status": "succeeded", "metadata": refund.metadata, "created": refund.created,
        ]
    }

    private static func object(_ charge: Charge, _ state: State) -> [String: Any] {
        let refunded = state.refunds.filter { $0.charge == charge.id }.reduce(0) { $0 + $1.amount }
        return [
            "id": charge.id, "object": "charge", "amount": charge.amount, "amount_captured": charge.amount,
            "amount_refunded": refunded, "currency": charge.currency, "payment_intent": charge.intent,
            "status": "succeeded", "captured": true, "created": charge.created,
        ]
    }

    private func text(_ object: [String: Any]) -> String {
        (try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys))
            .map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

/// Bodies and queries of calls to Stripe.
enum StripeForm {
    /// The pairs, decoded; of two with one name, the last.
    static func pairs(_ text: String) -> [String: String] {
        var pairs: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            if parts.count == 2 { pairs[parts[0]] = parts[1] }
        }
        return pairs
    }
}
