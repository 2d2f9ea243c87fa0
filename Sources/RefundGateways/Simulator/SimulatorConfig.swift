/// How a simulated gateway behaves.
package struct SimulatorConfig: Hashable, Sendable {
    /// When a submission that no fault strikes has succeeded.
    package enum Settling: Hashable, Sendable {
        case immediate
        /// Pending first, and done after this long.
        case delayed(Duration)
    }

    /// Where the gateway keeps what it did.
    package enum BookPlace: Hashable, Sendable {
        /// Gone with the process.
        case memory
        /// Outlives the process; several processes may share one file, and are then one gateway.
        case file(path: String)
    }

    /// Everything drawn by lot follows from this number: the same seed gives the same run.
    package var seed: UInt64
    /// How long an answer takes; the call itself is carried out when it arrives, before the wait.
    package var latency: ClosedRange<Duration>
    package var settle: Settling
    /// How long a key is remembered; after that it is carried out as new, as real gateways do.
    package var keyLifetime: Duration
    /// How long after a call that timed out a question is answered with «not found yet».
    package var quietTime: Duration
    /// How long the documented values leave a refund pending, or done before it comes back.
    package var documentedDelay: Duration
    /// The name that documents print.
    package var label: String
    package var book: BookPlace
    /// What notices are signed with; nil where none are sent or taken.
    package var noticeSecret: String?
    /// Faults besides the documented ones; the first that matches strikes, and these come before those.
    package var faults: [SimulatorFaultRule]

    package init(
        seed: UInt64, latency: ClosedRange<Duration> = .zero ... .zero, settle: Settling = .immediate,
        keyLifetime: Duration = .seconds(86_400), quietTime: Duration = .seconds(60),
        documentedDelay: Duration = .seconds(10), label: String = "Simulator", book: BookPlace = .memory,
        noticeSecret: String? = nil, faults: [SimulatorFaultRule] = []
    ) {
        self.seed = seed
        self.latency = latency
        self.settle = settle
        self.keyLifetime = keyLifetime
        self.quietTime = quietTime
        self.documentedDelay = documentedDelay
        self.label = label
        self.book = book
        self.noticeSecret = noticeSecret
        self.faults = faults
    }
}
