import HTTPTypes
package import RefundDomain
package import RefundService

/// Zoho's accounts server, as far as programs need it: an access token for a refresh token, or for a client itself.
package struct ZohoAccounts: Dialect {
    package let name = Vocabulary.dialect
    package let prefixes = ["/oauth/v2"]
    private let tokens: Tokens

    /// `drawSecret` makes what tokens are made of.
    package init(operations: Operations, drawSecret: @escaping @Sendable () -> [UInt8] = DrawnSecret.random) {
        tokens = Tokens(operations: operations, drawSecret: drawSecret)
    }

    package var routes: [Route] { [.open(.post, "/token", tokens.issue)] }

    /// Nobody: whoever asks for a token has none yet.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller { throw .unauthenticated }
}
