import RefundDomain

extension ZohoAccounts {
    /// The words of Zoho's accounts server, and ours.
    enum Vocabulary {
        static let dialect = DialectName("zoho_accounts")

        /// The dialect that knows the organizations of a service, by the service's name in lower case.
        static let dialectsByService = [
            "zohobooks": DialectName("zoho_books"), "zohosubscriptions": DialectName("zoho_billing"),
            "zohobilling": DialectName("zoho_billing"), "zohopay": DialectName("zoho_payments"),
        ]

        /// The form of an access token: `1000.`, 32 hexadecimal digits, a point, and 32 more.
        static func token(of secret: [UInt8]) -> String {
            let digits = secret.hexadecimal
            return "1000.\(digits.prefix(32)).\(digits.dropFirst(32))"
        }
    }

    /// `grant_type`, as far as it is served.
    enum Grant: String {
        case refreshToken = "refresh_token"
        case clientCredentials = "client_credentials"
    }

    /// An organization as one service knows it.
    struct Tenant {
        let dialect: DialectName
        let id: String

        /// Reads `{service}.{organization}`, such as `ZohoBooks.123456789`; nil for anything else.
        init?(soid: String) {
            let parts = soid.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, let dialect = Vocabulary.dialectsByService[parts[0].lowercased()] else {
                return nil
            }
            self.dialect = dialect
            self.id = parts[1]
        }
    }
}
