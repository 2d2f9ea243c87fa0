package import RefundDomain

enum PaymentSQL {
    private static let columns = """
        id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured_told, \
        captured_seen, reserved, refunded, claims, claims_told, rate, received_on, invoice_number, is_barred
        """

    static let find: SQLText = "select \(columns) from payments where organization_id = $1 and id = $2"

    /// The payment that one became one with, as both had one charge.
    static let merged: SQLText = """
        select payment_id from merged_payments where organization_id = $1 and id = $2
        """

    static let insert: SQLText = """
        insert into payments (organization_id, \(columns), captured, disputed, excess) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, 0)
        """

    /// Locks a payment, so that what is decided on it next rests on how it stands.
    static let lock: SQLText = """
        update payments set reserved = reserved where organization_id = $1 and id = $2 returning \(columns)
        """

    /// Invariant 1, as a fact of the database: the amount is promised only where as much is left of what came in, in
    /// the same currency.
    static let reserve: SQLText = """
        update payments set reserved = reserved + $1 \
        where organization_id = $2 and id = $3 and state = 'succeeded' and captured > 0 and is_barred = 0 \
        and reserved + refunded + claims + $1 <= captured and currency = $4 \
        returning \(columns)
        """

    /// What refunds take or give back, whatever is left: facts are added, and what follows from them is kept beside.
    static let move: SQLText = """
        update payments set reserved = reserved + $1, refunded = refunded + $2, \
        excess = \(excess("captured", "reserved + $1 + refunded + $2")), \
        disputed = \(held("captured", "(reserved + $1 + refunded + $2)", "claims")) \
        where organization_id = $3 and id = $4 \
        and reserved + $1 + refunded + $2 <= \(Limits.figureMax) returning \(columns)
        """

    /// What disputes claim more or less; the first that a gateway tells of takes the place of what the owner told.
    static let claim: SQLText = """
        update payments set claims = claims - claims_told + $1, claims_told = 0, is_disputed = 1, \
        disputed = \(held("captured", "(reserved + refunded)", "(claims - claims_told + $1)")) \
        where organization_id = $2 and id = $3 \
        and claims - claims_told + $1 <= \(Limits.figureMax) returning \(columns)
        """

    static let ofCharge: SQLText = """
        select \(columns) from payments where organization_id = $1 and gateway = $2 and charge_reference = $3 \
        order by id limit 2
        """

    /// What the owner of the data corrects; what is captured not below what refunds took of it.
    ///
    /// What the owner says is disputed counts only while no gateway has told of a dispute.
    static let correct: SQLText = """
        update payments set number = $1, state = $2, captured_told = $3, captured = \(corrected), \
        claims = claims - claims_told + \(claimTold), claims_told = \(claimTold), invoice_number = $5, \
        excess = \(excess(corrected, "reserved + refunded")), \
        disputed = \(held(corrected, "(reserved + refunded)", "(claims - claims_told + \(claimTold))")) \
        where organization_id = $6 and id = $7 \
        and (\(corrected) >= captured or reserved + refunded <= \(corrected)) returning \(columns)
        """

    /// What a gateway has captured: from it, the figure only grows.
    static let sawCaptured: SQLText = """
        update payments set captured_seen = $1, captured = case when $1 > captured then $1 else captured end, \
        state = 'succeeded', \
        excess = \(excess("case when $1 > captured then $1 else captured end", "reserved + refunded")), \
        disputed = \(held("case when $1 > captured then $1 else captured end", "(reserved + refunded)", "claims")) \
        where organization_id = $2 and id = $3 and captured_seen < $1 returning \(columns)
        """

    static let countPosting: SQLText = """
        update payments set postings = postings + 1 where organization_id = $1 and id = $2 returning postings
        """

