import RefundDomain

/// Stripe's words in ours: tables, in which what is not listed is pending or unknown, and never failed.
enum StripeVocabulary {
    /// The states of a refund (https://docs.stripe.com/api/refunds/object#refund_object-status).
    ///
    /// What waits for the customer's word (`requires_action`) is pending, and so is any status made since.
    static func state(status: String?, failureReason: String?) -> GatewayReport.State {
        switch status {
        case "succeeded": .succeeded
        case "canceled": .canceled
        case "failed": .failed(failureReasons[failureReason ?? ""] ?? .unknown)
        default: .pending
        }
    }

    /// Why a refund failed after it was taken (https://docs.stripe.com/refunds#failed-refunds).
    private static let failureReasons: [String: FailureReason] = [
        "lost_or_stolen_card": .lostOrStolenCard,
        "expired_or_canceled_card": .expiredOrCanceledCard,
        "charge_for_pending_refund_disputed": .chargeForPendingRefundDisputed,
        "insufficient_funds": .insufficientFunds,
        "merchant_request": .merchantRequest,
        "declined": .unknown,
        "unknown": .unknown,
    ]

    /// Why a refund is not taken at all (https://docs.stripe.com/error-codes).
    private static let refusals: [String: FailureReason] = [
        "amount_too_large": .exceedsPaymentAmount,
        "amount_too_small": .amountTooSmall,
        "balance_insufficient": .exceedsBalanceAmount,
        "charge_already_refunded": .paymentAlreadyRefunded,
        "charge_disputed": .paymentAlreadyDisputed,
        "expired_card": .expiredOrCanceledCard,
        "insufficient_funds": .insufficientFunds,
        "payment_intent_unexpected_state": .paymentNotCaptured,
        "refund_disputed_payment": .paymentAlreadyDisputed,
    ]

    /// Why a card's bank declined (https://docs.stripe.com/declines/codes).
    private static let declines: [String: FailureReason] = [
        "expired_card": .expiredOrCanceledCard,
        "insufficient_funds": .insufficientFunds,
        "lost_card": .lostOrStolenCard,
        "stolen_card": .lostOrStolenCard,
    ]

    /// Codes with which a call was turned away before it did anything, and may be sent again.
    ///
    /// `lock_timeout`: somebody else works on the charge. The others tell that the secret
    /// key is not, or no longer, one of the account that took the charge. After an operator has exchanged keys that
    /// says nothing of a refund which was sent with the old one, so it must not end what may have been done; a refund
    /// that was never sent before fails once it was repeated in vain.
    private static let turnedAway: Set<String> = [
        "api_key_expired", "livemode_mismatch", "lock_timeout", "platform_api_key_expired", "resource_missing",
        "secret_key_required", "testmode_charges_only",
    ]

    /// What an answer other than a success means for the call that it answers.
    ///
    /// Statuses: https://docs.stripe.com/api/errors, and which of them come before Stripe looks at the idempotency key:
    /// https://docs.stripe.com/error-low-level.
    static func error(status: Int, fault: StripeFault?) -> GatewayError {
        let words = Redaction.cleaned("\(status) \(fault?.code ?? fault?.type ?? "without a reason")")
        switch status {
        case 429:
            // Limits of calls are looked at before anything else, the key included.
            return .busy(words)
        case 401, 403:
            // So is the credential. It says nothing of what an earlier call with this key did.
            return fault == nil ? .misunderstood(words) : .notSent(words)
        case 408, 409, 424, 500...599:
            // 409: a call with the same key is still under way. 5xx: Stripe broke off, at some point or other.
            return .ambiguous(words)
        case 400, 402, 404:
            return fault.map { error(words, $0) } ?? .misunderstood(words)
        default:
            return .misunderstood(words)
        }
    }

    private static func error(_ words: String, _ fault: StripeFault) -> GatewayError {
        if fault.code == "rate_limit" { return .busy(words) }
        if let code = fault.code, turnedAway.contains(code) { return .notSent(words) }
        if fault.code == "idempotency_key_in_use" { return .ambiguous(words) }
        switch fault.type {
        case "card_error", "invalid_request_error", "idempotency_error":
            return .refused(
                reason(for: fault), code: Redaction.cleaned(fault.code ?? fault.type),
                message: Redaction.cleaned(fault.message ?? ""))
        case "api_error":
            return .ambiguous(words)
        default:
            return .misunderstood(words)
        }
    }

    private static func reason(for fault: StripeFault) -> FailureReason {
        if let decline = fault.declineCode, let reason = declines[decline] { return reason }
        if let code = fault.code, let reason = refusals[code] { return reason }
        // More than is left of a charge comes without a code of its own in some versions, with the parameter alone.
        return fault.param == "amount" && fault.type == "invalid_request_error" ? .exceedsPaymentAmount : .unknown
    }

    /// Whether a key was used for another request before, which then was the one that was carried out.
    static func isKeyOfAnother(_ fault: StripeFault?) -> Bool {
        fault?.type == "idempotency_error" && fault?.code != "idempotency_key_in_use"
    }
}
