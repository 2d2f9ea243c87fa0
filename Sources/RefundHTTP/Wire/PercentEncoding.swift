import RefundDomain

/// Percent-encoded text, as paths, queries and forms carry it.
package enum PercentEncoding {
    /// A segment of a path, in which `+` stands for itself; nil for a bad escape and for what is no UTF-8.
    package static func decodePathComponent(_ text: String) -> String? {
        decode(text.utf8, plusIsBlank: false)
    }

    /// The pairs of a query or of a form, in their order; `+` stands for a blank.
    ///
    /// Pairs behind the first `Limits.formPairsMax`, and those without a name, are left out. Nil where one is badly
    /// encoded: it might be the one that matters.
    package static func decodeQuery(_ text: String) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for pair in text.utf8.split(separator: UInt8(ascii: "&")).prefix(Limits.formPairsMax) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0], plusIsBlank: true),
                let value = parts.count > 1 ? decode(parts[1], plusIsBlank: true) : ""
            else { return nil }
            if !name.isEmpty { pairs.append((name, value)) }
        }
        return pairs
    }

    /// Text that may stand in a query as one name or value.
    package static func encodeQueryComponent(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if byte.isUnreserved {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func decode(_ text: some Collection<UInt8>, plusIsBlank: Bool) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var bytes = text.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = bytes.next()?.hexadecimalValue, let low = bytes.next()?.hexadecimalValue else {
                    return nil
                }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsBlank:
                decoded.append(UInt8(ascii: " "))
            default:
                decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }
}

extension UInt8 {
    /// Whether a URL carries the byte as it is, everywhere (RFC 3986, section 2.3).
    fileprivate var isUnreserved: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) && self & 0x40 != 0
            || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(self)
    }
}
