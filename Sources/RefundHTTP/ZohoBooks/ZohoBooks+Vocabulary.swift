import RefundDomain

extension ZohoBooks {
    /// The words of Zoho Books, and ours.
    enum Vocabulary {
        static let dialect = DialectName("zoho_books")

        /// Words before the token; `bearer` is what generated clients send.
        static let tokenSchemes = ["zoho-oauthtoken", "bearer"]

        /// `status`; nil where the refund is not listed: money that has not gone back is no row.
        static func status(of state: RefundState) -> String? {
            switch state {
            case .succeeded: "refunded"
            case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown, .failed, .canceled, .voided,
                .returned:
                nil
            }
        }

        /// The states that have a `status`.
        static let shownStates = RefundState.allCases.filter { status(of: $0) != nil }

        /// `refund_mode`.
        static func refundMode(of channel: RefundChannel) -> String {
            switch channel {
            case .electronic: "autotransaction"
            case .offline(let mode): refundMode(of: mode)
            }
        }

        /// The two bank modes are spelled with an underscore in this list, and without one elsewhere in Books.
        private static func refundMode(of mode: PaymentMode) -> String {
            switch mode {
            case .cash: "cash"
            case .check: "check"
            case .creditCard: "creditcard"
            case .bankTransfer, .wireTransfer, .ach: "bank_transfer"
            case .bankRemittance: "bank_remittance"
            case .debitCard, .others: "others"
            case .named(let name): name
            }
        }

        /// An amount as a JSON number, never with fewer than two decimals: `150.00`.
        static func number(_ amount: Money) -> String {
            let decimals = max(2, amount.currency.exponent)
            return amount.decimalText(fractionDigits: decimals...decimals)
        }
    }
}
