import RefundDomain

// The exceptions that changes of refunds open, and those that they heal.

extension Session {
    /// Keeps what a change contradicts, and resolves what it has healed.
    func keepExceptions(
        of change: RefundChange, decidedOn facts: ChangeFacts, for organization: OrganizationID
    ) throws(StorageError) {
        let (before, refund, now) = (facts.refund, change.refund, change.decidedAt)
        if let detail = change.exception {
            // Of an unknown refund a contradiction is a resend that was refused: nobody knows more by it.
            let isUnknown = refund.state == .unknown
            try insertException(
                of: refund, kind: isUnknown ? .outcomeUnknown : .contradicted,
                cause: isUnknown ? "resend_refused" : "", detail: detail, at: now, for: organization)
        }
        if before.state == .unknown, refund.state != .unknown {
            try close(
                .outcomeUnknown, about: .refund(refund.id), because: "the refund is \(refund.state.rawValue)",
                at: now, for: organization)
        }
        if change.redraw != nil || before.shortfall.payment > 0 {
            try reviewOverRefund(by: refund, cause: "late_success", at: now, for: organization)
        }
    }

    /// Opens the exception that more was given back of a refund's payment than it captured, or resolves it where that
    /// has healed.
    func reviewOverRefund(
        by refund: Refund, cause: String, at now: Instant, for organization: OrganizationID
    ) throws(StorageError) {
        guard let id = refund.payment, let payment = try payment(id, of: organization) else { return }
        let excess = payment.balance.excess
        guard excess > 0 else {
            return try close(
                .overRefunded, about: .payment(id), because: "no more is given back than was captured", at: now,
                for: organization)
        }
        let amount = Money(minorUnits: excess, currency: payment.currency)
        var exception = NewException(
            .overRefunded, about: .payment(id), cause: cause,
            detail: "\(amount) more are given back than was left of the payment", at: now)
        exception.refund = refund.id
        try open(exception, for: organization)
    }
}
