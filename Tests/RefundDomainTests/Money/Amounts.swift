import RefundDomain
import Testing

@Suite struct Amounts {
    @Test(
        arguments: [
            (20_000, "USD", "200.00"),
            (710, "USD", "7.10"),
            (-710, "USD", "-7.10"),
            (5, "USD", "0.05"),
            (-5, "USD", "-0.05"),
            (0, "USD", "0.00"),
            (500, "JPY", "500"),
            (-500, "JPY", "-500"),
            (0, "JPY", "0"),
            (1_250, "KWD", "1.250"),
            (5, "KWD", "0.005"),
            (-50, "KWD", "-0.050"),
            (.max, "USD", "92233720368547758.07"),
            (.min, "USD", "-92233720368547758.08"),
            (.max, "KWD", "9223372036854775.807"),
            (.min, "JPY", "-9223372036854775808"),
        ] as [(Int64, String, String)])
    func `are printed with all decimals of their currency`(minorUnits: Int64, code: String, text: String) {
        let amount = Money(minorUnits: minorUnits, currency: currency(code))
        #expect(amount.decimalText == text)
        #expect("\(amount)" == "\(text) \(code)")
    }

    @Test(
        arguments: [
            (20_000, "USD", 0...2, "200"),
            (2_000, "USD", 0...2, "20"),
            (710, "USD", 0...2, "7.1"),
            (-710, "USD", 0...2, "-7.1"),
            (1_000, "USD", 0...2, "10"),
            (10_000_000, "USD", 0...2, "100000"),
            (0, "USD", 0...2, "0"),
            (711, "USD", 0...2, "7.11"),
            (20_000, "USD", 1...2, "200.0"),
            (20_000, "USD", 3...3, "200.000"),
            (500, "JPY", 0...2, "500"),
            (500, "JPY", 2...2, "500.00"),
            (1_250, "KWD", 0...3, "1.25"),
            (1_250, "KWD", 2...2, "1.25"),
            (1_255, "KWD", 2...2, "1.255"),
            (1_255, "KWD", 0...0, "1.255"),
            (1_000, "KWD", 2...3, "1.00"),
            (.min, "USD", 0...2, "-92233720368547758.08"),
        ] as [(Int64, String, ClosedRange<Int>, String)])
    func `are cut to the decimals asked for, and never by a digit that counts`(
        minorUnits: Int64, code: String, digits: ClosedRange<Int>, text: String
    ) {
        #expect(Money(minorUnits: minorUnits, currency: currency(code)).decimalText(fractionDigits: digits) == text)
    }

    @Test(arguments: Currency.all)
    func `read back from either text as what they were`(currency: Currency) {
        forEachSeed(300) { random in
            let minorUnits = random.digits(atMost: Limits.amountWholeDigitsMax + currency.exponent)
            let amount = Money(minorUnits: minorUnits, currency: currency)
            for text in [amount.decimalText, amount.decimalText(fractionDigits: 0...currency.exponent)] {
                try demand(try DecimalAmount(text)?.money(in: currency) == amount, "\(minorUnits) printed \(text)")
            }
        }
    }

    @Test func `are printed as whole units and the rest`() {
        forEachSeed { random in
            let currency = random.currency()
            let minorUnits = random.number(in: .min ... .max)
            let unit: UInt64 = [1, 10, 100, 1_000][currency.exponent]
            let (whole, rest) = minorUnits.magnitude.quotientAndRemainder(dividingBy: unit)
            let fraction = currency.exponent == 0 ? "" : "." + String(String(unit + rest).dropFirst())
            let text = (minorUnits < 0 ? "-" : "") + "\(whole)" + fraction
            let printed = Money(minorUnits: minorUnits, currency: currency).decimalText
            try demand(printed == text, "\(minorUnits) of \(currency) printed \(printed)")
        }
    }

    @Test func `of one currency are added and subtracted, below zero too`() throws {
        #expect(try money("7.10 USD").adding(money("0.90 USD")) == money("8.00 USD"))
        #expect(try money("7.10 USD").subtracting(money("8.00 USD")).minorUnits == -90)
        #expect(try money("7.10 USD").negated().minorUnits == -710)
        #expect(try Money.zero(.jpy).negated() == .zero(.jpy))
    }

    @Test func `of two currencies are never mixed`() {
        let mismatch = MoneyError.currencyMismatch(.usd, .inr)
        #expect(throws: mismatch) { try money("1.00 USD").adding(money("1.00 INR")) }
        #expect(throws: mismatch) { try money("1.00 USD").subtracting(money("1.00 INR")) }
        #expect(money("1.00 USD") != money("1.00 INR"))
    }

    @Test func `beyond what fits are refused, not wrapped`() throws {
        let one = Money(minorUnits: 1, currency: .usd)
        let largest = Money(minorUnits: .max, currency: .usd)
        let smallest = Money(minorUnits: .min, currency: .usd)
        #expect(throws: MoneyError.overflow) { try largest.adding(one) }
        #expect(throws: MoneyError.overflow) { try smallest.subtracting(one) }
        #expect(throws: MoneyError.overflow) { try smallest.negated() }
        #expect(try largest.negated().minorUnits == -.max)
    }

    @Test(arguments: [(-1, false, false), (0, false, true), (1, true, false)] as [(Int64, Bool, Bool)])
    func `know whether they are something`(minorUnits: Int64, isPositive: Bool, isZero: Bool) {
        let amount = Money(minorUnits: minorUnits, currency: .inr)
        #expect(amount.isPositive == isPositive)
        #expect(amount.isZero == isZero)
    }
}
