import RefundDomain
import RefundHTTP
import Testing

@Suite struct `JSON under random input` {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `reads back equal whatever it wrote`(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        for _ in 0..<500 {
            let value = random.value(depth: 5)
            let bytes = JSONWriter.bytes(of: value)
            let read = try JSONReader.parse(bytes)
            #expect(read == value)
            #expect(JSONWriter.bytes(of: read) == bytes)
        }
    }

    /// A mutated text may still be JSON; then what is written of it has to read back equal.
    @Test(arguments: 11...18 as ClosedRange<UInt64>)
    func `never crashes on damaged text`(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        for _ in 0..<2_000 {
            var bytes = JSONWriter.bytes(of: random.value(depth: 4))
            for _ in 0...random.next() % 4 { random.damage(&bytes) }
            guard let value = try? JSONReader.parse(bytes) else { continue }
            #expect(try JSONReader.parse(JSONWriter.bytes(of: value)) == value)
        }
    }

    @Test(arguments: 21...24 as ClosedRange<UInt64>)
    func `names a place within the text`(seed: UInt64) {
        var random = SplitMix64(state: seed)
        for _ in 0..<2_000 {
            let bytes = (0..<random.next() % 40).map { _ in random.pick(Array(#"{}[]",:\u0019-+.eEtrfalsn \#n"#.utf8)) }
            do throws(JSONError) {
                _ = try JSONReader.parse(bytes)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
            }
        }
    }

    @Test(arguments: 31...34 as ClosedRange<UInt64>)
    func `never crashes the reading of fields`(seed: UInt64) {
        var random = SplitMix64(state: seed)
        for _ in 0..<500 {
            guard case .object(let object) = random.value(depth: 4) else { continue }
            var reader = FieldReader(object)
            for name in reader.names {
                _ = reader.text(name, maxLength: 10)
                _ = reader.decimal(name, accepting: .numberOrText)
                _ = reader.date(name)
                _ = reader.integer(name)
                _ = reader.bool(name)
                for var entry in reader.objects(name, maxCount: 2) { _ = entry.requiredText("a", maxLength: 1) }
            }
            reader.refuseUnknown(except: [])
            #expect(reader.problems.count >= reader.names.count)
        }
    }
}

/// A small random source that yields the same numbers for the same seed.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }

    mutating func value(depth: Int) -> JSONValue {
        switch next() % (depth > 0 ? 8 : 5) {
        case 0: .null
        case 1: .bool(next() % 2 == 0)
        case 2: .number(number())
        case 3, 4: .string(string())
        case 5: .array((0..<next() % 5).map { _ in value(depth: depth - 1) })
        default: .object(object(depth: depth))
        }
    }

    private mutating func object(depth: Int) -> JSONObject {
        var fields: [JSONObject.Field] = []
        for number in 0..<next() % 24 {
            fields.append(JSONObject.Field("\(string())\(number)", value(depth: depth - 3)))
        }
        return JSONObject(fields) ?? .empty
    }

    private mutating func number() -> JSONNumber {
        let whole = pick(["0", "7", "-0", "-31", "200", "999999999999999", "123456789012345678901234567890"])
        let fraction = pick(["", "", ".0", ".10", ".1234567"])
        let exponent = pick(["", "", "", "e2", "E-7", "e+400"])
        return JSONNumber(whole + fraction + exponent) ?? JSONNumber(0)
    }

    private mutating func string() -> String {
        let pieces = [
            "a", "\"", "\\", "/", "\u{1}", "\n", "\u{1F}", "é", "e\u{301}", "€", "😀", "\u{FFFF}", "plain text",
        ]
        return (0..<next() % 6).map { _ in pick(pieces) }.joined()
    }

    mutating func damage(_ bytes: inout [UInt8]) {
        let index = Int(next() % UInt64(bytes.count))
        switch next() % 4 {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: next())
        case 1: bytes.insert(pick(Array(#"{}[]",:\0u"#.utf8)), at: index)
        case 2: bytes.removeLast(min(bytes.count - 1, 1 + index / 2))
        default: if bytes.count > 1 { bytes.remove(at: index) }
        }
    }
}
