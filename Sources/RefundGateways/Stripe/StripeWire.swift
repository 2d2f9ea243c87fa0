import Crypto
import FoundationEssentials
import RefundDomain

/// Submissions and questions as calls to Stripe, and its answers as reports: pure, without a connection.
struct StripeWire: Sendable {
    /// The version of Stripe's API that is written and read here; the account's own setting does not matter.
    static let version = "2025-04-30.basil"

    /// Refunds of a page; Stripe gives no more (https://docs.stripe.com/api/refunds/list).
    private static let pageRows = 100
    /// Characters of an idempotency key (https://docs.stripe.com/api/idempotent_requests).
    private static let keyLengthMax = 255

    /// Names under which a refund at Stripe knows ours.
    enum MetadataName {
        static let organization = "refundry_organization"
        static let refund = "refundry_refund"
    }

    let address: String
}

// MARK: Calls

extension StripeWire {
    /// Asks for a refund; throws `refused` what Stripe could not take, before anything is sent.
    func creation(of submission: Submission) throws(GatewayError) -> HTTPCall {
        guard submission.amount.isPositive else {
            throw .refused(.amountTooSmall, code: "amount_not_positive", message: "A refund is more than nothing.")
        }
        guard let amount = StripeAmount.number(for: submission.amount) else {
            throw .refused(
                .unknown, code: "amount_not_expressible",
                message: "Stripe does not take this amount of \(submission.amount.currency).")
        }
        guard let charge = Self.parameter(for: submission.target) else {
            throw .refused(
                .unknown, code: "target_not_refundable",
                message: "Stripe gives back charges (ch_, py_) and payment intents (pi_) alone.")
        }
        return post(
            "refund_create", "/v1/refunds", key: Self.idempotencyKey(submission.key),
            [
                charge, ("amount", String(amount)),
                ("metadata[\(MetadataName.organization)]", "\(submission.organization)"),
                ("metadata[\(MetadataName.refund)]", "\(submission.refund)"),
            ])
    }

    /// Asks for a refund by Stripe's reference.
    func retrieval(of reference: String) -> HTTPCall {
        get("refund_retrieve", "/v1/refunds/\(PercentEncoding.encoded(reference))")
    }

    /// Asks for a page of what was given back of a charge; nil where the target is no charge of Stripe's.
    func listing(of target: Submission.Target, after last: String?) -> HTTPCall? {
        guard let charge = Self.parameter(for: target) else { return nil }
        let pairs = [charge, ("limit", String(Self.pageRows))] + (last.map { [("starting_after", $0)] } ?? [])
        return get("refund_list", "/v1/refunds?\(PercentEncoding.form(pairs))")
    }

    /// Asks for a page of what was charged since a moment, which is included.
    func charges(since moment: Instant, after last: String?) -> HTTPCall {
        let pairs =
            [("created[gt]", String(moment.seconds - 1)), ("limit", String(Self.pageRows))]
            + (last.map { [("starting_after", $0)] } ?? [])
        return get("charge_list", "/v1/charges?\(PercentEncoding.form(pairs))")
    }

    /// Asks for a charge by Stripe's reference.
    func charge(_ reference: String) -> HTTPCall {
        get("charge_retrieve", "/v1/charges/\(PercentEncoding.encoded(reference))")
    }

    /// Asks for what moved the account's balance.
    func movement(_ reference: String) -> HTTPCall {
        get("balance_transaction_retrieve", "/v1/balance_transactions/\(PercentEncoding.encoded(reference))")
    }

    /// Asks to withdraw a refund.
    func cancellation(of reference: String, key: String) -> HTTPCall {
        post(
            "refund_cancel", "/v1/refunds/\(PercentEncoding.encoded(reference))/cancel",
            key: Self.idempotencyKey(key), [])
    }

    /// Asks whose the key is.
    func account() -> HTTPCall {
        get("account_retrieve", "/v1/account")
    }

    /// Asks for any refund, to see whether the key may.
    func probe() -> HTTPCall {
        get("refund_list", "/v1/refunds?limit=1")
    }

    /// Asks for anything that moved the balance, to see whether the key may.
    func balanceProbe() -> HTTPCall {
        get("balance_transaction_list", "/v1/balance_transactions?limit=1")
    }

    private func get(_ endpoint: String, _ path: String) -> HTTPCall {
        HTTPCall(.get, endpoint, at: address + path, fields: [("Stripe-Version", Self.version)])
    }

