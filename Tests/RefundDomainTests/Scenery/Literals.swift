import RefundDomain

extension Currency {
    static let inr = currency("INR")
    static let usd = currency("USD")
    static let jpy = currency("JPY")
    static let kwd = currency("KWD")
}

/// The currency with this code; a code that does not exist is a mistake of the test.
func currency(_ code: String) -> Currency { known(Currency(code), code) }

/// `200.00 INR`.
func money(_ text: String) -> Money {
    let parts = text.split(separator: " ").map(String.init)
    let amount = parts.count == 2 ? try? decimal(parts[0]).money(in: currency(parts[1])) : nil
    return known(amount, text)
}

/// `200.00`.
func decimal(_ text: String) -> DecimalAmount { known(DecimalAmount(text), text) }

/// `83.2475`.
func rate(_ text: String) -> ExchangeRate { known(ExchangeRate(text), text) }

/// `2024-08-20`.
func day(_ text: String) -> LocalDate { known(LocalDate(text), text) }

private func known<Value>(_ value: Value?, _ text: String) -> Value {
    guard let value else { preconditionFailure("a test is written with \(text), which cannot be read") }
    return value
}
