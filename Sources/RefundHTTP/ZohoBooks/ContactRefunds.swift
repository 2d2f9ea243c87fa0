import HTTPTypes
import RefundDomain
import RefundService

extension ZohoBooks {
    /// The refunds of a contact: issued to a customer, or received from a vendor.
    struct ContactRefunds: Sendable {
        let operations: Operations

        /// `GET /contacts/{contact_id}/refunds`.
        func list(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
            let contact = try call.record(.party, at: "contact_id", of: Vocabulary.dialect)
            let page = try await readArguments(
                try RequestedPage(of: call), on: try await operations.retrieveParty(contact, of: caller.organization))
            return try await answer(
                try await operations.listContactRefunds(
                    of: contact, in: Vocabulary.shownStates, offset: page.offset, limit: page.rows,
                    of: caller.organization)
            ) { write($0, of: contact.text, on: page) }
        }

        private func write(_ found: RefundPage, of contact: String, on page: RequestedPage) -> Reply {
            .json(.ok) { body in
                body.field("code", 0)
                body.field("message", "success")
                body.array("refunds") { refunds in
                    for view in found.refunds { refunds.object { write(view, of: contact, into: &$0) } }
                }
                if page.isNamed { body.object("page_context") { write(page, hasMore: found.hasMore, into: &$0) } }
            }
        }

        private func write(_ view: RefundView, of contact: String, into refund: inout JSONFields) {
            refund.field("refund_id", view.decimalID(of: view.refund.id))
            refund.field("contact_id", contact)
            refund.field("customer_name", view.party.name)
            refund.field("date", view.refund.effectiveOn.description)
            refund.field("refund_mode", Vocabulary.refundMode(of: view.refund.channel))
            refund.field("reference_number", view.refund.reference)
            refund.field("amount", number: Vocabulary.number(view.refund.amount))
            refund.field("status", Vocabulary.status(of: view.refund.state))
            refund.field("description", view.refund.description)
        }

        private func write(_ page: RequestedPage, hasMore: Bool, into context: inout JSONFields) {
            context.field("page", Int64(page.number))
            context.field("per_page", Int64(page.rows))
            context.field("has_more_page", hasMore)
            context.field("report_name", "Credit Notes Refund")
            context.field("sort_column", "date")
            context.field("sort_order", "D")
        }
    }

    /// The page that a request asks for; the first one of the largest size where it asks for none.
    private struct RequestedPage {
        let number: Int
        let rows: Int
        /// Whether the request spoke of pages at all: only then does the answer.
        let isNamed: Bool

        var offset: Int { (number - 1) * rows }

        /// Throws `Failure.input` for a size over `Limits.pageRowsMax`, and for a page that begins behind
        /// `Limits.pageOffsetMax`.
        init(of call: Call) throws(Failure) {
            rows = try call.wholeNumber("per_page", in: 1...Limits.pageRowsMax) ?? Limits.pageRowsMax
            number = try call.wholeNumber("page", in: 1...Limits.pageOffsetMax / rows + 1) ?? 1
            isNamed = call.queryValue("page") != nil || call.queryValue("per_page") != nil
        }
    }
}
