/// A unit of work that waits for its group.
///
/// The caller's thread makes it and hands it to the writer; from then on the writer alone touches it, until it resumes
/// the caller.
protocol Unit: AnyObject, Sendable {
    /// Runs the closures; the error is what they threw.
    func run(in session: any Session) -> (any Error)?

    /// Lets the caller hear: what its closures gave or threw, or the failure that undid them.
    func finish(_ failure: StorageError?)
}

// Unchecked: see `Unit` for who touches it when.
final class TwoPhaseUnit<Answers, T: Sendable>: Unit, @unchecked Sendable {
    private let asking: @Sendable (any Session) throws -> Answers
    private let then: @Sendable (any Session, Answers) throws -> T
    private let caller: UnsafeContinuation<T, any Error>
    private var outcome: Result<T, any Error>?

    /// The continuation is resumed exactly once, by `finish(_:)`.
    init(
        asking: @escaping @Sendable (any Session) throws -> Answers,
        then: @escaping @Sendable (any Session, Answers) throws -> T,
        caller: UnsafeContinuation<T, any Error>
    ) {
        self.asking = asking
        self.then = then
        self.caller = caller
    }

    func run(in session: any Session) -> (any Error)? {
        let outcome = Result { try then(session, try asking(session)) }
        self.outcome = outcome
        switch outcome {
        case .success: return nil
        case .failure(let error): return error
        }
    }

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
