/// What went wrong in the database.
///
/// Expected refusals are rows, never one of these.
package struct StorageError: Error, Hashable, Sendable {
    /// What callers tell apart.
    package enum Code: Hashable, Sendable {
        /// A unique or primary key is taken; by the constraint's table and columns, equal in both engines.
        case unique(String)
        /// A CHECK, NOT NULL or foreign key is broken.
        case constraint
        /// The engine asks to run the unit again.
        case conflict
        /// Another process holds the database, or too many units wait.
        case busy
        /// The database cannot be reached, opened or written to.
        case unavailable
        /// A figure would be greater than `Limits.figureMax`.
        case tooGreat
        case full
        case readOnly
        /// What was read is not what was written.
        case corrupt
        /// The schema was made by a later version of this program.
        case newerSchema
        /// The session failed before, and does nothing more.
        case failedBefore
    }

    package let code: Code
    /// For logs only: it may name tables and settings, and no value of a row.
    package let detail: String

    package init(_ code: Code, _ detail: String = "") {
        self.code = code
        self.detail = detail
    }
}

extension StorageError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Dull on purpose: sent out by mistake, it gives nothing away.
    package var description: String { "The database could not do this." }

    package var debugDescription: String { "\(code): \(detail)" }
}
