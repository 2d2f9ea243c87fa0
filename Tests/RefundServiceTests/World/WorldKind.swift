import Foundation

/// What can be in a world or happen in its story; each kind can be switched off by itself.
enum WorldKind: String, CaseIterable, Sendable {
    // Records.
    case foreignCurrency, partialBacking, severalBackings, laterCapture, history, historyBeyondWhatIsLeft
    // Requests.
    case request, atOnce, race, repeatRequest, raisingNote, wrongLink, stranger
    // What people do with a refund.
    case cancel, resolve, resolvePending, resolveAmount, ask, retry
    // What a gateway does and tells.
    case decision, outOfBand, captureMore, dispute, inquiry, wrongAmount, lineDown
    /// A refund of history comes back.
    case historyReturned
    /// A gateway tells of a charge before its payment is put.
    case factsBeforeRecords
    /// A gateway tells of a charge that it made before the owner puts its payment.
    case chargeBeforeRecord
    /// More than a source has left: it is over-refunded.
    case overRefunding
    /// A refund that was failed, canceled or returned is pending again.
    case latePending
    /// A refund that succeeded is reported as canceled.
    case canceledAfterSuccess
    /// A refund that raised its own note succeeds after that note was voided.
    case lateSuccessOfRaisedNote
    /// A refund that nobody asked for here is told of while one of the same payment has no answer yet.
    case outOfBandWhileUnknown
    /// More than a note has goes out late, of which a part left unbacked before its payment came to back more of it.
    case lateOnGrownBacking
    // What the owner puts again.
    case putAgain, lowerCaptured, ownerDisputes, applyNote, voidNote
    case pass
    // What machines do.
    case lostCalls, death
    /// Another organization of the database has records of the same names.
    case neighbor
    /// A node's clock differs from the database's, by less or more than it may.
    case wrongClock
    /// A node has no room for calls of gateways.
    case fullQueue
    /// The database is put back to an earlier copy.
    case restore
}

extension WorldKind {
    /// What the program does not hold yet, each with the reason; nothing else decides what happens in a world.
    static let switchedOff: [WorldKind: String] = [
        .resolveAmount: "a refund is resolved with the amount that was asked",
        .wrongAmount: "another amount reported of a final refund is an exception, and changes nothing",
        .canceledAfterSuccess: "it is taken as returned, where the oracle knows no such step",
        .lateOnGrownBacking:
            "a payment comes to back what of a note has left unbacked, and the note then counts as over-refunded",
        .lateSuccessOfRaisedNote: "a note that was voided with its refund is not raised again",
    ]

    /// What is switched on; `REFUNDRY_WORLD_ON=dispute,latePending` tries what is off, `all` tries everything.
    static let enabled: Set<WorldKind> = {
        let names = ProcessInfo.processInfo.environment["REFUNDRY_WORLD_ON"]?.split(separator: ",").map(String.init)
        let tried = names == ["all"] ? allCases : names?.compactMap(WorldKind.init(rawValue:)) ?? []
        return Set(allCases).subtracting(switchedOff.keys).union(tried)
    }()
}
