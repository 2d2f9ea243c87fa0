package import RefundDomain
import RefundStorage

/// What became of a refund that was made again with many others.
package struct RetriedRefund: Sendable {
    package let first: Refund
    /// The new refund, or why there is none.
    package let again: Result<RefundView, Failure>
}

extension Operations {
    /// Makes every refund again that never left for want of its gateway (`FailureReason.notSent`), as `retryRefund`
    /// does.
    ///
    /// The oldest comes first; one that was made again already is left alone, and one that is refused keeps back no
    /// other. `gateway` names the one whose refunds are meant; nil for all. `report` hears of each. Safe to repeat.
    /// Throws what reading the refunds throws.
    package func retryUnsent(
        of organization: OrganizationID, through gateway: GatewayName?, as actor: String,
        report show: (RetriedRefund) -> Void
    ) async throws(Failure) {
        try await forEachElectronicRefund(in: .failed, of: organization) { refund async throws(Failure) in
            guard refund.failureReason == .notSent, gateway == nil || refund.channel.gateway == gateway else { return }
            let reference = RecordReference.own(refund.id)
            guard try await retrieveRefund(reference, of: organization).retriedAs == nil else { return }
            do throws(Failure) {
                let again = try await retryRefund(reference, of: organization, as: actor)
                show(RetriedRefund(first: refund, again: .success(again)))
            } catch {
                show(RetriedRefund(first: refund, again: .failure(error)))
            }
        }
    }

    /// Tries a refund again that did not reach the customer; one that is still open is looked at now, as by
    /// `checkRefund`.
    ///
    /// What failed, was canceled or came back is made again as a new refund, with a number, a key and a decision of its
    /// own: the first one may succeed late, and under one key or in one row nobody could tell the two apart. It is
    /// asked about once more, and names the new one; retried again it gives the same new one. Throws `notFound`, what
    /// `requestRefund` throws, and `stepNotAllowed` where there is nothing to retry.
    package func retryRefund(
        _ reference: RecordReference, of organization: OrganizationID, by client: ClientID, as actor: String,
        under key: AnswerKey<RefundView>?
    ) async throws(Failure) -> Performed<RefundView> {
        try await once(under: key, of: organization) { () async throws(Failure) in
            let view = try await retrieveRefund(reference, of: organization)
            switch view.refund.state {
            case .failed, .canceled, .returned: break
            case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown, .succeeded, .voided:
                return try await checkRefund(reference, of: organization, by: actor, under: key)
            }
            let again = try await makeAgain(view, in: reference.dialect, by: client)
            return await tell(again, retryOf: view.refund.id, by: actor, under: key)
        }
    }

    /// The new refund is accepted, whatever becomes of what is kept beside it.
    private func tell(
        _ again: RefundView, retryOf first: RefundID, by actor: String, under key: AnswerKey<RefundView>?
    ) async -> Performed<RefundView> {
        let organization = again.organization
        let action = RequestedAction(.retry, at: surroundings.now(), actor: actor, remark: "")
        _ = try? await hasten(first, of: organization)
        submissions.wake()
        do {
            return try await perform(under: key, for: organization, ordered: first.value) { session in
                try session.insert(action, of: first, for: organization)
                return again
            }
        } catch {
            report(error)
            return .done(again)
        }
    }

    private func hasten(_ id: RefundID, of organization: OrganizationID) async throws(Failure) -> Bool {
        let now = surroundings.now()
        return try await attempt(report: report) {
            try await store.write(for: organization, ordered: id.value) { session in
                try session.hasten(id, of: organization, at: now)
            }
        }
    }

    private func makeAgain(
        _ view: RefundView, in dialect: DialectName, by client: ClientID
    ) async throws(Failure) -> RefundView {
        let lines = try await attempt(report: report) {
            try await store.read { try $0.linesDrawn(by: view) }
        }
        do throws(Failure) {
            return try await request(view, lines: lines, in: dialect, by: client)
        } catch {
            // Others have drawn on those lines since: what is left of the note is on others.
            guard case .refund(.lineExceedsRemaining) = error else { throw error }
            return try await request(view, lines: [], in: dialect, by: client)
        }
    }

    private func request(
        _ view: RefundView, lines: [RequestedLine], in dialect: DialectName, by client: ClientID
    ) async throws(Failure) -> RefundView {
        guard let command = RequestRefund(again: view, lines: lines, by: client) else { throw .bug }
        // One retry of a refund, whoever asks for it and how often.
        let digest = "retry"
        let key = IdempotencyKey(space: "retry", key: "\(view.refund.id)", digest: digest)
        let issued = try await requestRefund(
            RefundRequest(command: command, dialect: dialect, digest: "\(digest) \(view.refund.id)", key: key))
        switch issued {
        case .refund(let view): return view
        case .replay: throw .bug
        }
    }
}

extension Session {
    /// What a refund drew on the lines of its note, as a request names them; none where the note was its own.
    fileprivate func linesDrawn(by view: RefundView) throws(StorageError) -> [RequestedLine] {
        guard let note = view.creditNote, !note.isForRefund else { return [] }
        let kinds = Dictionary(
            uniqueKeysWithValues: try lines(of: note.id, of: view.organization).rows().map { ($0.id, $0.kind) })
        return view.draws.compactMap { draw in
            let amount = Money(minorUnits: draw.amount, currency: view.refund.amount.currency)
            guard let kind = kinds[draw.line], let asked = DecimalAmount(amount.decimalText) else { return nil }
            let isTax =
                switch kind {
                case .item: false
                case .tax: true
                }
            return RequestedLine(reference: .own(draw.line), kind: isTax ? .tax : .item, amount: asked)
        }
    }
}

extension RequestRefund {
    /// The same amount from the same source by the same way, once more.
    fileprivate init?(again view: RefundView, lines: [RequestedLine], by client: ClientID) {
        let refund = view.refund
        guard let amount = DecimalAmount(refund.amount.decimalText) else { return nil }
        let source: Source
        if let note = view.creditNote, !note.isForRefund {
            source = .creditNote(.own(note.id), lines: lines)
        } else if let payment = refund.payment {
            source = .payment(.own(payment), raisingNote: view.creditNote != nil)
        } else {
            return nil
        }
        let way: Way =
            switch refund.channel {
            case .offline(let mode): .offline(mode)
            case .electronic(let gateway): refund.method.map { .method(.own($0), through: gateway) } ?? .asTaken
            }
        self.init(
            organization: view.organization, client: client, source: source, amount: amount, way: way,
            onlyByGateway: refund.channel.isElectronic, reason: refund.reason, initiator: refund.initiator,
            description: refund.description, reference: refund.reference, annotations: refund.annotations,
            retryOf: refund.id)
    }
}

extension RecordReference {
    /// A record by the identifier that the program gave it.
    fileprivate static func own<Record>(_ id: Identifier<Record>) -> RecordReference {
        RecordReference(dialect: .native, text: "\(id)", generated: id.value)
    }
}
