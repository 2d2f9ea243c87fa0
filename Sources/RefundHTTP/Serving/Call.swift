import Crypto
package import HTTPTypes
package import RefundDomain
package import RefundService

/// One request as a dialect sees it: its path matched, its body there and inflated.
package struct Call: Sendable {
    package let method: HTTPRequest.Method
    /// The path as it was sent, without the query.
    package let path: String
    /// The values of the route's placeholders, percent-decoded; never empty.
    package let parameters: [String: String]
    package let query: [(name: String, value: String)]
    package let headers: HTTPFields
    /// Where callers reach the program, such as `https://refunds.example.com`.
    package let origin: String
    package let body: [UInt8]
    /// Of this request alone; in the log, and in the answers of dialects that send one.
    package let requestID: String

    package init(
        method: HTTPRequest.Method, path: String, parameters: [String: String] = [:],
        query: [(name: String, value: String)] = [], headers: HTTPFields = [:], origin: String = "http://localhost",
        body: [UInt8] = [],
        requestID: String
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.origin = origin
        self.body = body
        self.requestID = requestID
    }

    /// The first value of a query parameter; nil where it is absent.
    package func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The value of a placeholder of the route.
    ///
    /// Empty where the route has none such, which is a mistake of its list.
    package func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The body as a JSON object.
    ///
    /// Throws `Failure.input` for another content type, a text that is no JSON, and JSON that is no object.
    package func jsonObject() throws(Failure) -> JSONObject {
        let mediaType = (headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
        guard mediaType.trimmingBlanks == "application/json" else {
            throw .malformedBody("the content type is not application/json")
        }
        return try JSONObject(parsing: body)
    }

    /// The pairs of the body as a form.
    ///
    /// Throws `Failure.input` where it is badly encoded, and where a pair holds a NUL.
    package func formPairs() throws(Failure) -> [(name: String, value: String)] {
        guard let pairs = PercentEncoding.decodeQuery(String(decoding: body, as: UTF8.self)) else {
            throw .input([InputProblem(field: "", kind: .value("a form of percent-encoded UTF-8"))])
        }
        try Self.refuseNUL(in: pairs)
        return pairs
    }

    /// Whether the path and the query hold what can be stored and looked up: every text but one with a NUL.
    ///
    /// A header never holds one: it does not get through HTTP. Throws `Failure.input`.
    func checkTexts() throws(Failure) {
        try Self.refuseNUL(in: parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + query)
    }

    private static func refuseNUL(in pairs: [(name: String, value: String)]) throws(Failure) {
        let problems = pairs.filter { $0.name.utf8.contains(0) || $0.value.utf8.contains(0) }.map { pair in
            InputProblem(
                field: pair.name.utf8.contains(0) ? "query" : pair.name, kind: .value("free of the character U+0000"))
        }
        if !problems.isEmpty { throw .input(problems) }
    }

    /// What tells the same request from another: client, method, path and body.
    package func digest(of caller: Caller) -> String {
        var hash = SHA256()
        for part in ["\(caller.organization)", "\(caller.client)", method.rawValue, path] {
            hash.update(data: Array(part.utf8))
            hash.update(data: [0])
        }
        hash.update(data: body)
        return hash.finalize().hexadecimal
    }

    /// The `Idempotency-Key` of the request in a space of keys; nil where it brought none.
    ///
    /// Throws `Failure.input` for an empty one, and for one over 255 characters.
    package func idempotencyKey(in space: String, caller: Caller) throws(Failure) -> IdempotencyKey? {
        guard let key = headers[.idempotencyKey] else { return nil }
        guard !key.isEmpty else {
            throw .input([InputProblem(field: "Idempotency-Key", kind: .missing)])
        }
        guard key.unicodeScalars.count <= Limits.idempotencyKeyLengthMax else {
            throw .input([
                InputProblem(field: "Idempotency-Key", kind: .tooLong(max: Limits.idempotencyKeyLengthMax))
            ])
        }
        return IdempotencyKey(space: space, key: key, digest: digest(of: caller))
    }

    /// What the caller believes is left of the source before this refund; nil where it does not say.
    package func expectedRemaining() throws(Failure) -> DecimalAmount? {
        guard let text = headers[.expectedRemaining] else { return nil }
        guard let amount = DecimalAmount(text) else {
            throw .input([
                InputProblem(field: "Refundry-Expected-Remaining", kind: .value("an amount such as 200.00"))
            ])
        }
        return amount
    }
}

extension Failure {
    /// A body that cannot be read at all.
    package static func malformedBody(_ reason: String) -> Failure {
        .input([InputProblem(field: "", kind: .malformed(reason))])
    }
}

extension JSONObject {
    /// Reads a whole text as one object.
    ///
    /// Throws `Failure.input` with what is wrong and where.
    package init(parsing bytes: [UInt8]) throws(Failure) {
        guard !bytes.isEmpty else { throw .malformedBody("it is empty") }
        do throws(JSONError) {
            self = try JSONReader.parseObject(bytes)
        } catch {
            throw .input([error.problem()])
        }
    }
}

extension HTTPField.Name {
    /// Makes a request have one effect, however often it is sent.
    package static let idempotencyKey = fieldName("Idempotency-Key")
    /// What the caller believes is left of the source.
    package static let expectedRemaining = fieldName("Refundry-Expected-Remaining")

    /// A field name that is known to be well-formed.
    package static func fieldName(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return field
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits a byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension String {
    /// The text without blanks at its ends.
    package var trimmingBlanks: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

/// The SHA-256 of a secret, in hexadecimal digits: the form in which secrets are kept.
package func secretHash(_ secret: String) -> String {
    SHA256.hash(data: Array(secret.utf8)).hexadecimal
}
