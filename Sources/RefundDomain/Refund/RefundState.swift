/// Where a refund stands.
///
/// Every step that `advanced(by:)` does not name is refused.
package enum RefundState: String, CaseIterable, Sendable {
    case requested
    case awaitingApproval = "awaiting_approval"
    case approved
    /// A gateway call is under way, or was when its node stopped.
    case submitting
    /// The gateway has it and has not decided.
    case pending
    /// Nobody knows whether the gateway has it. Ends by the gateway's word or by a person's, never by time.
    case unknown
    case succeeded
    case failed
    case canceled
    /// An offline refund that was recorded by mistake.
    case voided
    /// The bank sent the money back.
    case returned
}

/// What can happen to a refund.
package enum RefundEvent: String, CaseIterable, Sendable {
    case approvalAsked = "approval_asked"
    case approved
    /// A node has taken the attempt, and calls the gateway next.
    case claimed
    /// Money was handed over without a gateway, and this says so.
    case recorded
    /// The call certainly never left; it may be sent again.
    case notSent = "not_sent"
    /// The call may have arrived.
    case lost
    case accepted
    /// The gateway made it without being asked by us.
    case adopted
    case succeeded
    case failed
    case canceled
    case voided
    case returned
}

extension RefundEvent {
    /// Whether it can happen to a refund that goes this way at all.
    func happens(to channel: RefundChannel) -> Bool {
        switch self {
        case .approvalAsked, .approved, .succeeded, .failed, .canceled: true
        case .recorded, .voided: !channel.isElectronic
        case .claimed, .notSent, .lost, .accepted, .adopted, .returned: channel.isElectronic
        }
    }
}

extension RefundState {
    /// The state after an event.
    ///
    /// Throws `RefundError.stepNotAllowed` for every pair that is not named here.
    package func advanced(by event: RefundEvent) throws(RefundError) -> RefundState {
        switch (self, event) {
        case (.requested, .approvalAsked): .awaitingApproval
        case (.requested, .approved), (.awaitingApproval, .approved): .approved
        case (.requested, .adopted): .pending
        case (.requested, .canceled), (.awaitingApproval, .canceled), (.approved, .canceled): .canceled
        case (.approved, .claimed): .submitting
        case (.approved, .recorded): .succeeded
        case (.submitting, .notSent): .approved
        case (.submitting, .lost): .unknown
        case (.submitting, .accepted), (.unknown, .accepted): .pending
        case (.submitting, .succeeded), (.unknown, .succeeded), (.pending, .succeeded): .succeeded
        case (.submitting, .failed), (.unknown, .failed), (.pending, .failed): .failed
        case (.pending, .canceled): .canceled
        case (.succeeded, .voided): .voided
        case (.succeeded, .returned): .returned
        // What a gateway tells late is a fact, whatever was believed before.
        case (.failed, .accepted), (.canceled, .accepted), (.returned, .accepted): .pending
        case (.failed, .succeeded), (.canceled, .succeeded), (.returned, .succeeded): .succeeded
        case (_, _): throw .stepNotAllowed(from: self, event: event)
        }
    }

    /// What the refund holds of its sources in this state.
    package var hold: RefundHold {
        switch self {
        case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown: .reserved
        case .succeeded: .spent
        case .failed, .canceled, .voided, .returned: .released
        }
    }

    /// Whether nothing of our own doing will change the state any more.
    package var isFinal: Bool { hold != .reserved }
}

/// What a refund holds of the money behind it.
///
/// Remainders and journals follow from the step between two of these.
package enum RefundHold: Sendable {
    /// Promised: not available to another refund, and owed in the ledger.
    case reserved
    /// Gone.
    case spent
    /// Given back.
    case released
}
