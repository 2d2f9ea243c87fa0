import RefundDomain
import RefundHTTP
import RefundService
import Testing

private enum Mode: String, CaseIterable {
    case cash
    case cheque
}

@Suite struct `A field reader` {
    private func reader(_ text: String) throws -> FieldReader {
        FieldReader(try JSONReader.parseObject(Array(text.utf8)))
    }

    private func problem(_ field: String, _ kind: InputProblem.Kind) -> InputProblem {
        InputProblem(field: field, kind: kind)
    }

    @Test func `reads what is right without a problem`() throws {
        var fields = try reader(
            """
            {"text": "Møller", "amount": 200.10, "written": "7.1", "mode": "cheque", "kind": "External",
            "day": "2024-02-29", "open": false, "count": -3, "list": [1], "nested": {"key": "x"},
            "lines": [{"id": "1"}, {"id": "2"}]}
            """)
        #expect(fields.requiredText("text", maxLength: 6) == "Møller")
        #expect(fields.requiredDecimal("amount", accepting: .number) == DecimalAmount("200.10"))
        #expect(fields.decimal("written", accepting: .numberOrText) == DecimalAmount("7.1"))
        #expect(fields.choice("mode", among: Mode.self) == .cheque)
        #expect(fields.requiredChoice("kind", among: [("Electronic", 1), ("External", 2)]) == 2)
        #expect(fields.date("day") == LocalDate("2024-02-29"))
        #expect(fields.bool("open") == false)
        #expect(fields.integer("count") == -3)
        #expect(fields.array("list", maxCount: 1) == [.number(JSONNumber(1))])
        let object = fields.object("nested")
        var nested = try #require(object)
        #expect(nested.text("key", maxLength: 1) == "x")
        #expect(fields.objects("lines", maxCount: 2).map { $0.value("id") } == [.string("1"), .string("2")])
        #expect(fields.problems.isEmpty)
        try fields.finish()
    }

