import HTTPTypes
import RefundDomain
import RefundService

// Refunds: issued, found by any reference, listed, withdrawn, hastened, and an unknown one resolved by a person.

extension Native {
    @Sendable func requestRefund(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = FieldReader(try call.jsonObject())
        let command = try fields.requestRefund(for: caller, expecting: try call.expectedRemaining())
        let request = RefundRequest(
            command: command, dialect: name, digest: call.digest(of: caller),
            key: try call.idempotencyKey(in: "client:\(caller.client)", caller: caller))
        switch try await operations.requestRefund(request) {
        case .refund(let view): return .json(.created) { $0.write(view) }
        case .replay(let stored): return .json(.init(code: stored.status), bytes: stored.body)
        }
    }

    @Sendable func showRefund(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await answer(
            await operations.retrieveRefund(call.reference, of: caller.organization), with: Self.written)
    }

    @Sendable func listRefunds(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let (query, listed) = try call.refundQuery()
        let page = try await operations.listRefunds(
            query, narrowedTo: listed, for: name, of: caller.organization)
        return .json(.ok) { body in
            body.array("refunds") { list in for view in page.refunds { list.object { $0.write(view) } } }
            body.field("next", page.hasMore ? page.refunds.last?.refund.id.description : nil)
        }
    }

    @Sendable func showHistory(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let history = try await operations.retrieveHistory(of: call.reference, of: caller.organization)
        return .json(.ok) { body in
            body.object("refund") { $0.write(history.view) }
            body.array("steps") { list in for step in history.steps { list.object { $0.write(step) } } }
            body.array("postings") { list in for line in history.postings { list.object { $0.write(line) } } }
            body.array("actions") { list in for action in history.actions { list.object { $0.write(action) } } }
            body.array("fees") { list in for fee in history.fees { list.object { $0.write(fee) } } }
        }
    }

    @Sendable func cancelRefund(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = try call.optionalFields()
        let reason = fields.text("reason", maxLength: Limits.descriptionLengthMax) ?? ""
        fields.refuseUnknown(except: ["reason"])
        try fields.finish()
        return try await answer(
            performing: await operations.cancelRefund(
                call.reference, of: caller.organization, by: caller.actor, remark: reason,
                under: try call.answerKey(of: caller, with: Self.written)),
            with: Self.written)
    }

    @Sendable func retryRefund(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = try call.optionalFields()
        fields.refuseUnknown(except: [])
        try fields.finish()
        return try await answer(
            performing: await operations.retryRefund(
                call.reference, of: caller.organization, by: caller.client, as: caller.actor,
                under: try call.answerKey(of: caller, with: Self.written)),
            with: Self.written)
    }

    @Sendable func checkRefund(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = try call.optionalFields()
        fields.refuseUnknown(except: [])
        try fields.finish()
        return try await answer(
            performing: await operations.checkRefund(
                call.reference, of: caller.organization, by: caller.actor,
                under: try call.answerKey(of: caller, with: Self.written)),
            with: Self.written)
    }

    @Sendable func resolveRefund(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = FieldReader(try call.jsonObject())
        let resolution = try fields.resolution()
        return try await answer(
            performing: await operations.resolveRefund(
                call.reference, of: caller.organization, as: resolution, by: caller.actor,
                under: try call.answerKey(of: caller, with: Self.written)),
            with: Self.written)
    }

    @Sendable private static func written(_ view: RefundView) -> Reply { .json(.ok) { $0.write(view) } }
}

extension Caller {
    /// Who did it, as histories name a client.
    var actor: String { "client:\(client)" }
}

extension Call {
    /// The fields of a body that may be left out.
    func optionalFields() throws(Failure) -> FieldReader {
        body.isEmpty ? FieldReader(.empty) : FieldReader(try jsonObject())
    }

    /// Filters: `party`, `payment`, `credit_note`, `state`; pages: `limit`, and `after` with the last page's `next`.
    fileprivate func refundQuery() throws(Failure) -> (RefundQuery, ListedRecord?) {
        var query = RefundQuery()
        var problems: [InputProblem] = []
        if let text = queryValue("limit") {
            guard let limit = Int(text), (1...Limits.pageRowsMax).contains(limit) else {
                throw .input([InputProblem(field: "limit", kind: .value("1 to \(Limits.pageRowsMax)"))])
            }
            query.limit = limit
        }
        if let text = queryValue("after") {
            guard let last = Int64(text), last > Int64.min else {
                throw .input([InputProblem(field: "after", kind: .value("the next of the page before"))])
            }
            query.identifiers = Int64.min...(last - 1)
        }
        if let text = queryValue("state") {
            query.states = text.split(separator: ",").compactMap { RefundState(rawValue: String($0)) }
            if query.states.isEmpty { problems.append(InputProblem(field: "state", kind: .value("states of refunds"))) }
        }
        let listed = [
            queryValue("party").map { ListedRecord.party(NativeWords.reference($0)) },
            queryValue("payment").map { ListedRecord.payment(NativeWords.reference($0)) },
            queryValue("credit_note").map { ListedRecord.creditNote(NativeWords.reference($0)) },
        ].compactMap { $0 }
        if listed.count > 1 {
            problems.append(InputProblem(field: "payment", kind: .value("the only one of party, payment, credit_note")))
        }
        guard problems.isEmpty else { throw .input(problems) }
        return (query, listed.first)
    }
}

