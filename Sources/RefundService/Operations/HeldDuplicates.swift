import RefundDomain
import RefundStorage

/// What a unit asked about equal requests before it decides.
struct DuplicateAnswers {
    /// Whether the request's own row could be taken.
    let row: OpenRequestAnswer
    /// A refund of an equal request that took no row: it had a key, or was made before there were rows.
    let open: Answer<Refund>
}

extension RefundDraft {
    /// The row that the request takes, so that an equal one sees it.
    ///
    /// Nil for one with a key, where the organization holds none back, and for one without a gateway unless a window
    /// is set for those.
    fileprivate var openRequest: OpenRequest? {
        let settings = organization.settings
        guard request.key == nil, settings.duplicateHold != .off else { return nil }
        let isElectronic = located.mayBeElectronic(request.command.way)
        let seconds = isElectronic ? settings.duplicateWindowSeconds : settings.duplicateWindowOfflineSeconds
        guard isElectronic || seconds > 0 else { return nil }
        return OpenRequest(
            digest: request.digest, refund: refund, at: now, hold: settings.duplicateHold, window: .seconds(seconds))
    }
}

extension Session {
    /// Takes the row of a request that could be a duplicate; nil where it could not.
    func askForDuplicates(of draft: RefundDraft) throws(StorageError) -> DuplicateAnswers? {
        guard let request = draft.openRequest else { return nil }
        let organization = draft.organization.id
        return DuplicateAnswers(
            row: try take(request, of: organization),
            open: try openRefund(byRequest: request.digest, of: organization))
    }

    /// Throws `duplicateOpen` where an equal request holds this one back.
    func refuseDuplicate(_ draft: RefundDraft, _ answers: DuplicateAnswers?) throws {
        guard let answers, let request = draft.openRequest else { return }
        let organization = draft.organization.id
        if let open = try answers.open.first(), request.hold.holds(open.state) {
            throw RefundError.duplicateOpen(open.id, open.number)
        }
        if try answers.row.isTaken() { return }
        // A neighbour that has not made its refund was refused: this unit runs again after it.
        guard let holder = try holder(of: request.digest, in: organization) else { throw Failure.unavailable }
        // What another process has ended meanwhile was not to be seen while its row was waited for.
        guard !request.hold.holds(holder.state), try takeOver(request, of: organization).first() != nil else {
            throw RefundError.duplicateOpen(holder.id, holder.number)
        }
    }
}
