import RefundDomain
import RefundService
import RefundTesting

extension WorldRun {
    /// Lets a step happen.
    func act(_ step: WorldStep) async throws {
        switch step {
        case .putPayment(let index): try await putPayment(index)
        case .putNote(let index): try await putNote(index)
        case .load(let index): try await load(world.past[index])
        case .request(let request): try await ask(request)
        case .atOnce(let one, let other): try await askAtOnce(one, other)
        case .race(let request, let payment, let tenths):
            try await race(request, with: payment, capturedTenths: tenths)
        case .repeatRequest(let name): try await repeatRequest(name)
        case .cancel(let name): try await cancel(name)
        case .resolve(let name, let succeeded): try await resolve(name, succeeded: succeeded)
        case .ask(let name): try await haveAsked(name)
        case .gatewayDecides(let name, let verdict, let telling): try await decide(name, verdict, telling)
        case .outOfBand(let name, let payment, let amount, let verdict, let telling):
            try await giveBackOutOfBand(name, of: payment, amount, verdict, telling)
        case .captureMore(let payment, let tenths): try await captureMore(of: payment, tenths: tenths)
        case .dispute(let name, let payment, let stage, let tenths):
            try await dispute(name, of: payment, stage, tenths: tenths)
        case .putAgain(let payment, let tenths): try await putAgain(payment, capturedTenths: tenths)
        case .ownerDisputes(let payment, let tenths): try await ownerDisputes(payment, tenths: tenths)
        case .applyNote(let note, let tenths): try await applyNote(note, tenths: tenths)
        case .voidNote(let note): try await voidNote(note)
        case .wrongLink(let payment, let isOtherCurrency): await putWrongLink(payment, isOtherCurrency: isOtherCurrency)
        case .stranger(let payment, let reach): await reachFromOutside(payment, reach)
        case .lineDown(let calls): gateway.beDown(calls: calls)
        case .pass(let seconds): try await pass(.seconds(seconds))
        case .loss(let loss):
            cluster.isAskedAgain = loss.isAskedAgain
            cluster.machines[loss.node].lose(loss)
        case .death(let node, let moments): cluster.machines[node].die(afterMoments: moments)
        case .clock(let node, let ahead):
            let others = cluster.setClock(of: node, ahead: .seconds(ahead))
            for other in others { add("that of node \(other + 1) is put right") }
        case .backUp: try await backUp()
        case .restore: try await restore()
        case .full(let node, let steps): cluster.fill(node, untilStep: report.stepsTaken + steps)
        case .neighbor(let step): try await actNextDoor(step)
        case .retry(let known, let name, let plan): try await retry(known, as: name, plan)
        case .nameBackers(let note, let tenths): try await nameBackers(of: note, tenths: tenths)
        case .shareCharge(let payment, let sharing): await shareCharge(of: payment, sharing)
        }
    }

    // MARK: The owner's records

    private func putNote(_ index: Int) async throws {
        let note = world.notes[index]
        guard note.backers.allSatisfy({ payments[$0] != nil }) else { return add("its payment is not here") }
        try oracle.putNote(
            note.name, total: note.money, backing: backing(of: note), customer: World.parties[note.party],
            rate: note.rate.oracle)
        try await put(.creditNote(brought(note: index)))
        notes[index] = try await auditor.operations.retrieveCreditNote(
            Brought.reference(note.name), of: organization
        ).note.id
    }

