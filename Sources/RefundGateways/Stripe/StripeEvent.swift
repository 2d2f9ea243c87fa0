import FoundationEssentials
package import RefundDomain

/// What Stripe tells of its own accord, as far as it is about money given back.
///
/// The types are those of https://docs.stripe.com/api/events/types.
package struct StripeEvent: Hashable, Sendable {
    /// What an event is about.
    package enum News: Hashable, Sendable {
        /// A refund was made or has changed: `refund.created`, `.updated`, `.failed`, `charge.refund.updated`.
        case refund(StripeRefundNews)
        /// A charge was given back, in part or whole, by us or by anybody else: `charge.refunded`.
        case chargeRefunded(StripeChargeNews)
        /// A charge was made, and its money taken or still to be taken: `charge.succeeded`, `charge.captured`.
        case charge(StripeChargeNews)
        /// A customer disputes a charge, the dispute comes on or is over, or its funds are moved:
        /// `charge.dispute.created`, `.updated`, `.closed`, `.funds_withdrawn`, `.funds_reinstated`.
        case dispute(StripeDisputeNews)
        /// Anything else, by its type.
        case other(String)
    }

    /// The same however often Stripe tells it.
    package let id: String
    package let createdAt: Instant
    package let isLive: Bool
    package let news: News

    /// Reads the body of a notice whose signature was checked.
    ///
    /// Throws `StripeEventError` where it is no event, or one that we listen to with parts that cannot be read.
    package init(_ body: [UInt8]) throws(StripeEventError) {
        let envelope: Envelope = try Self.decoded(from: body)
        id = envelope.id
        createdAt = try moment(envelope.created)
        isLive = envelope.livemode
        switch envelope.type {
        case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated":
            let subject: Subject<StripeRefund> = try Self.decoded(from: body)
            news = .refund(try StripeRefundNews(subject.data.object))
        case "charge.refunded":
            let subject: Subject<StripeCharge> = try Self.decoded(from: body)
            news = .chargeRefunded(try StripeChargeNews(subject.data.object))
        case "charge.succeeded", "charge.captured":
            let subject: Subject<StripeCharge> = try Self.decoded(from: body)
            news = .charge(try StripeChargeNews(subject.data.object))
        case "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed":
            news = .dispute(try Self.dispute(in: body, moving: nil))
        case "charge.dispute.funds_withdrawn":
            news = .dispute(try Self.dispute(in: body, moving: .withdrawn))
        case "charge.dispute.funds_reinstated":
            news = .dispute(try Self.dispute(in: body, moving: .reinstated))
        default:
            news = .other(envelope.type)
        }
    }

    private struct Envelope: Decodable {
        let id: String
        let type: String
        let created: Int64
        let livemode: Bool
    }

    private struct Subject<Object: Decodable>: Decodable {
        struct Wrapping: Decodable {
            let object: Object
        }

        let data: Wrapping
    }

    private static func dispute(
        in body: [UInt8], moving funds: StripeDisputeNews.Funds?
    ) throws(StripeEventError) -> StripeDisputeNews {
        let subject: Subject<StripeDispute> = try decoded(from: body)
        return try StripeDisputeNews(subject.data.object, funds: funds)
    }

    private static func decoded<Value: Decodable>(from body: [UInt8]) throws(StripeEventError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch {
            throw .unreadable
        }
    }
}

/// Why the body of a notice gives no event.
package enum StripeEventError: Error, Hashable, Sendable {
    /// It has not the form that Stripe documents.
    case unreadable
    /// It tells of an amount that we cannot express.
    case amountNotExpressible
}

/// What an event says of a refund.
package struct StripeRefundNews: Hashable, Sendable {
    /// The refund of ours that it carries out; nil for one that somebody else asked Stripe for.
    package let organization: OrganizationID?
    package let refund: RefundID?
    package let charge: String?
    package let paymentIntent: String?
    /// When Stripe made it; nil where it does not say.
    package let madeAt: Instant?
    package let report: GatewayReport

    init(_ object: StripeRefund) throws(StripeEventError) {
        organization = object.organization
        refund = object.refund
        madeAt = try object.created.map(moment)
        charge = object.charge
        paymentIntent = object.paymentIntent
        do throws(GatewayError) {
            report = try object.report()
        } catch {
            throw .amountNotExpressible
        }
        guard report.amount.minorUnits >= 0 else { throw .amountNotExpressible }
    }
}

/// What Stripe says of a charge.
package struct StripeChargeNews: Hashable, Sendable {
    package let charge: String
    package let paymentIntent: String?
    package let amount: Money
    /// What of it was taken: nothing while it is only authorised, or failed.
    package let captured: Money
    /// What of it was given back, all refunds together.
    package let refunded: Money
    /// The customer's identifier; nil for a guest.
    package let customer: String?
    package let name: String
    package let email: String
    package let takenAt: Instant

    init(_ object: StripeCharge) throws(StripeEventError) {
        charge = object.id
        paymentIntent = object.paymentIntent
        amount = try money(object.amount, object.currency)
        captured = try money(object.taken, object.currency)
        refunded = try money(object.amountRefunded, object.currency)
        customer = object.customer
        name = object.billingDetails?.name ?? ""
        email = object.billingDetails?.email ?? ""
        takenAt = try moment(object.created)
    }
}

/// What an event says of a dispute.
package struct StripeDisputeNews: Hashable, Sendable {
    /// How a dispute stands (https://docs.stripe.com/api/disputes/object#dispute_object-status).
    package enum State: Hashable, Sendable {
        /// The bank asks, and takes no money as yet.
        case inquiry
        /// The bank asked, and let it be.
        case inquiryClosed
        /// The money is taken back while the dispute lasts.
        case open
        case won, lost
        /// A status that is made after this was written.
        case other(String)
    }

    /// What Stripe did with the disputed funds.
    package enum Funds: Hashable, Sendable {
        case withdrawn, reinstated
    }

    package let dispute: String
    package let charge: String?
    package let paymentIntent: String?
    package let amount: Money
    package let state: State
    /// Nil where the event tells of no funds.
    package let funds: Funds?
    /// Why, in Stripe's words.
    package let reason: String

    private static let states: [String: State] = [
        "warning_needs_response": .inquiry, "warning_under_review": .inquiry, "warning_closed": .inquiryClosed,
        "needs_response": .open, "under_review": .open, "won": .won, "lost": .lost,
    ]

    init(_ object: StripeDispute, funds: Funds?) throws(StripeEventError) {
        self.funds = funds
        dispute = object.id
        charge = object.charge
        paymentIntent = object.paymentIntent
        amount = try money(object.amount, object.currency)
        state = Self.states[object.status] ?? .other(Redaction.cleaned(object.status))
        reason = Redaction.cleaned(object.reason ?? "")
    }
}

/// A moment as Stripe tells it, in seconds since 1970.
private func moment(_ seconds: Int64) throws(StripeEventError) -> Instant {
    guard let moment = Instant(told: seconds) else { throw .unreadable }
    return moment
}

private func money(_ number: Int64, _ currency: String) throws(StripeEventError) -> Money {
    guard let money = StripeAmount.money(number, currency: currency), money.minorUnits >= 0 else {
        throw .amountNotExpressible
    }
    return money
}
