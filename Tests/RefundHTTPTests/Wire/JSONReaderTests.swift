import RefundDomain
import RefundHTTP
import RefundService
import Testing

@Suite struct `A JSON reader` {
    @Test(
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("\t[false]\r", .array([.bool(false)])),
            (#""""#, .string("")), (#""a\/b""#, .string("a/b")), (#""é€😀""#, .string("é€😀")),
            (#""\"\\\b\f\n\r\t""#, .string("\"\\\u{8}\u{C}\n\r\t")),
            (#""\u00e9\u20AC\uD83D\uDE00\u0001""#, .string("é€😀\u{1}")),
            ("[]", .array([])), ("[ null , [ ] ]", .array([.null, .array([])])), ("{ }", .object(.empty)),
        ] as [(String, JSONValue)])
    func `reads a value`(text: String, expected: JSONValue) throws {
        #expect(try JSONReader.parse(Array(text.utf8)) == expected)
    }

    @Test func `keeps the order of fields`() throws {
        let object = try JSONReader.parseObject(Array(#"{"b": 1, "a": {"d": [], "c": null}, "": "x"}"#.utf8))
        #expect(object.fields.map(\.name) == ["b", "a", ""])
        #expect(object["a"] == .object(try #require(JSONObject([.init("d", .array([])), .init("c", .null)]))))
        #expect(object[""] == .string("x"))
        #expect(object["c"] == nil)
    }

    @Test(arguments: ["0", "-0", "200.10", "1e400", "-5", "1E+2", "123456789012345678901234567890", "0.1e-7"])
    func `keeps the digits of a number`(literal: String) throws {
        let value = try JSONReader.parse(Array(literal.utf8))
        #expect(value == .number(try #require(JSONNumber(literal))))
        guard case .number(let number) = value else { return }
        #expect(number.text == literal)
    }

    @Test(
        arguments: [
            ("", 0, .unexpectedEnd), (" ", 1, .unexpectedEnd), ("{", 1, .unexpectedEnd), ("[1,", 3, .unexpectedEnd),
            ("[1", 2, .unexpectedEnd), (#"{"a":1"#, 6, .unexpectedEnd), (#""abc"#, 4, .unexpectedEnd),
            (#""abc\"#, 5, .unexpectedEnd), ("tru", 3, .unexpectedEnd),
            ("1 2", 2, .trailingText), ("{}x", 2, .trailingText), ("null\0", 4, .trailingText),
            ("\u{FEFF}{}", 0, .byteOrderMark),
            ("NaN", 0, .unexpectedByte), ("Infinity", 0, .unexpectedByte), ("+1", 0, .unexpectedByte),
            (".5", 0, .unexpectedByte), ("True", 0, .unexpectedByte), ("nil", 1, .unexpectedByte),
            ("[1,]", 3, .unexpectedByte), ("{a:1}", 1, .unexpectedByte), (#"{"a" 1}"#, 5, .unexpectedByte),
            (#"{"a":1,}"#, 7, .unexpectedByte), (#"{"a":1;}"#, 6, .unexpectedByte), ("[1}", 2, .unexpectedByte),
            ("'a'", 0, .unexpectedByte), ("/**/1", 0, .unexpectedByte), ("\u{A0}1", 0, .unexpectedByte),
            ("01", 0, .malformedNumber), ("-", 0, .malformedNumber), ("-Infinity", 0, .malformedNumber),
            ("1.", 0, .malformedNumber), ("1e", 0, .malformedNumber), ("1e+", 0, .malformedNumber),
            ("[-01]", 1, .malformedNumber), ("1_0", 1, .trailingText), ("0x10", 1, .trailingText),
            ("\"a\u{1F}\"", 2, .controlCharacter), ("\"a\nb\"", 2, .controlCharacter),
            ("\"\\\\\t\"", 3, .controlCharacter), (#""ab\u0000""#, 3, .nulCharacter),
            (#"{"\u0000":1}"#, 2, .nulCharacter),
            (#""a\x""#, 2, .unknownEscape), (#""\u12""#, 1, .unknownEscape), (#""\u12G4""#, 1, .unknownEscape),
            ("\"\\\n\"", 1, .unknownEscape), (#""\u+123""#, 1, .unknownEscape),
            (#""\uD83D""#, 1, .loneSurrogate), (#""\uDE00""#, 1, .loneSurrogate),
            (#""x\uD83D\u0041""#, 2, .loneSurrogate),
            (#""\uD83D\n""#, 1, .loneSurrogate), (#""\uDE00\uD83D""#, 1, .loneSurrogate),
            (#"{"a":1, "b":2, "a":3}"#, 15, .duplicateName), (#"{"a":1, "\u0061":3}"#, 8, .duplicateName),
            (#"[{"x":{"a":1,"a":1}}]"#, 13, .duplicateName),
        ] as [(String, Int, JSONError.Reason)])
    func `says what is wrong and where`(text: String, offset: Int, reason: JSONError.Reason) {
        #expect(throws: JSONError(offset: offset, reason: reason)) { try JSONReader.parse(Array(text.utf8)) }
    }

    @Test(
        arguments: [
            ([0xFF], 1), ([0x61, 0xC3], 2), ([0xC0, 0xAF], 1), ([0x61, 0x62, 0xED, 0xA0, 0x80], 3),
            ([0xF4, 0x90, 0x80, 0x80], 1), ([0x5C, 0x6E, 0x80], 3),
        ] as [([UInt8], Int)])
    func `refuses bytes that are not UTF-8`(text: [UInt8], offset: Int) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError(offset: offset, reason: .invalidUTF8)) {
            try JSONReader.parse([quote] + text + [quote])
        }
    }

    @Test func `nests as deep as the limit and no deeper`() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)).utf8)
        }
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            _ = try JSONReader.parse(nested(Limits.jsonDepthMax, open, close))
            let tooDeep = JSONError(offset: Limits.jsonDepthMax * open.utf8.count, reason: .tooDeep)
            #expect(throws: tooDeep) { try JSONReader.parse(nested(Limits.jsonDepthMax + 1, open, close)) }
        }
        let shallow = "[" + String(repeating: "[],", count: 100) + "[]]"
        #expect(throws: Never.self) { try JSONReader.parse(Array(shallow.utf8)) }
    }

    @Test func `tells names apart by their bytes`() throws {
        let kelvin = try JSONReader.parseObject(Array(#"{"\#u{212A}": 1, "K": 2, "é": 3, "e\#u{301}": 4}"#.utf8))
        #expect(kelvin.fields.count == 4)
        #expect(kelvin["K"] == .number(JSONNumber(2)))
    }

    @Test(arguments: [15, 16, 17, 18, 40])
    func `finds a repeated name among many`(count: Int) {
        let fields = (0..<count).map { #""name\#($0)":0"# }
        #expect(throws: Never.self) { try JSONReader.parse(Array("{\(fields.joined(separator: ","))}".utf8)) }
        for repeated in [0, count / 2, count - 1] {
            let text = "{\((fields + [fields[repeated]]).joined(separator: ","))}"
            #expect { try JSONReader.parse(Array(text.utf8)) } throws: { ($0 as? JSONError)?.reason == .duplicateName }
        }
    }

    @Test func `reads an object of very many fields in time`() throws {
        let fields = (0..<100_000).map { #""name\#($0)":0"# }
        let text = Array("{\(fields.joined(separator: ","))}".utf8)
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try JSONReader.parseObject(text).fields.count == 100_000)
        #expect(clock.now - start < .seconds(20), "comparing every two names would take minutes")
    }

    @Test(arguments: ["[]", "1", #""{}""#, "null"])
    func `wants an object for a body`(text: String) {
        #expect(throws: JSONError(offset: 0, reason: .notAnObject)) { try JSONReader.parseObject(Array(text.utf8)) }
    }

    @Test func `tells a caller what is wrong with a body`() {
        let problem = JSONError(offset: 15, reason: .duplicateName).problem()
        #expect(problem.message == "The body is not a valid JSON object: a name that was given before at byte 15.")
        #expect(JSONError(offset: 0, reason: .unexpectedEnd).problem(in: "JSONString").field == "JSONString")
    }
}

@Suite struct `A JSON number` {
    @Test(arguments: [("200.10", 20_010, 2), ("0", 0, 0), ("999999999999999.999", 999_999_999_999_999_999, 3)])
    func `is an amount where it is plain`(text: String, unscaled: Int64, scale: Int) throws {
        let amount = try #require(JSONNumber(text)?.decimal)
        #expect(amount.unscaled == unscaled)
        #expect(amount.scale == scale)
    }

    @Test(arguments: ["-5", "1e2", "1e400", "1.2345", "1000000000000000"])
    func `is no amount where it is not`(text: String) throws {
        #expect(try #require(JSONNumber(text)).decimal == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("-12", -12), ("9223372036854775807", .max), ("9223372036854775808", nil), ("1.0", nil),
            ("1e2", nil),
        ] as [(String, Int64?)])
    func `is an integer where it has neither point nor exponent`(text: String, expected: Int64?) throws {
        #expect(try #require(JSONNumber(text)).integer == expected)
    }

    @Test(arguments: ["", " 1", "1 ", "01", "+1", "1.", ".5", "1e", "NaN", "0x1", "1,0", "١", "--1", "1\0"])
    func `is made of nothing else`(text: String) {
        #expect(JSONNumber(text) == nil)
    }
}
