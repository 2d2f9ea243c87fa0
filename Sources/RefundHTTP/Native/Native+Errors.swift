import HTTPTypes
import RefundDomain
package import RefundService

extension Native {
    /// `{"error": {"code": …, "message": …}}`, and `problems` where the request itself is wrong.
    package func reply(to failure: Failure, of call: Call) -> Reply {
        switch failure {
        case .refund(.duplicateOpen(let refund, let number)):
            return reply(to: .duplicateOpen(refund, number), naming: refund, number)
        case .refund(let error):
            return reply(status(of: error), error.code, error.message)
        case .input(let problems):
            return reply(.badRequest, "invalid_request", problems.first?.message ?? "", problems)
        case .notFound(let kind, _):
            return reply(.notFound, "not_found", "There is no such \(kind.rawValue).")
        case .conflict(let text):
            return reply(.conflict, "conflict", text)
        case .chargeOfAnotherPayment(let payment, let text):
            return reply(to: text, naming: payment)
        case .unauthenticated:
            return reply(.unauthorized, "unauthenticated", "The token is missing, has ended, or is unknown.")
        case .denied(let scope):
            return reply(.forbidden, "denied", "The token does not carry \(scope).")
        case .foreignTenant:
            return reply(.forbidden, "denied", "The token belongs to another organization.")
        case .unavailable:
            return reply(.serviceUnavailable, "unavailable", "Nothing was changed; send the same request again.")
        case .sendingOff:
            return reply(.serviceUnavailable, "sending_off", Failure.sendingOffMessage)
        case .bug:
            return reply(.internalServerError, "internal_error", "Something went wrong on our side.")
        }
    }

    /// The same form for what is wrong with a request before it reaches a handler.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply {
        let code =
            switch problem {
            case .noSuchPath: "not_found"
            case .wrongMethod: "method_not_allowed"
            case .badQuery: "invalid_request"
            case .bodyTooLarge: "body_too_large"
            case .bodyTooSlow: "body_too_slow"
            case .badEncoding: "bad_encoding"
            case .bug: "internal_error"
            }
        return reply(problem.status, code, problem.message)
    }

    private func reply(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, _ problems: [InputProblem] = []
    ) -> Reply {
        .json(status) { body in
            body.object("error") { error in
                error.field("code", code)
                error.field("message", message)
                guard !problems.isEmpty else { return }
                error.array("problems") { list in
                    for problem in problems {
                        list.object { entry in
                            entry.field("field", problem.field)
                            entry.field("message", problem.message)
                        }
                    }
                }
            }
        }
    }

    /// The answer names the refund that an equal request made: the caller may ask for it.
    private func reply(to error: RefundError, naming refund: RefundID, _ number: RefundNumber) -> Reply {
        .json(status(of: error)) { body in
            body.object("error") { fields in
                fields.field("code", error.code)
                fields.field("message", error.message)
                fields.object("refund") { entry in
                    entry.field("id", refund.description)
                    entry.field("number", number.description)
                }
            }
        }
    }

    /// The answer names the payment that has the charge: its owner may put that one.
    private func reply(to text: String, naming payment: PaymentID) -> Reply {
        .json(.conflict) { body in
            body.object("error") { fields in
                fields.field("code", "charge_of_another_payment")
                fields.field("message", text)
                fields.object("payment") { $0.field("id", payment.description) }
            }
        }
    }

    /// 409 where the same request may be accepted once something else has ended, 422 where a rule refuses it.
    private func status(of error: RefundError) -> HTTPResponse.Status {
        switch error {
        case .keyInProgress, .duplicateOpen, .remainingChanged, .stepNotAllowed, .notCancelable:
            .conflict
        case .keyReused, .amountTooPrecise, .amountTooSmall, .amountOverflow, .noteIsDraft, .noteIsVoid, .noteIsSpent,
            .paymentNotCaptured, .paymentDisputed, .paymentRefunded, .refundWindowOver, .dateBeforeSource,
            .exceedsPayment, .exceedsRemaining, .exceedsPaymentBehindNote, .lineUnknown, .lineNamedTwice,
            .lineExceedsRemaining, .linesDoNotAddUp, .tooManyLines, .methodClosed, .methodOfAnotherParty,
            .methodOfAnotherGateway, .paymentBehindNoteMismatched, .chargeOfSeveralPayments,
            .paymentNotByGateway, .methodIsOffline, .gatewayUnknown, .gatewayNotAble, .gatewayWindowOver,
            .evidenceMissing, .paidAmountNotSupported:
            .unprocessableContent
        }
    }
}
