import FoundationEssentials

/// A refund as Stripe tells of it, as far as we read it (https://docs.stripe.com/api/refunds/object).
struct StripeRefund: Decodable, Hashable, Sendable {
    let id: String
    let amount: Int64
    let currency: String
    /// Absent from very old refunds.
    let status: String?
    let failureReason: String?
    let pendingReason: String?
    let charge: String?
    let paymentIntent: String?
    let metadata: [String: String]?
    let destinationDetails: StripeDestination?
    /// In seconds since 1970.
    let created: Int64?
    /// What it is on the account's balance, by its identifier; nil until it is there.
    let balanceTransaction: String?
    /// What its failure is on the account's balance.
    let failureBalanceTransaction: String?

    enum CodingKeys: String, CodingKey {
        case id, amount, currency, status, charge, metadata, created
        case balanceTransaction = "balance_transaction"
        case failureBalanceTransaction = "failure_balance_transaction"
        case failureReason = "failure_reason"
        case pendingReason = "pending_reason"
        case paymentIntent = "payment_intent"
        case destinationDetails = "destination_details"
    }
}

/// What moved an account's balance (https://docs.stripe.com/api/balance_transactions/object).
struct StripeBalanceTransaction: Decodable, Hashable, Sendable {
    let id: String
    /// Negative where it left the balance; without the fee.
    let amount: Int64
    /// That of the balance, which may be another than the refund's.
    let currency: String
    /// Positive where it is charged.
    let fee: Int64
    /// By what the amount in the currency of its source was multiplied, in major units; nil where both are the same.
    let exchangeRate: Decimal?

    enum CodingKeys: String, CodingKey {
        case id, amount, currency, fee
        case exchangeRate = "exchange_rate"
    }
}

/// Where a refund went: details of its own under the name of its kind, most with the bank's or network's reference.
struct StripeDestination: Decodable, Hashable, Sendable {
    let reference: String?

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) { nil }
    }

    private struct Details: Decodable {
        let reference: String?
    }

    init(reference: String?) {
        self.reference = reference
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let kind = try fields.decodeIfPresent(String.self, forKey: Key(stringValue: "type")) ?? ""
        // Of no kind that has a reference, or of one that is made after this was written.
        let details = try? fields.decodeIfPresent(Details.self, forKey: Key(stringValue: kind))
        reference = details?.reference.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// One page of a list, the newest first (https://docs.stripe.com/api/pagination).
struct StripePage<Object: Decodable & Hashable & Sendable>: Decodable, Hashable, Sendable {
    let data: [Object]
    let hasMore: Bool

    enum CodingKeys: String, CodingKey {
        case data
        case hasMore = "has_more"
    }
}

/// What went wrong (https://docs.stripe.com/api/errors).
struct StripeFault: Decodable, Hashable, Sendable {
    let type: String
    let code: String?
    let declineCode: String?
    let param: String?
    let message: String?

    enum CodingKeys: String, CodingKey {
        case type, code, param, message
        case declineCode = "decline_code"
    }
}

/// The body of an answer that tells what went wrong.
struct StripeFaultBody: Decodable, Hashable, Sendable {
    let error: StripeFault
}

/// A charge, as far as we read it (https://docs.stripe.com/api/charges/object).
struct StripeCharge: Decodable, Hashable, Sendable {
    struct BillingDetails: Decodable, Hashable, Sendable {
        let name: String?
        let email: String?
    }

    let id: String
    let amount: Int64
    /// Absent from stand-ins and from answers of old versions; then `captured` says all or nothing.
    let amountCaptured: Int64?
    let captured: Bool?
    let amountRefunded: Int64
    let currency: String
    let paymentIntent: String?
    /// The customer's identifier; nil for a guest.
    let customer: String?
    let billingDetails: BillingDetails?
    /// In seconds since 1970.
    let created: Int64
    /// `succeeded`, `pending` or `failed`.
    let status: String
    /// What it is on the account's balance, by its identifier; nil until it is there.
    let balanceTransaction: String?

    /// What of it was taken; nothing while it is only authorised, or has failed.
    var taken: Int64 { status == "succeeded" ? amountCaptured ?? (captured == true ? amount : 0) : 0 }

    enum CodingKeys: String, CodingKey {
        case id, amount, captured, currency, customer, created, status
        case balanceTransaction = "balance_transaction"
        case billingDetails = "billing_details"
        case amountCaptured = "amount_captured"
        case amountRefunded = "amount_refunded"
        case paymentIntent = "payment_intent"
    }
}

/// A dispute, as far as events tell us of it (https://docs.stripe.com/api/disputes/object).
struct StripeDispute: Decodable, Hashable, Sendable {
    let id: String
    let amount: Int64
    let currency: String
    let status: String
    let reason: String?
    let charge: String?
    let paymentIntent: String?

    enum CodingKeys: String, CodingKey {
        case id, amount, currency, status, reason, charge
        case paymentIntent = "payment_intent"
    }
}

/// Whose a key is (https://docs.stripe.com/api/accounts/object).
struct StripeAccount: Decodable, Hashable, Sendable {
    struct Settings: Decodable, Hashable, Sendable {
        struct Dashboard: Decodable, Hashable, Sendable {
            let displayName: String?

            enum CodingKeys: String, CodingKey {
                case displayName = "display_name"
            }
        }

        let dashboard: Dashboard?
    }

    let id: String
    let settings: Settings?
}