    @Test(arguments: ["{}", #"{"x": null}"#])
    func `reads absent and null alike as nil`(text: String) throws {
        var fields = try reader(text)
        #expect(fields.text("x", maxLength: 1) == nil)
        #expect(fields.decimal("x", accepting: .number) == nil)
        #expect(fields.choice("x", among: Mode.self) == nil)
        #expect(fields.date("x") == nil)
        #expect(fields.bool("x") == nil)
        #expect(fields.integer("x") == nil)
        #expect(fields.array("x", maxCount: 1) == nil)
        #expect(fields.object("x") == nil)
        #expect(fields.objects("x", maxCount: 1).isEmpty)
        #expect(fields.problems.isEmpty)
        #expect(fields.requiredText("x", maxLength: 1) == nil)
        #expect(fields.requiredDecimal("x", accepting: .number) == nil)
        #expect(fields.requiredChoice("x", among: [("a", 1)]) == nil)
        #expect(fields.problems == Array(repeating: problem("x", .missing), count: 3))
    }

    @Test func `gathers problems in the order asked`() throws {
        var fields = try reader(#"{"c": 1, "a": "xxx", "b": [], "d": {"e": [{"f": "y"}, 2]}}"#)
        _ = fields.text("a", maxLength: 2)
        _ = fields.requiredText("z", maxLength: 2)
        _ = fields.bool("b")
        let object = fields.object("d")
        var nested = try #require(object)
        for var entry in nested.objects("e", maxCount: 9) {
            _ = entry.date("f")
            nested.take(problemsOf: entry)
        }
        fields.take(problemsOf: nested)
        fields.refuseUnknown(except: ["a", "b", "d"])
        fields.problem("a", .duplicate)
        #expect(
            fields.problems.map(\.field) == ["a", "z", "b", "d.e[1]", "d.e[0].f", "c", "a"])
        #expect(throws: Failure.input(fields.problems)) { try fields.finish() }
    }

    @Test(
        arguments: [
            ("0", .value("greater than zero")), ("0.00", .value("greater than zero")),
            (#""0""#, .value("greater than zero")),
            ("1.0001", .tooPrecise(decimals: 3)), (#""1.0000""#, .tooPrecise(decimals: 3)),
            ("-5", .value("an amount such as 200.00")), ("1e2", .value("an amount such as 200.00")),
            ("1e400", .value("an amount such as 200.00")), ("1000000000000000", .value("an amount such as 200.00")),
            (#""-5""#, .value("an amount such as 200.00")), (#""1,000""#, .value("an amount such as 200.00")),
            (#"" 5""#, .value("an amount such as 200.00")), (#""٥""#, .value("an amount such as 200.00")),
            (#""NaN""#, .value("an amount such as 200.00")), (#""""#, .value("an amount such as 200.00")),
            (#""1_0""#, .value("an amount such as 200.00")), (#""-1.2345""#, .value("an amount such as 200.00")),
            ("true", .type("a number, or a number as text")), ("[5]", .type("a number, or a number as text")),
            ("{}", .type("a number, or a number as text")),
        ] as [(String, InputProblem.Kind)])
    func `takes no amount that could be misread`(value: String, kind: InputProblem.Kind) throws {
        var fields = try reader(#"{"amount": \#(value)}"#)
        #expect(fields.requiredDecimal("amount", accepting: .numberOrText) == nil)
        #expect(fields.problems == [problem("amount", kind)])
    }

    @Test func `takes an amount as text only where asked to`() throws {
        var fields = try reader(#"{"amount": "200.00"}"#)
        #expect(fields.decimal("amount", accepting: .number) == nil)
        #expect(fields.problems == [problem("amount", .type("a number"))])
    }

    @Test func `takes zero only where asked to`() throws {
        var fields = try reader(#"{"amount": 0.00, "negative": -0}"#)
        #expect(fields.decimalOrZero("amount", accepting: .number)?.unscaled == 0)
        #expect(fields.decimalOrZero("negative", accepting: .number) == nil)
        #expect(fields.problems.map(\.field) == ["negative"])
    }

    @Test(arguments: [
        #"{"x": 7}"#, #"{"x": "7"}"#, #"{"x": true}"#, #"{"x": "true"}"#, #"{"x": [7]}"#, #"{"x": {"y": 7}}"#,
        #"{"x": 1.5}"#,
    ])
    func `never takes one type for another`(text: String) throws {
        let object = try JSONReader.parseObject(Array(text.utf8))
        let value = try #require(object["x"])
        func accepts(_ read: (inout FieldReader) -> Bool) -> Bool {
            var fields = FieldReader(object)
            let isRead = read(&fields)
            #expect(isRead == fields.problems.isEmpty)
            return isRead
        }
        let isText = if case .string = value { true } else { false }
        let isNumber = if case .number = value { true } else { false }
        #expect(accepts { $0.text("x", maxLength: 9) != nil } == isText)
        #expect(accepts { $0.decimal("x", accepting: .number) != nil } == isNumber)
        #expect(accepts { $0.integer("x") != nil } == (value == .number(JSONNumber(7))))
        #expect(accepts { $0.bool("x") != nil } == (value == .bool(true)))
        #expect(accepts { $0.array("x", maxCount: 9) != nil } == (value == .array([.number(JSONNumber(7))])))
        #expect(!accepts { $0.date("x") != nil })
        #expect(!accepts { $0.choice("x", among: Mode.self) != nil })
    }

    @Test func `counts the code points of a text`() throws {
        var fields = try reader(#"{"flags": "🇩🇰🇩🇰", "accents": "e\u0301e\u0301", "long": "abcde"}"#)
        #expect(fields.text("flags", maxLength: 4) != nil)
        #expect(fields.text("accents", maxLength: 4) != nil)
        #expect(fields.text("long", maxLength: 4) == nil)
        #expect(fields.text("flags", maxLength: 3) == nil)
        #expect(fields.problems == [problem("long", .tooLong(max: 4)), problem("flags", .tooLong(max: 3))])
    }

    @Test func `lists the words that are allowed`() throws {
        var fields = try reader(#"{"mode": "CASH", "empty": "", "type": 1}"#)
        #expect(fields.choice("mode", among: Mode.self) == nil)
        #expect(fields.choice("empty", among: [("a", 1), ("b", 2)]) == nil)
        #expect(fields.choice("type", among: Mode.self) == nil)
        #expect(
            fields.problems == [
                problem("mode", .value("one of cash, cheque")), problem("empty", .value("one of a, b")),
                problem("type", .type("a text")),
            ])
    }

    @Test(arguments: [#""2023-02-29""#, #""10/11/2024""#, #""2024-11-10T00:00:00""#, #""""#, "20241110"])
    func `takes no date that is none`(value: String) throws {
        var fields = try reader(#"{"date": \#(value)}"#)
        #expect(fields.date("date") == nil)
        #expect(fields.problems.map(\.field) == ["date"])
    }

    @Test func `bounds a list`() throws {
        var fields = try reader(#"{"list": [1, 2, 3]}"#)
        #expect(fields.array("list", maxCount: 3)?.count == 3)
        #expect(fields.array("list", maxCount: 2) == nil)
        #expect(fields.objects("list", maxCount: 2).isEmpty)
        #expect(fields.problems == Array(repeating: problem("list", .tooMany(max: 2)), count: 2))
    }

    @Test func `refuses what nobody knows`() throws {
        var fields = try reader(#"{"amount": 1, "region__c": 2, "amuont": 3, "": 4}"#)
        fields.refuseUnknown(except: ["amount"]) { $0.hasSuffix("__c") }
        #expect(fields.problems == [problem("amuont", .unknown), problem("", .unknown)])
    }

    @Test func `asks for a required text that is empty`() throws {
        var fields = try reader(#"{"a": "", "b": ""}"#)
        #expect(fields.text("a", maxLength: 1) == "")
        #expect(fields.requiredText("b", maxLength: 1) == nil)
        #expect(fields.problems == [problem("b", .missing)])
    }

    @Test func `gathers a bounded number of problems, its own and those of others`() throws {
        let names = (0..<Limits.inputProblemsMax + 1).map { "\"a\($0)\": 1" }.joined(separator: ",")
        var fields = try reader("{\(names)}")
        var others = fields
        others.refuseUnknown(except: ["a0", "a1"])
        #expect(others.problems.count == Limits.inputProblemsMax - 1)
        fields.problem("first", .missing)
        fields.problem("second", .missing)
        fields.take(problemsOf: others)
        #expect(fields.problems.count == Limits.inputProblemsMax)
        fields.problem("last", .missing)
        #expect(fields.problems.count == Limits.inputProblemsMax)
        #expect(fields.problems.first == problem("first", .missing))
    }
}

@Suite struct `An input problem` {
    @Test(
        arguments: [
            (.malformed("an early end at byte 7"), "The field a.b is not a valid JSON object: an early end at byte 7."),
            (.missing, "The field a.b is missing."), (.unknown, "The field a.b is unknown."),
            (.type("a number"), "The field a.b must be a number."),
            (.value("greater than zero"), "The field a.b must be greater than zero."),
            (.tooLong(max: 5), "The field a.b must have at most 5 characters."),
            (.tooMany(max: 5), "The field a.b must have at most 5 entries."),
            (.tooPrecise(decimals: 3), "The field a.b must have at most 3 decimals."),
            (.duplicate, "The field a.b is given more than once."),
        ] as [(InputProblem.Kind, String)])
    func `is one plain sentence`(kind: InputProblem.Kind, message: String) {
        #expect(InputProblem(field: "a.b", kind: kind).message == message)
    }

    @Test func `speaks of the body where no field is named`() {
        #expect(InputProblem(field: "", kind: .missing).message == "The body is missing.")
    }
}
