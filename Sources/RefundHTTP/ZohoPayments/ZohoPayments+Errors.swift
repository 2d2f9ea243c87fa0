import HTTPTypes
import RefundDomain
package import RefundService

extension ZohoPayments {
    /// The row of the table for a failure.
    package func reply(to failure: Failure, of call: Call) -> Reply { Complaint(failure).reply }

    /// The row of the table for a request that reaches no handler.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply { Complaint(problem).reply }

    /// One row of the table of errors: the status, and the body's `code` and `message`.
    struct Complaint {
        /// `code`: a text on failure, though a number on success.
        enum Code: String {
            case resourceDoesNotExist = "resource_does_not_exist"
            case refundCannotBeInitiated = "refund_cannot_be_initiated"
            case invalidRequest = "invalid_request"
            case invalidToken = "invalid_oauthtoken"
            case error
        }

        let status: HTTPResponse.Status
        let code: Code
        let message: String

        /// The answer that says so.
        var reply: Reply {
            .json(status) { body in
                body.field("code", code.rawValue)
                body.field("message", message)
            }
        }

        /// More calls in a minute than the account allows.
        static let tooManyCalls = Complaint(
            status: .tooManyRequests, code: .error, message: "Too many refund calls; wait a minute.")
    }
}

extension ZohoPayments.Complaint {
    fileprivate init(_ failure: Failure) {
        switch failure {
        case .refund(let error): self.init(error)
        case .input(let problems):
            self.init(
                status: .badRequest, code: .invalidRequest, message: problems.map(\.message).joined(separator: " "))
        case .notFound(let kind, let text): self.init(missing: kind, text)
        case .conflict, .chargeOfAnotherPayment:
            self.init(status: .conflict, code: .invalidRequest, message: "What is stored contradicts the request.")
        case .unauthenticated:
            self.init(status: .unauthorized, code: .invalidToken, message: "The access token is missing or dead.")
        case .denied: self.init(status: .forbidden, code: .error, message: "You are not authorized for this operation.")
        case .foreignTenant(nil):
            self.init(status: .badRequest, code: .invalidRequest, message: "The account_id is missing.")
        case .foreignTenant(.some): self.init(status: .notFound, code: .error, message: "Not Authorised")
        case .unavailable:
            self.init(status: .serviceUnavailable, code: .error, message: "Not available just now; send it again.")
        case .sendingOff:
            self.init(status: .serviceUnavailable, code: .error, message: Failure.sendingOffMessage)
        case .bug: self.init(status: .internalServerError, code: .error, message: "Internal error")
        }
    }

    fileprivate init(_ problem: TransportProblem) {
        let code: Code =
            switch problem {
            case .noSuchPath, .wrongMethod, .bug: .error
            case .badQuery, .bodyTooLarge, .bodyTooSlow, .badEncoding: .invalidRequest
            }
        self.init(status: problem.status, code: code, message: problem.message)
    }

    private init(missing kind: RecordKind, _ text: String) {
        let name =
            switch kind {
            case .party: "customer"
            case .payment: "payment"
            case .paymentMethod: "payment method"
            case .creditNote, .creditNoteLine: "document"
            case .refund, .exception: "refund"
            }
        self.init(
            status: text.isDecimalDigits ? .notFound : .badRequest, code: .resourceDoesNotExist,
            message: "The \(name) does not exist.")
    }

    private init(_ error: RefundError) {
        switch error {
        case .keyReused: self.init(.unprocessableContent, .invalidRequest, error)
        case .keyInProgress: self.init(.conflict, .invalidRequest, error)
        case .amountTooSmall: self.init(.badRequest, .invalidRequest, error, .amountTooSmall)
        case .amountTooPrecise, .amountOverflow, .dateBeforeSource, .lineUnknown, .lineNamedTwice,
            .lineExceedsRemaining, .linesDoNotAddUp, .tooManyLines, .methodClosed, .methodOfAnotherParty,
            .methodOfAnotherGateway, .paymentBehindNoteMismatched, .chargeOfSeveralPayments, .methodIsOffline,
            .evidenceMissing, .paidAmountNotSupported:
            self.init(.badRequest, .invalidRequest, error)
        case .exceedsPayment: self.init(.badRequest, .refundCannotBeInitiated, error, .exceedsPaymentAmount)
        case .exceedsRemaining, .exceedsPaymentBehindNote:
            self.init(.badRequest, .refundCannotBeInitiated, error, .exceedsBalanceAmount)
        case .paymentRefunded: self.init(.badRequest, .refundCannotBeInitiated, error, .paymentAlreadyRefunded)
        case .paymentDisputed: self.init(.badRequest, .refundCannotBeInitiated, error, .paymentAlreadyDisputed)
        case .paymentNotCaptured: self.init(.badRequest, .refundCannotBeInitiated, error, .paymentNotCaptured)
        case .refundWindowOver, .gatewayWindowOver:
            self.init(.badRequest, .refundCannotBeInitiated, error, .expiryTimeExceeded)
        case .noteIsDraft, .noteIsVoid, .noteIsSpent, .paymentNotByGateway, .gatewayUnknown, .gatewayNotAble:
            self.init(.badRequest, .refundCannotBeInitiated, error)
        case .duplicateOpen, .remainingChanged, .stepNotAllowed, .notCancelable:
            self.init(.conflict, .refundCannotBeInitiated, error)
        }
    }

    /// The message names the reason in the words of `failure_reason`, where they have one for it.
    private init(
        _ status: HTTPResponse.Status, _ code: Code, _ error: RefundError, _ reason: FailureReason? = nil
    ) {
        let word = reason.map { "\(ZohoPayments.Vocabulary.word(for: $0)): " } ?? ""
        self.init(status: status, code: code, message: word + error.message)
    }
}
