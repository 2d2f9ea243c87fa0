import HTTPTypes
import RefundDomain
package import RefundService

extension ZohoAccounts {
    /// Failures of ours, and parameters that cannot be read, whose client is unknown.
    package func reply(to failure: Failure, of call: Call) -> Reply {
        switch failure {
        case .unauthenticated, .denied: Refusal.accessDenied.reply
        case .unavailable, .sendingOff: Refusal.serverError.reply(with: .serviceUnavailable)
        case .input: Refusal.invalidClient.reply
        case .refund, .notFound, .conflict, .chargeOfAnotherPayment, .foreignTenant, .bug:
            Refusal.serverError.reply(with: .internalServerError)
        }
    }

    /// What reaches no handler; asking by another method is a mistake that clients make, and is answered with 200.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply {
        switch problem {
        case .wrongMethod: Refusal.serverError.reply
        case .badQuery: Refusal.invalidClient.reply
        case .noSuchPath, .bodyTooLarge, .bodyTooSlow, .badEncoding, .bug:
            Refusal.serverError.reply(with: problem.status)
        }
    }

    /// `error`, the only field of an answer that gives no token.
    ///
    /// Its status is 200: clients look for the field in a body that came well, and some of them for nothing else.
    enum Refusal: String, Error {
        case invalidCode = "invalid_code"
        case invalidClient = "invalid_client"
        case invalidClientSecret = "invalid_client_secret"
        case accessDenied = "access_denied"
        case missingOrganization = "missing_org_info"
        case invalidScope = "invalid_scope"
        case unsupportedGrantType = "unsupported_grant_type"
        case serverError = "server_error"

        init(_ refusal: GrantRefusal) {
            switch refusal {
            case .unknownClient: self = .invalidClient
            case .wrongSecret: self = .invalidClientSecret
            case .unknownToken: self = .invalidCode
            case .scopeNotAllowed: self = .invalidScope
            }
        }

        var reply: Reply { reply(with: .ok) }

        func reply(with status: HTTPResponse.Status) -> Reply {
            .json(status) { $0.field("error", rawValue) }
        }
    }
}
