import RefundStorage
import Synchronization

/// A statement that only tests make.
///
/// Each text is made once, as a store expects of its statements.
func sql(_ text: String) -> SQLText {
    texts.withLock { texts in
        if let known = texts[text] { return known }
        let made = SQLText(stringLiteral: text)
        texts[text] = made
        return made
    }
}

private let texts = Mutex<[String: SQLText]>([:])

/// A text of a row by itself.
struct StoredText: Stored {
    let value: String

    init(row: inout RowReader) throws(StorageError) { value = row.text() }
}

extension Session {
    /// The integers of the first column.
    func integers(_ text: String, _ values: [Value] = []) throws(StorageError) -> [Int64] {
        try rows(StoredInteger.self, sql(text), values).map(\.value)
    }

    /// The texts of the first column.
    func texts(_ text: String, _ values: [Value] = []) throws(StorageError) -> [String] {
        try rows(StoredText.self, sql(text), values).map(\.value)
    }

    /// Runs a statement that only a test makes.
    func run(_ text: String, _ values: [Value] = []) throws(StorageError) {
        try execute(sql(text), values)
    }
}

/// A session that holds each statement against the number of values that are bound to it.
///
/// An engine binds what it is given by position and leaves the rest of the last run in place.
final class CountedSession: Session {
    private let session: any Session

    init(_ session: any Session) {
        self.session = session
    }

    func execute(_ sql: SQLText, _ values: [Value]) throws(StorageError) {
        try check(sql, values)
        try session.execute(sql, values)
    }

    func rows<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> [T] {
        try check(sql, values)
        return try session.rows(type, sql, values)
    }

    func ask<T: Stored>(_ type: T.Type, _ sql: SQLText, _ values: [Value]) throws(StorageError) -> Answer<T> {
        try check(sql, values)
        return try session.ask(type, sql, values)
    }

    func databaseTime() throws(StorageError) -> Answer<StoredInteger> { try session.databaseTime() }

    private func check(_ sql: SQLText, _ values: [Value]) throws(StorageError) {
        let count = sql.parameters.max() ?? 0
        guard count == values.count else {
            throw StorageError(.constraint, "\(count) parameters and \(values.count) values: \(sql.text)")
        }
    }
}

extension SQLText {
    /// The numbers of the parameters, as they follow each other in the text.
    var parameters: [Int] {
        text.utf8.split(separator: UInt8(ascii: "$")).dropFirst(text.utf8.first == UInt8(ascii: "$") ? 0 : 1)
            .compactMap { Int(String(decoding: $0.prefix { (0x30...0x39).contains($0) }, as: UTF8.self)) }
    }
}
