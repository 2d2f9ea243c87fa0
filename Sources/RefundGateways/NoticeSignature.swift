import Crypto
package import RefundDomain

/// The signature of a notice: `t=1700000000,v1=5257a8…`, the moment of signing in seconds and the HMAC-SHA256 of that
/// moment, a point and the body, in hexadecimal digits.
///
/// It is the form that Stripe has made common (docs.stripe.com/webhooks/signature). While secrets are being changed a
/// sender signs with both: one `v1` that fits is enough.
package struct NoticeSignature: Sendable {
    private let secrets: [SymmetricKey]

    package init(secrets: [String]) {
        self.secrets = secrets.map { SymmetricKey(data: Array($0.utf8)) }
    }

    /// The header's value for a body that is sent at a moment, signed with each secret.
    package func header(for body: [UInt8], at now: Instant) -> String {
        let signed = Self.signed(body, at: now.seconds)
        let codes = secrets.map { HMAC<SHA256>.authenticationCode(for: signed, using: $0).hexadecimal }
        return (["t=\(now.seconds)"] + codes.map { "v1=\($0)" }).joined(separator: ",")
    }

    /// Checks the header's value of a body that was received at a moment; codes are compared in constant time.
    ///
    /// Throws `NoticeRefusal.notGenuine` where there is none, where none fits, and where it was signed longer ago, or
    /// later, than `Limits.noticeAgeMax`: then somebody may be repeating what he has overheard.
    package func check(_ header: String?, of body: [UInt8], at now: Instant) throws(NoticeRefusal) {
        let parts = (header ?? "").split(separator: ",").map { $0.split(separator: "=", maxSplits: 1) }
        func values(_ name: String) -> [Substring] { parts.filter { $0.count == 2 && $0[0] == name }.map { $0[1] } }
        guard let seconds = values("t").first.flatMap({ Int64($0) }), seconds > 0 else {
            throw .notGenuine("it is not signed")
        }
        let signed = Self.signed(body, at: seconds)
        let isGenuine = values("v1").compactMap(Self.bytes).contains { code in
            secrets.contains { HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: $0) }
        }
        guard isGenuine else { throw .notGenuine("its signature does not fit") }
        let ageMax = Limits.noticeAgeMax.components.seconds
        guard (now.seconds - ageMax...now.seconds + ageMax).contains(seconds) else {
            throw .notGenuine("it was signed at another time")
        }
    }

    private static func signed(_ body: [UInt8], at seconds: Int64) -> [UInt8] {
        Array("\(seconds).".utf8) + body
    }

    /// The bytes of hexadecimal digits; nil for anything else.
    private static func bytes(_ digits: Substring) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count == 2 * SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
