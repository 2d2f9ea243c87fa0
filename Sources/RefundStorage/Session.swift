/// One unit of work's view of the database; it lives no longer than the unit.
///
/// Once a call has thrown, the session stays failed: every later call throws the first error again, and the unit is
/// rolled back even if its closure returns. A unit therefore never catches `StorageError`.
package protocol Session: AnyObject {
    /// Runs a statement that returns no rows.
    ///
    /// An engine may hold it back until the next answer is read, or COMMIT: what is wrong with it is thrown there.
    func execute(_ sql: SQLText, _ values: [Value]) throws(StorageError)

    /// Runs a statement and reads all its rows.
    func rows<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> [T]

    /// Queues a question; the first answer that is read brings all that are queued.
    func ask<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> Answer<T>

    /// Asks for the moment at which the database answers, in microseconds since 1970, by its own clock.
    ///
    /// Processes have a clock each, and may be wrong; this one is the same for all.
    func databaseTime() throws(StorageError) -> Answer<StoredInteger>
}

extension Session {
    /// The first row, or nil.
    package func row<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> T? {
        try rows(type, sql, values).first
    }
}
