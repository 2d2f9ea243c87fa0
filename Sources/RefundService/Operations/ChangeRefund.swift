package import RefundDomain
import RefundStorage

/// What an operator found out about a refund whose end the program does not know.
package struct Resolution: Hashable, Sendable {
    /// How the refund ended.
    package enum Outcome: String, CaseIterable, Sendable {
        case succeeded, failed
    }

    package let outcome: Outcome
    package let failure: FailureReason?
    /// The amount that went; nil for the amount that was asked for.
    package let paid: DecimalAmount?
    package let reason: String
    /// Where it can be seen: the gateway's page, a bank statement, a letter.
    package let evidence: String
    /// Who says so.
    package let person: String

    package init(
        outcome: Outcome, failure: FailureReason?, paid: DecimalAmount? = nil, reason: String, evidence: String,
        person: String
    ) {
        self.outcome = outcome
        self.failure = failure
        self.paid = paid
        self.reason = reason
        self.evidence = evidence
        self.person = person
    }

    fileprivate var event: RefundEvent {
        switch outcome {
        case .succeeded: .succeeded
        case .failed: .failed
        }
    }

    fileprivate var remark: String { "\(person): \(reason); evidence: \(evidence)" }
}

extension Operations {
    /// Withdraws a refund: one that has not left is canceled, one that was recorded by hand is voided, one that a
    /// gateway has is asked back, and success wins.
    ///
    /// `actor` is the client or the operator who asks. Throws `notFound`, or `notCancelable` where its state, or the
    /// gateway, does not allow it.
    package func cancelRefund(
        _ reference: RecordReference, of organization: OrganizationID, by actor: String, remark: String,
        under key: AnswerKey<RefundView>?
    ) async throws(Failure) -> Performed<RefundView> {
        try await once(under: key, of: organization) { () async throws(Failure) in
            let view = try await retrieveRefund(reference, of: organization)
            let action = RequestedAction(.cancel, at: surroundings.now(), actor: actor, remark: remark)
            switch view.refund.state {
            case .requested, .awaitingApproval, .approved:
                return try await change(view.refund.id, reference, organization, .canceled, as: action, under: key)
            case .succeeded where !view.refund.channel.isElectronic:
                return try await change(view.refund.id, reference, organization, .voided, as: action, under: key)
            case .pending:
                return try await cancelAtGateway(view, reference, organization, as: action, under: key)
            case .submitting, .unknown, .succeeded, .failed, .canceled, .voided, .returned:
                throw .refund(.notCancelable(view.refund.state))
            }
        }
    }

    /// Lets the workers look at an electronic refund now rather than when it is due: send it, or ask about it.
    ///
    /// One that is failed, canceled or returned here is asked about too, though no worker would by itself: it may have
    /// succeeded late. Throws `notFound`, or `stepNotAllowed` where there is nothing to send or ask.
    package func checkRefund(
        _ reference: RecordReference, of organization: OrganizationID, by actor: String,
        under key: AnswerKey<RefundView>?
    ) async throws(Failure) -> Performed<RefundView> {
        let now = surroundings.now()
        let action = RequestedAction(.retry, at: now, actor: actor, remark: "")
        let performed = try await once(under: key, of: organization) { () async throws(Failure) in
            let id = try await retrieveRefund(reference, of: organization).refund.id
            return try await attempt(report: report) {
                try await perform(under: key, for: organization, ordered: id.value) { session in
                    guard let refund = try session.refund(id, of: organization) else { throw Failure.bug }
                    guard
                        try session.hasten(id, of: organization, at: now)
                            || session.isInHand(id, of: organization, at: now)
                    else {
                        throw RefundError.stepNotAllowed(from: refund.state, event: .claimed)
                    }
                    try session.insert(action, of: id, for: organization)
                    return try session.view(of: refund, for: reference.dialect, of: organization)
                }
            }
        }
        submissions.wake()
        return performed
    }

