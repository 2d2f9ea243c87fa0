/// A customer's dispute of a charge at a gateway.
package struct Dispute: Hashable, Sendable {
    /// How it stands.
    package enum State: String, CaseIterable, Sendable {
        case open, won, lost
    }

    package let gateway: GatewayName
    package let gatewayReference: String
    package let payment: PaymentID
    package let amount: Money
    package let state: State
    package let reason: String
    /// What it keeps of the payment, in minor units, so that no refund is promised of it.
    package let held: Int64

    package init(
        gateway: GatewayName, gatewayReference: String, payment: PaymentID, amount: Money, state: State,
        reason: String, held: Int64
    ) {
        self.gateway = gateway
        self.gatewayReference = gatewayReference
        self.payment = payment
        self.amount = amount
        self.state = state
        self.reason = reason
        self.held = held
    }
}

/// Decides what a dispute keeps of its payment; nil where the news change nothing.
///
/// While it is open it keeps all that is left, since gateways refund no part of a disputed charge. Won, it keeps
/// nothing; lost, its amount as far as it was left. News come in any order: an older beginning undoes no end.
package func decide(_ news: DisputeNews, about known: Dispute?, of payment: Payment, at gateway: GatewayName)
    -> Dispute?
{
    guard known?.state ?? .open == .open, known?.state != news.state else { return nil }
    let available = payment.balance.remaining.minorUnits + (known?.held ?? 0)
    let held: Int64 =
        switch news.state {
        case .open: available
        case .won: 0
        case .lost: min(news.amount.minorUnits, available)
        }
    return Dispute(
        gateway: gateway, gatewayReference: news.gatewayReference, payment: payment.id, amount: news.amount,
        state: news.state, reason: news.reason, held: held)
}
