import RefundDomain
import RefundService

extension ZohoBilling {
    /// Refunds of credit notes, and every other refund too once it is made: each has a note.
    struct CreditNoteRefunds: Sendable {
        let operations: Operations

        /// `POST /creditnotes/{creditnote_id}/refunds`.
        func create(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
            let note = try call.record(.creditNote, at: "creditnote_id", of: Vocabulary.dialect)
            let arguments = try await readArguments(
                try RefundArguments(of: call),
                on: try await operations.retrieveCreditNote(note, of: caller.organization, role: .customer))
            let request = try arguments.request(for: .creditNote(note, lines: []), call, caller)
            let document = try await RefundDocument(operations, for: caller)
            return try await answer(issuing: try await operations.requestRefund(request)) { document.saved($0) }
        }

        /// `GET /creditnotes/refunds/{refund_id}`.
        func retrieve(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
            let refund = try call.record(.refund, at: "refund_id", of: Vocabulary.dialect)
            let document = try await RefundDocument(operations, for: caller)
            return try await answer(
                try await operations.retrieveRefund(
                    refund, of: caller.organization, isShown: Self.isShown)
            ) { document.shown($0) }
        }

        /// What this API can make: refunds to customers, each of a note.
        @Sendable private static func isShown(_ view: RefundView) -> Bool {
            view.party.role == .customer && view.refund.creditNote != nil
        }
    }
}
