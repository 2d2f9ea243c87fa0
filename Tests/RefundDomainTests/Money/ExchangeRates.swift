import RefundDomain
import Testing

@Suite struct `An exchange rate` {
    @Test(arguments: [
        ("1", "1"),
        ("83.2475", "83.2475"),
        ("0.0120", "0.0120"),
        ("1.0", "1.0"),
        ("0.000000000001", "0.000000000001"),
        ("999999999999999999", "999999999999999999"),
        ("999999.999999999999", "999999.999999999999"),
        ("007.5", "7.5"),
        ("00.5", "0.5"),
    ])
    func `is kept as its source wrote it`(text: String, printed: String) {
        #expect(ExchangeRate(text)?.decimalText == printed)
    }

    @Test(arguments: [
        "", " ", "0", "0.0", "0.000000000000", "-1", "+1", "1e3", ".5", "5.", "1.2.3", "1,5", "1_0", " 1", "1 ", "NaN",
        "\u{661}", "1000000000000000000", "0.0000000000001", "1234567890123456789", "1/83",
    ])
    func `is refused in any other form, and as nothing`(text: String) {
        #expect(ExchangeRate(text) == nil)
    }

    @Test func `reads back from its text`() {
        forEachSeed { random in
            let whole = random.digits(atMost: 6) + 1
            let fraction = String((0..<random.index(below: 13)).map { _ in random.element(of: Array("0123456789")) })
            let text = "\(whole)" + (fraction.isEmpty ? "" : "." + fraction)
            try demand(ExchangeRate(text)?.decimalText == text, "\(text)")
        }
    }

    @Test(arguments: [
        // The same decimals on both sides.
        ("200.00 USD", "83.2475", "16649.50 INR"),
        ("0.00 USD", "83.2475", "0.00 INR"),
        ("1.00 INR", "1", "1.00 INR"),
        // Exactly half rounds up, a little less does not.
        ("0.01 USD", "0.5", "0.01 INR"),
        ("0.01 USD", "0.499999999999", "0.00 INR"),
        ("0.03 USD", "0.5", "0.02 INR"),
        ("0.05 USD", "0.5", "0.03 INR"),
        ("1.00 USD", "83.245", "83.25 INR"),
        ("1.00 USD", "83.244999999999", "83.24 INR"),
        // More decimals in the base currency.
        ("1000 JPY", "0.5532", "553.20 INR"),
        ("1 JPY", "0.555", "0.56 INR"),
        ("1 JPY", "0.554", "0.55 INR"),
        ("1 JPY", "2", "2.000 KWD"),
        ("1 JPY", "0.0025", "0.003 KWD"),
        // Fewer decimals in the base currency.
        ("1.250 KWD", "3.2456", "4.06 USD"),
        ("0.001 KWD", "5", "0.01 USD"),
        ("0.001 KWD", "4.999999999999", "0.00 USD"),
        ("100.00 INR", "1.8075", "181 JPY"),
        ("0.500 KWD", "1", "1 JPY"),
        ("0.499 KWD", "1", "0 JPY"),
    ])
    func `converts exactly and rounds once, half away from zero`(amount: String, rate text: String, worth: String)
        throws
    {
        let amount = money(amount)
        let worth = money(worth)
        #expect(try rate(text).convert(amount, to: worth.currency) == worth)
        #expect(try rate(text).convert(amount.negated(), to: worth.currency) == worth.negated())
    }

    @Test func `is never further from the exact worth than half a minor unit`() {
        forEachSeed { random in
            let amount = Money(minorUnits: random.digits(atMost: 9), currency: random.currency())
            let base = random.currency()
            let unscaled = random.digits(atMost: 6) + 1
            let scale = random.index(below: 8)
            let text = Money.text(unscaled, scale: scale)
            let worth = try rate(text).convert(amount, to: base)
            // Both sides times ten to all the decimals there are, twice over.
            let exact = 2 * Int128(amount.minorUnits) * Int128(unscaled) * power(3 + base.exponent)
            let unit = power(3 + scale + amount.currency.exponent)
            let difference = 2 * Int128(worth.minorUnits) * unit - exact
            try demand(-unit < difference && difference <= unit, "\(amount) at \(text) gave \(worth)")
        }
    }

    @Test(arguments: [
        (Int64.max, "USD", "1.000000000001", "INR"),
        (Int64.max, "JPY", "1", "KWD"),
        (Int64.max, "JPY", "999999999999999999", "KWD"),
        (Int64.min, "USD", "2", "INR"),
        (922_337_203_685_478, "JPY", "100", "INR"),
    ])
    func `refuses a worth that does not fit`(minorUnits: Int64, code: String, text: String, base: String) {
        let amount = Money(minorUnits: minorUnits, currency: currency(code))
        #expect(throws: MoneyError.overflow) { try rate(text).convert(amount, to: currency(base)) }
    }

    @Test func `of one to one changes nothing, up to the largest amount`() throws {
        let largest = Money(minorUnits: .max, currency: .inr)
        #expect(try ExchangeRate.one.convert(largest, to: .inr) == largest)
        #expect(ExchangeRate.one == rate("1"))
    }

    private func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}

extension Money {
    /// Digits with a point so many places from their end.
    fileprivate static func text(_ unscaled: Int64, scale: Int) -> String {
        guard scale > 0 else { return String(unscaled) }
        let digits = String(repeating: "0", count: scale) + String(unscaled)
        let whole = String(digits.dropLast(scale)).drop { $0 == "0" }
        return (whole.isEmpty ? "0" : whole) + "." + digits.suffix(scale)
    }
}
