import GatewayStandIns
import RefundDomain
import RefundGateways
import RefundTesting

/// A gateway that outlives the processes that call it, and what it did in truth.
struct SceneGateway: Sendable {
    /// Money that it gave back, or is giving back.
    struct Effect: Sendable {
        let isCanceled: Bool
    }

    /// What it does with the first submission that it gets.
    enum Trouble: String, Sendable {
        case none = "no trouble"
        case answerLost = "answer lost"
        case errorAfterDoing = "error after doing"

        /// The amount by which the simulator is told; Stripe's stand-in is told beforehand.
        var amount: String {
            switch self {
            case .none: "25.00"
            case .answerLost: "67.01"
            case .errorAfterDoing: "67.02"
            }
        }

        fileprivate var fault: StripeStandIn.Fault? {
            switch self {
            case .none: nil
            case .answerLost: .answerLost
            case .errorAfterDoing: .errorAfterDoing
            }
        }
    }

    /// As one more process has it.
    let reached: @Sendable () throws -> any Gateway
    let effects: @Sendable () async throws -> [Effect]

    /// The simulator, whose book is kept in memory.
    static func simulator(_ clock: ServiceClock) throws -> SceneGateway {
        let gateway = try simulator(.memory, clock)
        return SceneGateway(
            reached: { gateway }, effects: { gateway.book.effects().map { Effect($0, at: clock.now) } })
    }

    /// The simulator, whose book each process opens anew.
    static func simulator(bookAt path: String, _ clock: ServiceClock) -> SceneGateway {
        SceneGateway(
            reached: { try simulator(.file(path: path), clock) },
            effects: { try SimulatorBook.effects(inFile: path).map { Effect($0, at: clock.now) } })
    }

    /// Stripe, with the charge of the payment of `ElectronicSource`; what it did is what localstripe lists.
    static func stripe(_ trouble: Trouble, _ clock: ServiceClock) async throws -> SceneGateway {
        let taken = ElectronicSource.captured
        let stripe = try await ChargedStripe.make(taken, knownAs: ElectronicSource.chargeReference, clock: clock)
        if let fault = trouble.fault { stripe.standIn.fail(fault) }
        return SceneGateway(
            reached: { stripe.gateway },
            effects: {
                try await Localstripe.shared.refunds(of: stripe.charge).map {
                    Effect(isCanceled: $0.status == "canceled")
                }
            })
    }

    private static func simulator(
        _ book: SimulatorConfig.BookPlace, _ clock: ServiceClock
    ) throws -> SimulatorGateway {
        try SimulatorGateway(
            SimulatorConfig(seed: 7, book: book), now: { clock.now }, sleep: { try await clock.sleep($0) })
    }
}

extension SceneGateway.Effect {
    fileprivate init(_ effect: SimulatorEffect, at now: Instant) {
        self.init(isCanceled: effect.state(at: now) == .canceled)
    }
}
