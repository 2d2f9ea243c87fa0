import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Synchronization

/// The nodes of a world over one store, each on a machine with a clock of its own; every tenant uses them.
final class WorldCluster: Sendable {
    private struct State {
        var clocks: [ServiceClock]
        var machines: [WorldMachine]
        var nodes: [ServiceNode]
        /// By which the nodes call gateways, one each.
        var running: [Task<Void, any Error>] = []
        var failuresOfTheDead = 0
        var restarts = 0
        var isAskedAgain = false
        var isNoticeLate = false
        var backups: [WorldBackup] = []
        var isRestored = false
        var wasClockWrong = false
        /// What keeps the places for calls of a node that has no room, and until which step.
        var permits: [Int: (held: [SubmissionPermit], untilStep: Int)] = [:]
    }

    /// How far the clocks of nodes that start again are ahead.
    private static let skews: [Duration] = [
        .seconds(3), .seconds(-4), .milliseconds(1_500), .milliseconds(-700), .seconds(5),
    ]

    let store: any Store
    let gateway: any Gateway
    /// The database's clock, and the gateway's.
    let right: ServiceClock
    private let state: Mutex<State>

    init(over store: any Store, _ gateway: any Gateway, _ right: ServiceClock, skew: Duration) {
        self.store = store
        self.gateway = gateway
        self.right = right
        let clocks = [ServiceClock(at: right.now), ServiceClock(at: right.now + skew)]
        let machines = clocks.map { _ in WorldMachine() }
        let nodes = zip(machines, clocks).map { Self.node(over: store, gateway, on: $0, $1, right) }
        state = Mutex(State(clocks: clocks, machines: machines, nodes: nodes))
    }

    var clocks: [ServiceClock] { state.withLock { $0.clocks } }
    var machines: [WorldMachine] { state.withLock { $0.machines } }
    var nodes: [ServiceNode] { state.withLock { $0.nodes } }
    /// How many calls of all machines have gone wrong so far.
    var failures: Int {
        state.withLock { state in state.machines.reduce(state.failuresOfTheDead) { $0 + $1.failures } }
    }
    /// The nodes that may send, each with its clock.
    var ableNodes: [Int] {
        state.withLock { state in
            state.nodes.indices.filter { !state.machines[$0].isClockWrong && state.permits[$0] == nil }
        }
    }
    /// The clocks that are near enough to the database's.
    var trustedClocks: [ServiceClock] {
        state.withLock { state in
            zip(state.machines, state.clocks).filter { !$0.0.isClockWrong }.map(\.1) + [right]
        }
    }
    /// The copies of the database, the oldest first.
    var backups: [WorldBackup] {
        get { state.withLock { $0.backups } }
        set { state.withLock { $0.backups = newValue } }
    }
    /// Whether the database was put back to one of them.
    var isRestored: Bool {
        get { state.withLock { $0.isRestored } }
        set { state.withLock { $0.isRestored = newValue } }
    }
    /// By less than this two nodes differ about when something was: a person is answered also where a clock is wrong.
    var clockDoubt: Duration {
        state.withLock { $0.wasClockWrong ? .seconds(2 * 3_600 + 100) : .seconds(100) }
    }
    /// Whether callers who hear of no outcome ask again.
    var isAskedAgain: Bool {
        get { state.withLock { $0.isAskedAgain } }
        set { state.withLock { $0.isAskedAgain = newValue } }
    }
    /// Whether a notice has not been applied, as a machine failed.
    var isNoticeLate: Bool {
        get { state.withLock { $0.isNoticeLate } }
        set { state.withLock { $0.isNoticeLate = newValue } }
    }

    /// A node on a machine that never fails, for looking.
    var auditor: ServiceNode { ServiceNode(store: store, clock: right, gateway: gateway) }

    func start() async {
        for node in nodes {
            state.withLock { $0.running.append(Self.run(node)) }
            await node.submissions.untilRunning()
        }
    }

    func stop() {
        for task in state.withLock({ $0.running }) { task.cancel() }
    }

