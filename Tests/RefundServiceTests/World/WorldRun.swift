import RefundDomain
import RefundService
import RefundStorage
import RefundTesting

/// A story as it happens: two nodes of the real service over one store, with clocks that differ, a gateway that keeps
/// its own book, and the oracle beside them.
///
/// There is one thread of control: a step is awaited, all that is due by it is done, and then every figure is compared.
/// The oracle is told what was asked, what the gateway answered, and what the owner brought; never what the program
/// made of it.
actor WorldRun {
    static let organization = Fixtures.organization.id
    static let stranger = Fixtures.stranger.id
    private static let roundsMax = 2_000
    private static let stepsBetweenVerifications = 20
    /// Between two steps, so that no two refunds fall due at one moment.
    private static let stepPause = Duration.microseconds(1_000_037)
    /// Rows go before those that they refer to, and no number is leased to a process of another story.
    private static let deletions =
        MovedTable.all.reversed().map { SQLText(stringLiteral: "delete from \($0.name)") }
        + ["update nodes set lease_until = 0"]

    let story: WorldStory
    /// As its records stand now.
    var world: World
    let kinds: Set<WorldKind>
    let store: any Store
    let gateway: WorldGateway
    let clocks: [ServiceClock]
    let nodes: [ServiceNode]
    var oracle: Oracle
    var report = WorldReport()

    var payments: [Int: PaymentID] = [:]
    var notes: [Int: CreditNoteID] = [:]
    /// What the owner said last of each payment, and of each note.
    var captured: [Int: Int64] = [:]
    var disputed: [Int: Int64] = [:]
    /// Refunds that once gave back what they took: what becomes of them later is a fact that nobody asked for.
    var undone: Set<String> = []
    /// The least that was captured of each payment once something was: what it backs of a note is never less.
    var leastCaptured: [Int: Int64] = [:]
    /// What was captured of each payment when the figures were compared last.
    var lastCaptured: [Int: Int64] = [:]
    /// Notes of which something had left unbacked when more was captured of the payment behind them.
    var grownBackings: Set<String> = []
    var applied: [Int: Int64] = [:]
    /// The notes that their owner voided.
    var voided: Set<Int> = []
    /// What was asked for while its payment was put again: it may have been sent before the owner lowered the figure.
    var raced: Set<String> = []
    var refunds: [String: RefundID] = [:]
    var names: [RefundID: String] = [:]
    var requests: [String: AskedRefund] = [:]
    /// What each refund is taken from, and how it is paid out.
    var sources: [String: Oracle.Source] = [:]
    var amounts: [String: Money] = [:]
    var offline: Set<String> = []
    /// Refunds that the gateway made by itself, by its references.
    var strays: [String: String] = [:]
    /// Whether the note that a refund raised for itself is open, by the refund.
    var raisedNotes: [String: Bool] = [:]
    /// The payments of charges that a gateway told of, which may be their owner's by now.
    var reported: [Int: PaymentID] = [:]
    /// Refunds that the gateway made by itself and that are not recorded, since one of ours has no answer yet.
    var waiting: Set<String> = []
    /// The refunds that were made again, and as which.
    var retries: [String: String] = [:]
    /// Since when a refund has been pending.
    var pendingSince: [String: Instant] = [:]
    private var lastMoment: Int64 = 0
    private var eventsTold = 0

    /// Tells a story to its end, or to the first thing that is wrong, in a store from which all rows are taken before.
    static func tell(
        _ story: WorldStory, kinds: Set<WorldKind> = WorldKind.enabled, in store: any Store
    ) async throws -> WorldReport {
        let run = WorldRun(story, kinds, store)
        try await run.begin()
        let submissions = run.nodes.map { node in Task.detached { try await node.submissions.run() } }
        for node in run.nodes { await node.submissions.untilRunning() }
        await run.goThrough()
        for task in submissions { task.cancel() }
        return await run.report
    }

    private init(_ story: WorldStory, _ kinds: Set<WorldKind>, _ store: any Store) {
        self.story = story
        world = story.world
        self.kinds = kinds
        self.store = store
        oracle = Oracle(base: story.world.base)
        let first = ServiceClock(at: Fixtures.now)
        let second = ServiceClock(at: Fixtures.now + story.world.skew)
        clocks = [first, second]
        let gateway = WorldGateway(clock: first, isSure: story.world.isGatewaySure, organization: Self.organization)
        self.gateway = gateway
        let patience = ServiceClock(at: Fixtures.now)
        nodes = [first, second].map { ServiceNode(store: store, clock: $0, gateway: gateway, patience: patience) }
    }

    private func begin() async throws {
        var organization = Fixtures.organization
        organization.baseCurrency = world.base
        organization.settings.duplicateHold = .off
        let own = organization
        try await store.write(for: own.id) { session in
            for deletion in Self.deletions { try session.execute(deletion, []) }
            try session.put(own)
            try session.put(Fixtures.stranger)
        }
        var entries: [RecordBatch.Entry] = []
        for (index, name) in World.parties.enumerated() {
            entries.append(.party(Brought.party(name, name: name)))
            entries.append(.paymentMethod(Self.method(of: name, number: index)))
        }
        _ = try await nodes[0].operations.put(Brought.batch(entries), for: Self.organization)
    }

    private static func method(of party: String, number: Int) -> PutPaymentMethod {
        PutPaymentMethod(
            externalIDs: [.native: methodName(of: party)], party: Brought.reference(party), mode: .creditCard,
            gateway: Fixtures.gateway, token: "tok_\(party)",
            card: Card(lastFour: "000\(number)", expiryMonth: 7, expiryYear: 2031))
    }

    static func methodName(of party: String) -> String { "card of \(party)" }

    // MARK: Steps

    private func goThrough() async {
        do {
            for step in story.steps {
                try await take(step)
                if report.complaint != nil { return }
            }
            report.add("the end")
            try await end()
        } catch {
            complain("it ended in \(error)")
        }
    }

    private func take(_ step: WorldStep) async throws {
        try await pass(Self.stepPause)
        report.stepsTaken += 1
        report.count("step: \(step.kind?.rawValue ?? "put")")
        report.add(step.text(in: world))
        do {
            try await act(step)
        } catch let failure as Failure {
            complain("the step ended in \(failure)")
        }
        try await settle()
        if report.complaint == nil { try await compare() }
        if report.complaint == nil, report.stepsTaken % Self.stepsBetweenVerifications == 0 { try await verify() }
    }

    /// The node that acts where a step names none.
    var node: ServiceNode { nodes[report.stepsTaken % nodes.count] }

    /// A moment after all that was told before.
    func nextMoment() -> Int64 {
        lastMoment += 1
        return lastMoment
    }

    /// A name that no event had before.
    func nextEvent(of reference: String) -> String {
        eventsTold += 1
        return "\(reference)-\(eventsTold)"
    }

    func complain(_ text: String) { report.complain(text) }

    func add(_ text: String) { report.add("  \(text)") }

    func isOn(_ kind: WorldKind) -> Bool { kinds.contains(kind) }

    // MARK: Time

    /// By the clock that is behind.
    private var now: Instant { min(clocks[0].now, clocks[1].now) }

    /// Lets time go by, and stops wherever something falls due.
    func pass(_ duration: Duration) async throws { try await work(until: now + duration, isMoving: true) }

    /// Does all that is due now, by whichever clock.
    func settle() async throws {
        try await tellOracle()
        try await work(until: max(clocks[0].now, clocks[1].now), isMoving: false)
    }

    private func work(until end: Instant, isMoving: Bool) async throws {
        var last: (moment: Instant, isNotice: Bool)?
        for round in 0..<Self.roundsMax {
            guard let due = try await nextDue(), due.moment <= end else {
                if isMoving { move(to: end) }
                return
            }
            move(to: due.moment)
            last = due
            let node = nodes[(round + report.stepsTaken) % nodes.count]
            if due.isNotice {
                _ = await NoticeWorker(node.operations).applyWhatIsDue()
            } else {
                try await node.takeUpOnce()
            }
            try await tellOracle()
        }
        complain("what is due stays due: \(last.map { $0.isNotice ? "what was told" : "a refund" } ?? "")")
    }

    private func move(to moment: Instant) {
        guard now < moment else { return }
        let duration = moment.since(now)
        for clock in clocks { clock.move(by: duration) }
    }

    private func nextDue() async throws -> (moment: Instant, isNotice: Bool)? {
        let now = max(clocks[0].now, clocks[1].now)
        return try await store.read { session in
            let ever = Instant(microseconds: .max)
            let payout = try session.duePayouts(at: ever, atMost: 1).first.flatMap { due in
                try session.payout(of: due.refund, of: due.organization)?.dueAt
            }
            let notice = try session.dueNotices(at: ever, atMost: 1).first?.dueAt
            // What was told by now is applied before anything is sent: the oracle has heard it already.
            if let notice, notice <= now { return (notice, true) }
            guard let first = [payout, notice].compactMap({ $0 }).min() else { return nil }
            return (first, first == notice)
        }
    }
}

/// A request as it was sent, to be sent again as it was.
struct AskedRefund: Sendable {
    let asked: WorldRequest
    let sent: RefundRequest
    let money: Money
    var timesRepeated = 0
    /// Whether it is refused where it would be paid out by hand.
    var isOnlyByGateway = false
}
