import RefundDomain
import RefundService
import RefundTesting

extension WorldRun {
    // MARK: Asking for refunds

    func ask(_ request: WorldRequest) async throws {
        let asked = try draft(request)
        requests[request.name] = asked
        gateway.plan(request.plan)
        let heard = try await ask(asked, on: request.node)
        // What is left to another node is sent later in this step.
        if cluster.ableNodes.contains(request.node) { gateway.plan(nil) }
        judge(heard, to: asked, as: request.name)
        if heard.isLost, cluster.isAskedAgain, request.isKeyed {
            await revive()
            try await repeatRequest(request.name)
        }
    }

    /// Sends a request to a node, and finds out what became of it.
    private func ask(_ asked: AskedRefund, on index: Int) async throws -> HeardAnswer {
        let (node, machine, before) = (nodes[index], cluster.machines[index], failures)
        let acceptancesLost = machine.acceptancesLost
        let answer = await node.operations.answer(to: asked.sent)
        let name = asked.asked.name
        return try await heard(answer, to: name, on: machine, since: before, acceptancesLost) {
            $0.description == name && $0.retryOf == nil
        }
    }

    /// Both are on their way together: they are as good as one after the other, in one of the two orders.
    func askAtOnce(_ one: WorldRequest, _ other: WorldRequest) async throws {
        let (first, second) = (try draft(one), try draft(other))
        (requests[one.name], requests[other.name]) = (first, second)
        async let firstAnswer = ask(first, on: 0)
        async let secondAnswer = ask(second, on: 1)
        let answers = try await [(one.name, first, firstAnswer), (other.name, second, secondAnswer)]
        // What each took of the payments behind a note tells which came first, where both were accepted.
        var taken: [String: [String: Int64]] = [:]
        for (name, _, heard) in answers {
            guard case .success(let view)? = heard.answer else { continue }
            taken[name] = try await allocations(of: view.refund.id)
        }
        for order in [answers, answers.reversed()] {
            var after = oracle
            let complaints = order.compactMap { name, asked, heard in
                complaint(about: heard, to: asked, as: name, &after)
            }
            guard complaints.isEmpty, taken.allSatisfy({ after.allocations(of: $0.key) == $0.value }) else { continue }
            for (name, asked, heard) in order { judge(heard, to: asked, as: name) }
            return
        }
        complain("in no order: \(answers.map { "\($0.0) is \($0.2.answer.map(Self.text) ?? "nothing")" })")
    }

    /// As above, with the owner's figure in place of the other request.
    func race(_ request: WorldRequest, with index: Int, capturedTenths: Int64) async throws {
        guard let units = unitsToPut(index, capturedTenths: capturedTenths) else { return }
        let payment = world.payments[index]
        let asked = try draft(request)
        requests[request.name] = asked
        raced.insert(request.name)
        let known = captured[index]
        captured[index] = units
        let entry = RecordBatch.Entry.payment(brought(index))
        async let answer = ask(asked, on: 0)
        async let failure = putting(entry, on: 1)
        let (answered, failed) = try await (answer, failure)
        if failed != nil { captured[index] = known }
        // How much refunds took of the payment tells which came first, where either would have been accepted.
        let found = try await ProgramFigures.read(
            payments: [payments[index]].compactMap { $0 }, notes: [], of: organization, in: store
        ).payments.values.first
        for isPutFirst in [false, true] {
            var after = oracle
            let put = { (oracle: inout Oracle) -> Bool in
                (try? oracle.putPayment(payment.name, captured: self.money(units, payment.currency))) != nil
            }
            var isPut = isPutFirst ? put(&after) : true
            let complaint = complaint(about: answered, to: asked, as: request.name, &after)
            if !isPutFirst { isPut = put(&after) }
            guard complaint == nil, isPut == (failed == nil) else { continue }
            let purse = after.purse(of: payment.name)
            guard found.map({ $0.reserved + $0.refunded }) == purse?.allocated else { continue }
            // The answer is judged by what was there before it; what was put is told in the same order.
            if isPutFirst { _ = put(&oracle) }
            judge(answered, to: asked, as: request.name)
            if !isPutFirst { _ = put(&oracle) }
            return add("and the payment is \(failed.map { "refused: \($0)" } ?? "taken")")
        }
        let text = answered.answer.map(Self.text) ?? "nothing"
        complain("in no order: \(text), and \(failed.map { "\($0)" } ?? "taken")")
    }

    func repeatRequest(_ name: String) async throws {
        guard var asked = requests[name], !asked.isOnlyByGateway else { return add("it was never sent") }
        let heard = try await ask(asked, on: report.stepsTaken % nodes.count)
        guard let known = refunds[name] else { return judge(heard, to: asked, as: name) }
        guard asked.asked.isKeyed else {
            asked.timesRepeated += 1
            requests[name] = asked
            return judge(heard, to: asked, as: "\(name)-\(asked.timesRepeated + 1)")
        }
        switch heard.answer {
        case nil: add("nobody hears the answer")
        case .success(let view):
            if view.refund.id != known { complain("\(name) has another refund now") }
            if view.retriedAs != retries[name].flatMap({ refunds[$0] }) { complain("\(name) does not name its retry") }
        case .failure(.refund(.keyInProgress)) where [.approved, .submitting].contains(oracle.state(of: name)):
            add("it is in progress")
        case .failure(let failure): complain("\(name) was accepted, and is refused: \(failure)")
        }
    }

