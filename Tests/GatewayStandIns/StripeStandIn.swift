import Foundation
package import RefundDomain
import Synchronization

/// Stripe for one test: localstripe, or a book of the test's own, and in front of it what that lacks.
///
/// It keeps the answer to each idempotency key for a day and repeats it, and carries out as new what comes with the
/// key later, as Stripe does (https://docs.stripe.com/api/idempotent_requests); only that calls with a key whose first
/// is still under way wait for it, where Stripe answers 409. It refuses what is more than remains of a charge, takes
/// the cards that Stripe has for tests, and fails in the ways it is told.
package final class StripeStandIn: Sendable {
    package enum Fault: Sendable {
        /// The refund is made, and the connection closed instead of an answer.
        case answerLost
        /// The refund is made, and 500 is answered, now and whenever the key comes again.
        case errorAfterDoing
        /// Nothing is done, and 429 is answered.
        case tooManyCalls
        /// Nothing is done, and 409 is answered.
        case keyInUse
        /// Nothing is done, and an error with this code is answered.
        case refused(code: String)
        /// Nothing is done, and an error is answered before the key is looked at, whatever was done under it.
        case turnedAway(status: Int, type: String, code: String?)
        /// The refund is made, and told with other fields than it has.
        case toldOtherwise([String: any Sendable])
        /// The call waits at a gate, and nothing is done before it.
        case held(Gate)
        /// The refund is made, and its answer waits at a gate.
        case answerHeld(Gate)
    }

    private struct Kept {
        let path: String
        let body: String
        let until: Instant
        let answer: Task<HTTPStandIn.Reply, Never>
    }

    /// The faults that strike the requests for refunds of one charge.
    private struct Plan {
        var next: [Fault]
        let last: Fault?
    }

    private struct State {
        var plans: [String: Plan] = [:]
        var faults: [Fault] = []
        var lastingFault: Fault?
        /// Fields of refunds that differ from what localstripe believes.
        var changes: [String: [String: any Sendable]] = [:]
        var isUndecided = false
        var hidesRefunds = false
        var kept: [String: Kept] = [:]
        /// Charges that callers know by another name.
        var names: [String: String] = [:]
        /// Cards by the charges that they paid.
        var cards: [String: StripeTestCard] = [:]
        /// What becomes of refunds once they have been looked at.
        var changesToCome: [String: [String: String]] = [:]
    }

    private static let keyLifetime = Duration.seconds(24 * 3_600)

    private let now: @Sendable () -> Instant
    private let backend: any StripeBackend
    private let state = Mutex(State())

    /// Forgets keys by a clock; where none is given, time stands still.
    package init(
        before backend: any StripeBackend = Localstripe.shared,
        now: @escaping @Sendable () -> Instant = { Instant(seconds: 0) }
    ) {
        self.backend = backend
        self.now = now
    }

    /// Lets callers say another name for a charge.
    package func call(_ charge: String, _ name: String) { state.withLock { $0.names[name] = charge } }

    /// The faults that strike the next requests for refunds, one each.
    package func fail(_ faults: Fault...) { state.withLock { $0.faults += faults } }

    /// The faults that strike the requests for refunds of one charge: one each, and the last one all that come after.
    ///
    /// What is planned for other charges, and for all, strikes none of these.
    package func plan(for charge: String, _ faults: Fault..., then last: Fault? = nil) {
        state.withLock { $0.plans[charge] = Plan(next: faults, last: last) }
    }

    /// Refuses whatever is asked for.
    package func refuseAll(_ code: String) { failAll(.refused(code: code)) }

    /// The fault that strikes all requests for refunds from now on; nil for none.
    package func failAll(_ fault: Fault?) { state.withLock { $0.lastingFault = fault } }

    /// Lists of refunds are empty from now on, or no longer.
    package func hideRefunds(_ isHidden: Bool = true) { state.withLock { $0.hidesRefunds = isHidden } }

    /// Leaves every refund that is made from now on waiting for the customer.
    package func leaveUndecided() { state.withLock { $0.isUndecided = true } }

    /// Changes what is told of an object, as time does.
    package func change(_ object: String, _ fields: [String: any Sendable]) {
        state.withLock { $0.changes[object, default: [:]].merge(fields) { _, new in new } }
    }

    package func start() async throws -> HTTPStandIn {
        try await HTTPStandIn.start { self.named(await self.answer(to: self.renamed($0))) }
    }

    /// An answer about a charge by the name that it was asked for by.
    private func named(_ reply: HTTPStandIn.Reply) -> HTTPStandIn.Reply {
        guard case .answer(let status, let fields, let body) = reply else { return reply }
        let named = state.withLock { $0.names }.reduce(body) { body, name in
            body.replacing("\"\(name.value)\"", with: "\"\(name.key)\"")
        }
        return .answer(status: status, fields: fields, body: named)
    }

    private func renamed(_ call: HTTPStandIn.Call) -> HTTPStandIn.Call {
        state.withLock { $0.names }.reduce(call) { call, name in
            HTTPStandIn.Call(
                method: call.method, path: call.path.replacing("=\(name.key)", with: "=\(name.value)"),
                body: call.body.replacing("=\(name.key)", with: "=\(name.value)"), fields: call.fields)
        }
    }

    // MARK: The order in which Stripe looks at a call

    private func answer(to call: HTTPStandIn.Call) async -> HTTPStandIn.Reply {
        let fault = call.method == "POST" && call.path == "/v1/refunds" ? nextFault(of: call) : nil
        if case .tooManyCalls = fault {
            return Self.error(429, code: "rate_limit", fields: [("Retry-After", "1")])
        }
        if case .keyInUse = fault { return Self.error(409, code: "idempotency_key_in_use") }
        if case .turnedAway(let status, let type, let code) = fault {
            return Self.error(status, type: type, code: code)
        }
        guard call.method == "POST", let key = call.fields["idempotency-key"] else {
            return await perform(call, under: nil)
        }
        let now = now()
        let (kept, isFirst) = state.withLock { state in
            if let kept = state.kept[key], now < kept.until { return (kept, false) }
            let kept = Kept(
                path: call.path, body: call.body, until: now + Self.keyLifetime,
                answer: Task { await self.perform(call, under: fault) })
            state.kept[key] = kept
            return (kept, true)
        }
        guard kept.path == call.path, kept.body == call.body else {
            return Self.error(400, type: "idempotency_error", code: nil)
        }
        let reply = await kept.answer.value
        if isFirst, case .answerLost = fault { return .hangUp }
        if isFirst, case .answerHeld(let gate) = fault { await gate.pass() }
        guard !isFirst, case .answer(let status, let fields, let body) = reply else { return reply }
        return .answer(status: status, fields: fields + [("Idempotent-Replayed", "true")], body: body)
    }

    private func nextFault(of call: HTTPStandIn.Call) -> Fault? {
        let charge = StripeForm.pairs(call.body)["charge"] ?? ""
        return state.withLock { state in
            if let plan = state.plans[charge] {
                guard !plan.next.isEmpty else { return plan.last }
                return state.plans[charge]?.next.removeFirst()
            }
            return state.faults.isEmpty ? state.lastingFault : state.faults.removeFirst()
        }
    }

    private func perform(_ call: HTTPStandIn.Call, under fault: Fault?) async -> HTTPStandIn.Reply {
        do {
            if call.path == "/v1/account" { return .answer(status: 200, body: #"{"id":"acct_1"}"#) }
            // localstripe looks through all that every test has moved, and takes as long.
            if call.path == "/v1/balance_transactions?limit=1" { return .answer(status: 200, body: #"{"data":[]}"#) }
            if call.path.hasSuffix("/cancel") { return try await cancel(call) }
            guard call.method == "POST" else {
                let isHidden = call.path.hasPrefix("/v1/refunds?") && state.withLock { $0.hidesRefunds }
                return isHidden ? .answer(status: 200, body: #"{"data":[],"has_more":false}"#) : try await pass(call)
            }
            if call.path == "/v1/payment_intents" { return try await charge(call) }
            if case .refused(let code) = fault { return Self.error(400, code: code) }
            if case .held(let gate) = fault { await gate.pass() }
            if let refusal = try await refusal(of: call) { return refusal }
            if case .toldOtherwise(let fields) = fault { return try await pass(call, telling: fields) }
            let reply = try await pass(call)
            if case .errorAfterDoing = fault { return Self.error(500, type: "api_error", code: nil) }
            return reply
        } catch {
            return .answer(status: 502, body: "\(error)")
        }
    }

    // MARK: What localstripe lacks

    /// Refuses what is more than remains, which localstripe gives back gladly; a book is to show it instead.
    private func refusal(of call: HTTPStandIn.Call) async throws -> HTTPStandIn.Reply? {
        guard backend is Localstripe else { return nil }
        let form = StripeForm.pairs(call.body)
        var charge = form["charge"]
        if let intent = form["payment_intent"] {
            let answer = try await backend.send("GET", "/v1/payment_intents/\(intent)", body: nil)
            charge = try answer.decoded(Localstripe.Intent.self).latestCharge.id
        }
        guard let charge, let amount = form["amount"].flatMap({ Int64($0) }) else { return nil }
        let answer = try await backend.send("GET", "/v1/charges/\(charge)", body: nil)
        guard answer.status == 200 else { return Self.error(404, code: "resource_missing") }
        let found: Localstripe.Charge = try answer.decoded()
        let rest = found.amount - found.amountRefunded
        if rest == 0 { return Self.error(400, code: "charge_already_refunded") }
        return amount > rest ? Self.error(400, code: nil, param: "amount") : nil
    }

    /// Charges Stripe's cards for tests, of which localstripe has the first alone.
    private func charge(_ call: HTTPStandIn.Call) async throws -> HTTPStandIn.Reply {
        let card = StripeForm.pairs(call.body)["payment_method"].flatMap { StripeTestCard(rawValue: $0) } ?? .good
        let body = call.body.replacing(card.rawValue, with: StripeTestCard.good.rawValue)
        let answer = try await backend.send("POST", call.path, body: body)
        if let charge = try? answer.decoded(Localstripe.Intent.self).latestCharge.id {
            state.withLock { $0.cards[charge] = card }
        }
        return .answer(status: answer.status, body: answer.body)
    }

    private func cancel(_ call: HTTPStandIn.Call) async throws -> HTTPStandIn.Reply {
        let refund = call.path.split(separator: "/").dropLast().last.map(String.init) ?? ""
        let isCancelable = state.withLock { $0.changes[refund]?["status"] as? String == "requires_action" }
        guard isCancelable else { return Self.error(400, code: nil) }
        change(refund, ["status": "canceled", "failure_reason": "merchant_request"])
        return try await pass(HTTPStandIn.Call(method: "GET", path: "/v1/refunds/\(refund)", body: ""))
    }

    private func pass(
        _ call: HTTPStandIn.Call, telling fields: [String: any Sendable] = [:]
    ) async throws -> HTTPStandIn.Reply {
        let answer = try await backend.send(call.method, call.path, body: call.body)
        guard var object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any] else {
            return .answer(status: answer.status, body: answer.body)
        }
        if call.method == "POST", let id = object["id"] as? String { begin(id, of: object["charge"] as? String) }
        object = changed(object).merging(fields) { _, told in told }
        if call.path.hasPrefix("/v1/refunds/"), let id = object["id"] as? String { advance(id) }
        if let data = object["data"] as? [[String: Any]] { object["data"] = data.map(changed) }
        let body = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        return .answer(status: answer.status, body: String(decoding: body, as: UTF8.self))
    }

    private func begin(_ refund: String, of charge: String?) {
        state.withLock { state in
            if state.isUndecided { state.changes[refund] = ["status": "requires_action"] }
            guard let card = charge.flatMap({ state.cards[$0] }), card != .good else { return }
            state.changes[refund] = card.course.first
            state.changesToCome[refund] = card.course.then
        }
    }

    private func advance(_ refund: String) {
        if let then = state.withLock({ $0.changesToCome.removeValue(forKey: refund) }) { change(refund, then) }
    }

    private func changed(_ object: [String: Any]) -> [String: Any] {
        let changes = state.withLock { state in (object["id"] as? String).flatMap { state.changes[$0] } ?? [:] }
        return object.merging(changes) { _, new in new }
    }

    private static func error(
        _ status: Int, type: String = "invalid_request_error", code: String?, param: String? = nil,
        fields: [(String, String)] = []
    ) -> HTTPStandIn.Reply {
        let parts = [("type", type), ("code", code), ("param", param), ("message", "In the words of a stand-in.")]
        let text = parts.compactMap { name, value in value.map { "\"\(name)\":\"\($0)\"" } }.joined(separator: ",")
        return .answer(status: status, fields: fields, body: "{\"error\":{\(text)}}")
    }
}
