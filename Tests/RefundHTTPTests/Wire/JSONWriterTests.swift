import RefundDomain
import RefundHTTP
import Testing

@Suite struct `A JSON writer` {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `writes fields in the order of the calls`() throws {
        let currency = try #require(Currency("INR"))
        let absent: String? = nil
        let body = JSONWriter.object { body in
            body.field("code", 0)
            body.field("message", "success")
            body.object("refund") { refund in
                refund.field("refund_id", "982000000567114")
                refund.field("amount", number: Money(minorUnits: 20_000, currency: currency).decimalText)
                refund.field("reference", absent)
                refund.null("reason")
                refund.array("tags") { tags in
                    tags.append("returned")
                    tags.append(7)
                    tags.append(number: "7.10")
                    tags.object { $0.field("is_open", false) }
                    tags.array { _ in }
                }
                refund.object("notes") { _ in }
            }
            body.field("count", Int64.min)
        }
        #expect(
            text(body) == """
                {"code":0,"message":"success","refund":{"refund_id":"982000000567114","amount":200.00,\
                "reference":null,"reason":null,"tags":["returned",7,7.10,{"is_open":false},[]],"notes":{}},\
                "count":-9223372036854775808}
                """)
    }

    @Test func `writes null for nil of every type`() {
        let body = JSONWriter.object { body in
            body.field("text", String?.none)
            body.field("integer", Int64?.none)
            body.field("count", Int?.none)
            body.field("bool", Bool?.none)
            body.field("number", number: nil)
        }
        #expect(text(body) == #"{"text":null,"integer":null,"count":null,"bool":null,"number":null}"#)
    }

    @Test(arguments: [
        ("a/b", #""a/b""#), ("", #""""#), ("\"\\", #""\"\\""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\0\u{1F}\u{10}\u{7F}", "\"\\u0000\\u001f\\u0010\u{7F}\""), ("é€😀\u{2028}", "\"é€😀\u{2028}\""),
        ("seven b\"", #""seven b\"""#), ("[", #""[""#),
    ])
    func `escapes what it must and nothing else`(value: String, expected: String) {
        #expect(text(JSONWriter.bytes(of: .string(value))) == expected)
        #expect(text(JSONWriter.object { $0.field(value, value) }) == "{\(expected):\(expected)}")
        #expect(text(JSONWriter.array { $0.append(value) }) == "[\(expected)]")
    }

    @Test func `puts a comma behind a text that ends in a bracket`() {
        let body = JSONWriter.array { list in
            for value in ["[", "{", ","] { list.append(value) }
        }
        #expect(text(body) == #"["[","{",","]"#)
    }

    @Test func `writes what was read as compactly as it can`() throws {
        let source =
            #" { "b" : [ 1.50 , -0 , 1E+2 , "\u00e9" ] , "a" : { } , "c" : { "x" : [ ] , "y" : [ null , true ] } } "#
        let object = try JSONReader.parseObject(Array(source.utf8))
        let compact = #"{"b":[1.50,-0,1E+2,"é"],"a":{},"c":{"x":[],"y":[null,true]}}"#
        #expect(text(JSONWriter.bytes(of: .object(object))) == compact)
        let echo = JSONWriter.object { echo in
            echo.field("first", true)
            echo.fields(of: object)
            echo.field("last", .object(object))
        }
        #expect(text(echo) == #"{"first":true,\#(compact.dropFirst().dropLast()),"last":\#(compact)}"#)
    }

    @Test func `writes the same bytes for the same calls`() {
        func body() -> [UInt8] {
            JSONWriter.object { body in
                for number in 0..<100 { body.field("field\(number)", number) }
            }
        }
        #expect(body() == body())
    }
}

@Suite struct `A JSON object` {
    @Test func `takes no name twice`() {
        #expect(JSONObject([.init("a", .null), .init("b", .null)])?.fields.count == 2)
        #expect(JSONObject([.init("a", .null), .init("a", .null)]) == nil)
        #expect(JSONObject.empty.fields.isEmpty)
    }
}
