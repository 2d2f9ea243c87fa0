import HTTPTypes
import RefundDomain
import RefundService

extension Zuora {
    /// The documented path first, then the spellings that callers were found to use.
    var creditMemoRefundRoutes: [Route] {
        ["/credit-memos/{key}/refund", "/creditmemos/{key}/refunds", "/credit-memos/{key}/refunds"].map {
            .post($0, scope: Scope.writeRefunds, bounds.bounding(refundCreditMemo))
        }
    }

    /// `POST /v1/credit-memos/{creditMemoKey}/refund`.
    private func refundCreditMemo(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let organization = try await operations.organization(caller.organization)
        let refund: CreditMemoRefund
        do throws(Failure) {
            refund = try CreditMemoRefund(reading: call, of: caller, in: organization)
        } catch {
            return try await refuse(error, call, caller)
        }
        do throws(Failure) {
            return refund.reply(to: try await operations.requestRefund(refund.request))
        } catch {
            return refund.reply(to: error)
        }
    }
}

extension Zuora {
    /// Refuses a request that could not be read; under a key, the refusal is kept and replayed as any answer is.
    private func refuse(_ failure: Failure, _ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        guard let key = try call.tenantKey(of: caller) else { throw failure }
        let issued = try await operations.refuse(
            failure, under: key, of: caller.organization, in: Zuora.dialectName
        ) { _ in
            let reply = reply(to: failure, of: call)
            return StoredAnswer(status: reply.status.code, body: reply.body)
        }
        switch issued {
        case .refund: throw failure
        case .replay(let answer): return .json(HTTPResponse.Status(code: answer.status), bytes: answer.body)
        }
    }
}

extension Call {
    /// One space of keys for the whole tenant: whichever of its clients repeats a request, it is the same one.
    fileprivate func tenantKey(of caller: Caller) throws(Failure) -> IdempotencyKey? {
        try idempotencyKey(in: Zuora.dialectName.text, caller: caller.asTenant)
    }
}

/// A request for the refund of a credit memo, and the answers to it.
private struct CreditMemoRefund {
    let call: Call
    let command: RequestRefund
    let key: IdempotencyKey?
    let digest: String

    init(reading call: Call, of caller: Caller, in organization: Organization) throws(Failure) {
        self.call = call
        key = try call.tenantKey(of: caller)
        digest = call.digest(of: caller)
        let memo = Zuora.RecordID.reference(call.parameter("key"), in: organization.id, mayBeNumber: true)
        let expected = try call.expectedRemaining()
        var reading = RefundReading(try call.jsonObject(), for: organization, knowsCustomRates: call.knowsCustomRates)
        var command = try reading.command(for: caller, refunding: memo)
        command.expectedRemaining = expected
        self.command = command
    }

    /// The request as the service takes it, with the words in which the answer is kept for a replay.
    var request: RefundRequest {
        RefundRequest(command: command, dialect: Zuora.dialectName, digest: digest, key: key) { result in
            let reply = reply(to: result)
            return StoredAnswer(status: reply.status.code, body: reply.body)
        }
    }

    func reply(to issued: IssuedRefund) -> Reply {
        switch issued {
        case .refund(let view): reply(to: view)
        case .replay(let answer): .json(HTTPResponse.Status(code: answer.status), bytes: answer.body)
        }
    }

    func reply(to failure: Failure) -> Reply {
        Zuora.Refusal(failure, asked: command.amount).reply(to: call)
    }

    private func reply(to result: Result<RefundView, Failure>) -> Reply {
        switch result {
        case .success(let view): reply(to: view)
        case .failure(let failure): reply(to: failure)
        }
    }

    /// A refund that its gateway declined fails the call; one that the gateway has yet to decide on does not.
    private func reply(to view: RefundView) -> Reply {
        switch view.refund.state {
        case .failed:
            Zuora.Refusal(declined: view.refund, view.payout).reply(to: call)
        case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown, .succeeded, .canceled, .voided,
            .returned:
            .json(.ok) { Zuora.RefundObject(view, .issued).write(into: &$0) }
        }
    }
}

extension Caller {
    /// The caller as any client of its organization.
    fileprivate var asTenant: Caller {
        Caller(organization: organization, client: ClientID(0), scopes: scopes)
    }
}

