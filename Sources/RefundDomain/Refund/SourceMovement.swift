/// What a step of a refund moved on its sources, in minor units: positive where they gave, negative where they got
/// back.
///
/// The ledger follows it: a note's part is a debt to the customer that is settled, what went beyond payments and notes
/// is over-refunded, and the rest was given back without a document.
package struct SourceMovement: Hashable, Sendable {
    /// How much more or less of the note is drawn, by this refund and by others that lacked it.
    package var drawnOnNote: Int64
    /// How much more or less its payments and its note are over-refunded.
    package var overRefunded: Int64
    /// Of the refund's amount, what its note does not have now.
    package var lacking: Int64

    package init(drawnOnNote: Int64 = 0, overRefunded: Int64 = 0, lacking: Int64 = 0) {
        self.drawnOnNote = drawnOnNote
        self.overRefunded = overRefunded
        self.lacking = lacking
    }

    package static let none = SourceMovement()

    /// Of a refund that was asked of its sources first: they have all of it.
    init(of refund: Refund) {
        self.init(drawnOnNote: refund.creditNote == nil ? 0 : refund.amount.minorUnits)
    }
}

/// Sums over what holds of a note: its refunds that are under way or done.
package struct NoteUse: Hashable, Sendable {
    /// What they took in all.
    package let taken: Int64
    /// The part of it that no payment carries.
    package let unbacked: Int64
    /// What payments back of the note.
    package let backing: Int64

    package init(taken: Int64, unbacked: Int64, backing: Int64) {
        self.taken = taken
        self.unbacked = unbacked
        self.backing = backing
    }
}

extension CreditNote {
    /// What refunds took beyond the note and beyond the payments that back them.
    ///
    /// It is the unbacked amounts that find no room beside the backing; what exceeds the note beyond that is carried by
    /// the payments, as far as they carry refunds of it at all.
    package func overRefunded(by use: NoteUse) -> Int64 {
        let worth = state == .open ? balance.total - balance.applied : 0
        let beyond = max(0, use.taken - worth)
        let room = max(0, (state == .open ? balance.total : 0) - use.backing)
        return max(beyond - (use.taken - use.unbacked), min(beyond, max(0, use.unbacked - room)))
    }
}
