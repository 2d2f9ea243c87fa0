package import RefundDomain

/// The statements on refunds.
package enum RefundSQL {
    /// The constraint that a refund number is used once, as `StorageError` names it.
    package static let numberConstraint = "refunds.organization_id, refunds.number"

    static let columns = """
        id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, \
        state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, \
        created_by, failure_reason, note_remaining_after, annotations, payment_shortfall, note_shortfall
        """

    static let find: SQLText = "select \(columns) from refunds where organization_id = $1 and id = $2"

    static let findByNumber: SQLText = "select \(columns) from refunds where organization_id = $1 and number = $2"

    static let insert: SQLText = """
        insert into refunds (organization_id, \(columns), request_digest) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
        $23, $24, $25, $26, $27, $28, $29)
        """

    /// Guarded by the step that the decision rests on: a stale decision changes nothing.
    static let advance: SQLText = """
        update refunds set state = $1, step = $2, updated_at = $3, settled_at = $4, failure_reason = $5, \
        payment_shortfall = $6, note_shortfall = $7 \
        where organization_id = $8 and id = $9 and step = $10 returning \(columns)
        """

    /// Of the refunds that an equal request made and whose outcome is still open, an unknown one, else the newest.
    static let openByRequest: SQLText = """
        select \(columns) from refunds where organization_id = $1 and request_digest = $2 \
        and state in ('approved', 'submitting', 'pending', 'unknown') \
        order by case when state = 'unknown' then 0 else 1 end, id desc limit 1
        """

    /// A refund whose sending a gateway has not answered yet: it may know the refund by a reference that we do not.
    static let unansweredOfPayment: SQLText = """
        select id from refunds where organization_id = $1 and payment_id = $2 and state in ('submitting', 'unknown') \
        and exists (select 1 from payouts p where p.organization_id = refunds.organization_id \
        and p.refund_id = refunds.id and p.gateway_reference = '') limit 1
        """

    static let underWayOfPayment: SQLText = """
        select \(columns) from refunds where organization_id = $1 and payment_id = $2 \
        and state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending', 'unknown') order by id
        """

    static let all = [
        find, findByNumber, insert, advance, openByRequest, unansweredOfPayment, underWayOfPayment,
    ]
}

enum RefundStepSQL {
    static let insert: SQLText = """
        insert into refund_steps (organization_id, refund_id, step, event, state, at, actor, remark) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """

    static let ofRefund: SQLText = """
        select refund_id, step, event, state, at, actor, remark from refund_steps \
        where organization_id = $1 and refund_id = $2 order by step
        """

    static let all = [insert, ofRefund]
}

extension Refund: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let id: RefundID = row.identifier()
        let number = RefundNumber(row.integer())
        let party: PartyID = row.identifier()
        let payment: PaymentID? = row.optionalIdentifier()
        let creditNote: CreditNoteID? = row.optionalIdentifier()
        let method: PaymentMethodID? = row.optionalIdentifier()
        let minorUnits = row.integer()
        let amount = Money(minorUnits: minorUnits, currency: try row.parsed(Currency.init))
        let rate = try row.parsed(ExchangeRate.init)
        let mode = try row.optionalParsed(PaymentMode.init(code:))
        let gateway = row.optionalText().map(GatewayName.init)
        guard let channel = mode.map(RefundChannel.offline) ?? gateway.map(RefundChannel.electronic) else {
            throw StorageError(.corrupt, "refund \(id) has neither mode nor gateway")
        }
        self.init(
            id: id, number: number, party: party, payment: payment, creditNote: creditNote, method: method,
            amount: amount, rate: rate, channel: channel, state: try row.parsed(RefundState.init(rawValue:)),
            step: Int(row.integer()),
            reason: try row.optionalParsed(RefundReason.init(rawValue:)),
            initiator: try row.parsed(RefundInitiator.init(rawValue:)), description: row.text(),
            reference: row.text(), effectiveOn: row.date(), createdAt: row.instant(), updatedAt: row.instant(),
            settledAt: row.optionalInstant(), createdBy: row.identifier(),
            failureReason: try row.optionalParsed(FailureReason.init(rawValue:)),
            noteRemainingAfter: row.optionalInteger(), annotations: row.text())
        shortfall = Shortfall(payment: row.integer(), creditNote: row.integer())
    }

    fileprivate var values: [Value] {
        let mode: PaymentMode?
        switch channel {
        case .offline(let way): mode = way
        case .electronic: mode = nil
        }
        return [
            .integer(id.value), .integer(number.value), .integer(party.value), .integer(payment?.value),
            .integer(creditNote?.value), .integer(method?.value), .integer(amount.minorUnits),
            .text(amount.currency.code), .text(rate.decimalText), .text(mode?.code), .text(channel.gateway?.text),
            .text(state.rawValue),
            .integer(step), .text(reason?.rawValue), .text(initiator.rawValue), .text(description), .text(reference),
            .integer(Int(effectiveOn.daysSinceEpoch)), .integer(createdAt.microseconds),
            .integer(updatedAt.microseconds), .integer(settledAt?.microseconds), .integer(createdBy.value),
            .text(failureReason?.rawValue), .integer(noteRemainingAfter), .text(annotations),
            .integer(shortfall.payment), .integer(shortfall.creditNote),
        ]
    }
}

