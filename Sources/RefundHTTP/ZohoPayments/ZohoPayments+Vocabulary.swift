import RefundDomain

extension ZohoPayments {
    /// The words of Zoho Payments, and ours.
    enum Vocabulary {
        static let dialect = DialectName("zoho_payments")

        /// Words before the token; `bearer` is what generated clients send.
        static let tokenSchemes = ["zoho-oauthtoken", "bearer"]

        /// `reason`, as callers may give it.
        static let reasonsOfCallers: [(String, RefundReason)] = [
            ("duplicate", .duplicate), ("fraudulent", .fraudulent), ("requested_by_customer", .requestedByCustomer),
            ("others", .other),
        ]

        /// `reason`, as answers tell it: two words come from inside alone.
        static func reason(of reason: RefundReason?) -> String {
            switch reason {
            case .duplicate: "duplicate"
            case .fraudulent: "fraudulent"
            case .requestedByCustomer: "requested_by_customer"
            case .other, .accountClosure, nil: "others"
            case .system: "system_initiated"
            case .expiredUncapturedCharge: "expired_uncaptured_charge"
            }
        }

        /// `type`, as callers may give it.
        static let typesOfCallers: [(String, RefundInitiator)] = [
            ("initiated_by_merchant", .merchant), ("initiated_by_customer", .customer),
        ]

        /// `type`, as answers tell it.
        static func type(of initiator: RefundInitiator) -> String {
            switch initiator {
            case .merchant: "initiated_by_merchant"
            case .customer: "initiated_by_customer"
            case .system: "initiated_by_system"
            }
        }

        /// `status`.
        enum Status: String {
            case initiated, pending, succeeded, failed, canceled
        }

        static func status(of state: RefundState) -> Status {
            switch state {
            case .requested, .awaitingApproval, .approved, .submitting: .initiated
            case .pending, .unknown: .pending
            case .succeeded: .succeeded
            case .failed, .returned: .failed
            case .canceled, .voided: .canceled
            }
        }

        /// `failure_reason`: empty unless the refund failed or was withdrawn.
        static func failureReason(of refund: Refund) -> String {
            switch status(of: refund.state) {
            case .initiated, .pending, .succeeded: ""
            case .failed: word(for: refund.failureReason ?? .unknown)
            case .canceled: word(for: refund.failureReason ?? .merchantRequest)
            }
        }

        /// A failure in the words of `failure_reason`.
        static func word(for reason: FailureReason) -> String {
            switch reason {
            case .unknown, .notSent: "unknown"
            case .lostOrStolenCard: "lost_or_stolen_card"
            case .expiredOrCanceledCard: "expired_or_canceled_card"
            case .exceedsPaymentAmount: "exceeds_payment_amount"
            case .exceedsBalanceAmount: "exceeds_balance_amount"
            case .paymentAlreadyRefunded: "payment_already_refunded"
            case .paymentAlreadyDisputed: "payment_already_disputed"
            case .paymentNotCaptured: "payment_not_captured"
            case .expiryTimeExceeded: "expiry_time_exceeded"
            case .amountTooSmall: "amount_too_small"
            case .insufficientFunds: "insufficient_funds"
            case .chargeForPendingRefundDisputed: "charge_for_pending_refund_disputed"
            case .merchantRequest: "merchant_request"
            }
        }

        /// An amount as text: the decimals of its currency, and never fewer than two.
        static func decimal(_ amount: Money) -> String {
            let decimals = max(2, amount.currency.exponent)
            return amount.decimalText(fractionDigits: decimals...decimals)
        }

        /// `reference_number`: the caller's own, where another API took one; else 19 digits of ours, always the same
        /// for a refund: `411`, and its identifier, which has at most sixteen.
        static func referenceNumber(of refund: Refund) -> String {
            refund.reference.isEmpty ? "411" + padded(Int(refund.id.value), 16) : refund.reference
        }
    }
}
