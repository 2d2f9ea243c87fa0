import RefundDomain
import RefundStorage
import Synchronization

/// How far a process comes before it dies: so many moments, one before and one after each write and each gateway call.
final class Fuse: Sendable {
    private let left: Mutex<Int>
    private let passed = Mutex<[String]>([])

    init(moments: Int) {
        left = Mutex(moments)
    }

    /// The moment in which the process died, counted among those of its kind; nil where it lives.
    var death: String? {
        guard isBurnt else { return nil }
        return passed.withLock { passed in
            passed.last.map { last in "\(last) \(passed.filter { $0 == last }.count)" }
        }
    }

    /// Leaves so many moments from now on; one that has burnt stays burnt.
    func shorten(to moments: Int) { left.withLock { if $0 >= 0 { $0 = moments } } }

    var isBurnt: Bool { left.withLock { $0 < 0 } }

    /// Lets one moment pass.
    ///
    /// Throws from the moment on in which the process dies.
    func burn(_ moment: String) throws(ProcessDied) {
        let (isDead, wasDead) = left.withLock { left in
            left -= 1
            return (left < 0, left < -1)
        }
        if !wasDead { passed.withLock { $0.append(moment) } }
        if isDead { throw ProcessDied() }
    }

    /// Throws where the process is dead.
    func check() throws(ProcessDied) {
        if isBurnt { throw ProcessDied() }
    }
}

/// The process is no more; nobody hears this.
struct ProcessDied: Error {}

/// A store as a process has it that dies when its fuse has burnt: before a unit is written, or after.
struct MortalStore: Store {
    let store: any Store
    let fuse: Fuse
    /// Whose units lease identifiers: nobody's.
    private static let ofIdentifiers = OrganizationID(0)

    /// What happens between a unit and what its caller does next.
    var afterUnits: @Sendable () async -> Void = {}

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try fuse.check()
        let found = try await store.read(body)
        try fuse.check()
        return found
    }

    func write<Answers, T: Sendable>(
        for organization: OrganizationID, ordered key: Int64,
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)?
    ) async throws -> T {
        try fuse.burn("before unit")
        let written = try await store.write(
            for: organization, ordered: key, asking: asking, then: then, proof: proof)
        try fuse.burn("after unit")
        // All callers wait for one lease of identifiers: whoever is let in there would wait for himself.
        if organization != Self.ofIdentifiers { await afterUnits() }
        return written
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}

/// A gateway as a process has it that dies when its fuse has burnt: before a call leaves, or before its answer is read.
struct MortalGateway: Gateway {
    let gateway: any Gateway
    let fuse: Fuse
    /// What happens while a call is under way.
    var meanwhile: @Sendable () async -> Void = {}

    var capabilities: GatewayCapabilities { gateway.capabilities }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        try burn("before submit")
        let report = try await gateway.submit(submission)
        await meanwhile()
        try burn("after submit")
        return report
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        try burn("before inquire")
        let finding = try await gateway.inquire(inquiry)
        try burn("after inquire")
        return finding
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try burn("before cancel")
        let report = try await gateway.cancel(inquiry, key: key)
        try burn("after cancel")
        return report
    }

    func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? { try gateway.notice(message) }

    func news(in kept: String) -> GatewayNews? { gateway.news(in: kept) }

    private func burn(_ moment: String) throws(GatewayError) {
        do throws(ProcessDied) {
            try fuse.burn(moment)
        } catch {
            throw .ambiguous("the process is dead")
        }
    }
}
