import RefundDomain
import RefundTesting
import Testing

/// A story told to the oracle, with amounts as text and purses as `reserved/refunded/held/over-refunded/refundable`.
struct Story {
    var oracle: Oracle
    let currency: Currency

    /// Begins with the payment P, where `captured` says what it captured.
    init(currency: String = "USD", base: String? = nil, captured: String? = "100") throws {
        self.currency = try #require(Currency(currency))
        oracle = Oracle(base: try #require(Currency(base ?? currency)))
        if let captured { try put("P", captured) }
    }

    func money(_ text: String) throws -> Money {
        try #require(DecimalAmount(text)).money(in: currency)
    }

    func minor(_ text: String) throws -> Int64 {
        try money(text).minorUnits
    }

    func balance(_ amount: String, base: Int64? = nil) throws -> Oracle.Balance {
        Oracle.Balance(amount: try minor(amount), base: try base ?? minor(amount))
    }

    mutating func put(_ payment: String, _ captured: String) throws {
        try oracle.putPayment(payment, captured: money(captured))
    }

    mutating func note(_ name: String, _ total: String, _ backing: Oracle.Backing = .none) throws {
        try oracle.putNote(name, total: money(total), backing: backing)
    }

    /// Accepts an electronic refund and sends it; with a report, the gateway answers.
    mutating func refund(
        _ name: String, _ amount: String, of source: Oracle.Source = .payment("P"),
        by destination: Oracle.Destination = .charge(of: nil), _ report: Oracle.Report? = .succeeded
    ) throws {
        try oracle.accept(name, of: source, by: destination, amount: money(amount))
        try oracle.send(name)
        if let report { try oracle.report(report, of: name, at: 1) }
    }

    mutating func cash(_ name: String, _ amount: String, of source: Oracle.Source = .payment("P")) throws {
        try oracle.accept(name, of: source, by: .offline, amount: money(amount))
    }

    /// A refund whose outcome is indeterminate and that an operator resolves as failed.
    mutating func failByOperator(
        _ name: String, _ amount: String, of source: Oracle.Source = .payment("P"),
        by destination: Oracle.Destination = .charge(of: nil)
    ) throws {
        try refund(name, amount, of: source, by: destination, nil)
        try oracle.indeterminate(name)
        try oracle.resolve(name, succeeded: false)
    }

    mutating func outOfBand(_ name: String, _ amount: String, _ report: Oracle.Report = .succeeded) throws {
        oracle.outOfBand(name, on: "P", amount: try money(amount), report, at: 1)
    }

    mutating func dispute(_ stage: Oracle.DisputeStage, _ claim: String? = nil, at moment: Int64) throws {
        oracle.dispute("D", on: "P", stage, claim: try claim.map(money), at: moment)
    }

    mutating func captures(_ amount: String) throws {
        oracle.gatewayCaptured(try money(amount), on: "P")
    }

    /// What is left where the request is refused; a request that is accepted fails the test.
    func left(
        refusing amount: String, of source: Oracle.Source = .payment("P"),
        by destination: Oracle.Destination = .charge(of: nil)
    ) throws -> String {
        var story = self
        let money = try money(amount)
        #expect(!oracle.mayAccept(money, of: source, by: destination))
        do {
            try story.oracle.accept("refused", of: source, by: destination, amount: money)
        } catch {
            guard case .tooMuch(let left) = error else { throw error }
            #expect(oracle.largestAcceptable(of: source, by: destination) == left)
            #expect(left.isZero || oracle.mayAccept(left, of: source, by: destination))
            return text(left.minorUnits)
        }
        return "accepted"
    }

    func purse(_ payment: String = "P") throws -> String {
        let purse = try #require(oracle.purse(of: payment))
        return [purse.reserved, purse.refunded, purse.held, purse.overRefunded, purse.refundable]
            .map(text).joined(separator: "/")
    }

    /// A note as `left/over-refunded/unbacked part left`, then what each payment still backs.
    func note(_ name: String = "N") throws -> String {
        let balance = try #require(oracle.balance(of: name))
        let amounts = [balance.left, balance.overRefunded, balance.unbackedLeft].map(text).joined(separator: "/")
        return balance.backingLeft.reduce(amounts) { "\($0) \($1.payment) \(text($1.amount))" }
    }

    var ledger: Oracle.LedgerPosition { oracle.ledger(in: currency) }

    private func text(_ minorUnits: Int64) -> String {
        Money(minorUnits: minorUnits, currency: currency).decimalText(fractionDigits: 0...0)
    }
}