    func draft(_ request: WorldRequest) throws -> AskedRefund {
        let source = oracleSource(request.source)
        let left = oracle.largestAcceptable(of: source, by: destination(of: request) ?? .offline)?.minorUnits ?? 0
        let amount = money(max(1, request.amount.minorUnits(of: left)), world.currency(of: request.source))
        let reference = Brought.reference(world.name(of: request.source))
        let party = world.party(of: request.source)
        let way: RequestRefund.Way =
            switch request.road {
            case .charge, .raisingNote: .asTaken
            case .offline: .offline(.cash)
            case .method: .method(Brought.reference(Self.methodName(of: World.parties[party])), through: nil)
            case .methodOfAnother:
                .method(Brought.reference(Self.methodName(of: World.parties[1 - party])), through: nil)
            }
        let sent = try RefundRequest.of(
            request.source.isNote
                ? .creditNote(reference, lines: [])
                : .payment(reference, raisingNote: request.road == .raisingNote),
            amount.decimalText, way: way, key: request.isKeyed ? "key-\(request.name)" : nil,
            description: request.name, organization: organization)
        return AskedRefund(asked: request, sent: sent, money: amount)
    }

    /// Where the money is to go; nil where it must not go there.
    private func destination(of request: WorldRequest) -> Oracle.Destination? {
        let isCharged = world.payment(behind: request.source)?.isCharged ?? false
        switch request.road {
        case .charge, .raisingNote: return isCharged ? .charge(of: nil) : .offline
        case .offline: return .offline
        case .method: return .method
        case .methodOfAnother: return nil
        }
    }

    // MARK: Judging

    func judge(_ heard: HeardAnswer, to asked: AskedRefund, as name: String) {
        if heard.isLost { add("nobody hears what became of \(name)") }
        guard let answer = heard.answer else { return report.count("requests lost") }
        judge(answer, to: asked, as: name)
    }

    func judge(_ answer: Result<RefundView, Failure>, to asked: AskedRefund, as name: String) {
        add("\(name) of \(asked.money) is \(Self.text(of: answer))")
        if let complaint = complaint(about: answer, to: asked, as: name, &oracle) {
            return complain(complaint)
        }
        guard case .success(let view) = answer else { return report.count("refused") }
        report.count("accepted: \(asked.asked.road)")
        if world.backers(of: asked.asked.source).count > 1 { report.count("accepted: of several payments") }
        if requests[name] == nil { requests[name] = asked }
        if view.refund.amount != asked.money { complain("\(name) is of \(view.refund.amount)") }
        let isRaising = asked.asked.road == .raisingNote
        if isRaising { raisedNotes[name] = true }
        remember(
            name, view.refund.id, of: isRaising ? .note(Self.raisedNote(of: name)) : oracleSource(asked.asked.source),
            asked.money, isOffline: destination(of: asked.asked) == .offline)
    }

    /// Nothing is wrong with a request that came to nothing and whose caller was not answered.
    private func complaint(
        about heard: HeardAnswer, to asked: AskedRefund, as name: String, _ oracle: inout Oracle
    ) -> String? {
        guard let answer = heard.answer else { return nil }
        return complaint(about: answer, to: asked, as: name, &oracle)
    }

    /// What is wrong with an answer, by an oracle that is told of the refund where it was accepted.
    private func complaint(
        about answer: Result<RefundView, Failure>, to asked: AskedRefund, as name: String, _ oracle: inout Oracle
    ) -> String? {
        let source = oracleSource(asked.asked.source)
        let wished = destination(of: asked.asked)
        let destination = asked.isOnlyByGateway && wished == .offline ? nil : wished
        let mayAccept = destination.map { oracle.mayAccept(asked.money, of: source, by: $0) } ?? false
        switch answer {
        case .success:
            guard mayAccept, let destination else {
                let left = oracle.largestAcceptable(of: source, by: destination ?? .offline)
                return "\(name) of \(asked.money) was accepted, where \(left.map { "\($0)" } ?? "nothing") is left"
            }
            return tell(&oracle, of: asked, as: name, from: source, by: destination)
        case .failure(.refund(let error)):
            return mayAccept ? "\(name) of \(asked.money) was refused as \(error.code), and was to be accepted" : nil
        case .failure(.notFound):
            return isHere(asked.asked.source) ? "the source of \(name) was not found" : nil
        case .failure(let failure):
            return "\(name) ended in \(failure)"
        }
    }

