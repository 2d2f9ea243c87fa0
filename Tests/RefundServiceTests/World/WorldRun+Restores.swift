import RefundDomain
import RefundService
import RefundStorage
import RefundTesting

/// All rows of a database, as a copy keeps them.
struct WorldBackup: Sendable {
    private let tables: [[StoredValues]]

    init(of store: any Store) async throws {
        tables = try await store.read { session in
            try MovedTable.all.map { try session.rows(of: $0, after: nil, limit: .max) }
        }
    }

    /// Puts the rows in the place of what is there; nothing may be sent from then on.
    func restore(in store: any Store, deleting deletions: [SQLText]) async throws {
        try await store.write(for: OrganizationID(0)) { [tables] session in
            for deletion in deletions { try session.execute(deletion, []) }
            for (table, rows) in zip(MovedTable.all, tables) {
                for row in rows { try session.insert(row, into: table) }
            }
            try session.turnSendingOff(because: "it was restored")
        }
    }
}

/// What was known of a tenant when a copy was made.
struct KnownThen: Sendable {
    let oracle: Oracle
    let world: World
    let reported: [Int: PaymentID]
    let retries: [String: String]
    let pendingSince: [String: Instant]
    let lastCaptured: [Int: Int64]
    let grownBackings: Set<String>
    let payments: [Int: PaymentID]
    let notes: [Int: CreditNoteID]
    let captured: [Int: Int64]
    let disputed: [Int: Int64]
    let applied: [Int: Int64]
    let voided: Set<Int>
    let refunds: [String: RefundID]
    let names: [RefundID: String]
    let sources: [String: Oracle.Source]
    let amounts: [String: Money]
    let offline: Set<String>
    let raisedNotes: [String: Bool]
}

/// A refund that a gateway made and that the restored database does not know yet.
struct LateStray: Sendable {
    let name: String
    let payment: Int
    let amount: Money
}

/// A database that is put back to an earlier copy, while the gateway's book goes on.
extension WorldRun {
    func backUp() async throws {
        cluster.backups.append(try await WorldBackup(of: store))
        keepWhatIsKnown()
        for peer in peers { await peer.keepWhatIsKnown() }
    }

    func restore() async throws {
        guard let number = try await numberOfBackup() else {
            report.count("restores left out")
            return add("left out: what was handed over since a copy was made nobody would know of")
        }
        report.count("restores")
        cluster.backups.removeLast(cluster.backups.count - number - 1)
        try await cluster.backups[number].restore(in: store, deleting: Self.deletions)
        for machine in cluster.machines { machine.kill() }
        await revive()
        cluster.isRestored = true
        cluster.isNoticeLate = false
        for run in [self] + peers { await run.forgetWhatCameSince(backup: number) }
        try await expectNothingLeaves()
        for run in [self] + peers { run.gateway.beDown(calls: 0) }
        let compared = try await insisting { (node) async throws(Failure) in
            try await node.operations.resumeSending(since: nil, skipping: [], with: NoticeWorker(node.operations))
        }
        add("sending is resumed: \(compared.reduce(0) { $0 + $1.unknownRefunds }) refunds were not known")
        for run in [self] + peers {
            await run.tellWhatHadEnded()
            try await run.tellOracle()
        }
    }

    private func keepWhatIsKnown() {
        let then = KnownThen(
            oracle: oracle, world: world, reported: reported, retries: retries, pendingSince: pendingSince,
            lastCaptured: lastCaptured, grownBackings: grownBackings, payments: payments, notes: notes,
            captured: captured, disputed: disputed, applied: applied, voided: voided, refunds: refunds, names: names,
            sources: sources, amounts: amounts, offline: offline, raisedNotes: raisedNotes)
        known.append(then)
    }

    /// The oldest copy since which nothing left that nobody could be asked for.
    private func numberOfBackup() async throws -> Int? {
        for number in cluster.backups.indices {
            var isWhole = true
            for run in [self] + peers {
                let isSafe = await run.isAllAtGateway(sinceBackup: number)
                let mayResume = await run.mayResume(fromBackup: number)
                if !isSafe || !mayResume { isWhole = false }
            }
            if isWhole { return number }
        }
        return nil
    }

    /// Whether all that left since a copy was made can be asked for at the gateway, by its charge.
    private func isAllAtGateway(sinceBackup number: Int) -> Bool {
        let known = known[number]
        let isHandedOver = offline.contains { !known.offline.contains($0) }
        let isPaidOut = gateway.effects.contains { effect in
            effect.charge == nil && effect.refund.map { known.names[$0] == nil } ?? false
        }
        return !isHandedOver && !isPaidOut
    }

