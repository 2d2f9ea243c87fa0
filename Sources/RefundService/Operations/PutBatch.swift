package import RefundDomain
import RefundStorage

extension Operations {
    /// Puts records in one unit: all of them, or, where one is wrong, none.
    ///
    /// Throws `conflict` and `input` with the place of the first record that is wrong.
    package func put(
        _ batch: RecordBatch, for id: OrganizationID
    ) async throws(Failure) -> [PutResult] {
        let organization = try await organization(id)
        let now = surroundings.now()
        let today = calendar.day(of: now, in: organization.timeZone)
        let entries = batch.entries
        let updates = batch.updates
        return try await attempt(report: report) {
            let gateways = try await roster.gateways(of: id, named: batch.gatewaysOfCharges)
            return try await withIdentifiers(for: batch.recordsMax, at: now) { identifiers in
                try await store.write(for: id) { [calendar] session in
                    var writer = RecordWriter(
                        session: session, organization: organization, now: now, today: today, updates: updates,
                        identifiers: identifiers, calendar: calendar, gateways: gateways)
                    let results = try entries.map { try writer.put($0.entry, at: $0.place) }
                    try writer.finish()
                    return results
                }
            }
        }
    }

    /// Runs a unit with as many identifiers as records may be new; those not needed are gaps.
    ///
    /// Where more is found than was drawn for, it runs again with more.
    func withIdentifiers<T>(
        for records: Int, at now: Instant, _ unit: ([Int64]) async throws -> T
    ) async throws -> T {
        var reserve = 0
        for _ in 0..<Limits.decisionsRepeatedMax {
            var drawn: [Int64] = []
            for _ in 0..<records + reserve {
                let next: Identifier<Organization> = try await identifiers.next(at: now)
                drawn.append(next.value)
            }
            do {
                return try await unit(drawn)
            } catch let lacking as LackingIdentifiers {
                reserve = lacking.reserve
            }
        }
        throw Failure.unavailable
    }

    /// A party by a reference.
    ///
    /// Throws `notFound`.
    package func retrieveParty(
        _ reference: RecordReference, of organization: OrganizationID
    ) async throws(Failure) -> Party {
        try await attempt(report: report) {
            try await store.read { try $0.locateParty(reference, of: organization) }
        }
    }

    /// A payment as it stands now.
    ///
    /// Throws `notFound`.
    package func retrievePayment(
        _ reference: RecordReference, of organization: OrganizationID, role: Party.Role? = nil
    ) async throws(Failure) -> Payment {
        try await attempt(report: report) {
            try await store.read { try $0.locatePayment(reference, of: organization, role: role) }
        }
    }

    /// What payments back of a credit note, in their order.
    package func retrieveBackings(
        of note: CreditNoteID, _ organization: OrganizationID
    ) async throws(Failure) -> [NoteBacking] {
        try await attempt(report: report) {
            try await store.read { try $0.backings(of: note, organization) }
        }
    }

    /// A credit note with its lines as it stands now.
    ///
    /// Throws `notFound`.
    package func retrieveCreditNote(
        _ reference: RecordReference, of organization: OrganizationID, role: Party.Role? = nil
    ) async throws(Failure) -> (note: CreditNote, lines: [CreditNoteLine]) {
        try await attempt(report: report) {
            try await store.read { session in
                let note = try session.locateNote(reference, of: organization, role: role)
                return (note, try session.lines(of: note.id, of: organization).rows())
            }
        }
    }
}

extension RecordBatch {
    /// Where its payments have their charges.
    fileprivate var gatewaysOfCharges: [GatewayName] {
        entries.compactMap { element in
            guard case .payment(let payment) = element.entry else { return nil }
            return payment.charge?.gateway
        }
    }

    /// How many records the batch may make: its entries, and the lines of its notes.
    fileprivate var recordsMax: Int {
        entries.reduce(0) { count, element in
            guard case .creditNote(let note) = element.entry else { return count + 1 }
            return count + 1 + note.items.reduce(0) { $0 + 1 + $1.taxes.count }
        }
    }
}
