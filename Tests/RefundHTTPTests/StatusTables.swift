import RefundDomain
import RefundTesting
import Testing

@testable import RefundHTTP

/// One refund in the words of each dialect, state by state.
@Suite struct `Statuses of refunds` {
    private typealias Row = (state: RefundState, payments: String, billing: String, zuora: String, books: String?)

    private static let rows: [Row] = [
        (.requested, "initiated", "pending", "Processing", nil),
        (.awaitingApproval, "initiated", "pending", "Processing", nil),
        (.approved, "initiated", "pending", "Processing", nil),
        (.submitting, "initiated", "pending", "Processing", nil),
        (.pending, "pending", "pending", "Processing", nil),
        (.unknown, "pending", "pending", "Processing", nil),
        (.succeeded, "succeeded", "success", "Processed", "refunded"),
        (.failed, "failed", "failure", "Error", nil),
        (.returned, "failed", "failure", "Error", nil),
        (.canceled, "canceled", "failure", "Canceled", nil),
        (.voided, "canceled", "failure", "Canceled", nil),
    ]

    @Test func `are the words of each dialect`() {
        #expect(Set(Self.rows.map(\.state)) == Set(RefundState.allCases))
        for row in Self.rows {
            #expect(ZohoPayments.Vocabulary.status(of: row.state).rawValue == row.payments, "\(row.state)")
            #expect(ZohoBilling.Vocabulary.status(of: row.state).rawValue == row.billing, "\(row.state)")
            #expect(Zuora.Status(row.state).rawValue == row.zuora, "\(row.state)")
            #expect(ZohoBooks.Vocabulary.status(of: row.state) == row.books, "\(row.state)")
        }
    }

    /// How far an electronic refund has come with its gateway: before it had the key, with it, and with its word.
    @Test(
        arguments: [
            (.requested, .unsent, "MarkedForSubmission"), (.awaitingApproval, .unsent, "MarkedForSubmission"),
            (.approved, .unsent, "MarkedForSubmission"), (.submitting, .sent, "MarkedForSubmission"),
            (.pending, .answered, "Submitted"), (.unknown, .sent, "Submitted"), (.succeeded, .answered, "Submitted"),
            (.failed, .sent, "NotSubmitted"), (.failed, .answered, "FailedToSettle"),
            (.returned, .answered, "FailedToSettle"), (.canceled, .unsent, "MarkedForSubmission"),
            (.canceled, .sent, "Submitted"), (.canceled, .answered, "Submitted"),
        ] as [(RefundState, Sending, String)])
    func `say in Zuora how far the gateway has come`(state: RefundState, sending: Sending, word: String) {
        let refund = refund(state, through: .electronic(GatewayName("simulator")))
        #expect(Zuora.GatewayState(refund, sending.payout).rawValue == word)
    }

    @Test(arguments: [RefundState.succeeded, .voided, .canceled])
    func `say in Zuora that what people hand over is never submitted`(state: RefundState) {
        #expect(Zuora.GatewayState(refund(state, through: .offline(.cash)), nil) == .notSubmitted)
    }

    @Test func `say in Zuora when the money has settled`() {
        let settled = refund(.succeeded, through: .electronic(GatewayName("simulator")), settledAt: DemoServer.now)
        #expect(Zuora.GatewayState(settled, Sending.answered.payout) == .settled)
    }

    private func refund(_ state: RefundState, through channel: RefundChannel, settledAt: Instant? = nil) -> Refund {
        let amount = Money(minorUnits: 100, currency: Fixtures.dollar)
        return Refund(
            id: RefundID(1), number: RefundNumber(1), party: PartyID(2), payment: nil, creditNote: CreditNoteID(3),
            method: nil, amount: amount, rate: .one, channel: channel, state: state, step: 1, reason: nil,
            initiator: .merchant, description: "", reference: "", effectiveOn: LocalDate(daysSinceEpoch: 0),
            createdAt: DemoServer.now, updatedAt: DemoServer.now, settledAt: settledAt, createdBy: ClientID(4),
            failureReason: nil, noteRemainingAfter: nil, annotations: "")
    }
}

/// What a gateway has had of a refund.
enum Sending {
    case unsent, sent, answered

    var payout: Payout {
        Payout(
            refund: RefundID(1), gateway: GatewayName("simulator"), target: .charge("charge"), lastFour: nil,
            attempt: 1, key: "key", keySentAt: self == .unsent ? nil : DemoServer.now, leaseUntil: nil, dueAt: nil,
            gatewayReference: self == .answered ? "reference" : "")
    }
}
