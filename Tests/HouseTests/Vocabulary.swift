import Testing

/// Dialects are folders that know nothing of each other, so that one can be deleted by itself.
enum DialectWalls {
    static let dialects = [
        "ZohoAccounts", "ZohoBooks", "ZohoBilling", "ZohoPayments", "Zuora", "Native", "Console",
    ]

    /// Names of other dialects in the code of one.
    static func breaches(in file: SourceFile) -> [Breach] {
        guard file.path.hasPrefix("Sources/RefundHTTP/"), file.folders.count > 2 else { return [] }
        let home = file.folders[2]
        guard dialects.contains(home) else { return [] }
        return dialects.filter { $0 != home }.flatMap { other in
            // The folder's name, alone or at the head of a type's.
            Pattern(#"\b"# + other + #"(?![a-z])\w*"#).matches(in: file.code).map { match in
                let remedy = "\(home) names \(match.groups[0]): move what both need into a shared folder"
                return Breach(path: file.path, line: match.line, remedy: remedy)
            }
        }
    }
}

/// Vendor words live in one folder each; comments may name the source of a quirk.
enum VendorWords {
    static let dialects = ["zoho", "zuora"]

    /// Gateways and wallets: a dialect's own lists may name them too.
    static let gateways = ["stripe", "paypal", "payflow"]

    /// The program composes vendors and knows their names.
    static let free = ["Sources/refundry/"]

    /// Vendor words in code or literals outside a folder that is named for the vendor.
    static func breaches(in file: SourceFile) -> [Breach] {
        guard file.path.hasPrefix("Sources/"), !free.contains(where: file.path.hasPrefix) else { return [] }
        let folders = file.folders.map { $0.lowercased() }
        func isNamedFor(_ vendor: String) -> Bool { folders.contains { $0.contains(vendor) } }
        let foreign = dialects.contains(where: isNamedFor) ? dialects : dialects + gateways
        return foreign.filter { !isNamedFor($0) }.flatMap { vendor in
            Pattern(vendor, caseInsensitive: true).matches(in: file.codeAndLiterals).map { match in
                let remedy = "\(match.groups[0]) is a vendor's word: say it in its folder, and ours here"
                return Breach(path: file.path, line: match.line, remedy: remedy)
            }
        }
    }
}

/// Names that say what a thing is, and are nobody else's.
enum TypeNames {
    /// Words that say nothing of what a type is.
    static let emptyWords: Set<String> = [
        "Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Base", "Impl", "Default",
        "Defaults",
    ]

    /// Words of accounting that hold an empty word: an organization has a base currency.
    static let wordsOfTheTrade = ["BaseCurrency", "BaseAmount"]

    /// Names of types in the libraries we build on, and of our own modules.
    static let taken: Set<String> = [
        "Request", "Response", "Router", "Row", "Record", "Column", "Statement", "Database", "Service", "Logger",
        "Counter", "RefundDomain", "RefundStorage", "RefundGateways", "RefundService", "RefundHTTP", "RefundTesting",
        "CPostgres", "CZlib",
    ]

    private static let declaration = Pattern(
        #"^([ \t]*)(?:@[^\n]*[ \t])?(?:\w+[ \t]+)*?(?:struct|enum|class|actor|protocol|typealias)[ \t]+"#
            + #"(?!func\b|var\b|let\b|subscript\b)([A-Za-z_]\w*)"#)
    private static let word = Pattern("[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")

    /// Types and files whose name is empty or taken.
    static func breaches(in file: SourceFile) -> [Breach] {
        var breaches: [Breach] = []
        let stem = String(file.name.prefix { $0 != "." })
        if let empty = emptyWord(in: stem) {
            breaches.append(Breach(path: file.path, line: 1, remedy: "name the file for its type, without \(empty)"))
        }
        for match in declaration.matches(in: file.code) {
            let name = match.groups[2]
            if let empty = emptyWord(in: name) {
                let remedy = "\(name): \(empty) says nothing; name the type for what it is"
                breaches.append(Breach(path: file.path, line: match.line, remedy: remedy))
            }
            if match.groups[1].isEmpty, taken.contains(name), file.path.hasPrefix("Sources/") {
                let remedy = "\(name) is taken by a library or a module: add the word that tells ours apart"
                breaches.append(Breach(path: file.path, line: match.line, remedy: remedy))
            }
        }
        return breaches
    }

    private static func emptyWord(in name: String) -> String? {
        let rest = wordsOfTheTrade.reduce(name) { $0.replacing($1, with: "") }
        return word.matches(in: rest).map { $0.groups[0] }.first(where: emptyWords.contains)
    }
}

/// Who says which words.
@Suite struct Vocabulary {
    @Test func `No dialect names another`() {
        expectNone(of: SourceTree.current.swift(under: "Sources/RefundHTTP/").flatMap(DialectWalls.breaches))
    }