    private func tell(
        _ oracle: inout Oracle, of asked: AskedRefund, as name: String, from source: Oracle.Source,
        by destination: Oracle.Destination
    ) -> String? {
        do throws(Oracle.Refusal) {
            guard asked.asked.road == .raisingNote else {
                try oracle.accept(name, of: source, by: destination, amount: asked.money)
                return nil
            }
            let note = Self.raisedNote(of: name)
            try putRaisedNote(note, asked, in: &oracle)
            try oracle.accept(name, of: .note(note), by: destination, amount: asked.money)
            return nil
        } catch {
            return "the oracle refuses \(name) as \(error)"
        }
    }

    func putRaisedNote(_ note: String, _ asked: AskedRefund, in oracle: inout Oracle) throws(Oracle.Refusal) {
        guard let payment = world.payment(behind: asked.asked.source) else { return }
        try oracle.putNote(
            note, total: asked.money, backing: .payment(payment.name), customer: World.parties[payment.party],
            rate: payment.rate.oracle)
    }

    static func raisedNote(of refund: String) -> String { "the note of \(refund)" }

    private static func text(of answer: Result<RefundView, Failure>) -> String {
        switch answer {
        case .success(let view): "\(view.refund.state)"
        case .failure(.refund(let error)): "refused: \(error.code)"
        case .failure(let failure): "refused: \(failure)"
        }
    }

    // MARK: What people do with a refund

    func cancel(_ name: String) async throws {
        guard let id = refunds[name], let state = oracle.state(of: name) else { return add("there is no such refund") }
        let isOffline = offline.contains(name)
        let isHeld = state == .requested || state == .approved
        let isOurs = isHeld || state == .succeeded && isOffline
        let before = failures
        do throws(Failure) {
            let view = try await node.operations.cancelRefund(
                reference(id), of: organization, by: "client:900", remark: "")
            add("it is \(view.refund.state)")
            if isHeld {
                try? oracle.cancel(name)
            } else if isOurs {
                try? oracle.void(name)
            } else if state != .pending {
                complain("\(name) was \(state), and is canceled")
            }
        } catch {
            add("it is refused: \(error)")
            if failures > before, error == .unavailable { return try await followUnheard(name, id) }
            guard case .refund = error, !isOurs else { return complain("\(name) was \(state), and is not canceled") }
        }
    }

    func resolve(_ drawn: String, succeeded: Bool) async throws {
        let isMeant = oracle.state(of: drawn) == .unknown || pendingAge(of: drawn) == .long
        let name = isMeant ? drawn : refunds.keys.sorted().first(where: canBeEnded) ?? drawn
        if name != drawn { add("it is \(name) that can be ended") }
        guard let id = refunds[name], let state = oracle.state(of: name) else { return add("there is no such refund") }
        guard state != .pending || isOn(.resolvePending) else { return skip(.resolvePending) }
        let age = state == .pending ? pendingAge(of: name) : nil
        let isOpen = state == .unknown || age == .long
        if succeeded, effect(of: name)?.state == .canceled, !isOn(.canceledAfterSuccess) {
            return skip(.canceledAfterSuccess)
        }
        let resolution = Resolution(
            outcome: succeeded ? .succeeded : .failed, failure: nil, reason: "asked", evidence: "a letter",
            person: "asha")
        let before = failures
        do throws(Failure) {
            let view = try await node.operations.resolveRefund(reference(id), of: organization, as: resolution)
            add("it is \(view.refund.state)")
            guard isOpen || age == .aboutADay else { return complain("\(name) was \(state), and is resolved") }
            try? oracle.resolve(name, succeeded: succeeded)
            report.count("resolved: \(state)")
        } catch {
            add("it is refused: \(error)")
            if failures > before, error == .unavailable { return try await followUnheard(name, id) }
            // The machine that had it in hand has failed, and its lease has not ended.
            if failures > 0, case .conflict = error { return }
            switch error {
            case .refund where !isOpen && age == nil, .conflict where age == .short || age == .aboutADay: break
            default: complain("\(name) was \(state), and is not resolved")
            }
        }
    }

    private func canBeEnded(_ name: String) -> Bool {
        oracle.state(of: name) == .unknown || pendingAge(of: name) == .long && isOn(.resolvePending)
    }

    func haveAsked(_ name: String) async throws {
        guard let id = refunds[name], !offline.contains(name) else { return add("nobody can be asked about it") }
        guard mayTell(of: name) else { return add("left out: what it would tell is switched off") }
        if oracle.state(of: name)?.isOver ?? false, !isOn(.overRefunding) { gateway.beDown(calls: 0) }
        do throws(Failure) {
            _ = try await insisting { (node) async throws(Failure) in
                try await node.operations.checkRefund(reference(id), of: organization)
            }
        } catch {
            guard case .refund = error else { return complain("asking about \(name) ended in \(error)") }
            add("it is refused: \(error)")
        }
    }
}

extension WorldAmount {
    /// Minor units, where so many are left.
    func minorUnits(of left: Int64) -> Int64 {
        switch self {
        case .minorUnits(let units): units
        case .left(let more): left + more
        case .tenths(let tenths): left * tenths / 10
        }
    }
}
