import RefundDomain
import RefundStorage
import Synchronization

/// How far a process comes before it dies: so many moments, one before and one after each write and each gateway call.
final class Fuse: Sendable {
    private let left: Mutex<Int>

    init(moments: Int) {
        left = Mutex(moments)
    }

    var isBurnt: Bool { left.withLock { $0 < 0 } }

    /// Lets one moment pass.
    ///
    /// Throws from the moment on in which the process dies.
    func burn() throws(ProcessDied) {
        let isDead = left.withLock { left in
            left -= 1
            return left < 0
        }
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
        try fuse.burn()
        let written = try await store.write(
            for: organization, ordered: key, asking: asking, then: then, proof: proof)
        try fuse.burn()
        return written
    }

    func damages() async throws -> [String] { try await store.damages() }

    func close() async { await store.close() }
}

/// A gateway as a process has it that dies when its fuse has burnt: before a call leaves, or before its answer is read.
struct MortalGateway: Gateway {
    let gateway: any Gateway
    let fuse: Fuse

    var capabilities: GatewayCapabilities { gateway.capabilities }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        try burn()
        let report = try await gateway.submit(submission)
        try burn()
        return report
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        try burn()
        let finding = try await gateway.inquire(inquiry)
        try burn()
        return finding
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try burn()
        let report = try await gateway.cancel(inquiry, key: key)
        try burn()
        return report
    }

    private func burn() throws(GatewayError) {
        do throws(ProcessDied) {
            try fuse.burn()
        } catch {
            throw .ambiguous("the process is dead")
        }
    }
}
