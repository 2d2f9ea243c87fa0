import RefundDomain
import Testing

@Suite struct `A refund number` {
    @Test(
        arguments: [
            (1, "R-00000001"),
            (26_201, "R-00026201"),
            (99_999_999, "R-99999999"),
            (100_000_000, "R-100000000"),
            (1_000_000_000_000_000, "R-1000000000000000"),
        ] as [(Int64, String)])
    func `is printed with eight digits or more, and reads back`(value: Int64, text: String) {
        #expect(RefundNumber(value).description == text)
        #expect(RefundNumber(text: text) == RefundNumber(value))
    }

    @Test(arguments: [
        "", "R-", "R-1", "R-0000001", "R-00000000", "R-000000001", "R-0100000000", "r-00000001", "P-00000001",
        "00000001", "R00000001", "R--0000001", "R-+0000001", "R- 0000001", " R-00000001", "R-00000001 ", "R-0000000a",
        "R-9223372036854775808", "R-99999999999999999999", "R-\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}\u{660}\u{661}",
    ])
    func `is refused in any other form`(text: String) {
        #expect(RefundNumber(text: text) == nil)
    }

    @Test func `is ordered by its value, not by its text`() {
        #expect(RefundNumber(99_999_999) < RefundNumber(100_000_000))
    }
}

@Suite struct `An identifier` {
    @Test func `is ordered and printed by its value`() {
        #expect(RefundID(9) < RefundID(10))
        #expect("\(RefundID(90_300_000_081_385))" == "90300000081385")
    }
}

@Suite struct `A set of scopes` {
    @Test(arguments: [
        ("refunds.READ", "refunds.READ"),
        ("b,a", "a,b"),
        ("b a,,a", "a,b"),
        (" , ", ""),
        ("", ""),
    ])
    func `is read by commas or blanks, and printed in order`(text: String, printed: String) {
        #expect(ScopeSet(text: text).text == printed)
        #expect(ScopeSet(text: printed) == ScopeSet(text: text))
    }

    @Test func `holds names as they are spelled`() {
        let scopes = ScopeSet(["refunds.READ", "refunds.CREATE"])
        #expect(scopes.contains("refunds.READ"))
        #expect(!scopes.contains("refunds.read"))
        #expect(scopes.allows(ScopeSet(["refunds.READ"])))
        #expect(!ScopeSet(["refunds.READ"]).allows(scopes))
    }

    @Test(arguments: [
        ("shop.refunds.READ", "shop.refunds.READ", true), ("shop.refunds.READ", "shop.refunds.CREATE", false),
        ("shop.refunds.ALL", "shop.refunds.READ", true), ("shop.refunds.ALL", "shop.payments.READ", false),
        ("shop.refunds.ALL", "other.refunds.READ", false), ("shop.refunds.READ", "shop.refunds.ALL", false),
        ("shop.fullaccess.all", "shop.refunds.READ", true), ("shop.FullAccess.All", "shop.refunds.READ", true),
        ("shop.fullaccess.all", "shop.FullAccess.all", true), ("shop.fullaccess.all", "other.refunds.READ", false),
        ("shop.refunds.all", "shop.refunds.READ", false), ("shop", "shop.refunds.READ", false),
    ])
    func `allows what a scope implies`(held: String, asked: String, isAllowed: Bool) {
        #expect(ScopeSet([held]).allows(asked) == isAllowed)
    }
}

@Suite struct `The settings of an organization` {
    private static let all = OrganizationSettings(
        refundWindowDays: 180, refundMinimumMinorUnits: 100, duplicateHold: .unknown,
        duplicateWindowSeconds: 5, duplicateWindowOfflineSeconds: 86_400,
        defaultGateway: GatewayName("simulator"), ofDialects: ["books.rounding": "none"])

    @Test(arguments: [OrganizationSettings(), all, OrganizationSettings(duplicateHold: .off)])
    func `read back from what is stored`(settings: OrganizationSettings) {
        #expect(OrganizationSettings(stored: settings.stored) == settings)
    }

    @Test(arguments: [
        ("refund_window_days", "-1"),
        ("refund_window_days", "ten"),
        ("refund_window_days", ""),
        ("refund_window_days", "None"),
        ("refund_window_days", "36501"),
        ("refund_window_days", "9223372036854775807"),
        ("refund_window_days", "9223372036854775808"),
        ("refund_minimum_minor_units", "0"),
        ("refund_minimum_minor_units", "-5"),
        ("refund_minimum_minor_units", "1.00"),
        ("duplicate_hold", "always"),
        ("duplicate_window", "-1"),
        ("duplicate_window", "none"),
        ("duplicate_window_offline", "86401"),
        ("refund_window", "10"),
        ("", ""),
    ])
    func `refuse a name or a text that means nothing, and stay as they were`(name: String, text: String) {
        var settings = Self.all
        let isSet = settings.set(name, to: text)
        #expect(!isSet)
        #expect(settings == Self.all)
        #expect(OrganizationSettings(stored: [name: text]) == nil)
    }

    @Test(arguments: [("0", 0), ("180", 180), ("36500", Limits.refundWindowDaysMax), ("none", nil)])
    func `let a payment be refunded for a hundred years at most, or for ever`(text: String, days: Int?) {
        var settings = OrganizationSettings(refundWindowDays: 7)
        let isSet = settings.set("refund_window_days", to: text)
        #expect(isSet)
        #expect(settings.refundWindowDays == days)
        #expect(OrganizationSettings(stored: settings.stored) == settings)
    }

    @Test func `say what an organization is known as to each dialect`() {
        var organization = Organization(
            id: OrganizationID(7), name: "Patel & Sons", baseCurrency: .inr, timeZone: "Asia/Kolkata")
        organization.tenants[.native] = ["7", "seven"]
        #expect(organization.isKnown(as: "seven", to: .native))
        #expect(!organization.isKnown(as: "8", to: .native))
        #expect(!organization.isKnown(as: "7", to: DialectName("another")))
    }
}
