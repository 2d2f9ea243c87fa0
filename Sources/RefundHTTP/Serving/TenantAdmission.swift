package import RefundDomain
package import RefundService

/// Admits callers of a dialect in which every call names its tenant: token, then tenant, then scope.
package struct TenantAdmission: Sendable {
    private let operations: Operations
    private let admission: Admission
    private let dialect: DialectName
    private let schemes: [String]

    /// `schemes` are the words before the token in the `Authorization` header, in lower case.
    package init(_ operations: Operations, dialect: DialectName, schemes: [String]) {
        self.operations = operations
        self.admission = Admission(operations)
        self.dialect = dialect
        self.schemes = schemes
    }

    /// The caller of a request that names a tenant; nil and the empty text are the same.
    ///
    /// Throws `unauthenticated`, then `foreignTenant` for another's tenant or for none, then `denied`.
    package func caller(of call: Call, tenant: String?, scope: String) async throws(Failure) -> Caller {
        let caller = try await admission.caller(of: call, schemes: schemes)
        guard let tenant, !tenant.isEmpty else { throw .foreignTenant(nil) }
        let organization = try await operations.organization(caller.organization)
        guard organization.isKnown(as: tenant, to: dialect) else { throw .foreignTenant(tenant) }
        guard caller.scopes.allows(scope) else { throw .denied(scope: scope) }
        return caller
    }
}
