import RefundDomain
import RefundService
import RefundTesting

/// Comparing what the program says with what the oracle says, and both with the gateway's own book.
extension WorldRun {
    func compare() async throws {
        gateway.plan(nil)
        for name in raisedNotes.keys { voidRaisedNote(of: name) }
        undone.formUnion(refunds.keys.filter { oracle.state(of: $0)?.isOver ?? false })
        for (index, payment) in world.payments.enumerated() {
            guard let captured = oracle.purse(of: payment.name)?.captured, captured > 0 else { continue }
            leastCaptured[index] = min(captured, leastCaptured[index] ?? captured)
            if captured > lastCaptured[index] ?? 0 { followGrowth(of: index) }
            lastCaptured[index] = captured
        }
        let here = payments.merging(reported) { own, _ in own }
        let figures = try await ProgramFigures.read(
            payments: Array(here.values), notes: Array(notes.values), of: organization, in: store)
        for (index, id) in here {
            let name = world.payments[index].name
            let expected = oracle.purse(of: name).map(ProgramFigures.Purse.init)
            let found = figures.payments[id]
            guard found != expected else { continue }
            complain("\(name): \(found.map { "\($0)" } ?? "nothing"); to be: \(expected.map { "\($0)" } ?? "nothing")")
        }
        for (index, id) in notes {
            let name = world.notes[index].name
            let expected = oracle.balance(of: name)?.left
            guard figures.notes[id] != expected else { continue }
            complain("\(name) has \(figures.notes[id] ?? -1) left; to be: \(expected ?? -1)")
        }
        compareStates(figures)
        compareLedger(figures)
        compareWithBook()
    }

    private func compareStates(_ figures: ProgramFigures) {
        for (name, id) in refunds where figures.states[id] != oracle.state(of: name) {
            let found = figures.states[id].map { "\($0)" } ?? "not here"
            complain("\(name) is \(found); to be: \(oracle.state(of: name).map { "\($0)" } ?? "not here")")
        }
        let strangers = Set(figures.states.keys).subtracting(names.keys)
        if !strangers.isEmpty { complain("there are refunds that nobody asked for: \(strangers)") }
    }

    private func compareLedger(_ figures: ProgramFigures) {
        for currency in Set(world.payments.map(\.currency)) {
            let position = oracle.ledger(in: currency)
            let expected = ProgramFigures.Accounts(
                refundsPayable: position.refundsPayable.amount, customerCredit: position.customerCredit.amount,
                overRefunds: position.overRefunds.amount, unallocatedRefunds: position.unallocatedRefunds.amount)
            let found = figures.accounts[currency] ?? ProgramFigures.Accounts()
            if found != expected { complain("the ledger in \(currency): \(found); to be: \(expected)") }
        }
    }

    /// What left by the gateway's own book and by hand is never more than came in, but where a fact says why.
    private func compareWithBook() {
        let effects = gateway.effects
        for (refund, own) in Dictionary(grouping: effects.filter { $0.refund != nil }, by: \.refund)
        where own.count > 1 {
            complain("\(refund.flatMap { names[$0] } ?? "a refund") was carried out \(own.count) times")
        }
        // What is not known again since the database was put back is owed by nobody yet.
        guard lateStrays.isEmpty else { return }
        let given = effects.filter { $0.state == .succeeded && isToldAsGoing($0) }
        for payment in world.payments {
            guard let purse = oracle.purse(of: payment.name) else { continue }
            let byCharge = given.filter { payment.isCharged && $0.charge == payment.charge }
                .reduce(0) { $0 + $1.amount.minorUnits }
            let byHand = handed { $0 == .payment(payment.name) }
            guard byCharge + byHand > purse.captured else { continue }
            guard oracle.received(from: payment.name).unguardedFacts.isEmpty else { continue }
            complain("\(byCharge + byHand) of \(payment.name) went back, of which \(purse.captured) were captured")
        }
        for (index, party) in World.parties.enumerated() {
            for currency in Set(world.payments.map(\.currency)) { compareWithBook(index, party, currency, given) }
        }
    }

