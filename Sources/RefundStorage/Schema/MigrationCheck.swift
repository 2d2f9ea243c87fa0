package import RefundDomain

/// What bringing a database up to date would find and change; nothing of it is done.
package struct MigrationCheck: Sendable {
    /// The version of the schema that the database has.
    package let version: Int
    package let findings: [Finding]

    /// One thing that would be found or changed.
    package enum Finding: Hashable, Sendable {
        /// A payment would come out over-refunded by another amount than before.
        case overRefunded(OrganizationID, PaymentID, before: Money, after: Money)
        /// A note would no longer refer to a payment that is another party's or in another currency.
        case linkCut(OrganizationID, CreditNoteID, from: PaymentID)
        /// A note would be barred from refunds, since some went by such a payment.
        case linkBarred(OrganizationID, CreditNoteID, from: PaymentID)
        /// Several payments have one charge, and one of them would keep it: it would have what refers to the others.
        case merged(OrganizationID, Charge, [PaymentID], into: PaymentID)
        /// Payments of different parties or currencies have one charge, and would be barred from refunds.
        case chargeBarred(OrganizationID, Charge, [PaymentID])
        /// The disputes of a payment held one amount of it, and would claim another.
        case disputed(OrganizationID, PaymentID, held: Money, claims: Money)
        /// So many refunds of the history would be asked about at their gateways.
        case askedAbout(Int)
        /// So many exceptions of a kind would be opened.
        case exceptions(ExceptionKind, count: Int)
    }

    /// Looks at a PostgreSQL database: the migration is done in one transaction, which is rolled back.
    ///
    /// Throws as opening it does.
    package init(postgres connectionString: String) throws(StorageError) {
        self = try PostgresMigrator(PostgresConnection.connect(connectionString)).check()
    }

    /// Looks at a SQLite file: the migration is done to a copy, which is deleted.
    ///
    /// Throws `CopyRefusal`, or `StorageError` as opening it does.
    package init(file path: String) throws {
        do {
            self = try SQLiteMigrator.check(whatWouldChangeIn: path)
        } catch let refusal as CopyRefusal {
            throw refusal
        } catch {
            throw StorageError(error, while: "migrating a copy of \(path)")
        }
    }

    init(from version: Int, before: MigratedData, after: MigratedData) {
        self.version = version
        findings = version == Schema.current ? [] : before.findings(in: after)
    }

    /// The versions that would be applied, in order.
    package var versions: [Int] { Array(Schema.versions.indices.map { $0 + 1 }.dropFirst(version)) }
}

/// What a migration may change of the data, as one version of the schema has it.
struct MigratedData {
    private var payments: [MigratedPayment] = []
    private var links: [MigratedLink] = []
    private var twins: [MigratedTwin] = []
    private var merged: [MigratedMerger] = []
    private var due: Int64 = 0
    private var claims: [MigratedPayment] = []
    private var exceptions: [MigratedExceptions] = []

    /// Reads it with the words of a version; there is nothing where there is no schema.
    init(_ session: any Session, version: Int) throws(StorageError) {
        guard version > 0 else { return }
        payments = try session.rows(MigratedPayment.self, .overRefundedPayments, [])
        links = try session.rows(MigratedLink.self, .linksOfNotes, [])
        twins = try session.rows(MigratedTwin.self, .paymentsOfOneCharge, [])
        if version >= 5 {
            claims = try session.rows(MigratedPayment.self, .claimsOfDisputes, [])
        } else if version >= 3 {
            claims = try session.rows(MigratedPayment.self, .heldByDisputes, [])
        }
        due = try session.row(StoredInteger.self, .duePayouts, [])?.value ?? 0
        if version >= 9 { merged = try session.rows(MigratedMerger.self, .mergedPayments, []) }
        if version >= 7 { exceptions = try session.rows(MigratedExceptions.self, .openExceptions, []) }
    }

    /// What has become another by a migration.
    func findings(in after: MigratedData) -> [MigrationCheck.Finding] {
        Self.changes(from: payments, to: after.payments).map { payment, before, after in
            .overRefunded(payment.organization, payment.payment, before: before, after: after)
        } + linkFindings(in: after) + twinFindings(in: after)
            + Self.changes(from: claims, to: after.claims).map { payment, before, after in
                .disputed(payment.organization, payment.payment, held: before, claims: after)
            } + (after.due > due ? [.askedAbout(Int(after.due - due))] : []) + exceptionFindings(in: after)
    }

    private func linkFindings(in after: MigratedData) -> [MigrationCheck.Finding] {
        links.compactMap { link in
            guard after.links.contains(where: { $0.note == link.note && $0.organization == link.organization }) else {
                return .linkCut(link.organization, link.note, from: link.payment)
            }
            return link.isMismatched ? .linkBarred(link.organization, link.note, from: link.payment) : nil
        }
    }

    private func twinFindings(in after: MigratedData) -> [MigrationCheck.Finding] {
        var findings: [MigrationCheck.Finding] = []
        var rest = twins[...]
        while let first = rest.first {
            let same = rest.prefix { $0.charge == first.charge && $0.organization == first.organization }
            let kept = Dictionary(grouping: same.map(\.payment)) { after.kept($0, of: first.organization) }
            for (payment, others) in kept.sorted(by: { $0.key.value < $1.key.value }) where others.count > 1 {
                findings.append(
                    .merged(first.organization, first.charge, others.filter { $0 != payment }, into: payment))
            }
            if kept.count > 1 {
                let barred = kept.keys.sorted { $0.value < $1.value }
                findings.append(.chargeBarred(first.organization, first.charge, barred))
            }
            rest = rest.dropFirst(same.count)
        }
        return findings
    }