extension FieldReader {
    fileprivate mutating func requestRefund(
        for caller: Caller, expecting remaining: DecimalAmount?
    ) throws(Failure) -> RequestRefund {
        let source = source()
        let amount = requiredDecimal("amount", accepting: .numberOrText)
        let way = way()
        let effectiveOn = date("effective_on")
        let reason = choice("reason", among: RefundReason.self)
        let initiator = choice("initiator", among: RefundInitiator.self) ?? .merchant
        let description = text("description", maxLength: Limits.descriptionLengthMax) ?? ""
        let reference = text("reference", maxLength: Limits.referenceLengthMax) ?? ""
        refuseUnknown(except: [
            "payment", "raise_credit_note", "credit_note", "lines", "amount", "mode", "payment_method", "gateway",
            "effective_on", "reason", "initiator", "description", "reference",
        ])
        try finish()
        guard let source, let amount else { throw .bug }
        return RequestRefund(
            organization: caller.organization, client: caller.client, source: source, amount: amount, way: way,
            effectiveOn: effectiveOn, reason: reason, initiator: initiator, description: description,
            reference: reference, expectedRemaining: remaining)
    }

    private mutating func source() -> RequestRefund.Source? {
        let raisesNote = bool("raise_credit_note") ?? false
        let lines = requestedLines()
        switch (reference("payment"), reference("credit_note")) {
        case (let payment?, nil): return .payment(payment, raisingNote: raisesNote)
        case (nil, let note?): return .creditNote(note, lines: lines)
        case (nil, nil): problem("payment", .missing)
        case (.some, .some): problem("credit_note", .value("absent where a payment is named"))
        }
        return nil
    }

    private mutating func requestedLines() -> [RequestedLine] {
        var lines: [RequestedLine] = []
        for var nested in objects("lines", maxCount: Limits.requestedLinesMax) {
            let item = nested.reference("item")
            let tax = nested.reference("tax")
            let amount = nested.requiredDecimal("amount", accepting: .numberOrText)
            if item == nil, tax == nil { nested.problem("item", .missing) }
            if item != nil, tax != nil { nested.problem("tax", .value("absent where an item is named")) }
            nested.refuseUnknown(except: ["item", "tax", "amount"])
            take(problemsOf: nested)
            guard let reference = item ?? tax, let amount else { continue }
            lines.append(RequestedLine(reference: reference, kind: item == nil ? .tax : .item, amount: amount))
        }
        return lines
    }

    private mutating func way() -> RequestRefund.Way {
        let mode = mode("mode")
        let method = reference("payment_method")
        let gateway = text("gateway", maxLength: Limits.nameLengthMax)
        if mode != nil, method != nil { problem("payment_method", .value("absent where a mode is named")) }
        if gateway != nil, method == nil { problem("gateway", .value("absent where no payment_method is named")) }
        if let mode { return .offline(mode) }
        return method.map { .method($0, through: gateway.map(GatewayName.init)) } ?? .asTaken
    }

    fileprivate mutating func resolution() throws(Failure) -> Resolution {
        let outcome = requiredChoice("state", among: Resolution.Outcome.allCases.map { ($0.rawValue, $0) })
        let failure = choice("failure_reason", among: FailureReason.self)
        let reason = requiredText("reason", maxLength: Limits.descriptionLengthMax) ?? ""
        let evidence = requiredText("evidence", maxLength: Limits.descriptionLengthMax) ?? ""
        let person = requiredText("person", maxLength: Limits.nameLengthMax) ?? ""
        let paid = decimal("paid", accepting: .numberOrText)
        if paid != nil, outcome == .failed { problem("paid", .value("absent where the refund failed")) }
        refuseUnknown(except: ["state", "failure_reason", "paid", "reason", "evidence", "person"])
        try finish()
        guard let outcome else { throw .bug }
        return Resolution(
            outcome: outcome, failure: failure, paid: paid, reason: reason, evidence: evidence, person: person)
    }
}
