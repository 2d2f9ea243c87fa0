import RefundDomain
import RefundStorage

extension RecordWriter {
    /// The record that any of the identifiers is known for; nil where none is.
    ///
    /// Throws `conflict` where they stand for different records.
    func find(_ kind: RecordKind, _ externalIDs: ExternalIDs, at place: String) throws -> Int64? {
        var found: Int64?
        for (dialect, text) in externalIDs {
            guard let record = try session.record(kind, knownAs: text, to: dialect, of: organization.id) else {
                continue
            }
            try require(found == nil || found == record, "its identifiers belong to different records", at: place)
            found = record
        }
        return found
    }

    /// Keeps the identifiers that are not known yet.
    func remember(_ kind: RecordKind, _ externalIDs: ExternalIDs, _ record: Int64) throws {
        for (dialect, text) in externalIDs.sorted(by: { $0.key.text < $1.key.text })
        where try session.record(kind, knownAs: text, to: dialect, of: organization.id) == nil {
            try session.insertAlias(kind, text, in: dialect, for: record, of: organization.id)
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
