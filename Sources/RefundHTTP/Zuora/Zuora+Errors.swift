import HTTPTypes
import RefundDomain
package import RefundService

extension Zuora {
    /// What kind of mistake it is: the last two digits of an error code, which is what clients compare.
    enum Category: Int {
        case permission = 10
        case authentication = 11
        case format = 20
        case unknownField = 21
        case missingField = 22
        case rule = 30
        case notFound = 40
        case unsupported = 45
        case contention = 50
        case internalError = 60
        case temporaryError = 61
        case exceededLimit = 70
        case malformed = 90
        case integration = 99

        /// The HTTP status of an ordinary failure of this kind.
        ///
        /// Business failures are answered with 200 and `"success": false`, as the servers of Zuora do; clients that
        /// rather want a 4xx need a change in this switch and nowhere else.
        var status: HTTPResponse.Status {
            switch self {
            case .permission, .format, .unknownField, .missingField, .rule, .notFound, .contention, .integration: .ok
            case .malformed: .badRequest
            case .authentication: .unauthorized
            case .unsupported: .methodNotAllowed
            case .internalError: .internalServerError
            case .temporaryError: .serviceUnavailable
            case .exceededLimit: .tooManyRequests
            }
        }

        init(_ kind: InputProblem.Kind) {
            switch kind {
            case .malformed: self = .malformed
            case .unknown: self = .unknownField
            case .missing: self = .missingField
            case .type, .value, .tooLong, .tooMany, .tooPrecise, .duplicate: self = .format
            }
        }

        /// Which of several problems is told: the least.
        var precedence: Int {
            switch self {
            case .malformed: 0
            case .unknownField: 1
            case .missingField: 2
            case .format: 3
            case .permission, .authentication, .rule, .notFound, .unsupported, .contention, .internalError,
                .temporaryError, .exceededLimit, .integration:
                4
            }
        }
    }

    /// What the mistake is about: the first six digits of an error code.
    ///
    /// Zuora's own list is not public, but for the unknown object and authentication; the others are ours.
    enum Resource: Int {
        case unknownObject = 500_000
        case authentication = 900_000
        case refund = 600_100
        case type = 600_101
        case totalAmount = 600_102
        case methodType = 600_103
        case paymentMethodID = 600_104
        case refundDate = 600_105
        case items = 600_106
        case gatewayID = 600_107
        case reasonCode = 600_108
        case customRates = 600_109
        case financeInformation = 600_110
        case otherText = 600_111
        case idempotency = 600_120
        case refundUpdate = 600_600

        /// The resource of a field, by the name at the head of its path.
        init(field path: String) {
            self = Self.byField[String(path.prefix { $0 != "." && $0 != "[" })] ?? .refund
        }

        private static let byField: [String: Resource] = {
            var table: [String: Resource] = [
                "type": .type, "totalAmount": .totalAmount, "methodType": .methodType,
                "paymentMethodId": .paymentMethodID, "refundDate": .refundDate, "items": .items,
                "gatewayId": .gatewayID, "paymentGatewayNumber": .gatewayID, "reasonCode": .reasonCode,
                "customRates": .customRates, "financeInformation": .financeInformation,
                "Idempotency-Key": .idempotency,
            ]
            let texts = ["comment", "gatewayOptions", "referenceId", "secondRefundReferenceId", "softDescriptor"]
            for text in texts + ["softDescriptorPhone"] + Annotations.connectorFields { table[text] = .otherText }
            return table
        }()
    }

    /// Why a call fails: one reason, the first in order of precedence.
    struct Refusal {
        let resource: Resource
        let category: Category
        let message: String
        let status: HTTPResponse.Status

        init(_ resource: Resource, _ category: Category, _ message: String, status: HTTPResponse.Status? = nil) {
            self.resource = resource
            self.category = category
            self.message = message
            self.status = status ?? category.status
        }
    }
}

// MARK: From failures to refusals

extension Zuora.Refusal {
    /// A failure of a call; `asked` is the amount that was asked for, where it was read.
    init(_ failure: Failure, asked: DecimalAmount? = nil) {
        switch failure {
        case .refund(let error): self.init(error, asked: asked)
        case .input(let problems): self.init(problems)
        case .notFound(let kind, let key): self.init(Self.resource(of: kind), .notFound, Self.noEntity(key))
        case .conflict, .chargeOfAnotherPayment:
            self.init(.refund, .rule, "What is stored contradicts the request.")
        case .unauthenticated, .foreignTenant: self.init(.authentication, .authentication, "Authentication error")
        case .denied: self.init(.refund, .permission, "You do not have permission to do this.")
        case .unavailable:
            self.init(.unknownObject, .temporaryError, "The request cannot be processed now; send it again.")
        case .sendingOff: self.init(.unknownObject, .temporaryError, Failure.sendingOffMessage)
        case .bug: self.init(.unknownObject, .internalError, "Something went wrong on our side.")
        }
    }

    private init(_ problems: [InputProblem]) {
        let worst = problems.min { Zuora.Category($0.kind).precedence < Zuora.Category($1.kind).precedence }
        self.init(
            Zuora.Resource(field: worst?.field ?? ""), worst.map { Zuora.Category($0.kind) } ?? .malformed,
            worst?.message ?? "The request cannot be read.")
    }

