/// How many units of the base currency one unit of a foreign currency is worth, exactly as its source wrote it.
///
/// At most 18 digits, at most `Limits.rateFractionDigitsMax` of them behind the point, greater than zero.
package struct ExchangeRate: Hashable, Sendable {
    private let unscaled: Int64
    private let scale: Int

    /// The rate of a currency against itself.
    package static let one = ExchangeRate(unscaled: 1, scale: 0)

    private init(unscaled: Int64, scale: Int) {
        self.unscaled = unscaled
        self.scale = scale
    }

    /// Reads plain decimal text such as `83.2475`; nil for a sign, an exponent, zero, or more digits than fit.
    package init?(_ text: String) {
        var unscaled: Int64 = 0
        var digits = 0
        var fractionDigits: Int?
        for byte in text.utf8 {
            if byte == UInt8(ascii: "."), fractionDigits == nil, digits > 0 {
                fractionDigits = 0
                continue
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 18 else { return nil }
            digits += 1
            if let count = fractionDigits { fractionDigits = count + 1 }
            unscaled = unscaled * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        guard unscaled > 0, fractionDigits != 0, (fractionDigits ?? 0) <= Limits.rateFractionDigitsMax else {
            return nil
        }
        self.init(unscaled: unscaled, scale: fractionDigits ?? 0)
    }

    /// The decimal text that reads back as this rate.
    package var decimalText: String {
        var digits = String(unscaled)
        guard scale > 0 else { return digits }
        while digits.utf8.count <= scale { digits = "0" + digits }
        let point = digits.index(digits.endIndex, offsetBy: -scale)
        return digits[..<point] + "." + digits[point...]
    }

    /// The worth of an amount in the base currency: multiplied exactly, rounded half away from zero once, at the end.
    ///
    /// Throws `overflow` where the result does not fit.
    package func convert(_ amount: Money, to base: Currency) throws(MoneyError) -> Money {
        let product = Int128(amount.minorUnits.magnitude) * Int128(unscaled)
        let shift = scale + amount.currency.exponent - base.exponent
        let worth: Int128
        if shift >= 0 {
            let divisor = Int128(powerOfTen(shift))
            worth = (product + divisor / 2) / divisor
        } else {
            let (scaled, overflow) = product.multipliedReportingOverflow(by: Int128(powerOfTen(-shift)))
            guard !overflow else { throw .overflow }
            worth = scaled
        }
        guard let minorUnits = Int64(exactly: worth) else { throw .overflow }
        return Money(minorUnits: amount.minorUnits < 0 ? -minorUnits : minorUnits, currency: base)
    }
}
