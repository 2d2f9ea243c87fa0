/// A card or an account that a gateway can pay out to, known by the gateway's token and never by its number.
package struct PaymentMethod: Hashable, Sendable {
    /// Whether it can still be paid out to.
    package enum State: String, CaseIterable, Sendable {
        case active, closed
    }

    package let id: PaymentMethodID
    package let party: PartyID
    package let mode: PaymentMode
    package let gateway: GatewayName
    /// What the gateway knows it by.
    package let token: String
    package let card: Card?
    package let state: State

    package init(
        id: PaymentMethodID, party: PartyID, mode: PaymentMode, gateway: GatewayName, token: String, card: Card?,
        state: State = .active
    ) {
        self.id = id
        self.party = party
        self.mode = mode
        self.gateway = gateway
        self.token = token
        self.card = card
        self.state = state
    }
}

extension PaymentMethod {
    /// The charge by which money for this method goes back where its gateway pays out to no method: that of a payment
    /// which was made with it there.
    ///
    /// `capabilities` are those of the method's gateway.
    package func chargeToGiveBack(of payment: Payment?, _ capabilities: GatewayCapabilities) -> Charge? {
        guard !capabilities.unlinkedCredit, capabilities.linkedRefund, let payment, payment.method == id,
            let charge = payment.charge, charge.gateway == gateway
        else { return nil }
        return charge
    }
}

/// What may be shown of a card.
package struct Card: Hashable, Sendable {
    /// Four digits, leading zeros kept.
    package let lastFour: String
    package let expiryMonth: Int
    package let expiryYear: Int

    package init(lastFour: String, expiryMonth: Int, expiryYear: Int) {
        self.lastFour = lastFour
        self.expiryMonth = expiryMonth
        self.expiryYear = expiryYear
    }
}