    private init(_ error: RefundError, asked: DecimalAmount?) {
        switch error {
        case .keyReused: self.init(.idempotency, .rule, error.message, status: .unprocessableContent)
        case .keyInProgress: self.init(.idempotency, .contention, error.message, status: .conflict)
        // A rule, and no contention: those are repeated by themselves.
        case .duplicateOpen: self.init(.refund, .rule, error.message)
        case .amountTooPrecise, .amountOverflow: self.init(.totalAmount, .format, error.message)
        case .amountTooSmall: self.init(.totalAmount, .rule, error.message)
        case .noteIsDraft: self.init(.refund, .rule, "A credit memo that is Draft cannot be refunded; post it first.")
        case .noteIsVoid: self.init(.refund, .rule, "A credit memo that is Canceled cannot be refunded.")
        case .noteIsSpent: self.init(.totalAmount, .rule, Self.exceeds(asked, unapplied: "0"))
        case .exceedsRemaining(let remaining), .exceedsPayment(let remaining):
            self.init(.totalAmount, .rule, Self.exceeds(asked, unapplied: Zuora.Amount.text(remaining)))
        case .exceedsPaymentBehindNote: self.init(.totalAmount, .rule, error.message)
        case .paymentNotCaptured, .paymentDisputed, .paymentRefunded, .refundWindowOver, .remainingChanged,
            .paymentNotByGateway, .paymentBehindNoteMismatched, .chargeOfSeveralPayments:
            self.init(.refund, .rule, error.message)
        case .dateBeforeSource(let date):
            self.init(.refundDate, .rule, "The refund date is before \(date), the date of the credit memo.")
        case .lineUnknown(let index):
            self.init(.items, .notFound, "Entry \(index + 1) names an item that is not on the credit memo.")
        case .lineNamedTwice: self.init(.items, .format, error.message)
        case .lineExceedsRemaining, .linesDoNotAddUp, .tooManyLines: self.init(.items, .rule, error.message)
        case .methodClosed, .methodOfAnotherParty, .methodIsOffline:
            self.init(.paymentMethodID, .rule, error.message)
        case .gatewayUnknown(let gateway): self.init(.gatewayID, .notFound, Self.noEntity(gateway.text))
        case .gatewayNotAble, .gatewayWindowOver, .methodOfAnotherGateway: self.init(.gatewayID, .rule, error.message)
        case .stepNotAllowed, .notCancelable, .evidenceMissing, .paidAmountNotSupported:
            self.init(.refundUpdate, .rule, error.message)
        }
    }

    /// A refund that its gateway declined: the call fails, and the refund stays listed with the status Error.
    init(declined refund: Refund, _ payout: Payout?) {
        let code = payout.map(\.responseCode) ?? ""
        let words = payout.map(\.responseMessage) ?? ""
        let reply = (code.isEmpty ? "" : " (\(code))") + (words.isEmpty ? "." : ": \(words)")
        self.init(.refund, .integration, "The gateway declined refund \(refund.number)\(reply)")
    }

    private static func resource(of kind: RecordKind) -> Zuora.Resource {
        switch kind {
        case .creditNote, .refund, .party, .payment, .exception: .unknownObject
        case .paymentMethod: .paymentMethodID
        case .creditNoteLine: .items
        }
    }

    private static func noEntity(_ key: String) -> String { "Cannot find entity by key: '\(key)'." }

    private static func exceeds(_ asked: DecimalAmount?, unapplied: String) -> String {
        let amount = asked.map { "The total amount \(Zuora.Amount.text($0))" } ?? "The total amount"
        return "\(amount) is more than the unapplied amount \(unapplied) of the credit memo."
    }
}

extension Zuora.Refusal {
    /// A request that reached no handler.
    init(_ problem: TransportProblem) {
        switch problem {
        case .noSuchPath: self.init(.unknownObject, .notFound, problem.message, status: problem.status)
        case .wrongMethod: self.init(.unknownObject, .unsupported, problem.message)
        case .badQuery, .bodyTooLarge, .bodyTooSlow, .badEncoding:
            self.init(.refund, .malformed, problem.message, status: problem.status)
        case .bug: self.init(.unknownObject, .internalError, problem.message)
        }
    }
}

// MARK: From refusals to answers

extension Zuora {
    /// A failure as the envelope that carries its code.
    package func reply(to failure: Failure, of call: Call) -> Reply { Refusal(failure).reply(to: call) }

    /// The same envelope for what is wrong with a request before it reaches a handler.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply { Refusal(problem).reply(to: call) }
}

extension Zuora.Refusal {
    /// The envelope of every failure.
    ///
    /// An answer with the status 401 satisfies the SDK's model of that status as well, which reads `message`.
    func reply(to call: Call) -> Reply {
        .json(status) { body in
            if status == .unauthorized { body.field("message", message) }
            body.field("success", false)
            body.field("processId", Self.processID(of: call))
            body.array("reasons") { reasons in
                reasons.object { reason in
                    reason.field("code", code(on: resource(answering: call)))
                    reason.field("message", message)
                }
            }
            body.field("requestId", call.requestID)
        }
    }

    /// A failing GET brings no payload that could be at fault: its resource is always the unknown object.
    private func resource(answering call: Call) -> Zuora.Resource {
        call.method == .get && category != .authentication ? .unknownObject : resource
    }

    /// The eight digits of the reason.
    func code(on resource: Zuora.Resource) -> Int64 { Int64(resource.rawValue) * 100 + Int64(category.rawValue) }

    /// Sixteen upper-case hexadecimal digits, the last ones of the call's identifier.
    private static func processID(of call: Call) -> String {
        String(call.requestID.filter { $0 != "-" }.suffix(16)).uppercased()
    }
}