    /// Whether all that the gateway would say of what had ended by a copy is switched on.
    private func mayResume(fromBackup number: Int) -> Bool {
        let known = known[number]
        return gateway.effects.allSatisfy { effect in
            let name = effect.refund.flatMap { known.names[$0] } ?? strays[effect.reference]
            guard let name, effect.isListedAsGoing, known.oracle.state(of: name)?.isOver ?? false else { return true }
            if known.raisedNotes[name] != nil, !isOn(.lateSuccessOfRaisedNote) { return false }
            guard case .note(let note)? = known.sources[name] else { return true }
            return !known.grownBackings.contains(note) || isOn(.lateOnGrownBacking)
        }
    }

    /// What had ended here takes its money again while sending is still off, by the gateway's list alone.
    private func tellWhatHadEnded() {
        for effect in gateway.effects.sorted(by: { $0.charge ?? "" < $1.charge ?? "" }) where effect.isListedAsGoing {
            guard let name = name(of: effect), oracle.state(of: name)?.isOver ?? false else { continue }
            add("\(name) is \(effect.state) by the list")
            report.count("told by the list")
            try? tell(&oracle, effect.report, of: name)
        }
    }

    private func forgetWhatCameSince(backup number: Int) {
        self.known.removeLast(self.known.count - number - 1)
        let known = known[number]
        let namesBefore = names
        oracle = known.oracle
        (world, reported, retries) = (known.world, known.reported, known.retries)
        (pendingSince, lastCaptured, grownBackings) = (known.pendingSince, known.lastCaptured, known.grownBackings)
        // What waited is one of those that left and are not known yet.
        waiting = []
        (payments, notes, captured) = (known.payments, known.notes, known.captured)
        (disputed, applied, voided) = (known.disputed, known.applied, known.voided)
        (refunds, names, sources) = (known.refunds, known.names, known.sources)
        (amounts, offline, raisedNotes) = (known.amounts, known.offline, known.raisedNotes)
        _ = gateway.takeExchanges()
        lateStrays = [:]
        for effect in gateway.effects {
            guard effect.refund.flatMap({ names[$0] }) == nil else { continue }
            let before = effect.refund.flatMap { namesBefore[$0] }
            let name = strays[effect.reference] ?? "\(before ?? "a refund") (\(effect.reference))"
            let index = world.payments.firstIndex { $0.isCharged && $0.charge == effect.charge }
            guard oracle.state(of: name) == nil, let index else { continue }
            strays[effect.reference] = name
            sources[name] = .payment(world.payments[index].name)
            amounts[name] = effect.amount
            lateStrays[effect.reference] = LateStray(name: name, payment: index, amount: effect.amount)
        }
    }

    /// While sending is off no refund is accepted and nothing is sent.
    private func expectNothingLeaves() async throws {
        if let index = payments.keys.min() {
            let payment = world.payments[index]
            let request = try RefundRequest.of(
                .payment(Brought.reference(payment.name), raisingNote: false), money(1, payment.currency).decimalText,
                way: .offline(.cash), organization: organization)
            let answer = await nodes[0].operations.answer(to: request)
            if answer.failure != .sendingOff { complain("a request was answered while sending was off: \(answer)") }
        }
        for node in nodes { try await node.takeUpOnce() }
        for run in [self] + peers {
            let exchanges = run.gateway.takeExchanges()
            if !exchanges.isEmpty { complain("the gateway was called while sending was off: \(exchanges)") }
        }
    }

    /// What left in the gap is a fact once it is known again.
    func tellLateStray(_ reference: String) {
        guard let late = lateStrays.removeValue(forKey: reference) else { return }
        add("\(late.name) of \(late.amount) is known again")
        report.count("known again")
        oracle.outOfBand(
            late.name, on: world.payments[late.payment].name, amount: late.amount, .pending, at: nextMoment())
    }

    /// Nothing that left stays unknown, but where it may be what a gateway has not answered for.
    func expectNoLateStrays() async throws {
        for late in lateStrays.values {
            guard (payments[late.payment] ?? reported[late.payment]) != nil else { continue }
            if try await !isHeldBack(late.payment) { complain("\(late.name) left, and is not known again") }
        }
    }
}

extension WorldGateway.Effect {
    /// Whether the list of its charge tells that it goes, or has gone.
    fileprivate var isListedAsGoing: Bool { charge != nil && (state == .pending || state == .succeeded) }
}