    /// Starts a node in the place of each that has died, with a clock and a number of its own, and says which.
    func revive() async -> [Int] {
        let dead = machines.indices.filter { machines[$0].isDead }
        for index in dead {
            let node = state.withLock { state in
                state.running[index].cancel()
                state.failuresOfTheDead += state.machines[index].failures
                state.restarts += 1
                state.permits[index] = nil
                let clock = ServiceClock(at: right.now + Self.skews[state.restarts % Self.skews.count])
                let machine = WorldMachine()
                let node = Self.node(over: store, gateway, on: machine, clock, right)
                state.clocks[index] = clock
                state.machines[index] = machine
                state.nodes[index] = node
                state.running[index] = Self.run(node)
                return node
            }
            await node.submissions.untilRunning()
        }
        return dead
    }

    /// Sets a clock, and puts another that is wrong right: one node is to be able to act; which ones were.
    func setClock(of index: Int, ahead: Duration) -> [Int] {
        let isWrong = ahead > Limits.clockDifferenceMax || ahead < .zero - Limits.clockDifferenceMax
        let others = isWrong ? machines.indices.filter { $0 != index && machines[$0].isClockWrong } : []
        if isWrong {
            makeRoom(besides: index)
            state.withLock { $0.wasClockWrong = true }
        }
        for (index, ahead, isWrong) in [(index, ahead, isWrong)] + others.map({ ($0, .zero, false) }) {
            clocks[index].move(by: (right.now + ahead).since(clocks[index].now))
            machines[index].isClockWrong = isWrong
        }
        return others
    }

    /// Takes all places for calls of a node; another is to be able to act.
    func fill(_ index: Int, untilStep step: Int) {
        makeRoom(besides: index)
        for other in machines.indices where other != index && machines[other].isClockWrong {
            _ = setClock(of: other, ahead: .zero)
        }
        let node = nodes[index]
        var held: [SubmissionPermit] = []
        while let permit = node.submissions.permit() { held.append(permit) }
        state.withLock { $0.permits[index, default: ([], 0)].held += held }
        state.withLock { $0.permits[index]?.untilStep = step }
    }

    /// Gives the places back whose time has come.
    func makeRoom(atStep step: Int = .max, besides index: Int? = nil) {
        let permits = state.withLock { state in
            let over = state.permits.filter { $0.key != index && $0.value.untilStep <= step }
            for index in over.keys { state.permits[index] = nil }
            return over.values.flatMap(\.held)
        }
        for permit in permits { permit.giveBack() }
    }

    private static func run(_ node: ServiceNode) -> Task<Void, any Error> {
        Task.detached { try await node.submissions.run() }
    }

    private static func node(
        over store: any Store, _ gateway: any Gateway, on machine: WorldMachine, _ clock: ServiceClock,
        _ right: ServiceClock
    ) -> ServiceNode {
        ServiceNode(
            store: WorldStore(store: store, machine: machine), clock: clock,
            gateway: WorldLine(gateway: gateway, machine: machine), patience: ServiceClock(at: Fixtures.now),
            databaseClock: right)
    }
}

/// The gateway of all tenants, which keeps a book for each: references, charges and events of two books may be alike.
struct WorldBooks: Gateway {
    let own: WorldGateway
    let others: [WorldGateway]

    var capabilities: GatewayCapabilities { own.capabilities }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        try await book(of: submission.organization).submit(submission)
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        try await book(of: inquiry.organization).inquire(inquiry)
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try await book(of: inquiry.organization).cancel(inquiry, key: key)
    }

    func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage {
        var refunded: Set<String> = []
        for book in [own] + others { refunded.formUnion(try await book.charges(since: moment, from: cursor).refunded) }
        return ChargePage(charges: [], refunded: refunded.sorted(), next: nil)
    }

    func refunds(ofCharge reference: String, isPast: Bool) async throws(GatewayError) -> [ListedRefund] {
        var listed: [ListedRefund] = []
        for book in [own] + others { listed += try await book.refunds(ofCharge: reference, isPast: isPast) }
        return listed
    }

    func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? {
        for book in [own] + others {
            if let notice = try book.notice(message) { return notice }
        }
        return nil
    }

    func news(in kept: String) -> GatewayNews? {
        ([own] + others).lazy.compactMap { $0.news(in: kept) }.first
    }

    private func book(of organization: OrganizationID) -> WorldGateway {
        others.first { $0.organization == organization } ?? own
    }
}
