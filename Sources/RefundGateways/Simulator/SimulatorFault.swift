package import RefundDomain

/// What can go wrong at a simulated gateway, or just take its time.
package enum SimulatorFault: Hashable, Sendable {
    /// Refuses, and refuses the same key again.
    case decline(FailureReason)
    /// Does it; the answer never arrives.
    case answerLost
    /// Does it, and answers that something broke.
    case errorAfterDoing
    /// Does nothing, and does not say so.
    case timesOut
    /// The call does not leave.
    case notSent
    case pendsThenSucceeds(Duration)
    case staysPending
    case pendsThenFails(FailureReason, Duration)
    /// Succeeds, and the bank sends the money back this long after.
    case succeedsThenReturned(FailureReason, Duration)
    /// Fails at once, and succeeds this long after.
    case failsThenSucceeds(FailureReason, Duration)
    /// Gives back one minor unit less than it was asked for, and says so.
    case wrongAmount
    /// Does it and forgets the key at once: the same key gives the money back once more.
    case forgetsKey
}

extension SimulatorFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .decline(let reason): "is refused: `\(reason.rawValue)`, code `\(reason.declineCode)`"
        case .answerLost: "is done, and the answer is lost"
        case .errorAfterDoing: "is done, and the answer is an error of the gateway"
        case .timesOut: "is not done, and no answer comes"
        case .notSent: "does not leave"
        case .pendsThenSucceeds: "pends, then succeeds"
        case .staysPending: "stays pending until it is canceled"
        case .pendsThenFails(let reason, _): "pends, then fails: `\(reason.rawValue)`"
        case .succeedsThenReturned(let reason, _): "succeeds, then is returned: `\(reason.rawValue)`"
        case .failsThenSucceeds(let reason, _): "fails, then succeeds after all: `\(reason.rawValue)`"
        case .wrongAmount: "is done with one minor unit less"
        case .forgetsKey: "is done, and once more each time the key is sent"
        }
    }
}

extension FailureReason {
    /// The code with which the simulator refuses; the plain refusal has the code that card networks have made common.
    var declineCode: String { self == .unknown ? "card_declined" : rawValue }
}

/// A fault, and what brings it about.
package struct SimulatorFaultRule: Hashable, Sendable {
    /// What a sending has to be for the fault to strike it.
    package enum Trigger: Hashable, Sendable {
        /// Exactly so many minor units, of one currency or of any.
        case amount(minorUnits: Int64, Currency?)
        /// The last four digits of the card behind the target.
        case lastFour(String)
        /// The nth submission that the process sends, counted from 1 over all keys.
        case call(Int)
        /// So many sendings in a thousand, drawn from seed, key and attempt, and from nothing else.
        case chance(perMille: Int)
    }

    package let trigger: Trigger
    package let fault: SimulatorFault
    /// Whether a key is struck only when it is first sent, so that sending it again works.
    package let firstAttemptOnly: Bool

    package init(_ trigger: Trigger, _ fault: SimulatorFault, firstAttemptOnly: Bool = false) {
        self.trigger = trigger
        self.fault = fault
        self.firstAttemptOnly = firstAttemptOnly
    }
}

extension SimulatorFaultRule.Trigger: CustomStringConvertible {
    package var description: String {
        switch self {
        case .amount(let minorUnits, let currency): "amount \(minorUnits)" + (currency.map { " \($0)" } ?? "")
        case .lastFour(let digits): "card \(digits)"
        case .call(let number): "call \(number)"
        case .chance(let perMille): "\(perMille) in 1000"
        }
    }
}

extension SimulatorFaultRule {
    /// The values that need no configuration.
    ///
    /// Each is exact. Amounts are minor units whatever the currency: 6601 is 66.01 USD, 6601 JPY and 6.601 KWD.
    package static func documented(delay: Duration) -> [SimulatorFaultRule] {
        documentedCards(delay: delay) + documentedRefusals + documentedTroubles(delay: delay)
    }

    /// 4000000000007726 and 4000000000005126 are Stripe's test cards for refunds, 4000000000000002 its declined card
    /// (docs.stripe.com/testing); 4000000000000127 stays in process at Zuora's test gateway as this program plays it.
    private static func documentedCards(delay: Duration) -> [SimulatorFaultRule] {
        [
            SimulatorFaultRule(.lastFour("7726"), .pendsThenSucceeds(delay)),
            SimulatorFaultRule(.lastFour("5126"), .succeedsThenReturned(.expiredOrCanceledCard, delay)),
            SimulatorFaultRule(.lastFour("0002"), .decline(.unknown)),
            SimulatorFaultRule(.lastFour("0127"), .staysPending),
        ]
    }

    /// Every reason that a gateway can give has an amount that is refused for it; the common ones come first.
    private static let documentedRefusals: [SimulatorFaultRule] = {
        let common: [FailureReason] = [.lostOrStolenCard, .expiredOrCanceledCard, .insufficientFunds, .unknown]
        let reasons = common + FailureReason.allCases.filter { !common.contains($0) && $0 != .notSent }
        return zip(6_601..., reasons).map { SimulatorFaultRule(.amount(minorUnits: $0, nil), .decline($1)) }
    }()

    private static func documentedTroubles(delay: Duration) -> [SimulatorFaultRule] {
        [
            SimulatorFaultRule(.amount(minorUnits: 6_701, nil), .answerLost, firstAttemptOnly: true),
            SimulatorFaultRule(.amount(minorUnits: 6_702, nil), .errorAfterDoing, firstAttemptOnly: true),
            SimulatorFaultRule(.amount(minorUnits: 6_703, nil), .timesOut),
            SimulatorFaultRule(.amount(minorUnits: 6_704, nil), .notSent, firstAttemptOnly: true),
            SimulatorFaultRule(.amount(minorUnits: 6_705, nil), .pendsThenSucceeds(delay)),
            SimulatorFaultRule(.amount(minorUnits: 6_706, nil), .succeedsThenReturned(.expiredOrCanceledCard, delay)),
            SimulatorFaultRule(.amount(minorUnits: 6_707, nil), .staysPending),
            SimulatorFaultRule(.amount(minorUnits: 6_708, nil), .wrongAmount),
            SimulatorFaultRule(
                .amount(minorUnits: 6_709, nil), .pendsThenFails(.chargeForPendingRefundDisputed, delay)),
            SimulatorFaultRule(.amount(minorUnits: 6_710, nil), .forgetsKey),
            SimulatorFaultRule(.amount(minorUnits: 6_711, nil), .failsThenSucceeds(.insufficientFunds, delay)),
        ]
    }
}
