import RefundDomain
import RefundService
import RefundStorage
import RefundTesting

/// A story as it happens: two nodes of the real service over one store, with clocks that differ, a gateway that keeps
/// its own book, and the oracle beside them.
///
/// There is one thread of control: a step is awaited, all that is due by it is done, and then every figure is compared.
/// The oracle is told what was asked, what the gateway answered, and what the owner brought; never what the program
/// made of it. Where a machine failed, nobody but the program knows whether a request or an answer was recorded: that
/// alone is read there (`WorldRun+Machines`), and what came of it is judged as ever.
actor WorldRun {
    private static let roundsMax = 2_000
    private static let stepsBetweenVerifications = 20
    /// Between two steps, so that no two refunds fall due at one moment.
    private static let stepPause = Duration.microseconds(1_000_037)
    /// Rows go before those that they refer to, and no number is leased to a process of another story.
    static let deletions = MovedTable.all.reversed().map { SQLText(stringLiteral: "delete from \($0.name)") }
    private static let endOfLeases: SQLText = "update nodes set lease_until = 0"

    let story: WorldStory
    /// As its records stand now.
    var world: World
    let kinds: Set<WorldKind>
    let store: any Store
    let gateway: WorldGateway
    let cluster: WorldCluster
    let tenant: Organization
    /// Who has no business here.
    let other: OrganizationID
    /// The other organizations of the database.
    var peers: [WorldRun] = []
    /// How many calls had gone wrong when the oracle was told last.
    var failuresTold = 0
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
    /// What was known when the database was copied, by copies, and what of the gateway's refunds is not known since.
    var known: [KnownThen] = []
    var lateStrays: [String: LateStray] = [:]
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

    var organization: OrganizationID { tenant.id }
    var nodes: [ServiceNode] { cluster.nodes }

    /// Tells a story to its end, or to the first thing that is wrong, in a store from which all rows are taken before.
    static func tell(
        _ story: WorldStory, kinds: Set<WorldKind> = WorldKind.enabled, in store: any Store
    ) async throws -> WorldReport {
        let clock = ServiceClock(at: Fixtures.now)
        let book = { (world: World, organization: OrganizationID) in
            WorldGateway(
                clock: clock, isSure: world.isGatewaySure, isMarking: story.world.isGatewayMarking,
                organization: organization)
        }
        let own = book(story.world, Fixtures.organization.id)
        let others = story.world.neighbors.map { book($0, Fixtures.stranger.id) }
        let cluster = WorldCluster(
            over: store, WorldBooks(own: own, others: others), clock, skew: story.world.skew)
        let run = WorldRun(story, kinds, own, cluster, Fixtures.organization, Fixtures.stranger.id)
        try await store.write(for: Fixtures.organization.id) { session in
            for deletion in Self.deletions + [Self.endOfLeases] { try session.execute(deletion, []) }
            // What an organization keeps its books in never changes.
            if others.isEmpty { try session.put(Fixtures.stranger) }
        }
        let neighbors = zip(story.world.neighbors, others).map { world, gateway in
            WorldRun(
                WorldStory(world: world, steps: []), kinds, gateway, cluster, Fixtures.stranger,
                Fixtures.organization.id)
        }
        // All tenants are there before a node looks for them first.
        for run in [run] + neighbors { try await run.putTenant() }
        try await run.begin()
        for neighbor in neighbors {
            try await neighbor.begin()
            await run.meet(neighbor)
            await neighbor.meet(run)
        }
        await cluster.start()
        await run.goThrough()
        cluster.stop()
        return await run.report
    }

    private init(
        _ story: WorldStory, _ kinds: Set<WorldKind>, _ gateway: WorldGateway, _ cluster: WorldCluster,
        _ tenant: Organization, _ other: OrganizationID
    ) {
        self.story = story
        world = story.world
        self.kinds = kinds
        self.gateway = gateway
        self.cluster = cluster
        self.other = other
        store = cluster.store
        oracle = Oracle(base: story.world.base)
        var tenant = tenant
        tenant.baseCurrency = story.world.base
        tenant.settings.duplicateHold = .off
        self.tenant = tenant
    }

    private func putTenant() async throws {
        try await store.write(for: tenant.id) { [tenant] in try $0.put(tenant) }
    }

    private func begin() async throws {
        var entries: [RecordBatch.Entry] = []
        for (index, name) in World.parties.enumerated() {
            entries.append(.party(Brought.party(name, name: name)))
            entries.append(.paymentMethod(Self.method(of: name, number: index)))
        }
        _ = try await nodes[0].operations.put(Brought.batch(entries), for: organization)
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
            await calmDown()
            try await end()
        } catch {
            complain("it ended in \(error)")
        }
    }

    private func take(_ step: WorldStep) async throws {
        await revive()
        cluster.makeRoom(atStep: report.stepsTaken)
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
        try await comparePeers()
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
    private var now: Instant { cluster.trustedClocks.map(\.now).min() ?? cluster.right.now }
    /// By the clock that is ahead.
    private var latest: Instant { cluster.trustedClocks.map(\.now).max() ?? cluster.right.now }

    /// Lets time go by, and stops wherever something falls due.
    func pass(_ duration: Duration) async throws { try await work(until: now + duration, isMoving: true) }

    /// Does all that is due now, by whichever clock.
    func settle() async throws {
        await revive()
        try await tellOracle()
        try await work(until: latest, isMoving: false)
        try await applyLateNotices()
    }

    func work(until end: Instant, isMoving: Bool) async throws {
        var last: (moment: Instant, isNotice: Bool)?
        for round in 0..<Self.roundsMax {
            guard let due = try await nextDue(), due.moment <= end else {
                if isMoving { move(to: end) }
                return
            }
            move(to: due.moment)
            last = due
            await revive()
            if due.isNotice {
                let before = failures
                _ = await NoticeWorker(noticeNode(inRound: round).operations).applyWhatIsDue()
                if failures > before { cluster.isNoticeLate = true }
            } else {
                try await takeUp(inRound: round)
            }
            try await tellOracle()
            for peer in peers { try await peer.tellOracle() }
        }
        complain("what is due stays due: \(last.map { $0.isNotice ? "what was told" : "a refund" } ?? "")")
    }

    private func move(to moment: Instant) {
        guard now < moment else { return }
        let duration = moment.since(now)
        for clock in cluster.clocks + [cluster.right] { clock.move(by: duration) }
    }

    private func nextDue() async throws -> (moment: Instant, isNotice: Bool)? {
        let now = latest
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
