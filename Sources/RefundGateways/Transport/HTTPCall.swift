/// One call to a gateway over HTTP, without the credential that goes with it.
package struct HTTPCall: Hashable, Sendable {
    /// How a gateway is asked: what does something, or what only reads.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    /// One header field.
    package struct Field: Hashable, Sendable {
        package let name: String
        package let value: String
    }

    package let method: Method
    /// What is asked for, in a few fixed words: a gateway's limits of calls go by it.
    package let endpoint: String
    package let url: String
    package let fields: [Field]
    package let body: [UInt8]

    package init(
        _ method: Method, _ endpoint: String, at url: String, fields: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.endpoint = endpoint
        self.url = url
        self.fields = fields.map { Field(name: $0.name, value: $0.value) }
        self.body = body
    }
}

/// A gateway's whole answer.
package struct HTTPReply: Hashable, Sendable {
    package let status: Int
    package let body: [UInt8]
    /// By their names in lower case; of several with one name the first.
    private let fields: [String: String]

    package init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.body = body
        self.fields = Dictionary(fields.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    }

    /// The value of a header field, whatever the case of its name.
    package func field(_ name: String) -> String? {
        fields[name.lowercased()]
    }
}

/// Why a call over HTTP has no answer.
package enum TransportError: Error, Hashable, Sendable {
    /// It was not sent: no connection came about.
    case notSent(String)
    /// It was not sent: its turn would not have come in time.
    case busy(String)
    /// It may have arrived.
    case lost(String)
}

/// Writes texts as the parts of an address or a form.
enum PercentEncoding {
    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// A text with every byte escaped that is not a letter, a digit or one of `-._~`.
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if plain.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Names and values as a form or a query carries them.
    static func form(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }
}
