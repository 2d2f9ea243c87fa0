import RefundDomain
import Synchronization

/// A gateway that says of each refund what it is told to say: at first, that it has failed.
final class FickleGateway: Gateway {
    private struct Script {
        var state = GatewayReport.State.failed(.unknown)
        var fees: [GatewayFee] = []
        /// Nil for what it was asked for.
        var amount: Money?
        /// What the next calls end with.
        var errors: [GatewayError] = []
        /// Whether the calls that end with an error were carried out all the same.
        var arrives = true
        /// What happens while the next call is on its way.
        var meanwhile: (@Sendable () async -> Void)?
    }

    private let script = Mutex(Script())
    private let submissions = Mutex<[RefundID: Submission]>([:])
    private let keys = Mutex<[String]>([])
    private let questions = Mutex<[RefundID]>([])

    /// The key of each call that was to give money back, in their order.
    var keysSent: [String] { keys.withLock { $0 } }

    /// Which refunds it was asked about, in their order.
    var refundsAsked: [RefundID] { questions.withLock { $0 } }

    let capabilities: GatewayCapabilities
    /// Whether it rules out that it will still carry out what it does not know.
    private let isSureOfWhatItLacks: Bool

    init(paysOutToMethods: Bool = true, isSureOfWhatItLacks: Bool = true) {
        self.isSureOfWhatItLacks = isSureOfWhatItLacks
        capabilities = GatewayCapabilities(
            linkedRefund: true, unlinkedCredit: paysOutToMethods, cancel: true, keyLifetime: .seconds(86_400),
            refundWindow: nil, label: "Fickle")
    }

    func say(_ said: GatewayReport.State) { script.withLock { $0.state = said } }

    func charge(_ fees: [GatewayFee]) { script.withLock { $0.fees = fees } }

    /// Lets it believe that it gives back another amount.
    func give(_ amount: Money) { script.withLock { $0.amount = amount } }

    /// Lets so many calls end with an error, after an ambiguous one was carried out, or before any was.
    func fail(_ times: Int, with error: GatewayError, beforeItArrives: Bool = false) {
        script.withLock { script in
            script.errors = Array(repeating: error, count: times)
            script.arrives = !beforeItArrives
        }
    }

    func duringTheNextCall(_ body: @escaping @Sendable () async -> Void) { script.withLock { $0.meanwhile = body } }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        keys.withLock { $0.append(submission.key) }
        do throws(GatewayError) {
            try await failIfTold()
        } catch {
            if case .ambiguous = error, script.withLock({ $0.arrives }) {
                submissions.withLock { $0[submission.refund] = submission }
            }
            throw error
        }
        submissions.withLock { $0[submission.refund] = submission }
        return report(on: submission)
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        questions.withLock { $0.append(inquiry.refund) }
        try await failIfTold()
        return submissions.withLock { $0[inquiry.refund] }.map { .found(report(on: $0)) }
            ?? (isSureOfWhatItLacks ? .neverTaken : .notFoundYet)
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try await failIfTold()
        throw .refused(.unknown, code: "not_possible", message: "It has gone too far.")
    }

    private func failIfTold() async throws(GatewayError) {
        let (error, meanwhile) = script.withLock { script in
            defer { script.meanwhile = nil }
            return (script.errors.popLast(), script.meanwhile)
        }
        await meanwhile?()
        if let error { throw error }
    }

    private func report(on submission: Submission) -> GatewayReport {
        let script = script.withLock { $0 }
        return GatewayReport(
            state: script.state, amount: script.amount ?? submission.amount,
            gatewayReference: "re_\(submission.refund)", fees: script.fees)
    }
}
