/// A currency of ISO 4217, with the number of decimals of its minor unit.
package struct Currency: Hashable, Sendable {
    /// Three upper-case ASCII letters, the first in the highest byte.
    private let packedCode: UInt32

    /// Decimals of the minor unit: 0 (JPY), 2 (USD) or 3 (KWD).
    package let exponent: Int

    private init(packedCode: UInt32, exponent: Int) {
        self.packedCode = packedCode
        self.exponent = exponent
    }

    /// Finds a currency by its alphabetic code, in upper case; nil where ISO 4217 lists none.
    package init?(_ code: String) {
        guard let packedCode = Self.pack(code), let known = Self.byCode[packedCode] else { return nil }
        self = known
    }

    /// The alphabetic code, such as `INR`.
    package var code: String {
        String(
            decoding: [packedCode >> 16, packedCode >> 8, packedCode].map { UInt8(truncatingIfNeeded: $0) },
            as: UTF8.self)
    }

    /// The sign that invoices print before an amount, or the code where no sign is in common use.
    package var symbol: String { Self.symbols[code] ?? code }

    /// Every currency known, in order of code.
    package static var all: [Currency] { byCode.values.sorted { $0.packedCode < $1.packedCode } }

    private static func pack(_ code: String) -> UInt32? {
        let letters = Array(code.utf8)
        guard letters.count == 3, letters.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            return nil
        }
        return letters.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static let byCode: [UInt32: Currency] = {
        var currencies: [UInt32: Currency] = [:]
        for (exponent, codes) in codesByExponent {
            for code in codes.split(separator: " ") {
                guard let packed = pack(String(code)) else { continue }
                currencies[packed] = Currency(packedCode: packed, exponent: exponent)
            }
        }
        return currencies
    }()

    /// ISO 4217, list one, as amended in 2025, without fund codes, metals and test codes.
    ///
    /// ANG and BGN were withdrawn in 2025 and 2026; payments taken in them may still be refunded.
    private static let codesByExponent: [Int: String] = [
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
        2: """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
        CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
        IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
        MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD \
        SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG \
        YER ZAR ZMW ZWG
        """,
        3: "BHD IQD JOD KWD LYD OMR TND",
    ]

    private static let symbols = [
        "AUD": "$", "BRL": "R$", "CAD": "$", "CNY": "¥", "EUR": "€", "GBP": "£", "HKD": "$", "ILS": "₪", "INR": "₹",
        "JPY": "¥", "KRW": "₩", "MXN": "$", "NGN": "₦", "NZD": "$", "PHP": "₱", "SGD": "$", "THB": "฿", "TRY": "₺",
        "UAH": "₴", "USD": "$", "VND": "₫", "ZAR": "R",
    ]
}

extension Currency: CustomStringConvertible {
    package var description: String { code }
}
