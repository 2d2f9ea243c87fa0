import HTTPTypes
import RefundDomain
import RefundService

// Exceptions: listed, shown with their life, resolved with a reason, opened again.

extension Native {
    @Sendable func listExceptions(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let (query, record) = try call.exceptionQuery()
        let page = try await operations.listExceptions(query, narrowedTo: record, of: caller.organization)
        return .json(.ok) { body in
            body.array("exceptions") { list in
                for exception in page.exceptions { list.object { $0.write(exception) } }
            }
            body.field("next", page.next?.text)
        }
    }

    @Sendable func showException(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let history = try await operations.retrieveException(call.exception, of: caller.organization)
        return .json(.ok) { body in
            body.object("exception") { $0.write(history.exception) }
            body.array("steps") { list in for step in history.steps { list.object { $0.write(step) } } }
        }
    }

    @Sendable func resolveException(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = FieldReader(try call.jsonObject())
        let reason = fields.requiredText("reason", maxLength: Limits.descriptionLengthMax) ?? ""
        fields.refuseUnknown(except: ["reason"])
        try fields.finish()
        return try await answer(
            performing: await operations.resolveException(
                call.exception, of: caller.organization, by: caller.actor, because: reason,
                under: try call.answerKey(of: caller, with: Self.written)),
            with: Self.written)
    }

    @Sendable func reopenException(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = try call.optionalFields()
        let reason = fields.text("reason", maxLength: Limits.descriptionLengthMax) ?? ""
        fields.refuseUnknown(except: ["reason"])
        try fields.finish()
        return try await answer(
            performing: await operations.reopenException(
                call.exception, of: caller.organization, by: caller.actor, because: reason,
                under: try call.answerKey(of: caller, with: Self.written)),
            with: Self.written)
    }

    @Sendable private static func written(_ exception: RefundException) -> Reply {
        .json(.ok) { $0.write(exception) }
    }
}

extension Call {
    fileprivate var exception: ExceptionID { ExceptionID(text: parameter("id")) }

    /// Filters: `kind` and `state`, each one or several, `refund`, `payment`; pages: `limit`, and `after` with the last
    /// page's `next`.
    ///
    /// Any other parameter is refused: a filter that is written wrong must not list everything.
    fileprivate func exceptionQuery() throws(Failure) -> (ExceptionQuery, ExceptionRecord?) {
        var query = ExceptionQuery()
        var problems: [InputProblem] = []
        let known = ["kind", "state", "refund", "payment", "limit", "after"]
        for (name, _) in self.query where !known.contains(name) {
            problems.append(InputProblem(field: name, kind: .unknown))
        }
        if let text = queryValue("limit") {
            if let limit = Int(text), (1...Limits.pageRowsMax).contains(limit) {
                query.limit = limit
            } else {
                problems.append(InputProblem(field: "limit", kind: .value("1 to \(Limits.pageRowsMax)")))
            }
        }
        if let text = queryValue("after") {
            query.after = ExceptionQuery.Position(text: text)
            if query.after == nil {
                problems.append(InputProblem(field: "after", kind: .value("the next of the page before")))
            }
        }
        if let text = queryValue("kind") {
            query.kinds = words(of: text, "kind", "kinds of exceptions", &problems)
        }
        if let text = queryValue("state") {
            query.states = words(of: text, "state", "states of exceptions", &problems)
        }
        let records = [
            queryValue("refund").map { ExceptionRecord.refund(NativeWords.reference($0)) },
            queryValue("payment").map { ExceptionRecord.payment(NativeWords.reference($0)) },
        ].compactMap { $0 }
        if records.count > 1 {
            problems.append(InputProblem(field: "payment", kind: .value("absent where a refund is named")))
        }
        guard problems.isEmpty else { throw .input(problems) }
        return (query, records.first)
    }

    /// The words that stand in a text between commas, each once; a problem where one of them is none.
    private func words<T: RawRepresentable<String> & CaseIterable & Equatable>(
        of text: String, _ field: String, _ expected: String, _ problems: inout [InputProblem]
    ) -> [T] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let all = names.map(T.init(rawValue:))
        if all.contains(nil) { problems.append(InputProblem(field: field, kind: .value(expected))) }
        return T.allCases.filter { all.contains($0) }
    }
}

extension ExceptionQuery.Position {
    /// Where a page ends, as the next one is asked for.
    fileprivate var text: String { "\(openedAt.microseconds):\(id.text)" }

    fileprivate init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let microseconds = Int64(parts[0]) else { return nil }
        self.init(openedAt: Instant(microseconds: microseconds), id: ExceptionID(text: parts[1]))
    }
}

extension JSONFields {
    /// An exception as it stands.
    fileprivate mutating func write(_ exception: RefundException) {
        field("id", exception.id.text)
        field("kind", exception.kind.rawValue)
        field("state", exception.state.rawValue)
        field("refund", exception.refund?.description)
        field("payment", exception.payment?.description)
        field("credit_note", exception.creditNote?.description)
        field("gateway", exception.origin?.gateway.text)
        field("gateway_reference", exception.origin?.reference)
        field("cause", exception.cause)
        field("detail", exception.detail)
        field("opened_at", Timestamps.utc(exception.openedAt))
        field("resolved_at", exception.resolution.map { Timestamps.utc($0.at) })
        field("resolved_by", exception.resolution?.by)
        field("resolution", exception.resolution?.reason)
        field("revision", exception.revision)
    }

    /// One step in the life of an exception.
    fileprivate mutating func write(_ step: ExceptionStep) {
        field("revision", step.revision)
        field("event", step.event.rawValue)
        field("at", Timestamps.utc(step.at))
        field("actor", step.actor)
        field("remark", step.remark)
    }
}
