package import RefundDomain

// What moves the balance of an account, in the currency that the account is kept in. A restricted key may not be
// allowed to read it, and nothing that moves money waits for it.

extension StripeGateway {
    /// What Stripe charges for a refund; nil where that cannot be asked now.
    func fees(for refund: StripeRefund) async -> [GatewayFee]? {
        var fees: [GatewayFee] = []
        let deadline = deadline()
        for movement in refund.movements {
            guard let reply = try? await send(wire.movement(movement), by: deadline), reply.status != 429,
                reply.status < 500
            else { return nil }
            if let fee = try? StripeWire.movement(in: reply).charged { fees.append(fee) }
        }
        return fees
    }

    /// Asks Stripe for the charge, and for what it was on the balance.
    package func exchange(ofCharge reference: String) async throws(GatewayError) -> ChargeExchange? {
        let deadline = deadline()
        let charge = try StripeWire.charge(in: try await send(wire.charge(reference), by: deadline))
        guard let movement = charge.balanceTransaction, !movement.isEmpty else { return nil }
        return try StripeWire.movement(in: try await send(wire.movement(movement), by: deadline)).exchange(of: charge)
    }
}

extension StripeRefund {
    /// What moved the balance for it, by reference.
    var movements: [String] {
        [balanceTransaction, failureBalanceTransaction].compactMap(\.self).filter { !$0.isEmpty }
    }
}

extension StripeBalanceTransaction {
    /// What Stripe charges; nil where that is nothing, or cannot be read.
    var charged: GatewayFee? {
        guard let moved = Int64(exactly: amount.magnitude),
            let settled = StripeAmount.money(moved, currency: currency),
            let amount = StripeAmount.money(fee, currency: currency)
        else { return nil }
        return GatewayFee(reference: id, amount: amount, settled: settled)
    }

    /// How a charge was exchanged, where it was.
    ///
    /// Throws `misunderstood` for a rate that does not make of the one amount the other, to a thousandth.
    func exchange(of charge: StripeCharge) throws(GatewayError) -> ChargeExchange? {
        guard currency != charge.currency, let exchangeRate else { return nil }
        guard let rate = ExchangeRate("\(exchangeRate)"),
            let source = StripeAmount.money(charge.taken, currency: charge.currency),
            let moved = StripeAmount.money(amount, currency: currency),
            let worth = try? rate.convert(source, to: moved.currency),
            let difference = try? worth.subtracting(moved).minorUnits.magnitude,
            difference <= 1 + moved.minorUnits.magnitude / 1_000
        else { throw .misunderstood("a rate of exchange that does not fit the amounts") }
        return ChargeExchange(currency: moved.currency, rate: rate)
    }
}
