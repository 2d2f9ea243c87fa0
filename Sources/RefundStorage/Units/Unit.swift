import RefundDomain

/// A unit of work that waits for its group.
///
/// The caller's thread makes it and hands it to an engine's thread; from then on that thread alone touches it, until it
/// resumes the caller. It may be run again after a rollback, from its questions on.
protocol Unit: AnyObject, Sendable {
    /// Where the unit writes.
    var place: UnitPlace { get }

    /// Queues the questions; the error is what the closure threw.
    func ask(in session: any Session) -> (any Error)?

    /// Decides on the answers and writes; the error is what the closure threw.
    func decide(in session: any Session) -> (any Error)?

    /// Whether the unit took effect, found by what it carried; nil where it carries nothing to look for.
    func isDone(in session: any Session) throws -> Bool?

    /// Lets the caller hear: what its closures gave or threw, or the failure that undid them.
    func finish(_ failure: StorageError?)
}

/// Where a unit writes: units of one place run in the order in which they came.
struct UnitPlace: Hashable {
    let organization: OrganizationID
    let key: Int64
}

extension UnitPlace: Comparable {
    /// The order in which every group goes through its places, so that no two groups wait for each other.
    static func < (a: UnitPlace, b: UnitPlace) -> Bool {
        (a.organization.value, a.key) < (b.organization.value, b.key)
    }
}

// Unchecked: the caller's thread makes it and hands it over through the queue, whose lock orders the two; after that
// the one engine thread that took it touches what changes, until it resumes the caller.
final class TwoPhaseUnit<Answers, T: Sendable>: Unit, @unchecked Sendable {
    let place: UnitPlace
    private let asking: @Sendable (any Session) throws -> Answers
    private let then: @Sendable (any Session, Answers) throws -> T
    private let proof: (@Sendable (any Session) throws -> Bool)?
    private let caller: UnsafeContinuation<T, any Error>
    private var answers: Answers?
    private var outcome: Result<T, any Error>?

    /// The continuation is resumed exactly once, by `finish(_:)`.
    init(
        at place: UnitPlace, asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        proof: (@Sendable (any Session) throws -> Bool)? = nil, caller: UnsafeContinuation<T, any Error>
    ) {
        self.place = place
        self.asking = asking
        self.then = then
        self.proof = proof
        self.caller = caller
    }

    /// A unit that only reads, and so has no place.
    convenience init(
        reading body: @escaping @Sendable (any Session) throws -> T, caller: UnsafeContinuation<T, any Error>
    ) where Answers == Void {
        self.init(
            at: UnitPlace(organization: OrganizationID(0), key: 0), asking: { _ in },
            then: { session, _ in try body(session) }, caller: caller)
    }

    func ask(in session: any Session) -> (any Error)? {
        outcome = nil
        do {
            answers = try asking(session)
            return nil
        } catch {
            outcome = .failure(error)
            return error
        }
    }

    func decide(in session: any Session) -> (any Error)? {
        guard let answers else { return StorageError(.unavailable, "the unit was not asked") }
        let outcome = Result { try then(session, answers) }
        self.answers = nil
        self.outcome = outcome
        switch outcome {
        case .success: return nil
        case .failure(let error): return error
        }
    }

    func isDone(in session: any Session) throws -> Bool? { try proof?(session) }

    func finish(_ failure: StorageError?) {
        if let failure {
            caller.resume(throwing: failure)
        } else if let outcome {
            caller.resume(with: outcome)
        } else {
            caller.resume(throwing: StorageError(.unavailable, "the unit was not run"))
        }
    }
}
