import RefundDomain
import RefundStorage

/// What a request addresses, found before its unit.
///
/// Identifiers, owners and currencies never change, so this may be read outside; what is left of a source is not looked
/// at here.
struct LocatedSource: Sendable {
    let currency: Currency
    let party: Party
    let creditNote: CreditNoteID?
    /// The payment that is refunded, or the one behind the note.
    let payment: Payment?
    /// What payments back of the note, in their order.
    let backing: [(row: NoteBacking, payment: Payment)]
    let method: PaymentMethod?
    /// The requested lines in order; nil where the note has none such.
    let requestedLines: [CreditNoteLineID?]
    /// The identifiers under which the asking dialect knows party, payment, note and method.
    let externalIDs: [Int64: String]

    /// What the unit locks first, and is ordered by.
    var lockKey: Int64 {
        backing.map(\.payment.id.value).min() ?? payment?.id.value ?? creditNote?.value ?? 0
    }

    /// Whether the refund may need a gateway: then a place for its call is kept free before it is accepted.
    func mayBeElectronic(_ way: RequestRefund.Way) -> Bool {
        switch way {
        case .offline: false
        case .method: true
        case .asTaken: payment?.charge != nil || backing.contains { $0.payment.charge != nil }
        }
    }

    /// By which road the money of the note goes back.
    func route(_ way: RequestRefund.Way, _ capabilities: [GatewayName: GatewayCapabilities]) -> NoteRoute {
        let payments = backing.map(\.payment)
        let charges: [PaymentID]
        switch way {
        case .offline: return .any
        case .asTaken: charges = payments.filter { $0.charge != nil }.map(\.id)
        case .method:
            guard let method, let able = capabilities[method.gateway] else { return .any }
            charges = payments.filter { method.chargeToGiveBack(of: $0, able) != nil }.map(\.id)
        }
        return charges.isEmpty ? .any : .charge(of: charges)
    }
}

extension Session {
    /// Finds what a command addresses.
    ///
    /// Throws `Failure.notFound` for a source or a method that the organization does not have.
    func locate(_ request: RefundRequest, in organization: Organization) throws -> LocatedSource {
        let command = request.command
        let id = organization.id
        switch command.source {
        case .payment(let reference, _):
            let payment = try locatePayment(reference, of: id, role: command.partyRole)
            let method =
                try locateMethod(command.way, of: id)
                ?? payment.method.flatMap { try paymentMethod($0, of: id) }
            return LocatedSource(
                currency: payment.currency, party: try owner(payment.party, of: id), creditNote: nil, payment: payment,
                backing: [], method: method, requestedLines: [],
                externalIDs: try externalIDs(
                    of: [payment.party.value, payment.id.value, method?.id.value].compactMap { $0 },
                    in: request.dialect, of: id))
        case .creditNote(let reference, let lines):
            let note = try locateNote(reference, of: id, role: command.partyRole)
            let payment = try note.payment.flatMap { try self.payment($0, of: id) }
            let backing = try backing(of: note.id, id)
            let method =
                try locateMethod(command.way, of: id)
                ?? payment?.method.flatMap { try paymentMethod($0, of: id) }
            return LocatedSource(
                currency: note.currency, party: try owner(note.party, of: id), creditNote: note.id, payment: payment,
                backing: backing, method: method,
                requestedLines: try lines.map { line in
                    try record(.creditNoteLine, line.reference, of: id).map(CreditNoteLineID.init)
                },
                externalIDs: try externalIDs(
                    of: [note.party.value, note.id.value, payment?.id.value, method?.id.value].compactMap { $0 },
                    in: request.dialect, of: id))
        }
    }

    /// What payments back of a note, with the payments as they stand.
    func backing(
        of note: CreditNoteID, _ organization: OrganizationID
    ) throws(StorageError) -> [(row: NoteBacking, payment: Payment)] {
        var backing: [(row: NoteBacking, payment: Payment)] = []
        for row in try backings(of: note, organization) {
            guard let payment = try payment(row.payment, of: organization) else { continue }
            backing.append((row, payment))
        }
        return backing
    }

    private func owner(_ id: PartyID, of organization: OrganizationID) throws(StorageError) -> Party {
        guard let party = try party(id, of: organization) else {
            throw StorageError(.corrupt, "a source has no party \(id)")
        }
        return party
    }

    /// The payment that a reference means; with a role, of such a party alone.
    ///
    /// Throws `Failure.notFound`.
    func locatePayment(
        _ reference: RecordReference, of organization: OrganizationID, role: Party.Role? = nil
    ) throws -> Payment {
        guard let id = try record(.payment, reference, of: organization),
            let payment = try payment(PaymentID(id), of: organization),
            try plays(role, payment.party, of: organization)
        else { throw Failure.notFound(.payment, reference.text) }
        return payment
    }

    private func plays(_ role: Party.Role?, _ party: PartyID, of organization: OrganizationID) throws -> Bool {
        guard let role else { return true }
        return try self.party(party, of: organization)?.role == role
    }

    /// The note that a reference means, by identifier or, where the dialect allows it, by number; with a role, of such
    /// a party alone.
    ///
    /// Throws `Failure.notFound`.
    func locateNote(
        _ reference: RecordReference, of organization: OrganizationID, role: Party.Role? = nil
    ) throws -> CreditNote {
        var note = try record(.creditNote, reference, of: organization)
            .flatMap { try creditNote(CreditNoteID($0), of: organization) }
        if note == nil, reference.mayBeNumber { note = try creditNote(number: reference.text, of: organization) }
        guard let note, try plays(role, note.party, of: organization) else {
            throw Failure.notFound(.creditNote, reference.text)
        }
        return note
    }

    private func locateMethod(
        _ way: RequestRefund.Way, of organization: OrganizationID
    ) throws -> PaymentMethod? {
        guard case .method(let reference, _) = way else { return nil }
        guard let id = try record(.paymentMethod, reference, of: organization),
            let method = try paymentMethod(PaymentMethodID(id), of: organization)
        else { throw Failure.notFound(.paymentMethod, reference.text) }
        return method
    }
}
