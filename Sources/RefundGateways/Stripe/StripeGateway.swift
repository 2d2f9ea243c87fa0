package import RefundDomain

/// Stripe as a payment gateway: it gives back charges, once for each key, and finds what it gave back by our reference.
///
/// It composes writing, transport and reading, and keeps nothing. See README.md for what of Stripe this rests on.
package struct StripeGateway: Gateway {
    package let capabilities: GatewayCapabilities

    let config: StripeConfig
    private let timeout: Duration
    let wire: StripeWire
    private let transport: Transport

    /// `timeout` is longer in tests alone: two of it have to end before the lease of an attempt does.
    package init(_ config: StripeConfig, over transport: Transport, timeout: Duration = Limits.gatewayTimeout) {
        self.config = config
        self.timeout = timeout
        wire = StripeWire(address: config.address)
        self.transport = transport
        capabilities = GatewayCapabilities(
            linkedRefund: true, unlinkedCredit: false, cancel: true, keyLifetime: .seconds(24 * 3_600),
            refundWindow: nil, refundsBearReference: true, label: config.label, provider: "stripe")
    }

    /// Asks Stripe for a refund under the submission's key.
    ///
    /// Where the answer is one that Stripe kept rather than what became of the refund, the refund is looked for first:
    /// a 500 is repeated for as long as the key is known, and a key that was used with other parameters may have been
    /// ours, before the program wrote them differently.
    package func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        let reply = try await send(try wire.creation(of: submission), by: deadline())
        let inquiry = submission.inquiry
        do throws(GatewayError) {
            let refund = try StripeWire.refund(in: reply)
            guard refund.isFor(inquiry) else { throw .misunderstood("an answer about another refund") }
            var report = try refund.report()
            // Who waits for the refund does not wait for what it costs.
            if !refund.movements.isEmpty { report.fees = nil }
            return report
        } catch {
            let isKept = reply.field("Idempotent-Replayed") == "true"
            guard isKept && reply.status >= 500 || StripeVocabulary.isKeyOfAnother(StripeWire.fault(in: reply)) else {
                throw isKept ? error.asKeptAnswer : error
            }
            return try await reportOfEarlier(submission, inquiry, orElse: error)
        }
    }

    /// Asks Stripe what became of a refund: by its own reference, or else in the list of what was given back of the
    /// charge.
    ///
    /// A refund that is not in the list is never called «never taken»: the call may still be on its way, and nothing
    /// that Stripe tells rules it out.
    package func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        let deadline = deadline()
        let refund: StripeRefund
        if let reference = inquiry.gatewayReference, !reference.isEmpty {
            refund = try self.refund(for: inquiry, in: try await send(wire.retrieval(of: reference), by: deadline))
        } else if let found = try await search(for: inquiry, by: deadline) {
            refund = found
        } else {
            return .notFoundYet
        }
        var report = try refund.report()
        report.fees = await fees(for: refund)
        return .found(report)
    }

    /// Asks Stripe to withdraw a refund, which it does only while the customer still has to say where the money goes.
    ///
    /// Whatever Stripe says to that, the report is what the refund then is.
    package func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        let deadline = deadline()
        var reference = inquiry.gatewayReference ?? ""
        if reference.isEmpty { reference = try await search(for: inquiry, by: deadline)?.id ?? "" }
        guard !reference.isEmpty else {
            throw .refused(.unknown, code: "not_found", message: "Stripe has no such refund of this charge.")
        }
        let reply = try await send(wire.cancellation(of: reference, key: key), by: deadline)
        do throws(GatewayError) {
            return try refund(for: inquiry, in: reply).report()
        } catch .refused {
            return try refund(for: inquiry, in: try await send(wire.retrieval(of: reference), by: deadline)).report()
        }
    }
}

extension GatewayError {
    /// The same refusal, of which Stripe says that it is the one it kept under the key.
    fileprivate var asKeptAnswer: GatewayError {
        guard case .refused(let reason, let code, let message, _) = self else { return self }
        return .refused(reason, code: code, message: message, isKeptAnswer: true)
    }
}

extension StripeGateway {
    /// When a call has to be answered, its wait for a turn included; nothing here takes more than two of these.
    func deadline() -> ContinuousClock.Instant { .now + timeout }

