import RefundDomain
import RefundStorage

extension RecordWriter {
    /// The record that any of the identifiers is known for, or that it names by the program's own; nil where none is.
    ///
    /// Throws `conflict` where they stand for different records.
    func find(_ kind: RecordKind, _ externalIDs: ExternalIDs, at place: String) throws -> Int64? {
        var found: Int64?
        for (dialect, text) in externalIDs {
            guard
                let record = try session.record(kind, knownAs: text, to: dialect, of: organization.id)
                    ?? named(kind, text, in: dialect)
            else { continue }
            try require(found == nil || found == record, "its identifiers belong to different records", at: place)
            found = record
        }
        return found
    }

    /// Keeps the identifiers that are not known yet, save those that name the record already.
    func remember(_ kind: RecordKind, _ externalIDs: ExternalIDs, _ record: Int64) throws {
        for (dialect, text) in externalIDs.sorted(by: { $0.key.text < $1.key.text })
        where try session.record(kind, knownAs: text, to: dialect, of: organization.id) == nil
            && named(kind, text, in: dialect) == nil
        {
            try session.insertAlias(kind, text, in: dialect, for: record, of: organization.id)
        }
    }

    /// The record that a text names without having been brought: by the identifier that the program shows, or, to the
    /// program's own API, by an identifier of another (`dialect:identifier`).
    private func named(_ kind: RecordKind, _ text: String, in dialect: DialectName) throws -> Int64? {
        if let id = Int64(text) { return try own(kind, id) }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard dialect == .native, parts.count == 2, !parts[0].isEmpty else { return nil }
        return try session.record(kind, knownAs: parts[1], to: DialectName(parts[0]), of: organization.id)
    }

    /// The identifier of the record that one of the program's own stands for.
    private func own(_ kind: RecordKind, _ id: Int64) throws -> Int64? {
        switch kind {
        case .party: try session.party(PartyID(id), of: organization.id)?.id.value
        case .paymentMethod: try session.paymentMethod(PaymentMethodID(id), of: organization.id)?.id.value
        // It may be that of one that became one with another.
        case .payment: try session.payment(PaymentID(id), of: organization.id)?.id.value
        case .creditNote: try session.creditNote(CreditNoteID(id), of: organization.id)?.id.value
        case .refund: try session.refund(RefundID(id), of: organization.id)?.id.value
        // Lines are known by their notes, and exceptions are not brought.
        case .creditNoteLine, .exception: nil
        }
    }

    func party(_ reference: RecordReference, at place: String) throws -> PartyID {
        try located(at: place) { try session.locateParty(reference, of: organization.id).id }
    }

    func payment(_ reference: RecordReference, at place: String) throws -> Payment {
        try located(at: place) { try session.locatePayment(reference, of: organization.id) }
    }

    func note(_ reference: RecordReference, at place: String) throws -> CreditNote {
        try located(at: place) { try session.locateNote(reference, of: organization.id) }
    }

    func method(_ reference: RecordReference, at place: String) throws -> PaymentMethod {
        guard let id = try session.record(.paymentMethod, reference, of: organization.id),
            let method = try session.paymentMethod(PaymentMethodID(id), of: organization.id)
        else { throw missing(.paymentMethod, reference.text, at: place) }
        return method
    }

    /// The rate that a record carries: its own, or one for the organization's currency.
    ///
    /// Throws `conflict` for a foreign record without a rate: its worth would be a guess.
    func rate(_ rate: ExchangeRate?, of currency: Currency, at place: String) throws -> ExchangeRate {
        if let rate { return rate }
        try require(
            currency == organization.baseCurrency, "a record in \(currency) needs a rate to the base currency",
            at: place)
        return .one
    }

    func sum(_ amounts: [Money], _ currency: Currency, at place: String) throws -> Money {
        do {
            return try amounts.reduce(.zero(currency)) { (sum, amount) throws(MoneyError) in try sum.adding(amount) }
        } catch {
            throw conflict("its amounts do not add up in \(currency)", at: place)
        }
    }

    func require(_ condition: Bool, _ message: String, at place: String) throws {
        if !condition { throw conflict(message, at: place) }
    }

    func allowUpdate(_ condition: Bool, _ message: String, at place: String) throws {
        try require(updates, "it is there already with other content", at: place)
        try require(condition, message, at: place)
    }

    func conflict(_ message: String, at place: String) -> Failure {
        .conflict(place.isEmpty ? message : "\(place): \(message)")
    }

    private func located<T>(at place: String, _ find: () throws -> T) throws -> T {
        do {
            return try find()
        } catch Failure.notFound(let kind, let text) {
            throw missing(kind, text, at: place)
        }
    }

    private func missing(_ kind: RecordKind, _ text: String, at place: String) -> Failure {
        let field = place.isEmpty ? kind.rawValue : "\(place).\(kind.rawValue)"
        return .input([InputProblem(field: field, kind: .value("a \(kind.rawValue) that exists"))])
    }
}

extension Payment {
    /// Whether two payments of one charge are one: of the same party, with the same amount taken, and alike in all that
    /// never changes.
    func agrees(with other: Payment) -> Bool {
        balance.captured == other.balance.captured && isSame(asFixedPartsOf: other)
    }

    /// Whether all that may never be corrected is equal.
    func isSame(asFixedPartsOf other: Payment) -> Bool {
        party == other.party && mode == other.mode && charge == other.charge && method == other.method
            && currency == other.currency && rate == other.rate && receivedOn == other.receivedOn
    }
}

extension [PutCreditNote.Item] {
    /// Whether a note's lines are these items with their taxes, by name, amount and order.
    func isSame(as lines: [CreditNoteLine]) -> Bool {
        let brought = flatMap { item in
            [(item.name, item.amount.minorUnits, false)] + item.taxes.map { ($0.name, $0.amount.minorUnits, true) }
        }
        let stored = lines.map { ($0.name, $0.amount, $0.kind != .item) }
        return brought.count == stored.count && zip(brought, stored).allSatisfy { $0 == $1 }
    }
}
