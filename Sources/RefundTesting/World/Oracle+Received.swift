package import RefundDomain

extension Oracle {
    /// A fact about a payment that an operator must see.
    package enum Exception: Hashable, Sendable {
        case overRefunded(Int64, because: Set<UnguardedFact>)
        case disputedAfterRefund(unmet: Int64)
    }

    /// What customers were given back, with what they had paid.
    package struct Received: Hashable, Sendable {
        /// What was captured of the payments concerned.
        package var captured: Int64 = 0
        /// What gateways gave back, by their own books.
        package var byGateway: Int64 = 0
        /// What was given in cash, by cheque or by bank transfer.
        package var offline: Int64 = 0
        /// The part of both that no payment carries: goodwill, and what a note's refund gave too much.
        package var unbacked: Int64 = 0
        /// The facts that were recorded without asking the purse, of refunds that stand.
        package var unguardedFacts: Set<UnguardedFact> = []

        /// What came out of what was captured.
        package var fromPayments: Int64 { byGateway + offline - unbacked }
    }

    /// The exceptions open on a payment.
    package func exceptions(of payment: String) -> [Exception] {
        guard let index = paymentIndexes[payment], let purse = purse(of: payment) else { return [] }
        var exceptions: [Exception] = []
        if purse.overRefunded > 0 {
            let live = payments[index].refunds.map { refunds[$0] }.filter(\.isLive)
            let facts = live.reduce(into: Set<UnguardedFact>()) { $0.formUnion($1.unguardedFacts) }
            exceptions.append(.overRefunded(purse.overRefunded, because: facts))
        }
        if purse.unmetClaims > 0 { exceptions.append(.disputedAfterRefund(unmet: purse.unmetClaims)) }
        return exceptions
    }

    /// What has been received out of one payment: refunds that succeeded and were not returned or voided.
    package func received(from payment: String) -> Received {
        guard let index = paymentIndexes[payment] else { return Received() }
        var received = Received(captured: payments[index].captured)
        for refund in payments[index].refunds {
            received.add(refunds[refund], amount: refunds[refund].amount(on: index), unbacked: 0)
        }
        return received
    }

    /// What one customer has received, in one currency, of payments and of notes.
    package func received(by customer: String, in currency: Currency) -> Received {
        var received = Received()
        for payment in payments where payment.customer == customer && payment.currency == currency {
            received.captured += payment.captured
        }
        for refund in refunds where self.currency(of: refund.source) == currency {
            guard self.customer(of: refund.source) == customer else { continue }
            received.add(refund, amount: refund.amount, unbacked: refund.unbacked)
        }
        return received
    }

    private func customer(of source: Source) -> String? {
        switch source {
        case .payment(let name): paymentIndexes[name].map { payments[$0].customer }
        case .note(let name): noteIndexes[name].map { notes[$0].customer }
        }
    }
}

extension Oracle.Received {
    mutating fileprivate func add(_ refund: Oracle.Refund, amount: Int64, unbacked: Int64) {
        guard refund.state == .succeeded else { return }
        if refund.isOffline { offline += amount } else { byGateway += amount }
        self.unbacked += unbacked
        unguardedFacts.formUnion(refund.unguardedFacts)
    }
}
