import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// Organizations and parties, written and read.
@Suite struct `The tables of organizations and parties` {
    private static let organization = Fixtures.organization.id

    @Test(arguments: Engine.allCases)
    func `Organizations are read as they were written, in order`(engine: Engine) async throws {
        try await withStore(engine) { store in
            var settings = OrganizationSettings(
                refundWindowDays: 0, refundMinimumMinorUnits: .max, duplicateHold: .off,
                defaultGateway: Fixtures.gateway, ofDialects: ["a.b": "", "a.c": "O'Brien"])
            var organizations = [Fixtures.organization, Fixtures.stranger]
            for (index, text) in Texts.all.enumerated() {
                settings.ofDialects["text.\(index)"] = text
                organizations.append(
                    Organization(
                        id: OrganizationID(Int64(100 + index)), name: text, baseCurrency: Fixtures.yen,
                        timeZone: text, tenants: index == 0 ? [:] : [.native: [text], DialectName("d"): ["b", "c"]],
                        settings: settings))
            }
            let written = organizations
            try await store.unit { session in for organization in written.reversed() { try session.put(organization) } }
            #expect(try await store.look { try $0.organizations() } == written)
            for organization in written {
                #expect(try await store.look { try $0.organization(organization.id) } == organization)
            }
            #expect(try await store.look { try $0.organization(OrganizationID(999)) } == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Putting an organization again renames it, adds tenants, sets settings, and fixes the rest`(
        engine: Engine
    ) async throws {
        try await withFixtures(engine) { store in
            var changed = Fixtures.organization
            changed.name = "Meridian"
            changed.baseCurrency = Fixtures.dollar
            changed.timeZone = "UTC"
            changed.tenants = [.native: ["another"]]
            changed.settings = OrganizationSettings(refundWindowDays: 90, ofDialects: ["other.more": "1"])
            let put = changed
            try await store.unit { try $0.put(put) }
            var expected = Fixtures.organization
            expected.name = "Meridian"
            expected.tenants[.native] = ["another", "meridian"]
            expected.settings.refundWindowDays = 90
            expected.settings.ofDialects["other.more"] = "1"
            #expect(try await store.look { try $0.organization(Self.organization) } == expected)
            #expect(try await store.look { try $0.organization(Fixtures.stranger.id) } == Fixtures.stranger)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Parties are read as they were written, and a role never changes`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let parties = Texts.all.enumerated().map { index, text in
                Party(
                    id: PartyID(Int64.max - Int64(index)), role: index.isMultiple(of: 2) ? .customer : .vendor,
                    name: text, email: text, isActive: index.isMultiple(of: 3))
            }
            try await store.unit { session in
                for party in parties { try session.put(party, for: Self.organization) }
            }
            for party in parties {
                let found = try await store.look { try $0.party(party.id, of: Self.organization) }
                #expect(found == party)
                #expect(found.map { Array($0.name.utf8) } == Array(party.name.utf8), "the same text, byte for byte")
                #expect(try await store.look { try $0.party(party.id, of: Fixtures.stranger.id) } == nil)
            }
            let renamed = Party(id: Fixtures.customer.id, role: .vendor, name: "New", email: "", isActive: false)
            try await store.unit { try $0.put(renamed, for: Self.organization) }
            let expected = Party(id: renamed.id, role: .customer, name: "New", email: "", isActive: false)
            #expect(try await store.look { try $0.party(renamed.id, of: Self.organization) } == expected)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Two organizations may have records with one identifier, and each sees its own`(
        engine: Engine
    ) async throws {
        try await withFixtures(engine) { store in
            let namesake = Party(id: Fixtures.customer.id, role: .vendor, name: "Somebody else")
            let payment = Payment(
                id: Fixtures.cashPayment.id, party: namesake.id, state: .succeeded, mode: .check, charge: nil,
                method: nil, balance: PaymentBalance(currency: Fixtures.dollar, captured: 7), rate: .one,
                receivedOn: Fixtures.today)
            try await store.unit { session in
                try session.put(namesake, for: Fixtures.stranger.id)
                try session.insert(payment, for: Fixtures.stranger.id)
                let seven = Money(minorUnits: 7, currency: Fixtures.dollar)
                _ = try session.reserve(seven, on: payment.id, of: Fixtures.stranger.id).first()
            }
            let found = try await store.look { session in
                (
                    own: try session.payment(payment.id, of: Fixtures.stranger.id)?.balance.reserved,
                    other: try session.payment(payment.id, of: Self.organization),
                    party: try session.party(namesake.id, of: Self.organization)
                )
            }
            #expect(found.own == 7)
            #expect(found.other == Fixtures.cashPayment)
            #expect(found.party == Fixtures.customer)
        }
    }
}

/// Payments and the methods behind them, written and read.
@Suite struct `The tables of payments` {
    private static let organization = Fixtures.organization.id

