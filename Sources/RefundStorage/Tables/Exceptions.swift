package import RefundDomain

enum ExceptionSQL {
    private static let columns = """
        organization_id, id, kind, refund_id, payment_id, credit_note_id, gateway, reference, cause, detail, fact, \
        opened_at, state, resolved_at, resolved_by, resolution, revision
        """

    static let find: SQLText = "select \(columns) from exceptions where organization_id = $1 and id = $2"

    /// Of two that see the same thing at once, one opens it.
    static let open: SQLText = """
        insert into exceptions (\(columns)) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', null, null, null, 1) \
        on conflict (organization_id, id) do nothing returning revision
        """

    /// Guarded by the revision that was read; an exception that is open keeps the moment at which it was opened.
    static let see: SQLText = """
        update exceptions set cause = $1, detail = $2, fact = $3, \
        opened_at = case when state = 'open' then opened_at else $4 end, state = 'open', resolved_at = null, \
        resolved_by = null, resolution = null, revision = revision + 1 \
        where organization_id = $5 and id = $6 and revision = $7 returning revision
        """

    static let reopen: SQLText = """
        update exceptions set opened_at = $1, state = 'open', resolved_at = null, resolved_by = null, \
        resolution = null, revision = revision + 1 \
        where organization_id = $2 and id = $3 and state = 'resolved' returning \(columns)
        """

    static let resolve: SQLText = """
        update exceptions set state = 'resolved', resolved_at = $1, resolved_by = $2, resolution = $3, \
        revision = revision + 1 \
        where organization_id = $4 and id = $5 and state = 'open' returning \(columns)
        """

    static let openOfPayment: SQLText = """
        select \(columns) from exceptions where organization_id = $1 and payment_id = $2 and kind = $3 \
        and state = 'open' order by opened_at, id
        """

    static let ofOrganization: SQLText = listing("$2 = $2")
    static let ofRefund: SQLText = listing("refund_id = $2")
    static let ofPayment: SQLText = listing("payment_id = $2")

    /// Newest first; as many places as there are kinds and states.
    private static func listing(_ record: String) -> SQLText {
        """
        select \(columns) from exceptions where organization_id = $1 and \(record) \
        and kind in ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12) and state in ($13, $14) \
        and (opened_at, id) < ($15, $16) order by opened_at desc, id desc limit $17
        """
    }

    static let all = [find, open, see, reopen, resolve, openOfPayment, ofOrganization, ofRefund, ofPayment]
}

enum ExceptionStepSQL {
    static let insert: SQLText = """
        insert into exception_steps (organization_id, exception_id, revision, event, at, actor, remark) \
        values ($1, $2, $3, $4, $5, $6, $7)
        """

    static let ofException: SQLText = """
        select revision, event, at, actor, remark from exception_steps \
        where organization_id = $1 and exception_id = $2 order by revision
        """

    static let all = [insert, ofException]
}

extension RefundException: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let organization: OrganizationID = row.identifier()
        let id = ExceptionID(text: row.text())
        let kind = try row.parsed(ExceptionKind.init(rawValue:))
        let (refund, payment, note): (RefundID?, PaymentID?, CreditNoteID?) = (
            row.optionalIdentifier(), row.optionalIdentifier(), row.optionalIdentifier()
        )
        let gateway = row.optionalText().map(GatewayName.init)
        let reference = row.optionalText()
        let origin = gateway.flatMap { name in reference.map { Charge(gateway: name, reference: $0) } }
        let (cause, detail, fact, openedAt) = (row.text(), row.text(), row.text(), row.instant())
        let state = try row.parsed(RefundException.State.init(rawValue:))
        let (at, by, reason) = (row.optionalInstant(), row.optionalText(), row.optionalText())
        self.init(
            organization: organization, id: id, kind: kind, refund: refund, payment: payment, creditNote: note,
            origin: origin, cause: cause, detail: detail, fact: fact, openedAt: openedAt, state: state,
            resolution: at.map { Resolution(at: $0, by: by ?? "", reason: reason ?? "") }, revision: row.integer())
    }
}

extension ExceptionStep: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        self.init(
            revision: row.integer(), event: try row.parsed(ExceptionStep.Event.init(rawValue:)), at: row.instant(),
            actor: row.text(), remark: row.text())
    }
}

extension Session {
    /// Keeps a fact for an operator.
    ///
    /// A kind has one exception about a subject: seen again, it notes what is new, and is opened again where it was
    /// resolved (`RefundException.event(onSeeing:)`). Throws `conflict`, so that the unit runs again, where others
    /// change the same exception at this moment.
    package func open(_ exception: NewException, for organization: OrganizationID) throws(StorageError) {
        let id = exception.id
        let opened = try row(
            StoredInteger.self, ExceptionSQL.open,
            [
                .integer(organization.value), .text(id.text), .text(exception.kind.rawValue),
                .integer(exception.refund?.value), .integer(exception.payment?.value),
                .integer(exception.creditNote?.value), .text(exception.origin?.gateway.text),
                .text(exception.origin?.reference), .text(exception.cause), .text(exception.detail),
                .text(exception.fact), .integer(exception.at.microseconds),
            ])
        if opened != nil {
            let step = ExceptionStep(
                revision: 1, event: .opened, at: exception.at, actor: RefundException.program,
                remark: exception.detail)
            return try insert(step, of: id, for: organization)
        }
        guard let known = try self.exception(id, of: organization) else {
            throw StorageError(.conflict, "exception \(id.text) is being opened")
        }
        guard let event = known.event(onSeeing: exception.fact) else { return }
        let seen = try row(
            StoredInteger.self, ExceptionSQL.see,
            [
                .text(exception.cause), .text(exception.detail), .text(exception.fact),
                .integer(exception.at.microseconds), .integer(organization.value), .text(id.text),
                .integer(known.revision),
            ])
        guard seen != nil else { throw StorageError(.conflict, "exception \(id.text) has changed") }
        let step = ExceptionStep(
            revision: known.revision + 1, event: event, at: exception.at, actor: RefundException.program,
            remark: exception.detail)
        try insert(step, of: id, for: organization)
    }

