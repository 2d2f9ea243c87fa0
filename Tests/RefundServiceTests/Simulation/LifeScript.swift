import RefundDomain
import RefundGateways
import RefundTesting

/// One thing that happens in a simulated life.
///
/// Requests and refunds are named by a number that is counted round. A new kind is a case here, a line in
/// `LifeScript.kinds` and a branch in `SimulatedLife.act(_:)`.
indirect enum LifeStep: Sendable {
    /// A caller asks for a refund, under a key of its own.
    case request(ElectronicSource, minorUnits: Int64)
    /// A caller records that the payment was given back in cash, under a key of its own.
    case recordByHand(minorUnits: Int64)
    /// A caller sends a request again, as it was.
    case repeatRequest(Int)
    /// A caller sends another request under the key of one that was answered.
    case misuseKey(Int)
    case cancel(Int)
    /// A person has the gateway asked about a refund.
    case haveAsked(Int)
    /// The gateway sends one of all its notices so far, whichever and however often it was sent before.
    case notice(Int, copies: Int)
    /// A person ends an unknown refund, as the gateway's own page says.
    case resolve(Int)
    /// Time goes by, and workers take up what falls due.
    case pass(Duration)
    /// Something else happens in the middle of the next call to the gateway, or right after the next unit.
    case interrupt(LifeMoment, by: LifeStep)
    /// The process dies so many moments later; the next step finds another.
    case dieAfter(moments: Int)
}

/// Where a process can be for as long as it likes.
enum LifeMoment: CaseIterable, Sendable {
    case afterAUnit, beforeTheGatewayActs, beforeItsAnswer
}

extension LifeStep {
    /// What kind of step it is.
    var kind: String { String("\(self)".prefix { $0 != "(" }) }
}

/// What happens in one simulated life, and how its gateway behaves: all of it follows from the seed.
struct LifeScript: Sendable {
    let seed: UInt64
    let gateway: SimulatorConfig
    let steps: [LifeStep]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        self.seed = seed
        gateway = Self.gateway(seed: seed, &random)
        steps = (0..<Int.random(in: 5...14, using: &random)).map { _ in Self.step(&random) }
    }

    /// How often each kind of step comes beside the others, and how one is drawn.
    private static let kinds: [(weight: Int, draw: @Sendable (inout SeededGenerator) -> LifeStep)] = [
        (12, { .request(one(of: ElectronicSource.allCases, &$0), minorUnits: amount(&$0)) }),
        (2, { .recordByHand(minorUnits: amount(&$0)) }),
        (4, { .repeatRequest(number(&$0)) }),
        (1, { .misuseKey(number(&$0)) }),
        (4, { .cancel(number(&$0)) }),
        (3, { .haveAsked(number(&$0)) }),
        (6, { .notice(number(&$0), copies: Int.random(in: 1...3, using: &$0)) }),
        (1, { .resolve(number(&$0)) }),
        (8, { .pass(.seconds(one(of: [1, 6, 31, 61, 301, 601, 3_601, 86_400, 8 * 86_400], &$0))) }),
        (8, { .interrupt(one(of: LifeMoment.allCases, &$0), by: step(&$0)) }),
        (3, { .dieAfter(moments: Int.random(in: 0...12, using: &$0)) }),
    ]

    private static func step(_ random: inout SeededGenerator) -> LifeStep {
        var left = Int.random(in: 0..<kinds.map(\.weight).reduce(0, +), using: &random)
        for kind in kinds {
            if left < kind.weight { return kind.draw(&random) }
            left -= kind.weight
        }
        return .pass(.zero)
    }

    /// Small ones, and ones of which two or three are more than there is.
    private static func amount(_ random: inout SeededGenerator) -> Int64 {
        Int64.random(in: one(of: [1...5_000, 5_000...20_000, 15_000...55_000], &random), using: &random)
    }

    private static func number(_ random: inout SeededGenerator) -> Int { Int.random(in: 0..<12, using: &random) }

    private static func one<Element>(of elements: [Element], _ random: inout SeededGenerator) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    private static func gateway(seed: UInt64, _ random: inout SeededGenerator) -> SimulatorConfig {
        let rules = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            SimulatorFaultRule(
                .chance(perMille: Int.random(in: 100...500, using: &random)), fault(&random),
                firstAttemptOnly: Bool.random(using: &random))
        }
        return SimulatorConfig(
            seed: seed, settle: random.chance(oneIn: 4) ? .delayed(delay(&random)) : .immediate,
            keyLifetime: .seconds(one(of: [20, 3_600, 86_400], &random)),
            quietTime: .seconds(one(of: [0, 60, 3_600, 86_400], &random)), noticeSecret: "s", faults: rules)
    }

    /// Any but a gateway that does twice what it is asked for once: that would be its own doing.
    private static func fault(_ random: inout SeededGenerator) -> SimulatorFault {
        let delay = delay(&random)
        return one(
            of: [
                .decline(.insufficientFunds), .answerLost, .answerLost, .errorAfterDoing, .timesOut, .timesOut,
                .notSent, .pendsThenSucceeds(delay), .staysPending, .pendsThenFails(.expiredOrCanceledCard, delay),
                .succeedsThenReturned(.lostOrStolenCard, delay), .failsThenSucceeds(.insufficientFunds, delay),
                .wrongAmount,
            ], &random)
    }

    private static func delay(_ random: inout SeededGenerator) -> Duration {
        .seconds(one(of: [5, 40, 400, 4_000, 86_400, 3 * 86_400], &random))
    }
}