    private func post(
        _ endpoint: String, _ path: String, key: String, _ pairs: [(name: String, value: String)]
    ) -> HTTPCall {
        HTTPCall(
            .post, endpoint, at: address + path,
            fields: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Idempotency-Key", key),
                ("Stripe-Version", Self.version),
            ], body: Array(PercentEncoding.form(pairs).utf8))
    }

    private static func parameter(for target: Submission.Target) -> (name: String, value: String)? {
        guard case .charge(let reference) = target else { return nil }
        if reference.hasPrefix("pi_") { return ("payment_intent", reference) }
        return reference.hasPrefix("ch_") || reference.hasPrefix("py_") ? ("charge", reference) : nil
    }

    /// The key as Stripe gets it: ours behind the program's name, or its digest where it is too long or no plain text.
    static func idempotencyKey(_ key: String) -> String {
        let name = "refundry-" + key
        let isPlain = name.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        if isPlain, name.utf8.count <= keyLengthMax { return name }
        return "refundry-" + SHA256.hash(data: Data(key.utf8)).hexadecimal
    }
}

// MARK: Answers

extension StripeWire {
    /// The refund that an answer holds; throws what an answer without one means.
    static func refund(in reply: HTTPReply) throws(GatewayError) -> StripeRefund {
        try read(StripeRefund.self, in: reply)
    }

    /// The page that an answer holds; throws what an answer without one means.
    static func page(in reply: HTTPReply) throws(GatewayError) -> StripePage<StripeRefund> {
        try read(StripePage<StripeRefund>.self, in: reply)
    }

    /// The page of charges that an answer holds; throws what an answer without one means.
    static func charges(in reply: HTTPReply) throws(GatewayError) -> StripePage<StripeCharge> {
        try read(StripePage<StripeCharge>.self, in: reply)
    }

    /// The charge that an answer holds; throws what an answer without one means.
    static func charge(in reply: HTTPReply) throws(GatewayError) -> StripeCharge {
        try read(StripeCharge.self, in: reply)
    }

    /// What moved the balance, by an answer; throws what an answer without it means.
    static func movement(in reply: HTTPReply) throws(GatewayError) -> StripeBalanceTransaction {
        try read(StripeBalanceTransaction.self, in: reply)
    }

    /// The account that an answer holds; throws what an answer without one means.
    static func account(in reply: HTTPReply) throws(GatewayError) -> StripeAccount {
        try read(StripeAccount.self, in: reply)
    }

    /// What went wrong, where the answer says it in Stripe's words.
    static func fault(in reply: HTTPReply) -> StripeFault? {
        guard reply.status >= 400 else { return nil }
        return try? JSONDecoder().decode(StripeFaultBody.self, from: Data(reply.body)).error
    }

    private static func read<Value: Decodable>(
        _ type: Value.Type, in reply: HTTPReply
    ) throws(GatewayError) -> Value {
        guard (200...299).contains(reply.status) else {
            throw StripeVocabulary.error(status: reply.status, fault: fault(in: reply))
        }
        do {
            return try JSONDecoder().decode(type, from: Data(reply.body))
        } catch {
            throw .misunderstood("an answer that cannot be read")
        }
    }
}

extension StripeRefund {
    /// What Stripe says of this refund; throws `misunderstood` where its amount is none that we can express.
    func report() throws(GatewayError) -> GatewayReport {
        guard let money = StripeAmount.money(amount, currency: currency) else {
            throw .misunderstood("an amount that cannot be read: \(Redaction.cleaned("\(amount) \(currency)"))")
        }
        return GatewayReport(
            state: StripeVocabulary.state(status: status, failureReason: failureReason), amount: money,
            gatewayReference: id, networkReference: destinationDetails?.reference,
            code: Redaction.cleaned(failureReason ?? pendingReason ?? status ?? ""),
            charges: [charge, paymentIntent].compactMap(\.self))
    }

    /// The organization that asked for it; nil where somebody else did.
    var organization: OrganizationID? { number(StripeWire.MetadataName.organization).map { OrganizationID($0) } }

    /// Our refund that it carries out; nil for one that somebody else asked for.
    var refund: RefundID? { number(StripeWire.MetadataName.refund).map { RefundID($0) } }

    /// Whether it was made for the refund that an inquiry is about, and gives back its charge.
    func isFor(_ inquiry: GatewayInquiry) -> Bool {
        let charges = [charge, paymentIntent].compactMap(\.self)
        let isOfCharge =
            switch inquiry.target {
            case .charge(let reference): charges.isEmpty || charges.contains(reference)
            case .method: true
            }
        return organization == inquiry.organization && refund == inquiry.refund && isOfCharge
    }

    private func number(_ name: String) -> Int64? {
        metadata?[name].flatMap { Int64($0) }
    }
}
