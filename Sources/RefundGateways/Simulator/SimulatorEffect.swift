package import RefundDomain

/// Money that the simulated gateway gave back, or is giving back: what happened in truth, whatever it answered.
package struct SimulatorEffect: Hashable, Sendable {
    /// What it was asked for.
    package let submission: Submission
    /// What it gives back, which a fault can make another amount.
    package let given: Money
    package let gatewayReference: String
    package let takenAt: Instant
    /// From here on the key is forgotten.
    package let keyUntil: Instant
    package let course: SimulatorCourse
    package var canceledAt: Instant?

    /// What has become of it by a moment; nothing but the moment is needed to know.
    package func state(at now: Instant) -> GatewayReport.State {
        if let canceledAt, canceledAt <= now { return .canceled }
        let succeededAt = hasSucceeded(by: now) ? course.succeedsAt : nil
        if let failure = course.failure, failure.at <= now, succeededAt.map({ $0 <= failure.at }) ?? true {
            return .failed(failure.reason)
        }
        return succeededAt == nil ? .pending : .succeeded
    }

    /// What the gateway says of it at a moment.
    package func report(at now: Instant) -> GatewayReport {
        let state = state(at: now)
        return GatewayReport(
            state: state, amount: given, gatewayReference: gatewayReference,
            networkReference: hasSucceeded(by: now) ? networkReference : nil, code: state.code, message: state.message)
    }

    /// Thirteen digits that the card network knows it by, told once it has succeeded.
    package var networkReference: String {
        String(1_000_000_000_000 + SimulatorDice.hash(gatewayReference, from: 0) % 9_000_000_000_000)
    }

    private func hasSucceeded(by now: Instant) -> Bool {
        guard canceledAt == nil, let succeedsAt = course.succeedsAt else { return false }
        return succeedsAt <= now
    }
}

/// What becomes of an effect by itself, in moments that are fixed when it is taken.
package struct SimulatorCourse: Hashable, Sendable {
    /// Why and when it comes to nothing.
    package struct Failure: Hashable, Sendable {
        package let reason: FailureReason
        package let at: Instant
    }

    /// Nil where it never succeeds.
    package let succeedsAt: Instant?
    /// After the success this is the bank sending the money back; a success after it is a late one.
    package let failure: Failure?
}

/// A submission that the simulated gateway refused; its key gets the same refusal again.
package struct SimulatorRefusal: Hashable, Sendable {
    package let submission: Submission
    package let reason: FailureReason
    package let refusedAt: Instant
    /// From here on the key is forgotten.
    package let keyUntil: Instant
}

/// What the gateway decided on a submission, once for its key.
package enum SimulatorEntry: Hashable, Sendable {
    case effect(SimulatorEffect)
    case refusal(SimulatorRefusal)

    var submission: Submission {
        switch self {
        case .effect(let effect): effect.submission
        case .refusal(let refusal): refusal.submission
        }
    }
}

extension GatewayReport.State {
    fileprivate var code: String {
        switch self {
        case .pending: "pending"
        case .succeeded: "approve"
        case .canceled: "canceled"
        case .failed(let reason): reason.declineCode
        }
    }

    fileprivate var message: String {
        switch self {
        case .pending: "The refund is under way."
        case .succeeded: "Approved."
        case .canceled: "The refund was canceled."
        case .failed(let reason): "The refund failed: \(reason.rawValue)."
        }
    }
}
