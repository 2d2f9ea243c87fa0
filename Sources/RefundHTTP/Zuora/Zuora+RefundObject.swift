import RefundDomain

extension Zuora {
    /// A refund as it is shown: every known field is there, `null` where it is empty, in the order of the alphabet.
    ///
    /// Custom fields and those of the connector come last, and only where they were set.
    struct RefundObject {
        /// Where it stands: each place has its own few fields.
        enum Place {
            /// The answer to the request that made it.
            case issued
            /// The answer to a question about it.
            case retrieved
            case listed
        }

        private let view: RefundView
        private let place: Place
        private let annotations: Annotations
        private let state: GatewayState

        init(_ view: RefundView, _ place: Place) {
            self.view = view
            self.place = place
            annotations = Annotations(keptWith: view.refund)
            state = GatewayState(view.refund, view.payout)
        }

        /// Writes its fields, `success` among them, where it is the answer itself.
        func write(into body: inout JSONFields) {
            let refund = view.refund
            body.field("accountId", id(refund.party))
            body.field("amount", number: Amount.text(refund.amount))
            body.field("cancelledOn", cancelledOn)
            body.field("comment", refund.description.nonEmpty)
            body.field("createdById", RecordID.text(refund.createdBy, of: view.organization))
            body.field("createdDate", Timestamps.plain(refund.createdAt))
            body.field("creditMemoId", refund.creditNote.map(id))
            body.object("financeInformation", writeFinanceInformation)
            writeGateway(into: &body)
            body.field("id", id(refund.id))
            body.field("markedForSubmissionOn", markedForSubmissionOn)
            body.field("methodType", methodType?.rawValue)
            body.field("number", refund.number.description)
            if place != .issued { body.null("organizationLabel") }
            body.null("paymentGatewayNumber")
            body.field("paymentId", payment.map { id($0.id) })
            body.field("paymentMethodId", paymentMethod.map { id($0.id) })
            body.null("paymentMethodSnapshotId")
            body.field("paymentNumber", payment?.number.nonEmpty)
            body.null("payoutId")
            body.field("reasonCode", annotations.reasonCode ?? ReasonCode(refund.reason).text)
            body.field("referenceId", referenceID)
            body.field("refundDate", refund.effectiveOn.description)
            body.field("refundTransactionTime", refundTransactionTime)
            if place != .issued { body.null("refundTransactionType") }
            body.field("secondRefundReferenceId", annotations.text("secondRefundReferenceId"))
            body.field("settledOn", refund.settledAt.map { Timestamps.plain($0) })
            body.field("softDescriptor", annotations.text("softDescriptor"))
            body.field("softDescriptorPhone", annotations.text("softDescriptorPhone"))
            body.field("status", Status(refund.state).rawValue)
            body.field("submittedOn", submittedOn)
            if place != .listed { body.field("success", true) }
            body.field("type", RefundType(refund.channel).rawValue)
            body.field("updatedById", RecordID.text(refund.createdBy, of: view.organization))
            body.field("updatedDate", Timestamps.plain(refund.updatedAt))
            if place != .issued { body.null("writeOffResults") }
            for field in annotations.extraFields { body.field(field.name, field.value) }
        }

        private func writeFinanceInformation(into finance: inout JSONFields) {
            for account in ["bankAccount", "onAccount"] {
                finance.field("\(account)AccountingCode", annotations.finance("\(account)AccountingCode"))
                finance.null("\(account)AccountingCodeType")
            }
            finance.field("transferredToAccounting", annotations.finance("transferredToAccounting") ?? "No")
            finance.field(
                "unappliedPaymentAccountingCode", annotations.finance("unappliedPaymentAccountingCode"))
            finance.null("unappliedPaymentAccountingCodeType")
        }

        private func writeGateway(into body: inout JSONFields) {
            body.field("gatewayId", view.refund.channel.gateway?.text)
            body.null("gatewayReconciliationReason")
            body.null("gatewayReconciliationStatus")
            body.field("gatewayResponse", view.payout?.responseMessage.nonEmpty)
            body.field("gatewayResponseCode", view.payout?.responseCode.nonEmpty)
            body.field("gatewayState", state.rawValue)
        }
    }
}

// MARK: What a refund says by its state and its channel

extension Zuora.RefundObject {
    /// How the money is handed over; that of the payment or the payment method for an electronic refund.
    var methodType: Zuora.MethodType? {
        switch view.refund.channel {
        case .offline(let mode): Zuora.MethodType(mode)
        case .electronic: (view.method?.mode ?? view.payment?.mode).map(Zuora.MethodType.init)
        }
    }

    /// The payment that is refunded; a refund of a memo names the memo alone.
    private var payment: Payment? { view.refund.creditNote == nil ? view.payment : nil }

    private var paymentMethod: PaymentMethod? { view.refund.channel.isElectronic ? view.method : nil }

    /// The gateway's own reference for an electronic refund, the caller's for an external one.
    private var referenceID: String? {
        switch view.refund.channel {
        case .offline: view.refund.reference.nonEmpty
        case .electronic: view.payout?.gatewayReference.nonEmpty
        }
    }

    private var cancelledOn: String? {
        switch view.refund.state {
        case .canceled, .voided: Timestamps.plain(view.refund.updatedAt)
        case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown, .succeeded, .failed, .returned:
            nil
        }
    }

    private var markedForSubmissionOn: String? {
        view.refund.channel.isElectronic && state == .markedForSubmission ? created : nil
    }

    private var submittedOn: String? { state.isSubmitted ? created : nil }

    private var refundTransactionTime: String? {
        state.isSubmitted && Zuora.Status(view.refund.state) != .processing ? created : nil
    }

    private var created: String { Timestamps.plain(view.refund.createdAt) }

    private func id<Record>(_ id: Identifier<Record>) -> String {
        view.externalID(of: id) ?? Zuora.RecordID.text(id, of: view.organization)
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
