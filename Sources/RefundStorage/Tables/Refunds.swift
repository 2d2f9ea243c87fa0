package import RefundDomain

/// The statements on refunds.
package enum RefundSQL {
    /// The constraint that a refund number is used once, as `StorageError` names it.
    package static let numberConstraint = "refunds.organization_id, refunds.number"

    static let columns = """
        id, number, party_id, payment_id, credit_note_id, payment_method_id, amount, currency, rate, mode, gateway, \
        state, step, reason, initiator, description, reference, effective_on, created_at, updated_at, settled_at, \
        created_by, failure_reason, note_remaining_after, annotations, note_shortfall, retry_of
        """

    static let find: SQLText = "select \(columns) from refunds where organization_id = $1 and id = $2"

    static let findByNumber: SQLText = "select \(columns) from refunds where organization_id = $1 and number = $2"

    static let insert: SQLText = """
        insert into refunds (organization_id, \(columns), request_digest) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
        $23, $24, $25, $26, $27, $28, $29)
        """

    /// Guarded by the step that the decision rests on, and by what its note lacked: a stale decision changes nothing.
    static let advance: SQLText = """
        update refunds set state = $1, step = $2, updated_at = $3, settled_at = $4, failure_reason = $5, \
        note_shortfall = $6 \
        where organization_id = $7 and id = $8 and step = $9 and note_shortfall = $10 returning \(columns)
        """

    /// Of the refunds that an equal request made and whose outcome is still open, an unknown one, else the newest that
    /// the gateway has not taken.
    static let openByRequest: SQLText = """
        select \(columns) from refunds where organization_id = $1 and request_digest = $2 \
        and state in ('approved', 'submitting', 'pending', 'unknown') \
        order by case state when 'unknown' then 0 when 'pending' then 2 else 1 end, id desc limit 1
        """

    /// A refund whose sending a gateway has not answered yet: it may know the refund by a reference that we do not.
    static let unansweredOfPayment: SQLText = """
        select id from refunds where organization_id = $1 and id in (\
        select refund_id from refund_allocations where organization_id = $1 and payment_id = $2) \
        and state in ('submitting', 'unknown') \
        and exists (select 1 from payouts p where p.organization_id = refunds.organization_id \
        and p.refund_id = refunds.id and p.gateway_reference = '') limit 1
        """

    static let underWayOfPayment: SQLText = """
        select \(columns) from refunds where organization_id = $1 and id in (\
        select refund_id from refund_allocations where organization_id = $1 and payment_id = $2) \
        and state in ('requested', 'awaiting_approval', 'approved', 'submitting', 'pending', 'unknown') order by id
        """

    /// The refund that makes another one again.
    static let retry: SQLText = "select id from refunds where organization_id = $1 and retry_of = $2"

    static let all = [
        find, findByNumber, insert, advance, openByRequest, unansweredOfPayment, underWayOfPayment, retry,
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
        lacking = row.integer()
        retryOf = row.optionalIdentifier()
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
            .integer(lacking), .integer(retryOf?.value),
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

    /// Of the refunds that an equal request made and whose outcome is still open, an unknown one, else the newest that
    /// the gateway has not taken.
    package func openRefund(
        byRequest digest: String, of organization: OrganizationID
    ) throws(StorageError) -> Answer<Refund> {
        try ask(Refund.self, RefundSQL.openByRequest, [.integer(organization.value), .text(digest)])
    }

    /// Which refund makes this one again; no row where none does.
    package func retry(
        of refund: RefundID, in organization: OrganizationID
    ) throws(StorageError) -> Answer<StoredInteger> {
        try ask(StoredInteger.self, RefundSQL.retry, [.integer(organization.value), .integer(refund.value)])
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
        try insert(decision.allocations, for: decision.refund.id, of: organization)
        try draw(decision.draws, for: decision.refund.id, of: organization)
        try insert(decision.steps, for: organization)
        for journal in decision.journals { try insert(journal, for: organization) }
    }

    /// Writes a refund that was just accepted, of payments of which its amount is reserved.
    package func recordAccepted(
        _ decision: RefundDecision, requestDigest: String?, for organization: OrganizationID
    ) throws(StorageError) {
        try record(decision, requestDigest: requestDigest, for: organization)
        guard decision.refund.state.hold == .spent else { return }
        _ = try move(decision.allocations, from: .reserved, to: .spent, of: organization)
    }

    /// Writes a refund that a gateway made by itself, of a payment of which its amount was taken.
    package func record(_ adoption: Adoption, for organization: OrganizationID) throws(StorageError) {
        let refund = adoption.decision.refund
        try record(adoption.decision, requestDigest: nil, for: organization)
        if let detail = adoption.exception {
            try insertException(
                of: refund, kind: .outOfBand, detail: detail, at: refund.createdAt, for: organization)
        }
        try reviewOverRefunds(
            of: adoption.decision.allocations, by: refund, cause: "out_of_band", at: refund.createdAt,
            for: organization)
    }

    /// Writes a change of a refund, guarded by the step, attempt and lease of the facts that it was decided on.
    ///
    /// False where the refund has moved on since it was read; the unit then throws, so that nothing of it stays. Throws
    /// `RefundError.amountOverflow` where a worth in the base currency does not fit.
    package func record(
        _ change: RefundChange, decidedOn facts: ChangeFacts, for organization: OrganizationID
    ) throws -> Bool {
        var refund = change.refund
        // The sources come first, in the order in which everybody locks them: payments, note, lines, and then refunds.
        var movement = try moveSources(by: change, facts.allocations, of: organization)
        refund.lacking = change.before == change.after ? refund.lacking : movement.lacking
        guard try advance(refund, from: facts.refund, of: organization) else { return false }
        if let payout = change.payout, let known = facts.payout {
            guard try update(payout, decidedOn: known, for: organization) else { return false }
        }
        if change.before != change.after, let note = refund.creditNote {
            if let voided = change.voidedNote { try void(voided.id, of: organization) }
            let settled = try settle(note, of: organization)
            movement.drawnOnNote += settled.drawnOnNote
            movement.overRefunded += settled.overRefunded
        }
        try insert(change.steps, for: organization)
        for journal in try change.journals(moving: movement) { try insert(journal, for: organization) }
        try keepExceptions(of: change, moving: movement, decidedOn: facts, for: organization)
        return true
    }

    private func advance(
        _ refund: Refund, from known: Refund, of organization: OrganizationID
    ) throws(StorageError) -> Bool {
        try row(
            Refund.self, RefundSQL.advance,
            [
                .text(refund.state.rawValue), .integer(refund.step), .integer(refund.updatedAt.microseconds),
                .integer(refund.settledAt?.microseconds), .text(refund.failureReason?.rawValue),
                .integer(refund.lacking), .integer(organization.value), .integer(refund.id.value),
                .integer(known.step), .integer(known.lacking),
            ]) != nil
    }

    /// Moves what the refund holds of its sources from what it held before to what it holds after.
    private func moveSources(
        by change: RefundChange, _ allocations: [PaymentAllocation], of organization: OrganizationID
    ) throws(StorageError) -> SourceMovement {
        guard change.before != change.after else { return .none }
        let over = try move(allocations, from: change.before, to: change.after, of: organization)
        var movement = SourceMovement.none
        switch (change.before, change.after) {
        case (.released, .reserved), (.released, .spent):
            movement = try drawAgain(change.refund, of: organization)
            if let note = change.refund.creditNote {
                try moveBackings(allocations, of: note, sign: 1, for: organization)
            }
        case (.reserved, .released), (.spent, .released):
            movement = try giveBack(change.refund, of: organization)
            if let note = change.refund.creditNote {
                try moveBackings(allocations, of: note, sign: -1, for: organization)
            }
        case (.reserved, .spent), (.spent, .reserved), (.reserved, .reserved), (.spent, .spent),
            (.released, .released):
            // What it holds of its note is the same.
            movement.lacking = change.refund.lacking
        }
        movement.overRefunded = over
        return movement
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
