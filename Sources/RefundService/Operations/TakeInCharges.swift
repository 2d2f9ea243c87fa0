package import RefundDomain
import RefundStorage

/// What an import has come to so far.
package struct ChargeImport: Hashable, Sendable {
    package var created = 0
    package var updated = 0
    package var unchanged = 0
    /// Charges that cannot be payments here, by their reference, and why.
    package var refused: [String: String] = [:]
    /// How much of the time it goes back over it has come through: a gateway lists the newest first.
    package fileprivate(set) var percent = 0

    package init() {}

    package var count: Int { created + updated + unchanged + refused.count }
}

extension Operations {
    /// Puts what a gateway has charged since a moment as payments, and what it has given back of it as refunds.
    ///
    /// Safe to repeat, also while notices come in. The refunds are adopted by the worker of notices, afterwards.
    ///
    /// `report` hears of each page. Throws `gatewayUnknown`, and `conflict` where the gateway does not list its charges
    /// or cannot be asked.
    package func importCharges(
        of name: GatewayName, since moment: Instant, for organization: OrganizationID,
        report show: (ChargeImport) -> Void
    ) async throws(Failure) -> ChargeImport {
        let gateways = try await attempt(report: report) { try await roster.gateways(of: organization) }
        guard let gateway = gateways[name] else { throw .refund(.gatewayUnknown(name)) }
        let start = surroundings.now()
        var result = ChargeImport()
        var cursor: String?
        repeat {
            let from = cursor
            let page = try await inTurn(name) { () async throws(GatewayError) in
                try await gateway.charges(since: moment, from: from)
            }
            for charge in page.charges {
                try await result.count(charge) { () async throws(Failure) in
                    let put = try await takeIn(charge, of: name, organization, triesMax: Limits.busyTriesOfImportMax)
                    guard let put else { throw Failure.conflict("what is here contradicts it: see the exceptions") }
                    return put
                }
            }
            for charge in page.refunded {
                let refunds = try await inTurn(name) { () async throws(GatewayError) in
                    try await gateway.refunds(ofCharge: charge, isPast: true)
                }
                try await keep(refunds.map(\.notice), of: name, gateway, for: organization)
            }
            cursor = page.next
            let reached = cursor == nil ? moment : page.charges.last?.takenAt ?? start
            result.percent = start.percentOfWay(to: moment, at: reached)
            show(result)
        } while cursor != nil
        return result
    }

    /// Asks until the turn has come, a second apart: refunds that people wait for go first.
    func inTurn<Answer>(
        _ gateway: GatewayName, triesMax: Int = Limits.busyTriesOfImportMax,
        _ ask: () async throws(GatewayError) -> Answer
    ) async throws(Failure) -> Answer {
        var tries = 0
        while true {
            tries += 1
            do throws(GatewayError) {
                return try await ask()
            } catch {
                guard case .busy = error, tries < triesMax,
                    (try? await surroundings.sleep(.seconds(1))) != nil
                else { throw .conflict("the gateway \(gateway) cannot be asked for its charges: \(error.reason)") }
            }
        }
    }

    /// Keeps what was given back before, to be adopted by the worker of notices.
    private func keep(
        _ notices: [GatewayNotice], of name: GatewayName, _ gateway: any Gateway, for organization: OrganizationID
    ) async throws(Failure) {
        guard !notices.isEmpty else { return }
        let now = surroundings.now()
        try await attempt(report: report) {
            try await store.write(for: organization) { session in
                for notice in notices where notice.organization == organization {
                    let charges = gateway.news(in: notice.kept)?.awaitedCharges ?? []
                    try session.keep(notice, about: charges, of: name, for: organization, at: now)
                }
            }
        }
    }

