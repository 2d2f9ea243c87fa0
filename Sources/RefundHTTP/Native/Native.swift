import HTTPTypes
package import RefundDomain
package import RefundService

/// The program's own API, under `/refundry/v1`: a way in for data, and a way to decide.
///
/// It also answers requests that belong to no dialect.
package struct Native: Dialect {
    package let name = DialectName.native
    package let prefixes = ["/refundry/v1"]
    let operations: Operations
    private let admission: Admission

    /// What its tokens may carry.
    package enum Scope {
        package static let readRefunds = "refundry.refunds.read"
        package static let writeRefunds = "refundry.refunds.write"
        package static let readRecords = "refundry.records.read"
        package static let writeRecords = "refundry.records.write"
        package static let readSettings = "refundry.settings.read"
        package static let writeSettings = "refundry.settings.write"
        package static let all = [readRefunds, writeRefunds, readRecords, writeRecords, readSettings, writeSettings]
    }

    package init(operations: Operations) {
        self.operations = operations
        admission = Admission(operations)
    }

    package var routes: [Route] {
        [
            .get("/organization", scope: Scope.readSettings, showOrganization),
            .put("/organization", scope: Scope.writeSettings, putOrganization),
            .get("/gateways", scope: Scope.readSettings, listGateways),
            .put("/gateways/{name}", scope: Scope.writeSettings, putGateway),
            .post("/gateways/{name}/test", scope: Scope.writeSettings, testGateway),
            .get("/parties/{id}", scope: Scope.readRecords, showParty),
            .put("/parties/{id}", scope: Scope.writeRecords, putParty),
            .put("/payment_methods/{id}", scope: Scope.writeRecords, putPaymentMethod),
            .get("/payments/{id}", scope: Scope.readRecords, showPayment),
            .put("/payments/{id}", scope: Scope.writeRecords, putPayment),
            .get("/credit_notes/{id}", scope: Scope.readRecords, showCreditNote),
            .put("/credit_notes/{id}", scope: Scope.writeRecords, putCreditNote),
            .post("/refunds", scope: Scope.writeRefunds, requestRefund),
            .get("/refunds", scope: Scope.readRefunds, listRefunds),
            .get("/refunds/{id}", scope: Scope.readRefunds, showRefund),
            .get("/refunds/{id}/history", scope: Scope.readRefunds, showHistory),
            .post("/refunds/{id}/cancel", scope: Scope.writeRefunds, cancelRefund),
            .post("/refunds/{id}/check", scope: Scope.writeRefunds, checkRefund),
            .post("/refunds/{id}/retry", scope: Scope.writeRefunds, retryRefund),
            .post("/refunds/{id}/resolve", scope: Scope.writeRefunds, resolveRefund),
            .get("/exceptions", scope: Scope.readRefunds, listExceptions),
            .get("/exceptions/{id}", scope: Scope.readRefunds, showException),
            .post("/exceptions/{id}/resolve", scope: Scope.writeRefunds, resolveException),
            .post("/exceptions/{id}/reopen", scope: Scope.writeRefunds, reopenException),
        ]
    }

    /// The token's organization is the tenant: nothing else names one.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller {
        let caller = try await admission.caller(of: call, schemes: ["bearer"])
        guard caller.scopes.contains(scope) else { throw .denied(scope: scope) }
        return caller
    }
}