    /// What only a gateway told becomes what its owner tells, while nothing rests on it.
    static let takeOver: SQLText = """
        update payments set party_id = $1, mode = $2, payment_method_id = $3, rate = $4, received_on = $5 \
        where organization_id = $6 and id = $7 and captured_told = 0 and reserved = 0 and refunded = 0 \
        and claims = 0 and is_disputed = 0 and postings = 0 and not exists (select 1 from refund_allocations a \
        where a.organization_id = $6 and a.payment_id = $7) and not exists (select 1 from note_backings b \
        where b.organization_id = $6 and b.payment_id = $7) returning \(columns)
        """

    static let all = [
        find, merged, insert, lock, reserve, move, claim, ofCharge, correct, sawCaptured, countPosting, takeOver,
    ]

    private static let corrected = "case when $3 > captured_seen then $3 else captured_seen end"
    private static let claimTold = "case when is_disputed = 1 then 0 else $4 end"

    /// What is over-refunded where so much was captured and so much was taken.
    private static func excess(_ captured: String, _ taken: String) -> String {
        "case when \(taken) > \(captured) then \(taken) - (\(captured)) else 0 end"
    }

    /// What disputes hold of what is left.
    private static func held(_ captured: String, _ taken: String, _ claims: String) -> String {
        "case when \(captured) <= \(taken) then 0 when (\(captured)) - \(taken) < \(claims) "
            + "then (\(captured)) - \(taken) else \(claims) end"
    }
}

enum PaymentMethodSQL {
    private static let columns = """
        id, party_id, mode, gateway, token, card_last_four, card_expiry_month, card_expiry_year, state
        """

    static let find: SQLText = "select \(columns) from payment_methods where organization_id = $1 and id = $2"

    static let insert: SQLText = """
        insert into payment_methods (organization_id, \(columns)) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """

    static let all = [find, insert]
}

/// A payment after it was told how much of it is captured.
package struct CorrectedPayment: Sendable {
    package let payment: Payment
    /// The notes of which it backs more now.
    package let raisedNotes: [CreditNoteID]
}

extension Payment: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let id: PaymentID = row.identifier()
        let party: PartyID = row.identifier()
        let number = row.text()
        let state = try row.parsed(State.init(rawValue:))
        let mode = try row.parsed(PaymentMode.init(code:))
        let gateway = row.optionalText()
        let reference = row.optionalText()
        let method: PaymentMethodID? = row.optionalIdentifier()
        let balance = PaymentBalance(
            currency: try row.parsed(Currency.init), captured: row.integer(), capturedByGateway: row.integer(),
            reserved: row.integer(), refunded: row.integer(), claims: row.integer(), claimByOwner: row.integer())
        var charge: Charge?
        if let gateway, let reference { charge = Charge(gateway: GatewayName(gateway), reference: reference) }
        self.init(
            id: id, party: party, number: number, state: state, mode: mode, charge: charge, method: method,
            balance: balance, rate: try row.parsed(ExchangeRate.init), receivedOn: row.date(),
            invoiceNumber: row.text(), isBarred: row.bool())
    }

    fileprivate var values: [Value] {
        [
            .integer(id.value), .integer(party.value), .text(number), .text(state.rawValue), .text(mode.code),
            .text(charge?.gateway.text), .text(charge?.reference), .integer(method?.value), .text(currency.code),
            .integer(balance.capturedByOwner), .integer(balance.capturedByGateway), .integer(balance.reserved),
            .integer(balance.refunded), .integer(balance.claims), .integer(balance.claimByOwner),
            .text(rate.decimalText), .integer(Int(receivedOn.daysSinceEpoch)), .text(invoiceNumber),
            .integer(isBarred ? 1 : 0), .integer(balance.captured), .integer(balance.held),
        ]
    }
}

extension PaymentMethod: Stored {
    package init(row: inout RowReader) throws(StorageError) {
        let id: PaymentMethodID = row.identifier()
        let party: PartyID = row.identifier()
        let mode = try row.parsed(PaymentMode.init(code:))
        let gateway = GatewayName(row.text())
        let token = row.text()
        let lastFour = row.optionalText()
        let month = row.integer()
        let year = row.integer()
        let card = lastFour.map { Card(lastFour: $0, expiryMonth: Int(month), expiryYear: Int(year)) }
        self.init(
            id: id, party: party, mode: mode, gateway: gateway, token: token, card: card,
            state: try row.parsed(State.init(rawValue:)))
    }