    /// Puts a charge as a payment, with who paid it; of one that is here already, more may have been taken since.
    ///
    /// One in another currency than the organization's takes the rate at which the gateway exchanged it. Nil where what
    /// is here contradicts it, which is an exception then. Throws `conflict` and `input` where it cannot be a payment,
    /// such as one whose rate nobody knows.
    func takeIn(
        _ charge: ChargeNews, of gateway: GatewayName, _ id: OrganizationID, triesMax: Int = 1
    ) async throws(Failure) -> PutResult? {
        let organization = try await organization(id)
        let now = surroundings.now()
        let today = calendar.day(of: now, in: organization.timeZone)
        let rate = try await rate(of: charge, at: gateway, organization, triesMax: triesMax)
        return try await attempt(report: report) {
            let gateways = try await roster.gateways(of: id)
            return try await withIdentifiers(for: 2, at: now) { identifiers in
                try await store.write(for: id) { [calendar] session -> PutResult? in
                    // Before anything is read of it: whoever else puts this charge has done so then.
                    let (owners, elsewhere) = try session.takeCharges(
                        charge.charges, at: gateway, siblings: gateways.siblings(of: gateway), of: id)
                    if let elsewhere {
                        try session.open(.charge(charge, at: gateway, isOf: elsewhere, at: now), for: id)
                        return nil
                    }
                    let known = try session.payments(ofCharges: charge.charges, owners, at: gateway, of: id)
                    if let payment = known.first {
                        guard try session.agrees(charge, with: known, at: gateway, of: id, now) else { return nil }
                        return try session.raise(payment, to: charge, at: gateway, of: organization, today, now)
                    }
                    var writer = RecordWriter(
                        session: session, organization: organization, now: now, today: today, updates: true,
                        identifiers: identifiers, calendar: calendar, gateways: gateways)
                    let day = calendar.day(of: charge.takenAt, in: organization.timeZone)
                    let records = charge.records(of: gateway, at: rate, on: day)
                    // Who is known already may have been brought by the owner since, and is left as it is.
                    if try session.record(.party, records.payment.party, of: id) == nil {
                        _ = try writer.put(.party(records.party), at: "customer")
                    }
                    let result = try writer.put(.payment(records.payment), at: "charge")
                    try writer.finish()
                    return result
                }
            }
        }
    }

    /// The rate to the base currency at which the gateway exchanged a charge that is to become a payment; nil where
    /// none is needed, or the gateway's balance is in a third currency.
    private func rate(
        of charge: ChargeNews, at name: GatewayName, _ organization: Organization, triesMax: Int
    ) async throws(Failure) -> ExchangeRate? {
        guard charge.captured.currency != organization.baseCurrency, let reference = charge.charges.first else {
            return nil
        }
        let (isKnown, gateways) = try await attempt(report: report) {
            let payments = try await store.read {
                try $0.payments(ofCharges: charge.charges, at: name, of: organization.id)
            }
            return (!payments.isEmpty, try await roster.gateways(of: organization.id))
        }
        guard !isKnown, let gateway = gateways[name] else { return nil }
        let exchange = try await inTurn(name, triesMax: triesMax) { () async throws(GatewayError) in
            try await gateway.exchange(ofCharge: reference)
        }
        return exchange?.currency == organization.baseCurrency ? exchange?.rate : nil
    }
}

extension Session {
    /// More may have been taken of a charge that is here since.
    fileprivate func raise(
        _ payment: Payment, to charge: ChargeNews, at gateway: GatewayName, of organization: Organization,
        _ today: LocalDate, _ now: Instant
    ) throws -> PutResult {
        try point(charge.charges, at: gateway, to: payment.id, of: organization.id)
        let before = try lockPayment(payment.id, of: organization.id).first() ?? payment
        let seen = try sawCaptured(charge.captured.minorUnits, of: payment.id, for: organization.id)
        guard let seen else { return .unchanged }
        guard seen.payment.balance.captured != before.balance.captured else {
            try reviewCaptured(of: seen.payment, before: before, for: organization.id, at: now)
            return .unchanged
        }
        try settle(seen, after: before, in: organization, on: today, at: now)
        return .updated
    }

    /// Whether a charge belongs to one payment here, in its currency; where not, a person is told.
    fileprivate func agrees(
        _ charge: ChargeNews, with known: [Payment], at gateway: GatewayName, of organization: OrganizationID,
        _ now: Instant
    ) throws(StorageError) -> Bool {
        let isOfAnotherCurrency = known.contains { $0.currency != charge.captured.currency }
        guard known.count > 1 || isOfAnotherCurrency, let reference = charge.charges.first else { return true }
        let payments = known.map(\.id.description).joined(separator: ", ")
        var exception = NewException(
            known.count > 1 ? .unmatched : .capturedDiffers, about: .charge(gateway, reference),
            detail: known.count > 1
                ? "one charge, \(charge.charges.joined(separator: ", ")), is of several payments here: \(payments)"
                : "\(charge.captured) were captured by the charge \(reference) of payment \(payments)", at: now)
        exception.payment = known.first?.id
        try open(exception, for: organization)
        return false
    }

