/// A card that Stripe has for tests, by the payment method that stands for it (https://docs.stripe.com/testing).
package enum StripeTestCard: String, Sendable {
    /// 4242424242424242.
    case good = "pm_card_visa"
    /// 4000000000007726: its refunds are pending, and succeed some time later.
    case refundsPend = "pm_card_pendingRefund"
    /// 4000000000005126: its refunds succeed, and fail some time later.
    case refundsFail = "pm_card_refundFail"

    /// What is told of its refunds at first, where that is another status than a success, and then.
    var course: (first: [String: String], then: [String: String]) {
        switch self {
        case .good: ([:], [:])
        case .refundsPend: (["status": "pending"], ["status": "succeeded"])
        case .refundsFail: ([:], ["status": "failed", "failure_reason": "expired_or_canceled_card"])
        }
    }
}