extension RefundStep: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        self.init(
            refund: row.identifier(), step: Int(row.integer()), event: try row.parsed(RefundEvent.init(rawValue:)),
            state: try row.parsed(RefundState.init(rawValue:)), at: row.instant(), actor: row.text(),
            remark: row.text())
    }
}

extension Session {
    /// A refund by its identifier, or nil.
    package func refund(_ id: RefundID, of organization: OrganizationID) throws(StorageError) -> Refund? {
        try row(Refund.self, RefundSQL.find, [.integer(organization.value), .integer(id.value)])
    }

    /// A refund by its number, or nil.
    package func refund(_ number: RefundNumber, of organization: OrganizationID) throws(StorageError) -> Refund? {
        try row(Refund.self, RefundSQL.findByNumber, [.integer(organization.value), .integer(number.value)])
    }

    /// Of the refunds that an equal request made and whose outcome is still open, an unknown one, else the newest.
    package func openRefund(
        byRequest digest: String, of organization: OrganizationID
    ) throws(StorageError) -> Answer<Refund> {
        try ask(Refund.self, RefundSQL.openByRequest, [.integer(organization.value), .text(digest)])
    }

    /// Whether a gateway may know a refund of the payment by a reference that it has not told us yet.
    package func awaitsReference(_ payment: PaymentID, of organization: OrganizationID) throws(StorageError) -> Bool {
        try row(
            StoredInteger.self, RefundSQL.unansweredOfPayment,
            [.integer(organization.value), .integer(payment.value)]) != nil
    }

    /// The refunds of a payment that have not ended.
    package func refundsUnderWay(
        of payment: PaymentID, of organization: OrganizationID
    ) throws(StorageError) -> [Refund] {
        try rows(Refund.self, RefundSQL.underWayOfPayment, [.integer(organization.value), .integer(payment.value)])
    }

    /// What happened to a refund, step by step.
    package func history(of refund: RefundID, of organization: OrganizationID) throws(StorageError) -> [RefundStep] {
        try rows(RefundStep.self, RefundStepSQL.ofRefund, [.integer(organization.value), .integer(refund.value)])
    }

    /// Writes a decided refund with all that belongs to it; its sources were drawn on by the questions before.
    package func record(
        _ decision: RefundDecision, requestDigest: String?, for organization: OrganizationID
    ) throws(StorageError) {
        if let note = decision.raisedNote { try insert(note, lines: [], for: organization) }
        try execute(
            RefundSQL.insert, [.integer(organization.value)] + decision.refund.values + [.text(requestDigest)])
        if let payout = decision.payout { try insert(payout, for: organization) }
        try draw(decision.draws, for: decision.refund.id, of: organization)
        if decision.refund.state.hold == .spent, let payment = decision.refund.payment {
            try move(decision.refund, on: payment, from: .reserved, to: .spent, of: organization)
        }
        try insert(decision.steps, for: organization)
        for journal in decision.journals { try insert(journal, for: organization) }
    }