    private func load(_ past: World.PastRefund) async throws {
        guard isHere(past.source) else { return add("its source is not here") }
        let source = oracleSource(past.source)
        let isCharged = world.payment(behind: past.source)?.isCharged ?? false
        // Of several payments nobody knows by whose charge it went.
        let isShared = world.backers(of: past.source).count > 1
        let destination: Oracle.Destination =
            past.isOffline || !isCharged || isShared ? .offline : .charge(of: nil)
        let left = oracle.largestAcceptable(of: source, by: destination)?.minorUnits ?? 0
        let units = left * past.tenths / 10
        guard units > 0 else { return add("nothing is left of it") }
        guard units <= left || isOn(.historyBeyondWhatIsLeft) && isOn(.overRefunding) else { return skip(.history) }
        guard units <= left || !grownBackings.contains(world.name(of: past.source)) || isOn(.lateOnGrownBacking) else {
            return skip(.lateOnGrownBacking)
        }
        let amount = money(units, world.currency(of: past.source))
        let reference = Brought.reference(world.name(of: past.source))
        let brought = Brought.refund(
            past.name, of: past.source.isNote ? .creditNote(reference) : .payment(reference), amount: amount,
            channel: destination == .offline ? .offline(.cash) : .electronic(Fixtures.gateway))
        _ = try await insisting { (node) async throws(Failure) in
            try await node.operations.put(Brought.batch([.refund(brought)]), for: organization)
        }
        let view = try await auditor.operations.retrieveRefund(Brought.reference(past.name), of: organization)
        oracle.history(past.name, of: source, by: destination, amount: amount)
        remember(past.name, view.refund.id, of: source, amount, isOffline: destination == .offline)
        guard destination != .offline, let payment = world.payment(behind: past.source) else { return }
        let effect = gateway.giveBack(amount, of: payment.charge, as: "rf_\(past.name)", .succeeded)
        strays[effect.reference] = past.name
    }

    /// What the owner is to say of a payment that is here; nil, with a word why, where the step is left out.
    func unitsToPut(_ index: Int, capturedTenths: Int64) -> Int64? {
        guard payments[index] != nil else {
            add("it is not here")
            return nil
        }
        let payment = world.payments[index]
        let units = payment.captured * capturedTenths / 10
        let isLower = units < oracle.purse(of: payment.name)?.captured ?? 0
        guard !isLower || isOn(.lowerCaptured) else {
            skip(.lowerCaptured)
            return nil
        }
        guard coversNotes(index, units) else {
            skip(.partialBacking)
            return nil
        }
        guard isOn(.lateOnGrownBacking) || !growsBesideUnbacked(index, units) else {
            skip(.lateOnGrownBacking)
            return nil
        }
        return units
    }

    func putAgain(_ index: Int, capturedTenths: Int64) async throws {
        if reported[index] != nil, payments[index] == nil { return try await putPayment(index) }
        guard let units = unitsToPut(index, capturedTenths: capturedTenths) else { return }
        let payment = world.payments[index]
        var after = oracle
        let isAllowed: Bool
        do throws(Oracle.Refusal) {
            try after.putPayment(payment.name, captured: money(units, payment.currency))
            isAllowed = true
        } catch {
            isAllowed = false
        }
        let known = captured[index]
        captured[index] = units
        let failure = await putting(.payment(brought(index)))
        if failure == nil { oracle = after } else { captured[index] = known }
        judge(failure, isAllowed: isAllowed)
    }

    func ownerDisputes(_ index: Int, tenths: Int64) async throws {
        guard payments[index] != nil else { return add("it is not here") }
        let payment = world.payments[index]
        disputed[index] = min(payment.captured * tenths / 10, captured[index] ?? 0)
        judge(await putting(.payment(brought(index))), isAllowed: true)
        oracle.ownerDisputed(money(disputed[index] ?? 0, payment.currency), on: payment.name)
    }

    private func applyNote(_ index: Int, tenths: Int64) async throws {
        guard notes[index] != nil else { return add("it is not here") }
        guard !voided.contains(index) else { return add("it is void") }
        let note = world.notes[index]
        let more = (oracle.balance(of: note.name)?.left ?? 0) * tenths / 10
        applied[index, default: 0] += more
        judge(await putting(.creditNote(brought(note: index))), isAllowed: true)
        try oracle.applyNote(note.name, of: money(more, note.currency))
    }

