import RefundDomain
import Testing

@Suite struct `An amount as written` {
    @Test(
        arguments: [
            ("20", 20, 0),
            ("200.00", 20_000, 2),
            ("7.1", 71, 1),
            ("0", 0, 0),
            ("0.00", 0, 2),
            ("0.001", 1, 3),
            ("007.10", 710, 2),
            ("000000000000001", 1, 0),
            ("999999999999999", 999_999_999_999_999, 0),
            ("999999999999999.999", 999_999_999_999_999_999, 3),
        ] as [(String, Int64, Int)])
    func `is its digits and how many stand behind the point`(text: String, unscaled: Int64, scale: Int) {
        let amount = DecimalAmount(text)
        #expect(amount?.unscaled == unscaled)
        #expect(amount?.scale == scale)
        #expect(DecimalAmount(Array(text.utf8)) == amount)
    }

    @Test(arguments: [
        // Nothing, and blanks.
        "", " ", " 20", "20 ", "2 0", "\t20", "20\n", "\u{A0}20", "20\u{200B}", "\u{FEFF}20", "20\0",
        // Signs and exponents.
        "-20", "+20", "-0", "\u{2212}20", "1e3", "1E3", "1e400", "2.0e1", "1e-2",
        // A point without digits on both sides, or two of them.
        ".5", "5.", ".", "..", "1.2.3", "1..2", "20.00.",
        // Separators.
        "1,000", "1.000,00", "1,5", "1_0", "1'000", "1 000", "1\u{66B}5",
        // Digits of other scripts.
        "\u{662}\u{660}", "\u{6F2}\u{6F0}", "\u{968}\u{966}", "\u{FF12}\u{FF10}", "\u{BD}", "2\u{660}", "\u{1D7D0}",
        // Too many digits before the point, zeros among them, or behind it.
        "1234567890123456", "0000000000000001", "9999999999999999.99", "1.2345", "1.0000", "0.0001",
        // Words, other bases, decorations.
        "NaN", "nan", "Infinity", "inf", "-inf", "true", "null", "twenty", "0x14", "0b1", "20d", "20.0f", "1/2",
        "$20", "20 INR", "INR20", "20%", "\"20\"", "(20)",
    ])
    func `is refused in any other form`(text: String) {
        #expect(DecimalAmount(text) == nil)
    }

    @Test func `is refused where its bytes are no text at all`() {
        #expect(DecimalAmount([0x32, 0x30]) != nil)
        #expect(DecimalAmount([0x32, 0xFF]) == nil)
        #expect(DecimalAmount([0xB2, 0xB0]) == nil)
    }

    @Test(
        arguments: [
            ("500", "JPY", 500),
            ("500.0", "JPY", nil),
            ("500.00", "JPY", nil),
            ("20", "USD", 2_000),
            ("7.1", "USD", 710),
            ("200.00", "USD", 20_000),
            ("7.100", "USD", nil),
            ("7.001", "USD", nil),
            ("1", "KWD", 1_000),
            ("1.25", "KWD", 1_250),
            ("1.250", "KWD", 1_250),
            ("0.001", "KWD", 1),
            ("0.00", "USD", 0),
        ] as [(String, String, Int64?)])
    func `is exact in its currency, or too precise for it`(text: String, code: String, minorUnits: Int64?) throws {
        let currency = currency(code)
        if let minorUnits {
            #expect(try decimal(text).money(in: currency) == Money(minorUnits: minorUnits, currency: currency))
        } else {
            #expect(throws: MoneyError.tooPrecise(currency)) { try decimal(text).money(in: currency) }
        }
    }

    @Test func `is never too large for a currency`() throws {
        let largest = String(repeating: "9", count: Limits.amountWholeDigitsMax)
        for currency in Currency.all {
            let amount = try decimal(largest).money(in: currency)
            #expect(amount.decimalText(fractionDigits: 0...0) == largest, "\(currency)")
        }
    }
}