extension Call {
    /// Whether the version that the call asks for has custom rates: 224.0 and later, any dated one, and none at all.
    fileprivate var knowsCustomRates: Bool {
        let version = headers[.fieldName("Zuora-Version")] ?? ""
        return Int(version.prefix { $0 != "." }).map { $0 >= 224 } ?? true
    }
}

// MARK: Reading

/// Reads the body of the call, to its end, so that the gravest of several problems is told.
private struct RefundReading {
    /// What a refund of one type says of its way.
    private struct Terms {
        let way: RequestRefund.Way
        let day: LocalDate?
    }

    private static let knownFields: Set<String> = [
        "type", "totalAmount", "methodType", "paymentMethodId", "gatewayId", "paymentGatewayNumber", "gatewayOptions",
        "items", "refundDate", "reasonCode", "comment", "referenceId", "secondRefundReferenceId", "softDescriptor",
        "softDescriptorPhone", "financeInformation",
    ]

    private let sent: JSONObject
    private let organization: Organization
    private var body: FieldReader

    init(_ sent: JSONObject, for organization: Organization, knowsCustomRates: Bool) {
        self.sent = sent
        self.organization = organization
        body = FieldReader(sent.withoutEmptyTexts)
        var names = FieldReader(sent)
        let known = Self.knownFields.union(Zuora.Annotations.connectorFields)
        names.refuseUnknown(
            except: knowsCustomRates ? known.union(["customRates"]) : known, where: Zuora.Annotations.isCustom)
        body.take(problemsOf: names)
    }

    mutating func command(for caller: Caller, refunding memo: RecordReference) throws(Failure) -> RequestRefund {
        let amount = body.requiredDecimal("totalAmount", accepting: .numberOrText)
        let terms = readTerms()
        let lines = readLines()
        let reason = body.choice("reasonCode", among: Zuora.ReasonCode.words(with: organization.settings))
        let comment = body.text("comment", maxLength: 255)
        let reference = body.text("referenceId", maxLength: 100)
        checkAnnotations()
        checkCustomRates()
        checkFinanceInformation()
        try body.finish()
        guard let amount, let terms else { throw .bug }
        return RequestRefund(
            organization: caller.organization, client: caller.client, source: .creditNote(memo, lines: lines),
            amount: amount, way: terms.way, partyRole: .customer, effectiveOn: terms.day, reason: reason?.reason,
            description: comment ?? "", reference: reference ?? "",
            annotations: Zuora.Annotations(of: sent, reason: reason ?? .standardRefund).stored)
    }

    private mutating func readTerms() -> Terms? {
        switch body.requiredChoice("type", among: Zuora.RefundType.words) {
        case .external: readExternalTerms()
        case .electronic: readElectronicTerms()
        case nil: nil
        }
    }

    private mutating func readExternalTerms() -> Terms? {
        let day = body.date("refundDate")
        for name in ["paymentMethodId", "gatewayId", "paymentGatewayNumber"] {
            refuse(name, unless: "empty for an external refund")
        }
        let type = body.requiredChoice("methodType", among: Zuora.MethodType.words)
        return type.map { Terms(way: .offline($0.mode), day: day) }
    }

    /// An electronic refund takes effect today, whatever date is sent.
    private mutating func readElectronicTerms() -> Terms? {
        _ = body.date("refundDate")
        refuse("methodType", unless: "empty for an electronic refund")
        let gatewayID = body.text("gatewayId", maxLength: 35)
        let gatewayNumber = body.text("paymentGatewayNumber", maxLength: 40)
        guard let method = body.requiredText("paymentMethodId", maxLength: Limits.externalIDLengthMax) else {
            return nil
        }
        let reference = Zuora.RecordID.reference(method, in: organization.id)
        return Terms(
            way: .method(reference, through: (gatewayID ?? gatewayNumber).map(GatewayName.init)), day: nil)
    }

    private mutating func refuse(_ name: String, unless allowed: String) {
        if body.value(name) != nil { body.problem(name, .value(allowed)) }
    }

    // MARK: Lines