    func send(
        _ call: HTTPCall, by deadline: ContinuousClock.Instant
    ) async throws(GatewayError) -> HTTPReply {
        do throws(TransportError) {
            return try await transport.send(call, bearing: config.secretKey, by: deadline)
        } catch {
            throw GatewayError(error)
        }
    }

    /// The refund in an answer about Stripe's own reference.
    ///
    /// Our reference may be missing from it or be another, where the refund was made in Stripe's dashboard or for a
    /// database that has lost it; only another organization's is not believed.
    private func refund(for inquiry: GatewayInquiry, in reply: HTTPReply) throws(GatewayError) -> StripeRefund {
        let refund = try StripeWire.refund(in: reply)
        guard refund.organization == nil || refund.organization == inquiry.organization else {
            throw .misunderstood("an answer about a refund of another organization")
        }
        return refund
    }

    /// A page of what was charged, the newest first.
    package func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage {
        let page = try StripeWire.charges(
            in: try await send(wire.charges(since: moment, after: cursor), by: deadline()))
        let charges = page.data.compactMap { try? StripeChargeNews($0).news }
        guard charges.count == page.data.count else {
            throw .misunderstood("a charge whose amount or moment cannot be read")
        }
        return ChargePage(
            charges: charges, refunded: page.data.filter { $0.amountRefunded > 0 }.map(\.id),
            next: page.hasMore ? page.data.last?.id : nil)
    }

    /// All that was given back of a charge so far; what cannot be read is not passed over, for it would be refunded
    /// again.
    package func refunds(
        ofCharge reference: String, isPast: Bool
    ) async throws(GatewayError) -> [ListedRefund] {
        guard let organization = config.organization else { return [] }
        return try await list(of: reference).map { refund throws(GatewayError) in
            guard let news = try? StripeRefundNews(refund) else {
                throw .misunderstood("a refund whose amount or moment cannot be read")
            }
            return ListedRefund(
                gatewayReference: refund.id,
                notice: StripeKeptNotice.listing(news, isPast: isPast, of: organization), report: news.report)
        }
    }

    private func list(of charge: String) async throws(GatewayError) -> [StripeRefund] {
        var refunds: [StripeRefund] = []
        for _ in 0..<Limits.gatewayPagesMax {
            guard let call = wire.listing(of: .charge(charge), after: refunds.last?.id) else { return refunds }
            let page = try StripeWire.page(in: try await send(call, by: deadline()))
            refunds += page.data
            guard page.hasMore, !page.data.isEmpty else { return refunds }
        }
        throw .misunderstood("a charge with more refunds than are looked through")
    }

    /// What an earlier call did for a submission, or the error that stands where there is no trace of it.
    ///
    /// A trace of another amount is none of this submission's.
    private func reportOfEarlier(
        _ submission: Submission, _ inquiry: GatewayInquiry, orElse error: GatewayError
    ) async throws(GatewayError) -> GatewayReport {
        do throws(GatewayError) {
            let report = try await search(for: inquiry, by: deadline())?.report()
            if let report, report.amount == submission.amount { return report }
        } catch {
            throw .ambiguous("Stripe kept another answer under this key, and could not be asked for the refund")
        }
        throw error
    }

    /// The refund with our reference among all of its charge, newest first; nil where there is none.
    ///
    /// Throws `misunderstood` where there are several, or more than are looked through.
    private func search(
        for inquiry: GatewayInquiry, by deadline: ContinuousClock.Instant
    ) async throws(GatewayError) -> StripeRefund? {
        var found: [StripeRefund] = []
        var last: String?
        for _ in 0..<Limits.gatewayPagesMax {
            guard let call = wire.listing(of: inquiry.target, after: last) else { return nil }
            let page = try StripeWire.page(in: try await send(call, by: deadline))
            found += page.data.filter { $0.isFor(inquiry) }
            guard page.hasMore, let next = page.data.last?.id else {
                guard found.count < 2 else { throw .misunderstood("several refunds that carry our reference") }
                return found.first
            }
            last = next
        }
        throw .misunderstood("a charge with more refunds than are looked through")
    }
}
