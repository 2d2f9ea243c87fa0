package import RefundDomain

/// The columns of one row, by position, as an engine holds them.
package protocol Columns {
    func isNull(_ position: Int) -> Bool
    func integer(_ position: Int) -> Int64
    func text(_ position: Int) -> String
    func bytes(_ position: Int) -> [UInt8]
    /// How many there are.
    var count: Int { get }
    /// The value of whatever type the engine says that it has.
    func value(_ position: Int) -> Value
}

/// Something that is read from a row.
package protocol Stored: Sendable {
    /// Reads the columns in the order in which the statement selects them.
    ///
    /// Throws `corrupt` where a column holds what was never written.
    init(row: inout RowReader) throws(StorageError)
}

/// Reads a row from its first column to its last.
package struct RowReader {
    private let columns: any Columns
    private var position = 0

    package init(_ columns: any Columns) {
        self.columns = columns
    }

    /// An integer.
    package mutating func integer() -> Int64 {
        defer { position += 1 }
        return columns.integer(position)
    }

    /// An integer, or null.
    package mutating func optionalInteger() -> Int64? {
        defer { position += 1 }
        return columns.isNull(position) ? nil : columns.integer(position)
    }

    /// An integer that is 0 or 1.
    package mutating func bool() -> Bool { integer() != 0 }

    /// A text.
    package mutating func text() -> String {
        defer { position += 1 }
        return columns.text(position)
    }

    /// A text, or null.
    package mutating func optionalText() -> String? {
        defer { position += 1 }
        return columns.isNull(position) ? nil : columns.text(position)
    }

    /// Bytes, or null.
    package mutating func optionalBytes() -> [UInt8]? {
        defer { position += 1 }
        return columns.isNull(position) ? nil : columns.bytes(position)
    }

    /// All values of the row, each of the type that the engine says.
    package func values() -> [Value] { (0..<columns.count).map(columns.value) }

    /// An identifier of a record.
    package mutating func identifier<Record>() -> Identifier<Record> { Identifier(integer()) }

    /// An identifier of a record, or null.
    package mutating func optionalIdentifier<Record>() -> Identifier<Record>? { optionalInteger().map(Identifier.init) }

    /// Microseconds since 1970.
    package mutating func instant() -> Instant { Instant(microseconds: integer()) }

    /// Microseconds since 1970, or null.
    package mutating func optionalInstant() -> Instant? { optionalInteger().map(Instant.init(microseconds:)) }

    /// Days since 1970.
    package mutating func date() -> LocalDate { LocalDate(daysSinceEpoch: Int32(truncatingIfNeeded: integer())) }

    /// A text that stands for something; throws `corrupt` where it does not.
    package mutating func parsed<T>(_ parse: (String) -> T?) throws(StorageError) -> T {
        let text = text()
        guard let value = parse(text) else { throw StorageError(.corrupt, "column \(position) cannot be read") }
        return value
    }

    /// A text that stands for something, or null.
    package mutating func optionalParsed<T>(_ parse: (String) -> T?) throws(StorageError) -> T? {
        guard let text = optionalText() else { return nil }
        guard let value = parse(text) else { throw StorageError(.corrupt, "column \(position) cannot be read") }
        return value
    }
}

/// Rows that were asked for and are read later: an engine may answer many questions in one trip.
package final class Answer<T: Stored> {
    private var fetched: [T]?
    private let fetch: () throws(StorageError) -> [T]

    /// An answer that is there already.
    package init(_ rows: [T]) {
        fetched = rows
        fetch = { () throws(StorageError) in rows }
    }

    /// An answer that is fetched when it is first read.
    package init(fetch: @escaping () throws(StorageError) -> [T]) {
        self.fetch = fetch
    }

    /// All rows, fetched when they are first asked for.
    package func rows() throws(StorageError) -> [T] {
        if let fetched { return fetched }
        let rows = try fetch()
        fetched = rows
        return rows
    }

    /// The first row, or nil.
    package func first() throws(StorageError) -> T? { try rows().first }
}
