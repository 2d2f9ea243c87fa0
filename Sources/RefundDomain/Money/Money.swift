/// An exact amount of one currency, in its minor units.
///
/// Arithmetic never wraps and never traps: it throws `MoneyError.overflow`, and refuses to mix currencies.
package struct Money: Hashable, Sendable {
    /// Signed count of minor units: 20000 is 200.00 of a currency with two decimals, 200.00 × 1000 ÷ 100 of a three.
    package let minorUnits: Int64

    /// The ISO 4217 currency, which also says how many decimals the minor unit has.
    package let currency: Currency

    package init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Nothing of a currency.
    package static func zero(_ currency: Currency) -> Money {
        Money(minorUnits: 0, currency: currency)
    }

    package var isPositive: Bool { minorUnits > 0 }
    package var isZero: Bool { minorUnits == 0 }

    /// The sum of two amounts of one currency.
    package func adding(_ other: Money) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch(currency, other.currency) }
        let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
        guard !overflow else { throw .overflow }
        return Money(minorUnits: sum, currency: currency)
    }

    /// The difference of two amounts of one currency; it may be negative.
    package func subtracting(_ other: Money) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch(currency, other.currency) }
        let (difference, overflow) = minorUnits.subtractingReportingOverflow(other.minorUnits)
        guard !overflow else { throw .overflow }
        return Money(minorUnits: difference, currency: currency)
    }

    /// The same amount with the other sign.
    package func negated() throws(MoneyError) -> Money {
        try Money.zero(currency).subtracting(self)
    }

    /// As much of this amount as one other amount is of another, rounded half away from zero.
    ///
    /// `whole` is positive. Throws `overflow` where the result does not fit, and where the other two are not of one
    /// currency.
    package func part(_ part: Money, of whole: Money) throws(MoneyError) -> Money {
        guard part.currency == whole.currency else { throw .currencyMismatch(part.currency, whole.currency) }
        let product = Int128(minorUnits) * Int128(part.minorUnits)
        let divisor = Int128(whole.minorUnits)
        let rounded = (Int128(product.magnitude) + divisor / 2) / divisor
        guard let minorUnits = Int64(exactly: product < 0 ? -rounded : rounded) else { throw .overflow }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    /// The amount in major units with as many decimals as the currency has: `200.00`, `-7.10`, `500`, `1.250`.
    package var decimalText: String {
        decimalText(fractionDigits: currency.exponent...currency.exponent)
    }

    /// The amount in major units, with trailing zeros kept or cut to between the least and the most decimals asked for.
    ///
    /// The upper bound is a floor under what the currency needs: no digit that carries value is ever cut.
    package func decimalText(fractionDigits: ClosedRange<Int>) -> String {
        let magnitude = String(minorUnits.magnitude)
        let padding = max(0, currency.exponent + 1 - magnitude.utf8.count)
        let digits = Array(repeating: UInt8(ascii: "0"), count: padding) + Array(magnitude.utf8)
        var fraction = Array(digits.suffix(currency.exponent))
        while fraction.count > fractionDigits.lowerBound, fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        while fraction.count < fractionDigits.lowerBound { fraction.append(UInt8(ascii: "0")) }
        var text: [UInt8] = minorUnits < 0 ? [UInt8(ascii: "-")] : []
        text += digits.dropLast(currency.exponent)
        if !fraction.isEmpty { text += [UInt8(ascii: ".")] + fraction }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Money: CustomStringConvertible {
    package var description: String { "\(decimalText) \(currency)" }
}

/// Why an amount could not be computed or read.
package enum MoneyError: Error, Hashable, Sendable {
    /// Two currencies met in one sum.
    case currencyMismatch(Currency, Currency)
    /// The text has more decimals than the currency.
    case tooPrecise(Currency)
    /// The result does not fit `Int64` minor units.
    case overflow
}
