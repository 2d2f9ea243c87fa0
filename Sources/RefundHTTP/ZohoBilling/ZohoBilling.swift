import HTTPTypes
package import RefundDomain
package import RefundService

/// Zoho Billing v1, as far as it gives money back: every refund of it is the refund of a credit note.
package struct ZohoBilling: Dialect {
    package let name = Vocabulary.dialect
    package let prefixes = ["/billing/v1", "/subscriptions/v1"]
    private let admission: TenantAdmission
    private let creditNoteRefunds: CreditNoteRefunds
    private let paymentRefunds: PaymentRefunds

    package init(operations: Operations) {
        admission = TenantAdmission(operations, dialect: name, schemes: Vocabulary.tokenSchemes)
        creditNoteRefunds = CreditNoteRefunds(operations: operations)
        paymentRefunds = PaymentRefunds(operations: operations)
    }

    package var routes: [Route] {
        [
            .post(
                "/creditnotes/{creditnote_id}/refunds", scope: "ZohoSubscriptions.creditnotes.CREATE",
                creditNoteRefunds.create),
            .post("/payments/{payment_id}/refunds", scope: "ZohoSubscriptions.payments.CREATE", paymentRefunds.create),
            .get(
                "/creditnotes/refunds/{refund_id}", scope: "ZohoSubscriptions.creditnotes.READ",
                creditNoteRefunds.retrieve),
        ]
    }

    /// Token, then the organization that the header names, then scope.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller {
        try await admission.caller(of: call, tenant: call.headers[Vocabulary.tenantField], scope: scope)
    }
}
