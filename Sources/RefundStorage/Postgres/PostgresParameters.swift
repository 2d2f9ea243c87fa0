import CPostgres

/// The values of a statement in PostgreSQL's binary form, in buffers that are used again and again.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// Encodes values and lends them, as libpq takes them: count, values, lengths, formats.
    mutating func encode<T>(
        _ values: [Value],
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> T
    ) -> T {
        clear()
        for value in values { append(value) }
        // An empty array has no address, and null would stand for an absent value.
        bytes.append(0)
        return bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            for offset in offsets { pointers.append(offset.flatMap { offset in start.map { $0 + offset } }) }
            return body(Int32(values.count), pointers, lengths, formats)
        }
    }

    private mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        pointers.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ value: Value) {
        let start = bytes.count
        formats.append(1)
        offsets.append(value == .null ? nil : start)
        switch value {
        case .null: break
        case .integer(let integer): withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .bytes(let content): bytes.append(contentsOf: content)
        }
        lengths.append(Int32(bytes.count - start))
    }
}

extension Value {
    /// The identifier of the value's type in PostgreSQL's catalogue; 0 leaves it to the server.
    var postgresType: Oid {
        switch self {
        case .null: 0
        case .integer: 20
        case .text: 25
        case .bytes: 17
        }
    }
}

/// The columns of one row of a result in binary form.
struct PostgresColumns: Columns {
    let result: OpaquePointer
    let row: Int32

    func isNull(_ position: Int) -> Bool { PQgetisnull(result, row, Int32(position)) == 1 }

    /// Also narrower ones: a constant in a statement is of the server's own type.
    func integer(_ position: Int) -> Int64 {
        let bytes = buffer(position)
        switch bytes.count {
        case 8: return Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case 4: return Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        default: return 0
        }
    }

    func text(_ position: Int) -> String { String(decoding: buffer(position), as: UTF8.self) }

    func bytes(_ position: Int) -> [UInt8] { Array(buffer(position)) }

    var count: Int { Int(PQnfields(result)) }

    func value(_ position: Int) -> Value {
        if isNull(position) { return .null }
        switch PQftype(result, Int32(position)) {
        case Value.integer(0).postgresType, 23: return .integer(integer(position))
        case Value.text("").postgresType: return .text(text(position))
        default: return .bytes(bytes(position))
        }
    }

    private func buffer(_ position: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, Int32(position)), count: Int(PQgetlength(result, row, Int32(position))))
    }
}
