import RefundDomain
import RefundGateways
import RefundHTTP
import RefundService
import RefundStorage

/// The data of `serve --demo`: the records that the reference documents print, under the token printed there.
struct Demo {
    /// The access token of the documents' examples; it carries every scope.
    static let token = "1000.41d9xxxxxxxxxxxxxxxxxxxxxxxxc2d1.8fccxxxxxxxxxxxxxxxxxxxxxxxx125f"
    static let clientID = "3f1c0a52-7d2e-4b6a-9c55-8e1f2a6b7c90"
    static let clientSecret = "refundry-demo-secret-0123456789abcdef"
    static let refreshToken = "1000.refundrydemorefresh00000000000001.refundrydemorefresh00000000000002"
    /// An access token that carries no scope: whatever it asks for is denied.
    static let powerlessToken = "1000.refundrydemopowerless0000000001.refundrydemopowerless0000000002"
    /// What the simulated gateway of the demo signs its notices with.
    static let noticeSecret = "refundry-demo-notices"
    /// The name of a gateway as a document prints it.
    static let gatewayLabel = "Paypal Payflowpro"

    static let organization = OrganizationID(1)

    /// Every scope that a dialect asks for.
    static let scopes = ScopeSet(
        [
            "ZohoBooks.fullaccess.all", "ZohoSubscriptions.fullaccess.all", "ZohoPay.refunds.ALL",
            "ZohoPay.payments.ALL", "zuora.refunds.read", "zuora.refunds.write",
        ] + Native.Scope.all)

    private let operations: Operations

    init(_ operations: Operations) {
        self.operations = operations
    }

    /// Makes the organization, its client and token, and takes over the documents' records and some hundred generated
    /// refunds of the last 90 days.
    ///
    /// Where the organization is there already, nothing is done.
    func load(now: Instant) async throws {
        guard try await operations.listOrganizations().allSatisfy({ $0.id != Self.organization }) else { return }
        try await loadDocuments()
        _ = try await operations.put(try GeneratedRefunds(until: now).batch, for: Self.organization)
    }

    /// Makes what the documents print, and nothing else.
    func loadDocuments() async throws {
        let organization = try await operations.putOrganization(
            Organization(
                id: Self.organization, name: "Refundry Demo", baseCurrency: try currency("INR"),
                timeZone: "Asia/Kolkata",
                tenants: [
                    DialectName("zoho_books"): ["123456789", "10234695"],
                    DialectName("zoho_billing"): ["10234695"], DialectName("zoho_payments"): ["23137556"],
                    DialectName("zuora"): ["demo"],
                ],
                settings: OrganizationSettings(defaultGateway: Composition.simulator)))
        let client = try await operations.createClient(
            named: "Demo", publicID: Self.clientID, secretHash: secretHash(Self.clientSecret), scopes: Self.scopes,
            of: organization.id)
        _ = try await operations.createToken(
            hash: secretHash(Self.token), purpose: .access, scopes: Self.scopes, lifetime: nil, for: client)
        _ = try await operations.createToken(
            hash: secretHash(Self.powerlessToken), purpose: .access, scopes: ScopeSet([]), lifetime: nil, for: client)
        _ = try await operations.createToken(
            hash: secretHash(Self.refreshToken), purpose: .refresh, scopes: Self.scopes, lifetime: nil, for: client)
        let documents = try LoadFile.read(PackageResources.documented_records_json)
        _ = try await operations.put(documents, for: organization.id)
    }

    private func currency(_ code: String) throws -> Currency {
        guard let currency = Currency(code) else { throw CommandFailure("no currency \(code)", exitCode: 70) }
        return currency
    }
}
