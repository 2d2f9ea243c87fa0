package import RefundDomain
import RefundStorage

/// What a person found out about a refund that the program does not know the end of.
package struct Resolution: Hashable, Sendable {
    /// How the refund ended.
    package enum Outcome: String, CaseIterable, Sendable {
        case succeeded, failed
    }

    package let outcome: Outcome
    package let failure: FailureReason?
    package let reason: String
    /// Where it can be seen: the gateway's page, a bank statement, a letter.
    package let evidence: String
    /// Who says so.
    package let person: String

    package init(outcome: Outcome, failure: FailureReason?, reason: String, evidence: String, person: String) {
        self.outcome = outcome
        self.failure = failure
        self.reason = reason
        self.evidence = evidence
        self.person = person
    }
}

extension Operations {
    /// Withdraws a refund: one that has not left is canceled, one that was recorded by hand is voided, one that a
    /// gateway has is asked back, and success wins.
    ///
    /// Throws `notFound`, or `notCancelable` where its state, or the gateway, does not allow it.
    package func cancelRefund(
        _ reference: RecordReference, of organization: OrganizationID, by actor: String, remark: String
    ) async throws(Failure) -> RefundView {
        let view = try await retrieveRefund(reference, of: organization)
        switch view.refund.state {
        case .requested, .awaitingApproval, .approved:
            return try await change(view.refund.id, reference, organization, .canceled, by: actor, remark: remark)
        case .succeeded where !view.refund.channel.isElectronic:
            return try await change(view.refund.id, reference, organization, .voided, by: actor, remark: remark)
        case .pending:
            return try await cancelAtGateway(view, reference, organization)
        case .submitting, .unknown, .succeeded, .failed, .canceled, .voided, .returned:
            throw .refund(.notCancelable(view.refund.state))
        }
    }

    /// Ends an unknown refund by a person's word, which is kept with reason and evidence.
    ///
    /// Throws `notFound`; `evidenceMissing` where reason, evidence or the person is empty; `stepNotAllowed` where the
    /// refund is not unknown; `conflict` while a node has it in hand, and may be about to send it again.
    package func resolveRefund(
        _ reference: RecordReference, of organization: OrganizationID, as resolution: Resolution
    ) async throws(Failure) -> RefundView {
        guard ![resolution.reason, resolution.evidence, resolution.person].contains("") else {
            throw .refund(.evidenceMissing)
        }
        let view = try await retrieveRefund(reference, of: organization)
        let event: RefundEvent =
            switch resolution.outcome {
            case .succeeded: .succeeded
            case .failed: .failed
            }
        guard view.refund.state == .unknown else {
            throw .refund(.stepNotAllowed(from: view.refund.state, event: event))
        }
        return try await change(
            view.refund.id, reference, organization, event, by: "person:\(resolution.person)",
            remark: "\(resolution.reason); evidence: \(resolution.evidence)",
            failure: resolution.outcome == .failed ? resolution.failure ?? .unknown : nil)
    }

    private func change(
        _ id: RefundID, _ reference: RecordReference, _ organizationID: OrganizationID, _ event: RefundEvent,
        by actor: String, remark: String, failure: FailureReason? = nil
    ) async throws(Failure) -> RefundView {
        let organization = try await organization(organizationID)
        let now = surroundings.now()
        let today = calendar.day(of: now, in: organization.timeZone)
        return try await attempt(report: report) {
            try await store.write(for: organization.id, ordered: id.value) { session in
                guard let facts = try session.changeFacts(of: id, in: organization, at: now, today: today) else {
                    throw Failure.notFound(.refund, reference.text)
                }
                if facts.refund.state == .unknown, let lease = facts.payout?.leaseUntil, now < lease {
                    throw Failure.conflict("the gateway is being asked about the refund; try again in a minute")
                }
                let change = try decide(event, by: actor, remark: remark, failure: failure, given: facts)
                let isWritten = try session.record(
                    change, decidedOn: facts, for: organization.id)
                guard isWritten else { throw Failure.unavailable }
                return try session.view(of: change.refund, for: reference.dialect, of: organization.id)
            }
        }
    }

    private func cancelAtGateway(
        _ view: RefundView, _ reference: RecordReference, _ organization: OrganizationID
    ) async throws(Failure) -> RefundView {
        let gateways = try await attempt(report: report) { try await roster.gateways(of: organization) }
        guard let payout = view.payout, let gateway = gateways[payout.gateway], gateway.capabilities.cancel else {
            throw .refund(.notCancelable(view.refund.state))
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
        return try await retrieveRefund(reference, of: organization)
    }
}
