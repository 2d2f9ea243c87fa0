import RefundDomain

/// Amounts as Stripe counts them, which is not always as ISO 4217 does (https://docs.stripe.com/currencies).
///
/// Every conversion is exact: what Stripe cannot express is not sent, and what we cannot express is not believed.
enum StripeAmount {
    /// Counted in whole units: `500` is 500 JPY.
    ///
    /// The ariary among them has two decimals in ISO 4217.
    private static let zeroDecimal: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ]

    /// Counted in hundredths for the sake of old integrations, though only whole units exist: `500` is 5 ISK.
    private static let wholeInHundredths: Set<String> = ["ISK", "UGX"]

    /// Counted in thousandths, the last digit of which has to be zero.
    private static let threeDecimal: Set<String> = ["BHD", "JOD", "KWD", "OMR", "TND"]

    /// How Stripe counts a currency.
    private struct Count {
        /// How many of Stripe's units are one of the currency's major units, as a power of ten.
        let exponent: Int
        /// What an amount that is sent has to be a multiple of.
        let step: Int64
    }

    /// Nil where Stripe says nothing of a currency that has not two decimals, such as IQD and LYD.
    private static func count(of currency: Currency) -> Count? {
        let code = currency.code
        if zeroDecimal.contains(code) { return Count(exponent: 0, step: 1) }
        if wholeInHundredths.contains(code) { return Count(exponent: 2, step: 100) }
        if threeDecimal.contains(code) { return Count(exponent: 3, step: 10) }
        return currency.exponent == 2 ? Count(exponent: 2, step: 1) : nil
    }

    /// The number that Stripe is sent for an amount; nil where it cannot take that amount.
    static func number(for money: Money) -> Int64? {
        guard let count = count(of: money.currency),
            let number = shifted(money.minorUnits, by: count.exponent - money.currency.exponent),
            number.isMultiple(of: count.step)
        else { return nil }
        return number
    }

    /// The amount that Stripe means by a number; nil where the currency is unknown, the number no amount of it, or the
    /// amount beyond any that a gateway moves.
    static func money(_ number: Int64, currency code: String) -> Money? {
        guard let currency = Currency(code.uppercased()), let count = count(of: currency),
            let minorUnits = shifted(number, by: currency.exponent - count.exponent),
            minorUnits.magnitude <= Limits.gatewayAmounts.upperBound.magnitude
        else { return nil }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    /// A number times a power of ten; nil where the result is not whole or does not fit.
    private static func shifted(_ number: Int64, by exponent: Int) -> Int64? {
        var number = number
        for _ in 0..<exponent.magnitude {
            if exponent > 0 {
                let (product, overflow) = number.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                number = product
            } else {
                guard number.isMultiple(of: 10) else { return nil }
                number /= 10
            }
        }
        return number
    }
}