    private func voidNote(_ index: Int) async throws {
        guard notes[index] != nil else { return add("it is not here") }
        guard !voided.contains(index) else { return add("it is void") }
        var isAllowed = true
        do throws(Oracle.Refusal) { try oracle.voidNote(world.notes[index].name) } catch { isAllowed = false }
        if isAllowed { voided.insert(index) }
        judge(await putting(.creditNote(brought(note: index, state: .void))), isAllowed: isAllowed)
    }

    // MARK: What must not be

    private func putWrongLink(_ index: Int, isOtherCurrency: Bool) async {
        guard payments[index] != nil else { return add("it is not here") }
        let payment = world.payments[index]
        let party = isOtherCurrency ? payment.party : 1 - payment.party
        let currency = isOtherCurrency ? Fixtures.currency("SEK") : payment.currency
        let note = World.Note(
            name: "X\(report.stepsTaken)", party: party, currency: currency, rate: payment.rate, payment: index,
            lines: [1])
        judge(await putting(.creditNote(brought(note, number: 900 + report.stepsTaken))), isAllowed: false)
    }

    private func reachFromOutside(_ index: Int, _ reach: WorldReach) async {
        guard let id = payments[index] else { return add("it is not here") }
        let text = world.payments[index].name
        let failure: Failure?
        switch reach {
        case .byName where !peers.isEmpty: return add("it has one of that name itself")
        case .byName: failure = await askFromOutside(Brought.reference(text))
        case .byIdentifier: failure = await askFromOutside(reference(id))
        case .cancellation:
            guard let refund = refunds.min(by: { $0.key < $1.key })?.value else { return add("it has no refund") }
            do throws(Failure) {
                _ = try await insisting { (node) async throws(Failure) in
                    try await node.operations.cancelRefund(
                        reference(refund), of: other, by: "client:901", remark: "")
                }
                failure = nil
            } catch {
                failure = error
            }
        }
        guard case .notFound? = failure else {
            return complain("the other organization was answered \(failure.map { "\($0)" } ?? "with a refund")")
        }
    }

    private func askFromOutside(_ source: RecordReference) async -> Failure? {
        do {
            let request = try RefundRequest.of(
                .payment(source, raisingNote: false), "0.01", organization: other)
            _ = try await insisting { (node) async throws(Failure) in
                try await node.operations.answer(to: request).get()
            }
            return nil
        } catch let failure as Failure {
            return failure
        } catch {
            return .bug
        }
    }

    // MARK: Putting

    private func put(_ entry: RecordBatch.Entry) async throws {
        if let failure = await putting(entry) { throw failure }
    }

    /// The owner puts a record until he is answered.
    func putting(_ entry: RecordBatch.Entry, on index: Int? = nil) async -> Failure? {
        do throws(Failure) {
            _ = try await insisting(on: index) { (node) async throws(Failure) in
                try await node.operations.put(Brought.batch([entry], updates: true), for: organization)
            }
            return nil
        } catch {
            return error
        }
    }

    func judge(_ failure: Failure?, isAllowed: Bool) {
        switch failure {
        case nil:
            add("it is taken")
            if !isAllowed { complain("it was to be refused") }
        case .conflict(let reason), .chargeOfAnotherPayment(_, let reason):
            add("it is refused: \(reason)")
            if isAllowed { complain("it was to be taken") }
        case .input(let problems):
            add("it is refused: \(problems)")
            if isAllowed { complain("it was to be taken") }
        case .refund, .notFound, .unauthenticated, .denied, .foreignTenant, .unavailable, .sendingOff, .bug:
            complain("it ended in \(failure.map { "\($0)" } ?? "")")
        }
    }

    /// Whether a payment with so much captured backs each of its notes wholly, where that is all that is switched on.
    func coversNotes(_ payment: Int, _ captured: Int64) -> Bool {
        isOn(.partialBacking) || captured == 0
            || world.notes.allSatisfy { $0.payment != payment || $0.total <= captured }
    }

    func skip(_ kind: WorldKind) { add("left out: \(WorldKind.switchedOff[kind] ?? kind.rawValue)") }
}
