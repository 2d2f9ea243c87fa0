import RefundDomain
import RefundHTTP
import Testing

@Suite struct `Percent encoding` {
    @Test(
        arguments: [
            ("CN-26", "CN-26"), ("a+b", "a+b"), ("a%20b", "a b"), ("%c3%A9", "é"), ("%2F", "/"), ("", ""), ("é", "é"),
            ("%25%32%30", "%20"), ("100%", nil), ("%2", nil), ("%2G", nil), ("%+1", nil), ("%C3", nil), ("%FF", nil),
            ("%ED%A0%80", nil), ("%C0%AF", nil),
        ] as [(String, String?)])
    func `decodes a segment of a path`(text: String, expected: String?) {
        #expect(PercentEncoding.decodePathComponent(text) == expected)
    }

    @Test(arguments: [
        ("a=1&b=2", ["a=1", "b=2"]), ("b=2&a=1&b=3", ["b=2", "a=1", "b=3"]), ("", []), ("&&a=1&", ["a=1"]),
        ("a", ["a="]), ("a=", ["a="]), ("=1", []), ("a=b=c", ["a=b=c"]), ("a+b=c+d", ["a b=c d"]),
        ("a%3Db=%26%2B", ["a=b=&+"]), ("n=%C3%A9", ["n=é"]), ("%00=%00", ["\0=\0"]),
        ("JSONString=%7B%22amount%22%3A200.10%7D", [#"JSONString={"amount":200.10}"#]),
    ])
    func `decodes a query in its order`(text: String, expected: [String]) {
        #expect(PercentEncoding.decodeQuery(text)?.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test(arguments: ["a=%zz&b=1", "%FF=1&b=1", "b=1&a=%", "b=1&%2", "=%C3"])
    func `does not decode a query in which a pair is badly encoded`(text: String) {
        #expect(PercentEncoding.decodeQuery(text) == nil)
    }

    @Test func `reads a bounded number of pairs`() {
        let text = (0..<Limits.formPairsMax * 2).map { "a\($0)=1" }.joined(separator: "&")
        #expect(PercentEncoding.decodeQuery(text)?.count == Limits.formPairsMax)
    }

    @Test(arguments: [
        ("AZaz09-._~", "AZaz09-._~"), ("a b", "a%20b"), ("é/&=+%@[`{", "%C3%A9%2F%26%3D%2B%25%40%5B%60%7B"),
    ])
    func `encodes all but the unreserved`(text: String, expected: String) {
        #expect(PercentEncoding.encodeQueryComponent(text) == expected)
    }

    @Test func `decodes what it encodes`() {
        let text = String(String.UnicodeScalarView((0...0x3FF).compactMap(Unicode.Scalar.init) + ["😀"]))
        let encoded = PercentEncoding.encodeQueryComponent(text)
        #expect(PercentEncoding.decodePathComponent(encoded) == text)
        #expect(PercentEncoding.decodeQuery("\(encoded)=\(encoded)")?.map(\.value) == [text])
    }
}
