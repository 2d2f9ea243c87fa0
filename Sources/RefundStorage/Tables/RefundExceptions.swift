package import RefundDomain

// The exceptions that changes of refunds open, and those that they heal.

extension Session {
    /// Keeps what a change contradicts, and resolves what it has healed.
    func keepExceptions(
        of change: RefundChange, moving movement: SourceMovement, decidedOn facts: ChangeFacts,
        for organization: OrganizationID
    ) throws(StorageError) {
        let (before, refund, now) = (facts.refund, change.refund, change.decidedAt)
        if let detail = change.exception(moving: movement) {
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
        if movement.overRefunded != 0 {
            try reviewOverRefunds(
                of: facts.allocations, by: refund, cause: "late_success", at: now, for: organization)
        }
        guard change.before != change.after, change.before == .released || change.after == .released else { return }
        for part in facts.allocations {
            guard let payment = try payment(part.payment, of: organization), payment.balance.claims > 0 else {
                continue
            }
            try reviewClaims(of: payment, at: now, for: organization)
        }
    }

    /// Opens the exception that disputes claim of a payment what refunds took of it, or resolves it where none do.
    package func reviewClaims(
        of payment: Payment, at now: Instant, for organization: OrganizationID
    ) throws(StorageError) {
        guard payment.balance.unmetClaims > 0, payment.balance.taken > 0 else {
            return try close(
                .disputedAfterRefund, about: .payment(payment.id), because: "what is left meets what disputes claim",
                at: now, for: organization)
        }
        let amount = Money(minorUnits: payment.balance.unmetClaims, currency: payment.currency)
        var exception = NewException(
            .disputedAfterRefund, about: .payment(payment.id),
            detail: "disputes claim \(amount) that refunds have taken", at: now)
        exception.payment = payment.id
        try open(exception, for: organization)
    }

    /// Looks at each payment that a refund takes money of.
    func reviewOverRefunds(
        of allocations: [PaymentAllocation], by refund: Refund, cause: String, at now: Instant,
        for organization: OrganizationID
    ) throws(StorageError) {
        for part in allocations {
            try reviewOverRefund(of: part.payment, by: refund.id, cause: cause, at: now, for: organization)
        }
    }

    /// Opens the exception that more was given back of a payment than it captured, or resolves it where that has
    /// healed.
    package func reviewOverRefund(
        of id: PaymentID, by refund: RefundID?, cause: String, at now: Instant, for organization: OrganizationID
    ) throws(StorageError) {
        guard let payment = try payment(id, of: organization) else { return }
        guard payment.balance.overRefunded > 0 else {
            return try close(
                .overRefunded, about: .payment(id), because: "no more is given back than was captured", at: now,
                for: organization)
        }
        let amount = Money(minorUnits: payment.balance.overRefunded, currency: payment.currency)
        var exception = NewException(
            .overRefunded, about: .payment(id), cause: cause,
            detail: "\(amount) more are given back than was captured of the payment", at: now)
        exception.refund = refund
        try open(exception, for: organization)
    }
}