    /// Ends an unknown refund, or one that has long been pending, by an operator's word, which is kept with reason and
    /// evidence.
    ///
    /// `actor` is the client that calls; nil for the person who says so. Throws `notFound`; `evidenceMissing` where
    /// reason, evidence or the person is empty; `stepNotAllowed` where the refund is neither unknown nor pending;
    /// `paidAmountNotSupported` where another amount went than the one that was asked for; `conflict` where it has not
    /// been pending for `Limits.pendingStuckAfter`, and while a node has it in hand, and may be about to send it again.
    package func resolveRefund(
        _ reference: RecordReference, of organization: OrganizationID, as resolution: Resolution,
        by actor: String?, under key: AnswerKey<RefundView>?
    ) async throws(Failure) -> Performed<RefundView> {
        guard ![resolution.reason, resolution.evidence, resolution.person].contains(where: \.isBlank) else {
            throw .refund(.evidenceMissing)
        }
        return try await once(under: key, of: organization) { () async throws(Failure) in
            let refund = try await retrieveRefund(reference, of: organization).refund
            return try await resolve(refund, reference, organization, as: resolution, by: actor, under: key)
        }
    }

    private func resolve(
        _ refund: Refund, _ reference: RecordReference, _ organization: OrganizationID, as resolution: Resolution,
        by actor: String?, under key: AnswerKey<RefundView>?
    ) async throws(Failure) -> Performed<RefundView> {
        let now = surroundings.now()
        switch refund.state {
        case .unknown: break
        case .pending:
            guard now >= refund.updatedAt + Limits.pendingStuckAfter else {
                throw .conflict("the gateway has had the refund for less than a day, and is still being asked about it")
            }
        case .requested, .awaitingApproval, .approved, .submitting, .succeeded, .failed, .canceled, .voided, .returned:
            throw .refund(.stepNotAllowed(from: refund.state, event: resolution.event))
        }
        try resolution.checkPaid(of: refund)
        let action = RequestedAction(
            .resolve, at: now, actor: actor ?? "operator:\(resolution.person)", remark: resolution.remark)
        return try await change(
            refund.id, reference, organization, resolution.event, as: action,
            failure: resolution.outcome == .failed ? resolution.failure ?? .unknown : nil, under: key)
    }

    /// Performs a call whose key is free; of one whose key is taken, what became of the first.
    func once(
        under key: AnswerKey<RefundView>?, of organization: OrganizationID,
        _ body: () async throws(Failure) -> Performed<RefundView>
    ) async throws(Failure) -> Performed<RefundView> {
        if let first = try await replayed(key, of: organization) { return first }
        do throws(Failure) {
            return try await body()
        } catch {
            // The first call under the key may have ended meanwhile, and be what this one is refused for.
            if let first = try await replayed(key, of: organization) { return first }
            throw error
        }
    }

    private func replayed(
        _ key: AnswerKey<RefundView>?, of organization: OrganizationID
    ) async throws(Failure) -> Performed<RefundView>? {
        try await attempt(report: report) {
            try await firstAnswer(under: key, of: organization).map(Performed.replay)
        }
    }

    private func change(
        _ id: RefundID, _ reference: RecordReference, _ organizationID: OrganizationID, _ event: RefundEvent,
        as action: RequestedAction, failure: FailureReason? = nil, under key: AnswerKey<RefundView>?
    ) async throws(Failure) -> Performed<RefundView> {
        let organization = try await organization(organizationID)
        let now = surroundings.now()
        let today = calendar.day(of: now, in: organization.timeZone)
        return try await attempt(report: report) {
            try await perform(under: key, for: organization.id, ordered: id.value) { session in
                guard let facts = try session.changeFacts(of: id, in: organization, at: now, today: today) else {
                    throw Failure.notFound(.refund, reference.text)
                }
                // Of a database that was restored, nobody knows what became of its refunds since.
                guard try session.sending().isOn else { throw Failure.sendingOff }
                let isAtGateway = [.unknown, .pending].contains(facts.refund.state)
                if isAtGateway, let lease = facts.payout?.leaseUntil, now < lease {
                    throw Failure.conflict("the gateway is being asked about the refund; try again in a minute")
                }
                let change = try decide(
                    event, by: action.actor, remark: action.remark, failure: failure, given: facts)
                guard try session.record(change, decidedOn: facts, for: organization.id) else {
                    throw Failure.unavailable
                }
                try session.insert(action, of: id, for: organization.id)
                return try session.view(of: change.refund, for: reference.dialect, of: organization.id)
            }
        }
    }

