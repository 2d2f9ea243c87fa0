package import RefundDomain
package import RefundService

/// Zoho Payments v1, as far as it gives money back: refunds of payments that a gateway took.
package struct ZohoPayments: Dialect {
    package let name = Vocabulary.dialect
    package let prefixes = ["/api/v1"]
    private let admission: TenantAdmission
    private let refunds: Refunds
    private let rate: CallRate

    package init(operations: Operations) {
        admission = TenantAdmission(operations, dialect: name, schemes: Vocabulary.tokenSchemes)
        refunds = Refunds(operations: operations)
        rate = CallRate(operations: operations)
    }

    package var routes: [Route] {
        [
            .post("/payments/{payment_id}/refunds", scope: "ZohoPay.refunds.CREATE", rate.bounding(refunds.create)),
            .get("/refunds/{refund_id}", scope: "ZohoPay.refunds.READ", rate.bounding(refunds.retrieve)),
        ]
    }

    /// Token, then the account that the query names, then scope.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller {
        try await admission.caller(of: call, tenant: call.queryValue("account_id"), scope: scope)
    }
}