    /// The payments that a charge belongs to by any of its references, each once; `owners` are those that are locked.
    ///
    /// Where no reference belongs to a payment, those that were put with it by a server of the version before.
    func payments(
        ofCharges references: [String], _ owners: Set<PaymentID>? = nil, at gateway: GatewayName,
        of organization: OrganizationID
    ) throws(StorageError) -> [Payment] {
        var found = owners ?? []
        if owners == nil {
            for reference in references {
                if let owner = try owner(ofCharge: reference, at: gateway, of: organization) { found.insert(owner) }
            }
        }
        if found.isEmpty {
            for reference in references {
                let charge = Charge(gateway: gateway, reference: reference)
                for payment in try payments(ofCharge: charge, of: organization) { found.insert(payment.id) }
            }
        }
        var payments: [Payment] = []
        for id in found.sorted(by: { $0.value < $1.value }) {
            if let payment = try payment(id, of: organization) { payments.append(payment) }
        }
        return payments
    }
}

extension NewException {
    /// A charge that came by one account and is a payment of another: the two may be one account at the provider.
    fileprivate static func charge(
        _ charge: ChargeNews, at gateway: GatewayName, isOf payment: PaymentID, at now: Instant
    ) -> NewException {
        var exception = NewException(
            .unmatched, about: .charge(gateway, charge.charges.first ?? ""),
            detail: "its payment \(payment) is of another account here, which may be the same one at the provider",
            at: now)
        exception.payment = payment
        return exception
    }
}

extension ChargeImport {
    fileprivate mutating func count(
        _ charge: ChargeNews, _ put: () async throws(Failure) -> PutResult
    ) async throws(Failure) {
        do throws(Failure) {
            switch try await put() {
            case .created: created += 1
            case .updated: updated += 1
            case .unchanged: unchanged += 1
            }
        } catch {
            switch error {
            case .conflict(let reason), .chargeOfAnotherPayment(_, let reason):
                refused[charge.charges.first ?? ""] = reason
            case .input(let problems): refused[charge.charges.first ?? ""] = problems.first?.message ?? ""
            case .refund, .notFound, .unauthenticated, .denied, .foreignTenant, .unavailable, .sendingOff, .bug:
                throw error
            }
        }
    }
}

extension Instant {
    /// How far it is from here back to an earlier moment, at one between them: 0 to 100.
    fileprivate func percentOfWay(to end: Instant, at reached: Instant) -> Int {
        let (way, done) = (since(end).wholeMicroseconds / 100, since(reached).wholeMicroseconds)
        return way > 0 ? Int(min(max(0, done / way), 100)) : 100
    }
}

extension DialectName {
    /// Under which records are known by a gateway's own references: no API is called so, whatever the account is.
    package static func references(of gateway: GatewayName) -> DialectName { DialectName("gateway.\(gateway)") }
}

extension ChargeNews {
    /// The party and the payment that the charge is here, known by the gateway's references.
    ///
    /// Who paid as a guest is a party of this charge alone.
    fileprivate func records(
        of gateway: GatewayName, at rate: ExchangeRate?, on day: LocalDate
    ) -> (party: PutParty, payment: PutPayment) {
        let dialect = DialectName.references(of: gateway)
        let reference = charges.first ?? ""
        let payer = customer?.gatewayReference ?? reference
        let party = PutParty(
            externalIDs: [dialect: payer], role: .customer, name: customer?.name ?? "", email: customer?.email ?? "",
            isActive: true)
        let payment = PutPayment(
            externalIDs: [dialect: reference], party: RecordReference(dialect: dialect, text: payer, generated: nil),
            number: reference, state: captured.isZero ? .pending : .succeeded, mode: .creditCard,
            charge: Charge(gateway: gateway, reference: reference), method: nil, currency: captured.currency,
            captured: nil, capturedByGateway: captured, disputed: nil, rate: rate, receivedOn: day, invoiceNumber: "",
            furtherReferences: Array(charges.dropFirst()))
        return (party, payment)
    }
}