    fileprivate var values: [Value] {
        [
            .integer(id.value), .integer(party.value), .text(mode.code), .text(gateway.text), .text(token),
            .text(card?.lastFour), .integer((card?.expiryMonth).map(Int64.init)),
            .integer((card?.expiryYear).map(Int64.init)), .text(state.rawValue),
        ]
    }
}

extension Session {
    /// A payment by its identifier, or by that of one that became one with it; nil where there is none.
    package func payment(_ id: PaymentID, of organization: OrganizationID) throws(StorageError) -> Payment? {
        let key: [Value] = [.integer(organization.value), .integer(id.value)]
        if let payment = try row(Payment.self, PaymentSQL.find, key) { return payment }
        guard let kept = try row(StoredInteger.self, PaymentSQL.merged, key) else { return nil }
        return try row(Payment.self, PaymentSQL.find, [.integer(organization.value), .integer(kept.value)])
    }

    /// The payments that a charge of a gateway brought: none, one, or two of several.
    package func payments(ofCharge charge: Charge, of organization: OrganizationID) throws(StorageError) -> [Payment] {
        try rows(
            Payment.self, PaymentSQL.ofCharge,
            [.integer(organization.value), .text(charge.gateway.text), .text(charge.reference)])
    }

    /// A payment method by its identifier, or nil.
    package func paymentMethod(
        _ id: PaymentMethodID, of organization: OrganizationID
    ) throws(StorageError) -> PaymentMethod? {
        try row(PaymentMethod.self, PaymentMethodSQL.find, [.integer(organization.value), .integer(id.value)])
    }

    /// Writes a new payment.
    package func insert(_ payment: Payment, for organization: OrganizationID) throws(StorageError) {
        try execute(PaymentSQL.insert, [.integer(organization.value)] + payment.values)
    }

    /// Writes a new payment method.
    package func insert(_ method: PaymentMethod, for organization: OrganizationID) throws(StorageError) {
        try execute(PaymentMethodSQL.insert, [.integer(organization.value)] + method.values)
    }

    /// A payment by its identifier, locked for the rest of the unit; nil where there is none.
    package func lockPayment(
        _ id: PaymentID, of organization: OrganizationID
    ) throws(StorageError) -> Answer<Payment> {
        try ask(Payment.self, PaymentSQL.lock, [.integer(organization.value), .integer(id.value)])
    }

    /// Writes what the owner tells of a payment; nil where less would be captured than refunds took.
    package func correct(
        _ payment: Payment, for organization: OrganizationID
    ) throws(StorageError) -> CorrectedPayment? {
        let corrected = try row(
            Payment.self, PaymentSQL.correct,
            [
                .text(payment.number), .text(payment.state.rawValue), .integer(payment.balance.capturedByOwner),
                .integer(payment.balance.claimByOwner), .text(payment.invoiceNumber), .integer(organization.value),
                .integer(payment.id.value),
            ])
        return try corrected.map { (payment) throws(StorageError) in
            CorrectedPayment(payment: payment, raisedNotes: try raiseBackings(by: payment, of: organization))
        }
    }

    /// Lets the owner's party, mode, method, rate and day take the place of what only the gateway told; nil where the
    /// owner has told of the payment, or refunds, disputes or notes rest on it.
    package func takeOver(
        _ payment: Payment, for organization: OrganizationID
    ) throws(StorageError) -> Payment? {
        try row(
            Payment.self, PaymentSQL.takeOver,
            [
                .integer(payment.party.value), .text(payment.mode.code), .integer(payment.method?.value),
                .text(payment.rate.decimalText), .integer(Int(payment.receivedOn.daysSinceEpoch)),
                .integer(organization.value), .integer(payment.id.value),
            ])
    }

