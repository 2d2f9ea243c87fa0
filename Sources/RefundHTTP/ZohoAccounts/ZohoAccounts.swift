import HTTPTypes
package import RefundDomain
package import RefundService

/// Zoho's accounts server, as far as programs need it: an access token for a refresh token, or for a client itself.
package struct ZohoAccounts: Dialect {
    package let name = Vocabulary.dialect
    package let prefixes = ["/oauth/v2"]
    private let tokens: Tokens

    /// `origin` is where callers reach the program, such as `https://refunds.example.com`: every answer tells it.
    package init(
        operations: Operations, origin: String,
        makeToken: @escaping @Sendable () -> String = ZohoAccounts.makeAccessToken
    ) {
        tokens = Tokens(operations: operations, origin: origin, makeToken: makeToken)
    }

    package var routes: [Route] { [.open(.post, "/token", tokens.issue)] }

    /// Nobody: whoever asks for a token has none yet.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller { throw .unauthenticated }
}

extension ZohoAccounts {
    /// A new access token of 256 random bits: `1000.`, 32 hexadecimal digits, a point, and 32 more.
    @Sendable package static func makeAccessToken() -> String {
        var generator = SystemRandomNumberGenerator()
        let halves = (0..<2).map { _ in (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) } }
        return "1000." + halves.map(\.hexadecimal).joined(separator: ".")
    }
}