    /// Keeps what a gateway said about a refund for an operator: what could not be applied, or came too late.
    package func insertException(
        of refund: Refund, kind: ExceptionKind = .contradicted, cause: String = "", detail: String, at now: Instant,
        for organization: OrganizationID
    ) throws(StorageError) {
        var exception = NewException(
            kind, about: .refund(refund.id), cause: cause, detail: detail, fact: "step \(refund.step): \(detail)",
            at: now)
        exception.payment = refund.payment
        exception.creditNote = refund.creditNote
        try open(exception, for: organization)
    }

    /// Ends an exception by a client's or an operator's decision; nil where it is not there, or not open.
    package func resolveException(
        _ id: ExceptionID, of organization: OrganizationID, as resolution: RefundException.Resolution
    ) throws(StorageError) -> RefundException? {
        let resolved = try row(
            RefundException.self, ExceptionSQL.resolve,
            [
                .integer(resolution.at.microseconds), .text(resolution.by), .text(resolution.reason),
                .integer(organization.value), .text(id.text),
            ])
        guard let resolved else { return nil }
        let step = ExceptionStep(
            revision: resolved.revision, event: .resolved, at: resolution.at, actor: resolution.by,
            remark: resolution.reason)
        try insert(step, of: id, for: organization)
        return resolved
    }

    /// Opens an exception again by a client's or an operator's decision; nil where it is not there, or open.
    package func reopenException(
        _ id: ExceptionID, of organization: OrganizationID, by actor: String, because reason: String, at now: Instant
    ) throws(StorageError) -> RefundException? {
        let opened = try row(
            RefundException.self, ExceptionSQL.reopen,
            [.integer(now.microseconds), .integer(organization.value), .text(id.text)])
        guard let opened else { return nil }
        let step = ExceptionStep(
            revision: opened.revision, event: .reopened, at: now, actor: actor, remark: reason)
        try insert(step, of: id, for: organization)
        return opened
    }

    /// Resolves by the program itself what has healed; where there is no such exception, or none open, nothing.
    package func close(
        _ kind: ExceptionKind, about subject: ExceptionSubject, because reason: String, at now: Instant,
        for organization: OrganizationID
    ) throws(StorageError) {
        _ = try resolveException(
            ExceptionID(kind, about: subject), of: organization,
            as: RefundException.Resolution(at: now, by: RefundException.program, reason: reason))
    }

    /// Resolves by the program itself every open exception of a kind that touches a payment.
    package func close(
        _ kind: ExceptionKind, touching payment: PaymentID, because reason: String, at now: Instant,
        for organization: OrganizationID
    ) throws(StorageError) {
        let open = try rows(
            RefundException.self, ExceptionSQL.openOfPayment,
            [.integer(organization.value), .integer(payment.value), .text(kind.rawValue)])
        let resolution = RefundException.Resolution(at: now, by: RefundException.program, reason: reason)
        for exception in open { _ = try resolveException(exception.id, of: organization, as: resolution) }
    }

    /// An exception by its identifier, or nil.
    package func exception(
        _ id: ExceptionID, of organization: OrganizationID
    ) throws(StorageError) -> RefundException? {
        try row(RefundException.self, ExceptionSQL.find, [.integer(organization.value), .text(id.text)])
    }

    /// The life of an exception, step by step.
    package func steps(
        of exception: ExceptionID, of organization: OrganizationID
    ) throws(StorageError) -> [ExceptionStep] {
        try rows(
            ExceptionStep.self, ExceptionStepSQL.ofException, [.integer(organization.value), .text(exception.text)])
    }

    /// The exceptions that a query asks for, the newest first.
    package func exceptions(
        _ query: ExceptionQuery, of organization: OrganizationID
    ) throws(StorageError) -> [RefundException] {
        guard let anyKind = query.kinds.first, let anyState = query.states.first else { return [] }
        let (text, record): (SQLText, Int64) =
            switch query.scope {
            case .organization: (ExceptionSQL.ofOrganization, 0)
            case .refund(let id): (ExceptionSQL.ofRefund, id.value)
            case .payment(let id): (ExceptionSQL.ofPayment, id.value)
            }
        var values: [Value] = [.integer(organization.value), .integer(record)]
        // As many places as there are kinds and states: the query's own, the first of them repeated.
        for index in ExceptionKind.allCases.indices {
            values.append(.text((index < query.kinds.count ? query.kinds[index] : anyKind).rawValue))
        }
        for index in RefundException.State.allCases.indices {
            values.append(.text((index < query.states.count ? query.states[index] : anyState).rawValue))
        }
        values += [
            .integer(query.after?.openedAt.microseconds ?? .max), .text(query.after?.id.text ?? ""),
            .integer(query.limit),
        ]
        return try rows(RefundException.self, text, values)
    }

    /// Every open exception, over all organizations: for an operator to look at, and no corruption.
    package func exceptions() throws(StorageError) -> [RefundException] {
        try rows(RefundException.self, VerificationSQL.exceptions, [])
    }

    private func insert(
        _ step: ExceptionStep, of exception: ExceptionID, for organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            ExceptionStepSQL.insert,
            [
                .integer(organization.value), .text(exception.text), .integer(step.revision),
                .text(step.event.rawValue), .integer(step.at.microseconds), .text(step.actor), .text(step.remark),
            ])
    }
}