    private mutating func readLines() -> [RequestedLine] {
        var lines: [RequestedLine] = []
        var named: Set<RecordReference> = []
        for var entry in body.objects("items", maxCount: Limits.requestedLinesMax) {
            entry.refuseUnknown(except: ["amount", "creditMemoItemId", "creditTaxItemId"])
            let amount = entry.requiredDecimal("amount", accepting: .numberOrText)
            if let (name, kind) = readKind(of: &entry), let reference = readLine(name, of: &entry) {
                if !named.insert(reference).inserted { entry.problem(name, .duplicate) }
                if let amount { lines.append(RequestedLine(reference: reference, kind: kind, amount: amount)) }
            }
            body.take(problemsOf: entry)
        }
        return lines
    }

    /// Which of the two identifiers an entry brings: exactly one is right.
    private func readKind(of entry: inout FieldReader) -> (name: String, kind: RequestedLine.Kind)? {
        switch (entry.value("creditMemoItemId"), entry.value("creditTaxItemId")) {
        case (nil, nil): entry.problem("creditMemoItemId", .missing)
        case (_?, nil): return ("creditMemoItemId", .item)
        case (nil, _?): return ("creditTaxItemId", .tax)
        case (_?, _?): entry.problem("creditTaxItemId", .value("empty beside a creditMemoItemId"))
        }
        return nil
    }

    private func readLine(_ name: String, of entry: inout FieldReader) -> RecordReference? {
        let text = entry.text(name, maxLength: Limits.externalIDLengthMax)
        return text.map { Zuora.RecordID.reference($0, in: organization.id) }
    }

    // MARK: What is only kept

    private mutating func checkAnnotations() {
        _ = body.text("secondRefundReferenceId", maxLength: 100)
        _ = body.text("softDescriptor", maxLength: 35)
        _ = body.text("softDescriptorPhone", maxLength: 20)
        for name in Zuora.Annotations.connectorFields { _ = body.text(name, maxLength: 255) }
        _ = body.object("gatewayOptions")
    }

    private mutating func checkCustomRates() {
        var currencies: Set<String> = []
        for var entry in body.objects("customRates", maxCount: 2) {
            entry.refuseUnknown(except: ["currency", "customFxRate", "rateDate"])
            let currency = entry.requiredText("currency", maxLength: 3)
            if let currency, !currencies.insert(currency).inserted { entry.problem("currency", .duplicate) }
            checkRate("customFxRate", of: &entry)
            _ = entry.date("rateDate")
            body.take(problemsOf: entry)
        }
    }

    private func checkRate(_ name: String, of entry: inout FieldReader) {
        switch entry.value(name) {
        case nil: entry.problem(name, .missing)
        case .number(let number): if ExchangeRate(number.text) == nil { entry.problem(name, Self.rateForm) }
        case .string(let text): if ExchangeRate(text) == nil { entry.problem(name, Self.rateForm) }
        case .null, .bool, .array, .object: entry.problem(name, .type("a number, or a number as text"))
        }
    }

    private static let rateForm = InputProblem.Kind.value("a rate greater than zero, such as 1.25")

    private mutating func checkFinanceInformation() {
        guard var finance = body.object("financeInformation") else { return }
        let codes = ["bankAccountAccountingCode", "onAccountAccountingCode", "unappliedPaymentAccountingCode"]
        finance.refuseUnknown(except: Set(codes + ["transferredToAccounting"]))
        for code in codes { _ = finance.text(code, maxLength: 100) }
        _ = finance.choice("transferredToAccounting", among: Zuora.TransferState.self)
        body.take(problemsOf: finance)
    }
}

extension JSONObject {
    /// The object without its empty texts: a field that is left empty is one that is not given.
    fileprivate var withoutEmptyTexts: JSONObject {
        JSONObject(fields.compactMap { field in field.value.withoutEmptyTexts.map { Field(field.name, $0) } }) ?? .empty
    }
}

extension JSONValue {
    fileprivate var withoutEmptyTexts: JSONValue? {
        switch self {
        case .string(let text): text.isEmpty ? nil : self
        case .object(let object): .object(object.withoutEmptyTexts)
        case .array(let values): .array(values.map { $0.withoutEmptyTexts ?? $0 })
        case .null, .bool, .number: self
        }
    }
}