    @Test func `No vendor word stands outside its folder`() {
        expectNone(of: SourceTree.current.swift(under: "Sources/").flatMap(VendorWords.breaches))
    }

    @Test func `Types and files are named for what they are`() {
        expectNone(of: SourceTree.current.swift().flatMap(TypeNames.breaches))
    }

    @Test(arguments: [
        ("Zuora/Refunds.swift", "ZohoBooks.envelope(refund)", 1),
        ("ZohoBooks/Refunds.swift", "let page = ConsolePage()", 1),
        ("ZohoBooks/Refunds.swift", "let page = Native.page", 1),
        ("ZohoBooks/Refunds.swift", "let page = Natively()  // as Zuora does", 0),
        ("ZohoBooks/Refunds.swift", "ZohoBooks.envelope(\"Zuora\")", 0),
        ("Serving/Answer.swift", "Native.envelope", 0),
    ])
    func `A dialect that names another is caught`(path: String, line: String, breaches: Int) {
        let file = SourceFile(path: "Sources/RefundHTTP/\(path)", text: line)
        #expect(DialectWalls.breaches(in: file).count == breaches)
    }

    @Test(arguments: [
        ("RefundDomain/Refund/Refund.swift", "var zuoraState: Int", 1),
        ("RefundService/Failure.swift", "let scheme = \"Zoho-oauthtoken\"", 1),
        ("RefundGateways/Transport.swift", "let host = \"api.stripe.com\"", 1),
        ("RefundHTTP/Zuora/Zuora.swift", "let name = \"Zuora\"", 0),
        ("RefundHTTP/ZohoBooks/ZohoBooks.swift", "let scheme = \"Zoho-oauthtoken\"", 0),
        ("RefundGateways/PayPal/PayPalWire.swift", "let host = \"paypal.com\"", 0),
        ("RefundDomain/Refund/Refund.swift", "/// Zuora calls it Processed.\nvar state: Int", 0),
        ("refundry/Composition.swift", "let dialects = [Zuora()]", 0),
    ])
    func `A vendor word outside its folder is caught`(path: String, line: String, breaches: Int) {
        let file = SourceFile(path: "Sources/\(path)", text: line)
        #expect(VendorWords.breaches(in: file).count == breaches)
    }

    @Test(arguments: [
        ("RefundManager.swift", "", 1),
        ("Refund+Helpers.swift", "", 1),
        ("Gateway.swift", "package protocol GatewayBase: Sendable {}", 1),
        ("Gateway.swift", "    private final class DefaultGateway {}", 1),
        ("Gateway.swift", "@Suite struct JSONUtil {}", 1),
        ("Gateway.swift", "package struct Request {}", 1),
        ("Gateway.swift", "package enum RefundService {}", 1),
        ("Database+Refunds.swift", "package struct RefundDatabase {}\n    struct Row {}", 0),
        ("Currency.swift", "package struct BaseCurrency {}\nclass func helper() {}", 0),
    ])
    func `A name that says nothing is caught`(name: String, line: String, breaches: Int) {
        #expect(TypeNames.breaches(in: SourceFile(path: "Sources/\(name)", text: line)).count == breaches)
    }
}