    /// All that one customer got, by whatever road, against all that came in and all that is owed beyond it.
    private func compareWithBook(
        _ index: Int, _ party: String, _ currency: Currency, _ given: [WorldGateway.Effect]
    ) {
        guard oracle.received(by: party, in: currency).unguardedFacts.isEmpty else { return }
        // What only the gateway has told of is nobody's yet.
        let own = payments.keys.map { world.payments[$0] }.filter { $0.party == index && $0.currency == currency }
        let charges = Set(own.map(\.charge))
        let captured = own.reduce(0) { $0 + (oracle.purse(of: $1.name)?.captured ?? 0) }
        let unbacked = world.notes.filter { $0.party == index && $0.currency == currency }.reduce(Int64(0)) {
            sum, note in
            let named = note.backing.reduce(0) { $0 + $1.amount }
            let behind = note.payment.map { leastCaptured[$0] ?? 0 } ?? named
            return sum + max(0, note.total - behind)
        }
        let token = "tok_\(party)"
        let byGateway = given.filter { $0.amount.currency == currency }
            .filter { $0.charge.map(charges.contains) ?? ($0.target == .method(token)) }
            .reduce(0) { $0 + $1.amount.minorUnits }
        let names = Set(
            own.map(\.name) + world.notes.filter { $0.party == index && $0.currency == currency }.map(\.name))
        let byHand = handed { source in
            switch source {
            case .payment(let name): names.contains(name)
            case .note(let name): names.contains(name) || isRaised(name, for: own)
            }
        }
        guard byGateway + byHand > captured + unbacked else { return }
        complain("\(party) got \(byGateway + byHand) \(currency), of \(captured) captured and \(unbacked) owed")
    }

    private func isRaised(_ note: String, for payments: [World.Payment]) -> Bool {
        requests.contains { name, asked in
            Self.raisedNote(of: name) == note
                && payments.contains { $0.name == world.payment(behind: asked.asked.source)?.name }
        }
    }

    /// What was given by hand of some sources.
    private func handed(of isMeant: (Oracle.Source) -> Bool) -> Int64 {
        offline.reduce(0) { sum, name in
            guard oracle.state(of: name) == .succeeded, let source = sources[name], isMeant(source) else { return sum }
            return sum + (amounts[name]?.minorUnits ?? 0)
        }
    }

    /// What was asked for and never undone, and of all else what the oracle knows as done.
    private func isToldAsGoing(_ effect: WorldGateway.Effect) -> Bool {
        guard !(strays[effect.reference].map(waiting.contains) ?? false) else { return false }
        guard let name = name(of: effect), let state = oracle.state(of: name) else { return true }
        return state == .succeeded || !state.isOver && effect.refund != nil && !undone.contains(name)
    }

    /// What the program took of each payment for a refund, by the payment's name.
    func allocations(of refund: RefundID) async throws -> [String: Int64] {
        let taken = try await ProgramFigures.allocations(of: refund, organization, in: store)
        let names = payments.merging(reported) { own, _ in own }.map { ($0.value, world.payments[$0.key].name) }
        let known = Dictionary(names) { first, _ in first }
        return taken.reduce(into: [:]) { $0[known[$1.key] ?? ""] = $1.value }
    }

    private func compareAllocations() async throws {
        for (name, id) in refunds where !(oracle.state(of: name)?.isOver ?? true) {
            let (found, expected) = (try await allocations(of: id), oracle.allocations(of: name))
            if found != expected { complain("\(name) takes \(found); to be: \(expected)") }
        }
    }

    func verify() async throws {
        let breaches = try await auditor.operations.verify().breaches
        if let breach = breaches.first { complain("verify: \(breach)") }
    }

    /// The gateway tells all that it has not told, a week passes, and everything agrees.
    func end() async throws {
        let told = try await tellAll()
        let toldNextDoor = try await tellAllNextDoor()
        try await pass(.seconds(8 * 86_400))
        try await judgeEnd(told)
        try await judgeEndNextDoor(toldNextDoor)
        try await verify()
    }

    /// The gateway tells of all that it has not told; of which refunds.
    func tellAll() async throws -> Set<String> {
        gateway.beDown(calls: 0)
        var told: Set<String> = []
        for name in refunds.keys.sorted() where mayTell(of: name) {
            told.insert(name)
            try await pass(.seconds(1))
            try await tell(of: name, copies: 1)
        }
        return told
    }

    /// All is known of what was told, and nothing is under way any more.
    func judgeEnd(_ told: Set<String>) async throws {
        try await compare()
        try await expectNoLateStrays()
        for name in told.sorted() {
            guard let effect = effect(of: name), let state = oracle.state(of: name) else { continue }
            let isContradicted =
                effect.state == .succeeded && state != .succeeded || effect.state == .failed && state == .succeeded
            if state == .submitting || oracle.maySend(name) { complain("\(name) is \(state) in the end") }
            if isContradicted { complain("\(name) is \(state) here, and \(effect.state) at the gateway") }
        }
        try await checkWaiting()
        try await compareAllocations()
        for name in refunds.keys { report.count("end: \(oracle.state(of: name).map { "\($0)" } ?? "")") }
    }
}

extension ProgramFigures.Purse {
    init(_ purse: Oracle.PaymentPurse) {
        self.init(
            captured: purse.captured, reserved: purse.reserved, refunded: purse.refunded, held: purse.held,
            overRefunded: purse.overRefunded, refundable: purse.refundable)
    }
}
