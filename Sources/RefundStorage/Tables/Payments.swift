package import RefundDomain

enum PaymentSQL {
    private static let columns = """
        id, party_id, number, state, mode, gateway, charge_reference, payment_method_id, currency, captured, reserved, \
        refunded, disputed, excess, rate, received_on, invoice_number
        """

    static let find: SQLText = "select \(columns) from payments where organization_id = $1 and id = $2"

    static let insert: SQLText = """
        insert into payments (organization_id, \(columns)) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """

    /// Invariant 1, as a fact of the database: the amount is promised only where as much is left of what came in, in
    /// the same currency.
    static let reserve: SQLText = """
        update payments set reserved = reserved + $1 \
        where organization_id = $2 and id = $3 and state = 'succeeded' and captured > 0 \
        and reserved + refunded + disputed + $1 <= captured and currency = $4 \
        returning \(columns)
        """

    static let move: SQLText = """
        update payments set reserved = reserved + $1, refunded = refunded + $2, excess = excess + $3 \
        where organization_id = $4 and id = $5
        """

    /// Guarded by the figures that the decision rests on: what a gateway's fact draws, and what was not left of it.
    static let drawBeyond: SQLText = """
        update payments set reserved = reserved + $1, refunded = refunded + $2, excess = excess + $3 \
        where organization_id = $4 and id = $5 \
        and captured = $6 and reserved = $7 and refunded = $8 and disputed = $9 returning \(columns)
        """

    /// Guarded by the figures that the decision rests on: what disputes keep of it.
    static let hold: SQLText = """
        update payments set disputed = disputed + $1 where organization_id = $2 and id = $3 \
        and captured = $4 and reserved = $5 and refunded = $6 and disputed = $7 returning \(columns)
        """

    static let ofCharge: SQLText = """
        select \(columns) from payments where organization_id = $1 and gateway = $2 and charge_reference = $3 \
        order by id limit 2
        """

    /// What the owner of the data may correct; `captured` only as far as the CHECK allows.
    static let update: SQLText = """
        update payments set number = $1, state = $2, captured = $3, disputed = $4, invoice_number = $5 \
        where organization_id = $6 and id = $7 and reserved + refunded + $4 <= $3 + excess \
        returning \(columns)
        """

    static let all = [find, insert, reserve, move, drawBeyond, hold, ofCharge, update]
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
            currency: try row.parsed(Currency.init), captured: row.integer(), reserved: row.integer(),
            refunded: row.integer(), disputed: row.integer(), excess: row.integer())
        var charge: Charge?
        if let gateway, let reference { charge = Charge(gateway: GatewayName(gateway), reference: reference) }
        self.init(
            id: id, party: party, number: number, state: state, mode: mode, charge: charge, method: method,
            balance: balance, rate: try row.parsed(ExchangeRate.init), receivedOn: row.date(),
            invoiceNumber: row.text())
    }

    fileprivate var values: [Value] {
        [
            .integer(id.value), .integer(party.value), .text(number), .text(state.rawValue), .text(mode.code),
            .text(charge?.gateway.text), .text(charge?.reference), .integer(method?.value), .text(currency.code),
            .integer(balance.captured), .integer(balance.reserved), .integer(balance.refunded),
            .integer(balance.disputed), .integer(balance.excess), .text(rate.decimalText),
            .integer(Int(receivedOn.daysSinceEpoch)), .text(invoiceNumber),
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
    /// A payment by its identifier, or nil.
    package func payment(_ id: PaymentID, of organization: OrganizationID) throws(StorageError) -> Payment? {
        try row(Payment.self, PaymentSQL.find, [.integer(organization.value), .integer(id.value)])
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

    /// Corrects a payment; nil where that would leave less than is already promised or given back.
    package func update(_ payment: Payment, for organization: OrganizationID) throws(StorageError) -> Payment? {
        try row(
            Payment.self, PaymentSQL.update,
            [
                .text(payment.number), .text(payment.state.rawValue), .integer(payment.balance.captured),
                .integer(payment.balance.disputed), .text(payment.invoiceNumber), .integer(organization.value),
                .integer(payment.id.value),
            ])
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

    /// Moves an amount of a payment from what a refund held of it before to what it holds after.
    func move(
        _ refund: Refund, on payment: PaymentID, from before: RefundHold, to after: RefundHold,
        of organization: OrganizationID
    ) throws(StorageError) {
        let amount = refund.amount.minorUnits
        // Only a gateway's fact has raised the excess, and what raised it takes it back.
        let excess = after == .released ? -refund.shortfall.payment : 0
        try execute(
            PaymentSQL.move,
            [
                .integer(after.reserved(amount) - before.reserved(amount)),
                .integer(after.spent(amount) - before.spent(amount)), .integer(excess), .integer(organization.value),
                .integer(payment.value),
            ])
    }

    /// Keeps so much more of a payment for its disputes, or less; false where it no longer stands as it was read.
    func hold(
        _ minorUnits: Int64, on payment: Payment, of organization: OrganizationID
    ) throws(StorageError) -> Bool {
        let balance = payment.balance
        return try row(
            Payment.self, PaymentSQL.hold,
            [
                .integer(minorUnits), .integer(organization.value), .integer(payment.id.value),
                .integer(balance.captured), .integer(balance.reserved), .integer(balance.refunded),
                .integer(balance.disputed),
            ]) != nil
    }

    /// Draws what a gateway does or did on a payment, and raises its excess by what is not left.
    ///
    /// False where the payment no longer stands as it was read.
    func drawBeyond(_ refund: Refund, on payment: Payment, of organization: OrganizationID) throws(StorageError) -> Bool
    {
        let amount = refund.amount.minorUnits
        let hold = refund.state.hold
        let balance = payment.balance
        return try row(
            Payment.self, PaymentSQL.drawBeyond,
            [
                .integer(hold.reserved(amount)), .integer(hold.spent(amount)), .integer(refund.shortfall.payment),
                .integer(organization.value), .integer(payment.id.value), .integer(balance.captured),
                .integer(balance.reserved), .integer(balance.refunded), .integer(balance.disputed),
            ]) != nil
    }
}

extension RefundHold {
    /// Of an amount, what a refund that holds so has reserved.
    fileprivate func reserved(_ amount: Int64) -> Int64 { self == .reserved ? amount : 0 }

    /// Of an amount, what a refund that holds so has spent.
    fileprivate func spent(_ amount: Int64) -> Int64 { self == .spent ? amount : 0 }
}