    /// Writes a refund that a gateway made by itself; false where its payment no longer stands as it was read.
    package func record(_ adoption: Adoption, for organization: OrganizationID) throws(StorageError) -> Bool {
        let refund = adoption.decision.refund
        guard try drawBeyond(refund, on: adoption.payment, of: organization) else { return false }
        try record(adoption.decision, requestDigest: nil, for: organization)
        if let detail = adoption.exception {
            try insertException(
                of: refund, kind: .outOfBand, detail: detail, at: refund.createdAt, for: organization)
        }
        if refund.shortfall.payment > 0 {
            try reviewOverRefund(by: refund, cause: "out_of_band", at: refund.createdAt, for: organization)
        }
        return true
    }

    /// Writes a change of a refund, guarded by the step, attempt and lease of the facts that it was decided on.
    ///
    /// False where the refund, or a source that it draws on again, has moved on since it was read; the unit then
    /// throws, so that nothing of it stays.
    package func record(
        _ change: RefundChange, decidedOn facts: ChangeFacts, for organization: OrganizationID
    ) throws(StorageError) -> Bool {
        let refund = change.refund
        let advanced = try row(
            Refund.self, RefundSQL.advance,
            [
                .text(refund.state.rawValue), .integer(refund.step), .integer(refund.updatedAt.microseconds),
                .integer(refund.settledAt?.microseconds), .text(refund.failureReason?.rawValue),
                .integer(refund.shortfall.payment), .integer(refund.shortfall.creditNote),
                .integer(organization.value), .integer(refund.id.value), .integer(facts.refund.step),
            ])
        guard advanced != nil else { return false }
        if let payout = change.payout, let known = facts.payout {
            guard try update(payout, decidedOn: known, for: organization) else { return false }
        }
        if let redraw = change.redraw {
            guard try draw(redraw, for: refund, of: organization) else { return false }
        } else if change.before != change.after {
            try moveSources(by: change, of: organization)
        }
        try insert(change.steps, for: organization)
        for journal in change.journals { try insert(journal, for: organization) }
        try keepExceptions(of: change, decidedOn: facts, for: organization)
        return true
    }

    private func moveSources(by change: RefundChange, of organization: OrganizationID) throws(StorageError) {
        let refund = change.refund
        if let payment = refund.payment {
            try move(refund, on: payment, from: change.before, to: change.after, of: organization)
        }
        if let note = refund.creditNote, change.after == .released {
            try giveBack(
                refund.amount.minorUnits - refund.shortfall.creditNote, to: note, from: refund.id, of: organization)
        }
        if let note = change.voidedNote { try void(note, of: organization) }
    }

    /// Draws on sources again, where they stand as they were read; else false.
    private func draw(
        _ redraw: Redraw, for refund: Refund, of organization: OrganizationID
    ) throws(StorageError) -> Bool {
        if let payment = redraw.payment {
            guard try drawBeyond(refund, on: payment, of: organization) else { return false }
        }
        guard let note = redraw.creditNote else { return true }
        let amount = refund.amount.minorUnits - refund.shortfall.creditNote
        return try drawAgain(amount, on: note, by: redraw.draws, for: refund.id, of: organization)
    }

    private func insert(_ steps: [RefundStep], for organization: OrganizationID) throws(StorageError) {
        for step in steps {
            try execute(
                RefundStepSQL.insert,
                [
                    .integer(organization.value), .integer(step.refund.value), .integer(step.step),
                    .text(step.event.rawValue), .text(step.state.rawValue), .integer(step.at.microseconds),
                    .text(step.actor), .text(step.remark),
                ])
        }
    }
}
