import Foundation
import RefundDomain

/// Units that share one transaction: their questions go out in one trip, their writes and COMMIT in the next.
struct PostgresGroup {
    private let units: [any Unit]
    private let connection: PostgresConnection

    init(_ units: [any Unit], _ connection: PostgresConnection) {
        // Every group locks in one order; units of one place keep theirs.
        self.units = units.enumerated()
            .sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(\.element)
        self.connection = connection
    }

    /// Runs the units, commits them, and lets every caller hear.
    ///
    /// Where units refuse, the others run again as a group, and the refused ones alone after it: a refusal may rest on
    /// a neighbour's write. Where a statement fails, nobody knows whose it was, and each unit runs alone.
    func commit() {
        var together = units
        var alone: [any Unit] = []
        while together.count > 1 {
            switch attempt(together) {
            case .committed:
                for unit in together { unit.finish(nil) }
                for unit in alone { commitAlone(unit) }
                return
            case .refused(let places):
                alone += places.map { together[$0] }
                together = together.indices.filter { !places.contains($0) }.map { together[$0] }
            case .failed:
                for unit in units { commitAlone(unit) }
                return
            case .unavailable(let error):
                for unit in units { unit.finish(error) }
                return
            }
        }
        for unit in together + alone { commitAlone(unit) }
    }

    private func commitAlone(_ unit: any Unit) {
        for retry in 1... {
            switch attempt([unit]) {
            case .committed, .refused: return unit.finish(nil)
            case .unavailable(let error): return unit.finish(error)
            case .failed(let error):
                guard error.code == .conflict, retry <= Limits.unitRetriesMax else { return unit.finish(error) }
                // A pause in seconds, on the engine's own thread: at random, so that two who met do not meet again.
                Thread.sleep(forTimeInterval: Double.random(in: 0..<0.01) * Double(retry))
            }
        }
    }

    private enum Attempt {
        case committed
        /// The units of these places threw; nothing was written.
        case refused([Int])
        /// A statement failed; nothing was written.
        case failed(StorageError)
        /// The database cannot be reached, or it is not known what it did last.
        case unavailable(StorageError)
    }

    /// Runs units in one transaction; where the connection is lost before COMMIT, once more on another.
    private func attempt(_ units: [any Unit]) -> Attempt {
        for isLast in [false, true] {
            do throws(StorageError) {
                switch attempt(units, in: try connection.session()) {
                case .some(let attempt): return attempt
                case .none where isLast: return .unavailable(StorageError(.unavailable, "the connection was lost"))
                case .none: continue
                }
            } catch {
                return .unavailable(error)
            }
        }
        return .unavailable(StorageError(.unavailable, "the connection was lost"))
    }

    /// Nil where the connection was lost and nothing took effect.
    private func attempt(_ units: [any Unit], in session: PostgresSession) -> Attempt? {
        var refused: [Int] = []
        do throws(StorageError) {
            try session.begin(.beginWriting)
            refused = units.indices.filter { units[$0].ask(in: session) != nil }
            try session.flush()
            for place in units.indices where !refused.contains(place) {
                if units[place].decide(in: session) != nil { refused.append(place) }
            }
            if let failure = session.failure { throw failure }
        } catch {
            guard undo(session) else { return nil }
            // A unit that is alone may answer a failure with an error of its own.
            return units.count == 1 && !refused.isEmpty && error.code != .conflict ? .refused([0]) : .failed(error)
        }
        guard refused.isEmpty else { return undo(session) ? .refused(refused.sorted()) : nil }
        do throws(StorageError) {
            try session.commit()
            return .committed
        } catch {
            guard session.isLost else { return undo(session) ? .failed(error) : nil }
            guard let isDone = connection.isDone(units, by: session.backend) else {
                return .unavailable(StorageError(.unavailable, "it is not known whether COMMIT took effect"))
            }
            return isDone ? .committed : nil
        }
    }

    /// Rolls back; false where the connection was lost, and the server does so.
    private func undo(_ session: PostgresSession) -> Bool {
        if session.isLost { return false }
        do throws(StorageError) {
            try session.rollBack()
            return true
        } catch {
            return false
        }
    }
}
