/// Units that share one transaction, each in a savepoint of its own.
struct SQLiteGroup {
    private let units: [any Unit]
    private let session: SQLiteSession

    init(_ units: [any Unit], _ session: SQLiteSession) {
        self.units = units
        self.session = session
    }

    /// Runs the units, commits them together, and lets every caller hear.
    ///
    /// Where SQLite gives up the whole transaction because of one unit (a full disk, no memory), that unit fails and
    /// the others run again; where COMMIT fails, all get its error.
    func commit() {
        var pending = units
        while !pending.isEmpty {
            switch run(pending) {
            case .ready(let verdicts):
                let failure = control(.commit)
                if failure != nil { rollBack() }
                for (unit, verdict) in zip(pending, verdicts) { unit.finish(failure ?? verdict) }
                return
            case .lost(let index, let failure):
                rollBack()
                pending.remove(at: index).finish(failure)
            case .notBegun(let failure):
                for unit in pending { unit.finish(failure) }
                return
            }
        }
    }

    private enum Run {
        /// Each unit with the storage error that undid it although its closure returned, if any.
        case ready([StorageError?])
        case lost(Int, StorageError)
        case notBegun(StorageError)
    }

    private func run(_ pending: [any Unit]) -> Run {
        if let failure = control(.begin) { return .notBegun(failure) }
        var verdicts: [StorageError?] = []
        for (index, unit) in pending.enumerated() {
            if let failure = control(.savepoint) { return .lost(index, failure) }
            let thrown = unit.ask(in: session) ?? unit.decide(in: session)
            let failure = session.failure
            guard session.isInTransaction else {
                return .lost(index, failure ?? StorageError(.unavailable, "SQLite rolled the transaction back"))
            }
            if thrown != nil || failure != nil, let failure = control(.rollbackToSavepoint) {
                return .lost(index, failure)
            }
            if let failure = control(.releaseSavepoint) { return .lost(index, failure) }
            verdicts.append(thrown == nil ? failure : nil)
        }
        return .ready(verdicts)
    }

    private func rollBack() {
        if session.isInTransaction { _ = control(.rollback) }
    }

    /// Runs a statement that steers the transaction, on a session cleared of what failed before.
    private func control(_ sql: SQLText) -> StorageError? {
        session.failure = nil
        defer { session.failure = nil }
        do throws(StorageError) {
            try session.execute(sql, [])
            return nil
        } catch {
            return error
        }
    }
}

extension SQLText {
    fileprivate static let begin: SQLText = "begin immediate"
    fileprivate static let savepoint: SQLText = "savepoint unit"
    fileprivate static let rollbackToSavepoint: SQLText = "rollback to unit"
    fileprivate static let releaseSavepoint: SQLText = "release unit"
    fileprivate static let commit: SQLText = "commit"
    fileprivate static let rollback: SQLText = "rollback"
}
