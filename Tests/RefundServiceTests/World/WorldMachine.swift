import RefundDomain
import RefundStorage
import RefundTesting
import Synchronization

/// Calls of a node to its database that go wrong, once so many have passed from the moment on in which it is said.
struct WorldLoss: Hashable, Sendable {
    enum Call: String, CaseIterable, Sendable {
        case read = "reads fail"
        case write = "writes fail"
        case answer = "writes are done, and their answers are lost"
        case acceptance = "refunds are accepted, and nobody hears so"
        case outcome = "answers of gateways cannot be written"
    }

    let node: Int
    let call: Call
    let callsBefore: Int
    let times: Int
    /// Whether a caller who hears of no outcome asks again under his key.
    let isAskedAgain: Bool
}

/// The machine that a node runs on: which of its calls go wrong, and whether it has died.
final class WorldMachine: Sendable {
    private struct State {
        var call: WorldLoss.Call?
        var callsBefore = 0
        var times = 0
        var momentsLeft: Int?
        var isDead = false
        var failures = 0
        var acceptancesLost = 0
        var isGatewayAnswered = false
        var isClockWrong = false
        var callsByWrongClock = 0
    }

    private let state = Mutex(State())

    var isDead: Bool { state.withLock { $0.isDead } }
    /// How many calls have gone wrong.
    var failures: Int { state.withLock { $0.failures } }
    /// How many refunds were accepted in units whose answers were lost.
    var acceptancesLost: Int { state.withLock { $0.acceptancesLost } }

    /// Whether its clock differs from the database's by more than it may.
    var isClockWrong: Bool {
        get { state.withLock { $0.isClockWrong } }
        set { state.withLock { $0.isClockWrong = newValue } }
    }
    /// How many attempts and questions it has sent to gateways in such a time: none, where all is well.
    var callsByWrongClock: Int { state.withLock { $0.callsByWrongClock } }

    fileprivate func callGateway() { state.withLock { $0.callsByWrongClock += $0.isClockWrong ? 1 : 0 } }

    func lose(_ loss: WorldLoss) {
        state.withLock { ($0.call, $0.callsBefore, $0.times) = (loss.call, loss.callsBefore, loss.times) }
    }

    /// Lets it die after so many moments: one before and one after each write and each call of a gateway.
    func die(afterMoments moments: Int) { state.withLock { $0.momentsLeft = moments } }

    func kill() { state.withLock { $0.isDead = true } }

    /// Lets nothing go wrong any more.
    func calmDown() {
        state.withLock { state in
            state.call = nil
            state.momentsLeft = nil
        }
    }

    /// Throws where it is dead, and where it dies in this moment.
    fileprivate func live(isMoment: Bool) throws(StorageError) {
        let isDead = state.withLock { state in
            if isMoment, let left = state.momentsLeft {
                state.momentsLeft = left - 1
                if left <= 0 { state.isDead = true }
            }
            if state.isDead { state.failures += 1 }
            return state.isDead
        }
        if isDead { throw StorageError(.unavailable, "the process is dead") }
    }

    /// A gateway has answered: what is written next says what.
    fileprivate func hearGateway() { state.withLock { $0.isGatewayAnswered = true } }

    /// Whether a unit writes what a gateway answered.
    fileprivate func takeGatewayAnswer() -> Bool {
        state.withLock { state in
            defer { state.isGatewayAnswered = false }
            return state.isGatewayAnswered
        }
    }

    /// Throws where a call of this kind goes wrong now.
    fileprivate func call(_ call: WorldLoss.Call, isAcceptance: Bool = false) throws(StorageError) {
        let isLost = state.withLock { state in
            guard state.call == call else { return false }
            guard state.callsBefore == 0 else {
                state.callsBefore -= 1
                return false
            }
            state.times -= 1
            if state.times <= 0 { state.call = nil }
            state.failures += 1
            if isAcceptance { state.acceptancesLost += 1 }
            return true
        }
        if isLost { throw StorageError(.unavailable, "the connection was lost") }
    }
}

/// A store as a machine reaches it.
struct WorldStore: Store {
    let store: any Store
    let machine: WorldMachine

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try machine.live(isMoment: false)
        let found = try await store.read(body)
        try machine.call(.read)
        return found
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        try machine.live(isMoment: true)
        try machine.call(.write)
        if machine.takeGatewayAnswer() { try machine.call(.outcome) }
        let written = try await store.write(
            for: organization, ordered: key, asking: asking, then: then, proof: proof)
        try machine.live(isMoment: true)
        // A unit that accepts a refund brings a proof; nothing else that a node does does.
        let isAcceptance = proof != nil
        try machine.call(.answer, isAcceptance: isAcceptance)
        if isAcceptance { try machine.call(.acceptance, isAcceptance: true) }
        return written
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}

/// A gateway as a machine reaches it.
struct WorldLine: Gateway {
    let gateway: any Gateway
    let machine: WorldMachine

    var capabilities: GatewayCapabilities { gateway.capabilities }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        try live()
        machine.callGateway()
        let report = try await gateway.submit(submission)
        try live(isAnswered: true)
        return report
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        try live()
        machine.callGateway()
        let finding = try await gateway.inquire(inquiry)
        try live(isAnswered: true)
        return finding
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try live()
        let report = try await gateway.cancel(inquiry, key: key)
        try live(isAnswered: true)
        return report
    }

    func charges(since moment: Instant, from cursor: String?) async throws(GatewayError) -> ChargePage {
        try await gateway.charges(since: moment, from: cursor)
    }

    func refunds(ofCharge reference: String, isPast: Bool) async throws(GatewayError) -> [ListedRefund] {
        try await gateway.refunds(ofCharge: reference, isPast: isPast)
    }

    func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? { try gateway.notice(message) }

    func news(in kept: String) -> GatewayNews? { gateway.news(in: kept) }

    private func live(isAnswered: Bool = false) throws(GatewayError) {
        do throws(StorageError) {
            try machine.live(isMoment: true)
            if isAnswered { machine.hearGateway() }
        } catch {
            throw .ambiguous("the process is dead")
        }
    }
}
