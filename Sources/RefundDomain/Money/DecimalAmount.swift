/// A decimal number exactly as a caller wrote it, before its currency is known.
///
/// A request names an amount, but the currency belongs to the payment or note that it addresses. Until that is
/// read, the amount is digits and a scale: `7.1` is 71 with scale 1, `200.00` is 20000 with scale 2.
package struct DecimalAmount: Hashable, Sendable {
    /// The digits without their point.
    package let unscaled: Int64

    /// How many of the digits stand behind the point, 0 to `Limits.amountFractionDigitsMax`.
    package let scale: Int

    /// Reads `^[0-9]{1,15}(\.[0-9]{1,3})?$` in ASCII, and nothing else.
    ///
    /// No sign, exponent, separator or blank passes: a gateway, a bank and a person must read the same number.
    package init?(_ text: some Sequence<UInt8>) {
        var unscaled: Int64 = 0
        var wholeDigits = 0
        var fractionDigits: Int?
        for byte in text {
            if byte == UInt8(ascii: "."), fractionDigits == nil, wholeDigits > 0 {
                fractionDigits = 0
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            if let digits = fractionDigits {
                guard digits < Limits.amountFractionDigitsMax else { return nil }
                fractionDigits = digits + 1
            } else {
                guard wholeDigits < Limits.amountWholeDigitsMax else { return nil }
                wholeDigits += 1
            }
            unscaled = unscaled * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        guard wholeDigits > 0, fractionDigits != 0 else { return nil }
        self.unscaled = unscaled
        self.scale = fractionDigits ?? 0
    }

    /// Reads the text form described at `init(_:)`.
    package init?(_ text: String) {
        self.init(text.utf8)
    }

    /// The amount in a currency, exactly.
    ///
    /// Throws `tooPrecise` where the text has more decimals than the currency, zeros included: a caller who writes
    /// `1.000` of a two-decimal currency has mistaken the currency or the separator, and is asked rather than guessed.
    package func money(in currency: Currency) throws(MoneyError) -> Money {
        guard scale <= currency.exponent else { throw .tooPrecise(currency) }
        let (minorUnits, overflow) = unscaled.multipliedReportingOverflow(by: powerOfTen(currency.exponent - scale))
        guard !overflow else { throw .overflow }
        return Money(minorUnits: minorUnits, currency: currency)
    }
}

/// Ten to a small power; `exponent` is 0 to 18.
func powerOfTen(_ exponent: Int) -> Int64 {
    var power: Int64 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
}
