import Crypto
import Foundation
package import RefundDomain

/// Seals secrets with AES-256-GCM, each bound to the place where it belongs.
///
/// A sealed form is `v1.<key>.<base64 of nonce, ciphertext and tag>`. The first key seals, all of them open: a new one
/// is put in front, what is stored is sealed again, and the old one is taken away.
package struct KeyRing: SecretVault {
    private let current: String
    private let keys: [String: SymmetricKey]

    /// Reads a key a line, `name:base64 of 32 bytes`; blank lines and those that begin with `#` are skipped.
    ///
    /// Throws `KeyRingMalformed` where a line is none, and where there is no line.
    package init(text: String) throws(KeyRingMalformed) {
        var keys: [String: SymmetricKey] = [:]
        var first: String?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let bytes = Data(base64Encoded: parts[1]), bytes.count == 32,
                parts[0].utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x7a ~= $0 || $0 == 0x2d }),
                keys[parts[0]] == nil
            else { throw KeyRingMalformed(line: index + 1) }
            keys[parts[0]] = SymmetricKey(data: bytes)
            first = first ?? parts[0]
        }
        guard let first else { throw KeyRingMalformed(line: 1) }
        current = first
        self.keys = keys
    }

    /// A line with a new random key.
    package static func newLine(named name: String) -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { "\(name):\(Data($0).base64EncodedString())" }
    }

    /// The sealed form of a secret.
    package func seal(_ secret: String, for place: SecretPlace) -> String {
        guard let key = keys[current],
            let box = try? AES.GCM.seal(Data(secret.utf8), using: key, authenticating: Data(place.text.utf8)),
            let combined = box.combined
        else { preconditionFailure("a key of 256 bits seals any text") }
        return "v1.\(current).\(combined.base64EncodedString())"
    }

    /// The secret in a sealed form; nil where the key is not here, the place another, or a bit changed.
    package func open(_ sealed: String, for place: SecretPlace) -> String? {
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == "v1", let key = keys[parts[1]], let bytes = Data(base64Encoded: parts[2]),
            let box = try? AES.GCM.SealedBox(combined: bytes),
            let secret = try? AES.GCM.open(box, using: key, authenticating: Data(place.text.utf8))
        else { return nil }
        return String(data: secret, encoding: .utf8)
    }

    /// Whether a sealed form was made by the first key.
    package func isCurrent(_ sealed: String) -> Bool { sealed.hasPrefix("v1.\(current).") }
}

/// A line of a key file that is no key.
package struct KeyRingMalformed: Error, Hashable, Sendable {
    /// Counts from 1.
    package let line: Int
}

extension SecretPlace {
    fileprivate var text: String { "\(organization)/\(gateway)/\(field)" }
}