    /// Writes what a gateway has captured of a payment; nil where it had told of as much before.
    package func sawCaptured(
        _ minorUnits: Int64, of payment: PaymentID, for organization: OrganizationID
    ) throws(StorageError) -> CorrectedPayment? {
        let seen = try row(
            Payment.self, PaymentSQL.sawCaptured,
            [.integer(minorUnits), .integer(organization.value), .integer(payment.value)])
        return try seen.map { (payment) throws(StorageError) in
            CorrectedPayment(payment: payment, raisedNotes: try raiseBackings(by: payment, of: organization))
        }
    }

    /// The next step of a payment's own journals.
    package func nextPosting(
        of payment: PaymentID, _ organization: OrganizationID
    ) throws(StorageError) -> Int {
        let row = try row(
            StoredInteger.self, PaymentSQL.countPosting, [.integer(organization.value), .integer(payment.value)])
        guard let row else { throw StorageError(.corrupt, "there is no payment \(payment)") }
        return Int(row.value)
    }

    /// Promises an amount of a payment, where that much is left; the answer is the payment after it, or nothing.
    package func reserve(
        _ amount: Money, on payment: PaymentID, of organization: OrganizationID
    ) throws(StorageError) -> Answer<Payment> {
        try ask(
            Payment.self, PaymentSQL.reserve,
            [
                .integer(amount.minorUnits), .integer(organization.value), .integer(payment.value),
                .text(amount.currency.code),
            ])
    }

    /// Adds to what is reserved and refunded of a payment, or takes off it, whatever is left; by how much more it is
    /// over-refunded now.
    ///
    /// Throws `tooGreat`.
    package func move(
        reserving: Int64, refunding: Int64, on payment: PaymentID, of organization: OrganizationID
    ) throws(StorageError) -> (after: Payment, overRefunded: Int64) {
        let after = try row(
            Payment.self, PaymentSQL.move,
            [
                .integer(reserving), .integer(refunding), .integer(organization.value), .integer(payment.value),
            ])
        guard let after else { throw .tooGreat("what is taken of payment \(payment)") }
        let before = after.balance.before(reserving: reserving, refunding: refunding)
        return (after, after.balance.overRefunded - before.overRefunded)
    }

    /// Moves what a refund takes of payments from what it held before to what it holds after; by how much more they
    /// are over-refunded now.
    func move(
        _ allocations: [PaymentAllocation], from before: RefundHold, to after: RefundHold,
        of organization: OrganizationID
    ) throws(StorageError) -> Int64 {
        var overRefunded: Int64 = 0
        // Everybody locks payments in the order of their identifiers.
        for part in allocations.sorted(by: { $0.payment.value < $1.payment.value }) {
            overRefunded += try move(
                reserving: after.reserved(part.amount) - before.reserved(part.amount),
                refunding: after.spent(part.amount) - before.spent(part.amount), on: part.payment, of: organization
            ).overRefunded
        }
        return overRefunded
    }

    /// Adds to what disputes claim of a payment, or takes off it; the payment after it.
    func claim(
        _ minorUnits: Int64, on payment: PaymentID, of organization: OrganizationID
    ) throws(StorageError) -> Payment {
        let after = try row(
            Payment.self, PaymentSQL.claim,
            [.integer(minorUnits), .integer(organization.value), .integer(payment.value)])
        guard let after else { throw .tooGreat("what disputes claim of payment \(payment)") }
        return after
    }
}

extension StorageError {
    /// A figure that no row can keep, or whose row is not there.
    static func tooGreat(_ figure: String) -> StorageError {
        StorageError(.tooGreat, "\(figure) would be more than \(Limits.figureMax)")
    }
}

extension RefundHold {
    /// Of an amount, what a refund that holds so has reserved.
    fileprivate func reserved(_ amount: Int64) -> Int64 { self == .reserved ? amount : 0 }

    /// Of an amount, what a refund that holds so has spent.
    fileprivate func spent(_ amount: Int64) -> Int64 { self == .spent ? amount : 0 }
}
