import RefundDomain
import RefundService
import RefundStorage
import RefundTesting

/// What the program says of the records of a world: the only place that knows how its figures are called.
struct ProgramFigures: Sendable {
    /// One payment, as the program keeps or derives it.
    struct Purse: Hashable, Sendable {
        var captured: Int64
        var reserved: Int64
        var refunded: Int64
        var held: Int64
        var overRefunded: Int64
        var refundable: Int64
    }

    /// What the ledger holds in one currency, each account on its usual side.
    struct Accounts: Hashable, Sendable {
        var refundsPayable: Int64 = 0
        var customerCredit: Int64 = 0
        var overRefunds: Int64 = 0
        var unallocatedRefunds: Int64 = 0
    }

    var payments: [PaymentID: Purse] = [:]
    var notes: [CreditNoteID: Int64] = [:]
    var states: [RefundID: Oracle.State] = [:]
    var accounts: [Currency: Accounts] = [:]

    /// Reads all figures at one moment.
    static func read(
        payments: [PaymentID], notes: [CreditNoteID], of organization: OrganizationID, in store: any Store
    ) async throws -> ProgramFigures {
        try await store.read { session in
            var figures = ProgramFigures()
            for id in payments {
                figures.payments[id] = try session.payment(id, of: organization).map(Purse.init)
            }
            for id in notes {
                figures.notes[id] = try session.creditNote(id, of: organization).map { note in
                    note.state == .open ? note.balance.remaining.minorUnits : 0
                }
            }
            var query = RefundQuery()
            query.limit = .max
            for refund in try session.refunds(query, of: organization) {
                figures.states[refund.id] = Oracle.State(refund.state)
            }
            for line in try session.rows(AccountSum.self, AccountSum.all, [.integer(organization.value)]) {
                figures.add(line)
            }
            return figures
        }
    }

    /// The refunds that a gateway made by itself and that are recorded here, by its references.
    static func refunds(
        madeAs references: [String], _ organization: OrganizationID, in store: any Store
    ) async throws -> [String: RefundID] {
        try await store.read { session in
            try references.reduce(into: [:]) { found, reference in
                found[reference] = try session.payout(reference, at: Fixtures.gateway, of: organization)?.refund
            }
        }
    }

    /// Whether what a gateway tells of a payment may be a refund that it has not answered for yet, and waits.
    static func awaitsAnswer(
        of payment: PaymentID?, _ organization: OrganizationID, in store: any Store
    ) async throws -> Bool {
        guard let payment else { return false }
        return try await store.read { try $0.awaitsReference(payment, of: organization) }
    }

    /// What a refund took of each payment.
    static func allocations(
        of refund: RefundID, _ organization: OrganizationID, in store: any Store
    ) async throws -> [PaymentID: Int64] {
        let parts = try await store.read { try $0.allocations(of: refund, organization).rows() }
        return Dictionary(parts.map { ($0.payment, $0.amount) }, uniquingKeysWith: +)
    }

    private mutating func add(_ line: AccountSum) {
        switch line.account {
        case "refunds_payable": accounts[line.currency, default: Accounts()].refundsPayable = -line.amount
        case "customer_credit": accounts[line.currency, default: Accounts()].customerCredit = -line.amount
        case "over_refunds": accounts[line.currency, default: Accounts()].overRefunds = line.amount
        case "unallocated_refunds": accounts[line.currency, default: Accounts()].unallocatedRefunds = line.amount
        default: break
        }
    }
}

extension ProgramFigures.Purse {
    init(_ payment: Payment) {
        let balance = payment.balance
        self.init(
            captured: balance.captured, reserved: balance.reserved, refunded: balance.refunded,
            held: balance.held, overRefunded: balance.overRefunded, refundable: balance.remaining.minorUnits)
    }
}

extension ProgramFigures.Purse: CustomStringConvertible {
    var description: String {
        "captured \(captured), reserved \(reserved), refunded \(refunded), held \(held), "
            + "over-refunded \(overRefunded), refundable \(refundable)"
    }
}

extension Oracle.State {
    /// The state as the oracle calls it: what waits for approval only reserves.
    init(_ state: RefundState) {
        self =
            switch state {
            case .requested, .awaitingApproval: .requested
            case .approved: .approved
            case .submitting: .submitting
            case .pending: .pending
            case .unknown: .unknown
            case .succeeded: .succeeded
            case .failed: .failed
            case .canceled: .canceled
            case .voided: .voided
            case .returned: .returned
            }
    }
}

/// The sum of one account in one currency: debits are positive.
private struct AccountSum: Stored {
    static let all: SQLText = """
        select account, currency, cast(sum(amount) as bigint) from journal_lines where organization_id = $1 \
        group by account, currency
        """

    let account: String
    let currency: Currency
    let amount: Int64

    init(row: inout RowReader) throws(StorageError) {
        account = row.text()
        currency = try row.parsed(Currency.init)
        amount = row.integer()
    }
}
