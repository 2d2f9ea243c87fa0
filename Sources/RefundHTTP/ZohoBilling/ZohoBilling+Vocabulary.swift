import HTTPTypes
import RefundDomain

extension ZohoBilling {
    /// The words of Zoho Billing, and ours.
    enum Vocabulary {
        static let dialect = DialectName("zoho_billing")

        /// Words before the token; `bearer` is what generated clients send.
        static let tokenSchemes = ["zoho-oauthtoken", "bearer"]

        /// The header that names the organization.
        static let tenantField = HTTPField.Name.fieldName("X-com-zoho-subscriptions-organizationid")

        /// `status`, of which `pending` is ours: the documents have no word for what is under way.
        enum Status: String {
            case success, failure, pending
        }

        static func status(of state: RefundState) -> Status {
            switch state {
            case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown: .pending
            case .succeeded: .success
            case .failed, .canceled, .voided, .returned: .failure
            }
        }

        /// `refund_mode`: the way in which the payment was taken.
        static func refundMode(of channel: RefundChannel) -> String {
            switch channel {
            case .electronic: "autotransaction"
            case .offline(.cash): "cash"
            case .offline(.check): "check"
            case .offline(.creditCard): "creditcard"
            case .offline(.bankTransfer), .offline(.wireTransfer), .offline(.ach): "banktransfer"
            case .offline(.bankRemittance): "bankremittance"
            case .offline(.debitCard), .offline(.others), .offline(.named): "others"
            }
        }

        /// An amount without needless zeros: `20`, but `20.50`.
        static func decimal(_ amount: Money) -> String {
            let whole = amount.decimalText(fractionDigits: 0...amount.currency.exponent)
            return whole.utf8.contains(UInt8(ascii: ".")) ? amount.decimalText : whole
        }

        /// `gateway_error_message`: empty on success, else why not.
        static func gatewayMessage(of payout: Payout, in state: RefundState) -> String {
            switch status(of: state) {
            case .success: ""
            case .failure: payout.responseMessage.isEmpty ? "The gateway refused the refund." : payout.responseMessage
            case .pending: "The refund is under way. It must not be repeated."
            }
        }
    }
}
