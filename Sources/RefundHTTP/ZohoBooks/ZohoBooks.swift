package import RefundDomain
package import RefundService

/// Zoho Books v3, as far as it tells of refunds: what went back to a contact, whichever way it was made.
package struct ZohoBooks: Dialect {
    package let name = Vocabulary.dialect
    package let prefixes = ["/books/v3", "/api/v3"]
    private let admission: TenantAdmission
    private let contactRefunds: ContactRefunds

    package init(operations: Operations) {
        admission = TenantAdmission(operations, dialect: name, schemes: Vocabulary.tokenSchemes)
        contactRefunds = ContactRefunds(operations: operations)
    }

    package var routes: [Route] {
        [.get("/contacts/{contact_id}/refunds", scope: "ZohoBooks.contacts.READ", contactRefunds.list)]
    }

    /// Token, then the organization that the query names, then scope.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller {
        try await admission.caller(of: call, tenant: call.queryValue("organization_id"), scope: scope)
    }
}