    private static let modes: [PaymentMode] =
        [.cash, .check, .creditCard, .debitCard, .bankTransfer, .bankRemittance, .wireTransfer, .ach, .others]
        + Texts.all.map(PaymentMode.named)

    @Test(arguments: Engine.allCases)
    func `Payment methods are read as they were written`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let cards = [nil, Card(lastFour: "0000", expiryMonth: 12, expiryYear: 9_999)]
            var methods: [PaymentMethod] = []
            for (index, mode) in Self.modes.enumerated() {
                let text = Texts.all[index % Texts.all.count]
                methods.append(
                    PaymentMethod(
                        id: PaymentMethodID(Int64.max - Int64(index)), party: Fixtures.customer.id, mode: mode,
                        gateway: GatewayName(text), token: text, card: cards[index % 2],
                        state: index.isMultiple(of: 3) ? .active : .closed))
            }
            let written = methods
            try await store.unit { session in
                for method in written { try session.insert(method, for: Self.organization) }
            }
            for method in written {
                #expect(try await store.look { try $0.paymentMethod(method.id, of: Self.organization) } == method)
            }
            #expect(try await store.look { try $0.paymentMethod(PaymentMethodID(1), of: Self.organization) } == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Payments are read as they were written`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            var generator = SeededGenerator(seed: 7)
            var payments = Fixtures.payments
            for index in 0..<60 { payments.append(payment(index, &generator)) }
            let written = payments
            try await store.unit { session in
                for payment in written.dropFirst(Fixtures.payments.count) {
                    try session.insert(payment, for: Self.organization)
                }
            }
            for payment in written {
                let found = try await store.look { try $0.payment(payment.id, of: Self.organization) }
                #expect(found == payment)
                #expect(found.map { Array($0.number.utf8) } == Array(payment.number.utf8))
                #expect(try await store.look { try $0.payment(payment.id, of: Fixtures.stranger.id) } == nil)
            }
        }
    }

    /// Every optional is nil in some and set in others, and every text and number comes in some place.
    private func payment(_ index: Int, _ generator: inout SeededGenerator) -> Payment {
        let text = Texts.all[index % Texts.all.count]
        let captured = Integers.all[index % Integers.all.count]
        let part = captured / 4
        let isEmpty = index.isMultiple(of: 5)
        return Payment(
            id: PaymentID(Int64.max - Int64(index)), party: Fixtures.customer.id, number: text,
            state: Payment.State.allCases[index % 4], mode: Self.modes[index % Self.modes.count],
            charge: generator.chance(oneIn: 2) ? nil : Charge(gateway: GatewayName(text), reference: text),
            method: generator.chance(oneIn: 2) ? nil : Fixtures.card.id,
            balance: PaymentBalance(
                currency: Currency.all[index % Currency.all.count], captured: captured, reserved: isEmpty ? 0 : part,
                refunded: isEmpty ? 0 : part, claims: isEmpty ? 0 : part, claimByOwner: isEmpty ? 0 : part / 2),
            rate: Fixtures.exchangeRate(["1", "0.000000000001", "999999999999999999", "83.2475", "1.50"][index % 5]),
            receivedOn: Fixtures.date(["0001-01-01", "1969-12-31", "9999-12-31", "2024-02-29"][index % 4]),
            invoiceNumber: text)
    }

    @Test(arguments: Engine.allCases)
    func `A correction is taken where it leaves what is promised and given back`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let before = Fixtures.cashPayment
            let promised = Money(minorUnits: 20_000, currency: Fixtures.rupee)
            let reserved = try await store.unit {
                try $0.reserve(promised, on: before.id, of: Self.organization).first()
            }
            #expect(reserved?.balance.reserved == 20_000)
            // captured, disputed, taken
            let rows: [(Int64, Int64, Bool)] = [
                (20_000, 0, true), (19_999, 0, false), (25_000, 5_000, true), (25_000, 9_000, true), (90_000, 0, true),
            ]
            for (captured, disputed, isTaken) in rows {
                let corrected = correction(of: before, captured: captured, disputed: disputed)
                let found = try await store.unit { try $0.correct(corrected, for: Self.organization)?.payment }
                #expect((found != nil) == isTaken, "captured \(captured), disputed \(disputed)")
                guard let found else { continue }
                #expect(found.balance.captured == captured)
                #expect(found.balance.reserved == 20_000, "what is promised is not the owner's to correct")
                #expect(found.number == "corrected \(captured)")
                #expect(try await store.look { try $0.payment(before.id, of: Self.organization) } == found)
            }
            let unknown = correction(of: Fixtures.payment(999, captured: 1, mode: .cash), captured: 1, disputed: 0)
            #expect(try await store.unit { try $0.correct(unknown, for: Self.organization)?.payment } == nil)
        }
    }

    private func correction(of payment: Payment, captured: Int64, disputed: Int64) -> Payment {
        Payment(
            id: payment.id, party: payment.party, number: "corrected \(captured)", state: payment.state,
            mode: payment.mode, charge: payment.charge, method: payment.method,
            balance: PaymentBalance(
                currency: payment.currency, captured: captured, claims: disputed, claimByOwner: disputed),
            rate: payment.rate, receivedOn: payment.receivedOn, invoiceNumber: "corrected")
    }
}