    private func cancelAtGateway(
        _ view: RefundView, _ reference: RecordReference, _ organization: OrganizationID, as action: RequestedAction,
        under key: AnswerKey<RefundView>?
    ) async throws(Failure) -> Performed<RefundView> {
        let id = view.refund.id
        let gateways = try await attempt(report: report) { try await roster.gateways(of: organization) }
        guard let payout = view.payout, let gateway = gateways[payout.gateway], gateway.capabilities.cancel else {
            throw .refund(.notCancelable(view.refund.state))
        }
        try await attempt(report: report) {
            try await store.write(for: organization, ordered: id.value) { session in
                guard try session.sending().isOn else { throw Failure.sendingOff }
                try session.insert(action, of: id, for: organization)
            }
        }
        do {
            try await exchange.cancel(view.refund, payout, organization)
        } catch GatewayError.busy {
            throw .unavailable
        } catch is GatewayError {
            throw .refund(.notCancelable(view.refund.state))
        } catch {
            report(error)
            throw .unavailable
        }
        let canceled = try await retrieveRefund(reference, of: organization)
        do {
            return try await perform(under: key, for: organization, ordered: id.value) { _ in canceled }
        } catch {
            // The refund is withdrawn, whether or not its answer could be kept.
            report(error)
            return .done(canceled)
        }
    }
}

extension Session {
    /// Whether a node sends a refund at this moment, or asks about it.
    fileprivate func isInHand(
        _ id: RefundID, of organization: OrganizationID, at now: Instant
    ) throws(StorageError) -> Bool {
        guard let lease = try payout(of: id, of: organization)?.leaseUntil else { return false }
        return now < lease
    }
}

extension Resolution {
    /// Throws `paidAmountNotSupported` where another amount went than the one that was asked for.
    fileprivate func checkPaid(of refund: Refund) throws(Failure) {
        guard let paid else { return }
        let isAsked: Bool
        do throws(RefundError) {
            isAsked = try exactAmount(paid, in: refund.amount.currency) == refund.amount
        } catch {
            throw .refund(error)
        }
        guard isAsked else { throw .refund(.paidAmountNotSupported(asked: refund.amount)) }
    }
}

extension Operations {
    /// Withdraws a refund for a caller who brought no idempotency key.
    package func cancelRefund(
        _ reference: RecordReference, of organization: OrganizationID, by actor: String, remark: String
    ) async throws(Failure) -> RefundView {
        try await cancelRefund(reference, of: organization, by: actor, remark: remark, under: nil).unkeyed()
    }

    /// Lets the workers look at a refund, for a caller who brought no idempotency key.
    package func checkRefund(
        _ reference: RecordReference, of organization: OrganizationID, by actor: String = "operator:unnamed"
    ) async throws(Failure) -> RefundView {
        try await checkRefund(reference, of: organization, by: actor, under: nil).unkeyed()
    }

    /// Tries a refund again, for a caller who brought no idempotency key.
    package func retryRefund(
        _ reference: RecordReference, of organization: OrganizationID, by client: ClientID = ClientID(0),
        as actor: String = "operator:unnamed"
    ) async throws(Failure) -> RefundView {
        try await retryRefund(reference, of: organization, by: client, as: actor, under: nil).unkeyed()
    }

    /// Ends a refund by an operator's word, for a caller who brought no idempotency key.
    package func resolveRefund(
        _ reference: RecordReference, of organization: OrganizationID, as resolution: Resolution
    ) async throws(Failure) -> RefundView {
        try await resolveRefund(reference, of: organization, as: resolution, by: nil, under: nil).unkeyed()
    }
}

extension Performed {
    /// The result of a call without a key, which nothing can replay.
    package func unkeyed() throws(Failure) -> Result {
        switch self {
        case .done(let result): return result
        case .replay: throw .bug
        }
    }
}
