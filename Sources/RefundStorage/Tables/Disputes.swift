package import RefundDomain

enum DisputeSQL {
    private static let columns = """
        gateway, reference, payment_id, amount, currency, state, reason, claim, withdrawn, is_loss
        """

    static let find: SQLText = """
        select \(columns) from charge_disputes where organization_id = $1 and gateway = $2 and reference = $3
        """

    static let ofPayment: SQLText = """
        select \(columns) from charge_disputes where organization_id = $1 and payment_id = $2
        """

    static let put: SQLText = """
        insert into charge_disputes (organization_id, \(columns), updated_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
        on conflict (organization_id, gateway, reference) do update set amount = excluded.amount, \
        currency = excluded.currency, state = excluded.state, reason = excluded.reason, claim = excluded.claim, \
        withdrawn = excluded.withdrawn, is_loss = excluded.is_loss, updated_at = excluded.updated_at
        """

    static let steps: SQLText = """
        select told_at, stage, amount, currency from dispute_steps \
        where organization_id = $1 and gateway = $2 and reference = $3
        """

    /// What is told twice is told once.
    static let insertStep: SQLText = """
        insert into dispute_steps (organization_id, gateway, event_id, reference, told_at, stage, amount, currency) \
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing
        """

    static let all = [find, ofPayment, put, steps, insertStep]
}

extension Dispute: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let gateway = GatewayName(row.text())
        let reference = row.text()
        let payment: PaymentID = row.identifier()
        let minorUnits = row.integer()
        self.init(
            gateway: gateway, gatewayReference: reference, payment: payment,
            amount: Money(minorUnits: minorUnits, currency: try row.parsed(Currency.init)),
            state: try row.parsed(State.init(rawValue:)), reason: row.text(), claim: row.optionalInteger(),
            withdrawn: row.integer(), isLoss: row.bool())
    }
}

extension DisputeStep: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let at = row.instant()
        let stage = try row.parsed(Dispute.Stage.init(rawValue:))
        let minorUnits = row.integer()
        self.init(
            at: at, stage: stage, amount: Money(minorUnits: minorUnits, currency: try row.parsed(Currency.init)))
    }
}

extension Session {
    /// A dispute by the gateway's reference, or nil.
    package func dispute(
        _ reference: String, at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> Dispute? {
        try row(
            Dispute.self, DisputeSQL.find, [.integer(organization.value), .text(gateway.text), .text(reference)])
    }

    /// The disputes of a payment.
    package func disputes(
        of payment: PaymentID, _ organization: OrganizationID
    ) throws(StorageError) -> [Dispute] {
        try rows(Dispute.self, DisputeSQL.ofPayment, [.integer(organization.value), .integer(payment.value)])
    }

    /// Keeps what a gateway's event tells of a dispute of a payment that the unit has locked; the dispute before and
    /// after it, and the payment with what is claimed of it.
    package func record(
        _ news: DisputeNews, event: String, on payment: Payment, at gateway: GatewayName,
        for organization: OrganizationID, now: Instant
    ) throws(StorageError) -> (before: Dispute?, after: Dispute, payment: Payment) {
        let before = try dispute(news.gatewayReference, at: gateway, of: organization)
        let known = try rows(
            DisputeStep.self, DisputeSQL.steps,
            [.integer(organization.value), .text(gateway.text), .text(news.gatewayReference)])
        let told = news.stages.map { DisputeStep(at: news.at, stage: $0, amount: news.amount) }
        let after = RefundDomain.dispute(
            news.gatewayReference, at: gateway, of: payment, reason: news.reason, steps: known + told)
        try put(after, for: organization, at: now)
        for step in told {
            try execute(
                DisputeSQL.insertStep,
                [
                    .integer(organization.value), .text(gateway.text), .text(event), .text(news.gatewayReference),
                    .integer(step.at.microseconds), .text(step.stage.rawValue), .integer(step.amount.minorUnits),
                    .text(step.amount.currency.code),
                ])
        }
        let captured = payment.balance.captured
        let more = after.claim(ofCaptured: captured).clamped(adding: -(before?.claim(ofCaptured: captured) ?? 0))
        return (before, after, try claim(more, on: payment.id, of: organization))
    }

    /// Brings what disputes claim of a payment up to what was captured, where they claim all of it: they were told in
    /// another currency.
    package func claimAllOf(
        _ payment: Payment, capturedBefore: Int64, for organization: OrganizationID
    ) throws(StorageError) {
        guard payment.balance.captured != capturedBefore, payment.balance.claims > payment.balance.claimByOwner else {
            return
        }
        let more = try disputes(of: payment.id, organization).reduce(into: Int64(0)) { sum, dispute in
            sum = sum.clamped(
                adding: dispute.claim(ofCaptured: payment.balance.captured)
                    - dispute.claim(ofCaptured: capturedBefore))
        }
        if more != 0 { _ = try claim(more, on: payment.id, of: organization) }
    }

    private func put(_ dispute: Dispute, for organization: OrganizationID, at now: Instant) throws(StorageError) {
        try execute(
            DisputeSQL.put,
            [
                .integer(organization.value), .text(dispute.gateway.text), .text(dispute.gatewayReference),
                .integer(dispute.payment.value), .integer(dispute.amount.minorUnits),
                .text(dispute.amount.currency.code), .text(dispute.state.rawValue), .text(dispute.reason),
                .integer(dispute.claim), .integer(dispute.withdrawn), .integer(dispute.isLoss ? 1 : 0),
                .integer(now.microseconds),
            ])
    }
}