/// Credit notes and their lines, written and read.
@Suite struct `The tables of credit notes` {
    private static let organization = Fixtures.organization.id

    @Test(arguments: Engine.allCases)
    func `Notes are read as they were written, with their lines in their own order`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            var notes = Fixtures.notes
            for index in 0..<40 { notes.append((note(index), lines(index))) }
            let written = notes
            try await store.unit { session in
                for (note, lines) in written.dropFirst(Fixtures.notes.count) {
                    try session.insert(note, lines: lines, for: Self.organization)
                }
            }
            for (note, lines) in written {
                let found = try await store.look { session in
                    (
                        note: try session.creditNote(note.id, of: Self.organization),
                        lines: try session.lines(of: note.id, of: Self.organization).rows(),
                        strange: try session.creditNote(note.id, of: Fixtures.stranger.id),
                        strangeLines: try session.lines(of: note.id, of: Fixtures.stranger.id).rows()
                    )
                }
                #expect(found.note == note)
                #expect(found.lines == lines)
                #expect(found.strange == nil)
                #expect(found.strangeLines == [])
            }
        }
    }

    private func note(_ index: Int) -> CreditNote {
        let text = Texts.all[index % Texts.all.count]
        let total = Integers.all[index % Integers.all.count]
        let state = CreditNote.State.allCases[index % 3]
        return CreditNote(
            id: CreditNoteID(Int64.max - Int64(index)), party: Fixtures.customer.id, number: "\(index) " + text,
            state: state,
            balance: CreditNoteBalance(
                currency: Currency.all[index % Currency.all.count], total: total, tax: total / 2, applied: total / 3,
                drawn: state == .open ? total / 3 : 0),
            rate: Fixtures.exchangeRate("0.012"), raisedOn: Fixtures.today, reference: text,
            payment: index.isMultiple(of: 2) ? nil : Fixtures.cardPayment.id, invoiceNumber: text,
            isForRefund: index.isMultiple(of: 4))
    }

    /// Lines whose identifiers fall while their places rise.
    private func lines(_ index: Int) -> [CreditNoteLine] {
        (0..<index % 6).map { place in
            let id = Int64.max - Int64(index * 10 + place)
            return CreditNoteLine(
                id: CreditNoteLineID(id), kind: place.isMultiple(of: 2) ? .item : .tax(of: CreditNoteLineID(id + 1)),
                name: Texts.all[place], amount: Integers.all[place % Integers.all.count], drawn: 1)
        }
    }
}
