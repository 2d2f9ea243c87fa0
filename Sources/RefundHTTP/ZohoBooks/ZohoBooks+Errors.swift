import HTTPTypes
import RefundDomain
package import RefundService

extension ZohoBooks {
    /// The row of the table for a failure.
    package func reply(to failure: Failure, of call: Call) -> Reply { Complaint(failure).reply }

    /// The row of the table for a request that reaches no handler.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply { Complaint(problem).reply }

    /// One row of the table of errors: the status, and the body's `code` and `message`.
    struct Complaint {
        let status: HTTPResponse.Status
        let code: Int64
        let message: String

        var reply: Reply {
            .json(status) { body in
                body.field("code", code)
                body.field("message", message)
            }
        }
    }
}

extension ZohoBooks.Complaint {
    fileprivate init(_ failure: Failure) {
        switch failure {
        case .refund(let error): self.init(error)
        case .input(let problems): self.init(problems)
        case .notFound(let kind, let text): self.init(missing: kind, text)
        case .conflict, .chargeOfAnotherPayment:
            self.init(status: .conflict, code: 2, message: "What is stored contradicts the request.")
        case .unauthenticated, .denied:
            self.init(status: .unauthorized, code: 57, message: "You are not authorized to perform this operation")
        case .foreignTenant(nil): self.init(status: .badRequest, code: 6024, message: "The organization_id is missing.")
        case .foreignTenant(.some):
            self.init(
                status: .badRequest, code: 6024, message: "The organization_id does not match the account context.")
        case .unavailable:
            self.init(status: .serviceUnavailable, code: 1000, message: "Not available just now; send it again.")
        case .sendingOff:
            self.init(status: .serviceUnavailable, code: 1000, message: Failure.sendingOffMessage)
        case .bug: self.init(status: .internalServerError, code: 1000, message: "Internal error")
        }
    }

    fileprivate init(_ problem: TransportProblem) {
        let (code, message): (Int64, String) =
            switch problem {
            case .noSuchPath: (5, "Invalid URL Passed")
            case .wrongMethod: (37, problem.message)
            case .badQuery, .bodyTooLarge, .bodyTooSlow, .badEncoding: (2, problem.message)
            case .bug: (1000, "Internal error")
            }
        self.init(status: problem.status, code: code, message: message)
    }

    /// One answer for all that is wrong: the code of the first problem, and a sentence for each.
    private init(_ problems: [InputProblem]) {
        let code: Int64 =
            switch problems.first?.kind {
            case .tooLong: 15
            case .malformed, .missing, .unknown, .type, .value, .tooMany, .tooPrecise, .duplicate, nil: 2
            }
        let names = problems.map { $0.field.isEmpty ? "JSONString" : $0.field }.joined(separator: ", ")
        let sentences = problems.map(\.message).joined(separator: " ")
        self.init(status: .badRequest, code: code, message: "Invalid value passed for \(names). \(sentences)")
    }

    /// A contact's identifier is a parameter with a wrong value; any other record does not exist.
    private init(missing kind: RecordKind, _ text: String) {
        let status: HTTPResponse.Status = text.isDecimalDigits ? .notFound : .badRequest
        let (code, message): (Int64, String) =
            switch kind {
            case .party: (2, "Invalid value passed for contact_id")
            case .payment: (1002, "Payment does not exist.")
            case .paymentMethod: (1002, "Card does not exist.")
            case .creditNote: (1002, "Credit note does not exist.")
            case .creditNoteLine: (1002, "Line item does not exist.")
            case .refund, .exception: (1002, "Refund does not exist.")
            }
        self.init(status: status, code: code, message: message)
    }

    private init(_ error: RefundError) {
        let (status, code): (HTTPResponse.Status, Int64) =
            switch error {
            case .keyReused: (.unprocessableContent, 2)
            case .keyInProgress, .duplicateOpen, .remainingChanged, .stepNotAllowed, .notCancelable:
                (.conflict, 2)
            case .noteIsSpent: (.badRequest, 12003)
            case .noteIsVoid: (.badRequest, 12004)
            case .paymentRefunded, .exceedsPayment, .exceedsRemaining, .exceedsPaymentBehindNote: (.badRequest, 24016)
            case .amountTooPrecise, .amountTooSmall, .amountOverflow, .noteIsDraft, .paymentNotCaptured,
                .paymentDisputed, .refundWindowOver, .dateBeforeSource, .lineUnknown, .lineNamedTwice,
                .lineExceedsRemaining, .linesDoNotAddUp, .tooManyLines, .methodClosed, .methodOfAnotherParty,
                .methodOfAnotherGateway, .paymentBehindNoteMismatched, .chargeOfSeveralPayments,
                .paymentNotByGateway, .methodIsOffline, .gatewayUnknown, .gatewayNotAble, .gatewayWindowOver,
                .evidenceMissing, .paidAmountNotSupported:
                (.badRequest, 2)
            }
        self.init(status: status, code: code, message: error.message)
    }
}
