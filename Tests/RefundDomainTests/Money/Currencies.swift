import Foundation
import RefundDomain
import Testing

@Suite struct Currencies {
    @Test(arguments: [
        (0, 16, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
        (3, 7, "BHD IQD JOD KWD LYD OMR TND"),
    ])
    func `with other than two decimals are these`(exponent: Int, count: Int, codes: String) {
        let found = Currency.all.filter { $0.exponent == exponent }
        #expect(found.map(\.code).joined(separator: " ") == codes)
        #expect(found.count == count)
    }

    @Test func `have two decimals otherwise`() {
        #expect(Currency.all.count { $0.exponent == 2 } == 134)
        #expect(Currency.all.count == 157)
    }

    @Test func `stand in one list each`() throws {
        let source = URL(filePath: #filePath)
            .deletingLastPathComponent().appending(path: "../../../Sources/RefundDomain/Money/Currency.swift")
        let text = try String(contentsOf: source, encoding: .utf8)
        let lists = try #require(text.split(separator: "codesByExponent: [Int: String] = [").last).prefix { $0 != "]" }
        let codes = lists.split { !$0.isUppercase }.map { String($0) }
        #expect(codes.sorted() == Currency.all.map(\.code))
    }

    @Test func `are found by their code`() {
        for currency in Currency.all {
            #expect(Currency(currency.code) == currency)
            #expect("\(currency)" == currency.code)
        }
        #expect(Currency.all.map(\.code) == Currency.all.map(\.code).sorted())
    }

    // What is no code of a currency, or of none that money is in: `XXX` is ISO 4217's code for no currency, `XTS` the
    // one for testing, `XAU` gold, `CLF` and `USN` units of account, and `HRK` was withdrawn.
    @Test(arguments: [
        "", "inr", "Inr", "IN", "INRX", " INR", "INR ", "XXX", "XTS", "XAU", "CLF", "USN", "HRK", "\u{20B9}", "$$$",
        "\u{406}NR", "123",
    ])
    func `that ISO 4217 does not list are none`(code: String) {
        #expect(Currency(code) == nil)
    }

    @Test(arguments: [("INR", "\u{20B9}"), ("USD", "$"), ("JPY", "\u{A5}"), ("EUR", "\u{20AC}"), ("KWD", "KWD")])
    func `are printed by their sign, or by their code`(code: String, symbol: String) {
        #expect(currency(code).symbol == symbol)
    }
}
