/// Why money goes back; nil where the caller gave no reason.
package enum RefundReason: String, CaseIterable, Sendable {
    case duplicate, fraudulent
    case requestedByCustomer = "requested_by_customer"
    case accountClosure = "account_closure"
    case other
    /// Refunds that the program makes by itself.
    case system
    case expiredUncapturedCharge = "expired_uncaptured_charge"
}

/// Who asked for the refund.
package enum RefundInitiator: String, CaseIterable, Sendable {
    case merchant, customer, system
}

/// Why a refund did not reach the customer, as far as the gateway or the bank said.
package enum FailureReason: String, CaseIterable, Sendable {
    case unknown
    case lostOrStolenCard = "lost_or_stolen_card"
    case expiredOrCanceledCard = "expired_or_canceled_card"
    case exceedsPaymentAmount = "exceeds_payment_amount"
    case exceedsBalanceAmount = "exceeds_balance_amount"
    case paymentAlreadyRefunded = "payment_already_refunded"
    case paymentAlreadyDisputed = "payment_already_disputed"
    case paymentNotCaptured = "payment_not_captured"
    case expiryTimeExceeded = "expiry_time_exceeded"
    case amountTooSmall = "amount_too_small"
    case insufficientFunds = "insufficient_funds"
    case chargeForPendingRefundDisputed = "charge_for_pending_refund_disputed"
    case merchantRequest = "merchant_request"
    /// It never left: the gateway could not be reached, or refused our credentials, for `Limits.unsentTimeMax`.
    case notSent = "not_sent"
}