    /// The payment that has what a payment had.
    private func kept(_ payment: PaymentID, of organization: OrganizationID) -> PaymentID {
        merged.first { $0.payment == payment && $0.organization == organization }?.kept ?? payment
    }

    private func exceptionFindings(in after: MigratedData) -> [MigrationCheck.Finding] {
        after.exceptions.compactMap { opened in
            let count = opened.count - (exceptions.first { $0.kind == opened.kind }?.count ?? 0)
            return count > 0 ? .exceptions(opened.kind, count: Int(count)) : nil
        }
    }

    /// The amounts that differ, in the order of the records; what is not there is nothing.
    private static func changes(
        from before: [MigratedPayment], to after: [MigratedPayment]
    ) -> [(MigratedPayment, before: Money, after: Money)] {
        func byKey(_ rows: [MigratedPayment]) -> [MigratedPayment.Key: MigratedPayment] {
            Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let (old, new) = (byKey(before), byKey(after))
        return Set(old.keys).union(new.keys).sorted().compactMap { key in
            guard let row = new[key] ?? old[key] else { return nil }
            let (was, now) = (old[key]?.amount ?? .zero(row.currency), new[key]?.amount ?? .zero(row.currency))
            return was == now ? nil : (row, before: was, after: now)
        }
    }
}

/// An amount of a payment.
private struct MigratedPayment: Stored {
    struct Key: Hashable, Comparable {
        let organization: Int64
        let payment: Int64

        static func < (one: Key, other: Key) -> Bool {
            (one.organization, one.payment) < (other.organization, other.payment)
        }
    }

    let organization: OrganizationID
    let payment: PaymentID
    let currency: Currency
    let amount: Money

    var key: Key { Key(organization: organization.value, payment: payment.value) }

    init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        payment = row.identifier()
        currency = try row.parsed(Currency.init)
        amount = Money(minorUnits: row.integer(), currency: currency)
    }
}

/// A note that refers to a payment.
private struct MigratedLink: Stored {
    let organization: OrganizationID
    let note: CreditNoteID
    let payment: PaymentID
    let isMismatched: Bool

    init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        note = row.identifier()
        payment = row.identifier()
        isMismatched = row.bool()
    }
}

/// A payment whose charge others have too.
private struct MigratedTwin: Stored {
    let organization: OrganizationID
    let charge: Charge
    let payment: PaymentID

    init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        charge = Charge(gateway: GatewayName(row.text()), reference: row.text())
        payment = row.identifier()
    }
}

/// A payment that became one with another.
private struct MigratedMerger: Stored {
    let organization: OrganizationID
    let payment: PaymentID
    let kept: PaymentID

    init(row: inout RowReader) throws(StorageError) {
        organization = row.identifier()
        payment = row.identifier()
        kept = row.identifier()
    }
}

/// How many exceptions of a kind are open.
private struct MigratedExceptions: Stored {
    let kind: ExceptionKind
    let count: Int64

    init(row: inout RowReader) throws(StorageError) {
        kind = try row.parsed(ExceptionKind.init(rawValue:))
        count = row.integer()
    }
}

extension SQLText {
    fileprivate static let overRefundedPayments: SQLText = """
        select organization_id, id, currency, excess from payments where excess > 0 order by organization_id, id
        """
    fileprivate static let linksOfNotes: SQLText = """
        select n.organization_id, n.id, p.id, \
        cast(case when p.party_id <> n.party_id or p.currency <> n.currency then 1 else 0 end as bigint) \
        from credit_notes n join payments p on p.organization_id = n.organization_id and p.id = n.payment_id \
        order by n.organization_id, n.id
        """
    fileprivate static let paymentsOfOneCharge: SQLText = """
        select p.organization_id, p.gateway, p.charge_reference, p.id from payments p join (\
        select organization_id, gateway, charge_reference from payments where charge_reference is not null \
        group by organization_id, gateway, charge_reference having count(*) > 1) several \
        on several.organization_id = p.organization_id and several.gateway = p.gateway \
        and several.charge_reference = p.charge_reference \
        order by p.organization_id, p.gateway, p.charge_reference, p.id
        """
    fileprivate static let heldByDisputes: SQLText = """
        select p.organization_id, p.id, p.currency, cast(sum(d.held) as bigint) from disputes d \
        join payments p on p.organization_id = d.organization_id and p.id = d.payment_id \
        group by p.organization_id, p.id, p.currency
        """
    fileprivate static let claimsOfDisputes: SQLText = """
        select p.organization_id, p.id, p.currency, cast(sum(coalesce(d.claim, p.captured)) as bigint) \
        from charge_disputes d \
        join payments p on p.organization_id = d.organization_id and p.id = d.payment_id \
        group by p.organization_id, p.id, p.currency
        """
    fileprivate static let mergedPayments: SQLText = """
        select organization_id, id, payment_id from merged_payments order by organization_id, id
        """
    fileprivate static let duePayouts: SQLText = "select count(*) from payouts where due_at is not null"
    fileprivate static let openExceptions: SQLText = """
        select kind, count(*) from exceptions where state = 'open' group by kind order by kind
        """
}
