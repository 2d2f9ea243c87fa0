import RefundDomain
import RefundService
import RefundTesting

/// What the gateway does and tells, and what the oracle is told of it.
extension WorldRun {
    func decide(_ drawn: String, _ verdict: WorldGateway.Verdict, _ telling: WorldTelling) async throws {
        guard let effect = effect(of: drawn) ?? gateway.effects.last, let name = self.name(of: effect) else {
            return add("the gateway has nothing yet")
        }
        if name != drawn { add("it is \(name) that the gateway has") }
        guard let verdict = effect.state.mayBecome(verdict) ? verdict : effect.state.next else {
            return add("it stays \(effect.state)")
        }
        guard !world.past.contains(where: { $0.name == name }) || isOn(.historyReturned) else {
            return skip(.historyReturned)
        }
        let before = oracle.state(of: name)
        let wasOver = before?.isOver ?? false
        // What pends again may be canceled later, when nobody was told that it had failed.
        let mayCancelSuccess = verdict == .canceled && before == .succeeded || verdict == .pending && !wasOver
        guard !mayCancelSuccess || isOn(.canceledAfterSuccess) else { return skip(.canceledAfterSuccess) }
        gateway.decide(verdict, on: effect.reference)
        guard mayTell(of: name) else {
            gateway.decide(effect.state, on: effect.reference)
            return add("left out: what it would tell is switched off")
        }
        add("it was \(effect.state), and is \(verdict)")
        report.count("gateway: \(effect.state) to \(verdict)")
        // Later there may be less left, and more than is left is switched off.
        let isUrgent = wasOver && !isOn(.overRefunding)
        if isUrgent { gateway.beDown(calls: 0) }
        switch telling {
        case .notice: try await tell(of: name, copies: 1)
        case .noticeTwice: try await tell(of: name, copies: 2)
        case .asking: try await haveAsked(name)
        case .nothing: if isUrgent { try await tell(of: name, copies: 1) }
        }
    }

    func giveBackOutOfBand(
        _ name: String, of index: Int, _ amount: WorldAmount, _ verdict: WorldGateway.Verdict, _ telling: WorldTelling
    ) async throws {
        let payment = world.payments[index]
        guard payment.isCharged else { return add("it has no charge") }
        guard payments[index] != nil || isOn(.factsBeforeRecords) else { return skip(.factsBeforeRecords) }
        let source = Oracle.Source.payment(payment.name)
        let left = oracle.largestAcceptable(of: source, by: .charge(of: nil))?.minorUnits ?? payment.captured
        let given = money(max(1, amount.minorUnits(of: left)), payment.currency)
        var after = oracle
        after.outOfBand(name, on: payment.name, amount: given, .pending, at: nextMoment())
        var trial = after
        if trial.purse(of: payment.name) == nil {
            try trial.putPayment(payment.name, captured: firstCaptured(of: payment))
        }
        guard isOn(.overRefunding) || !isOverRefunded(by: trial) else { return skip(.overRefunding) }
        let isUnanswered = try await isHeldBack(index)
        guard isOn(.outOfBandWhileUnknown) || !isUnanswered else { return skip(.outOfBandWhileUnknown) }
        if isUnanswered { report.count("held back") }
        add("it is \(given)")
        let effect = gateway.giveBack(given, of: payment.charge, as: "re_\(name)", verdict)
        strays[effect.reference] = name
        sources[name] = source
        amounts[name] = given
        if isUnanswered { waiting.insert(name) } else { oracle = after }
        try await tell(of: name, copies: telling == .noticeTwice ? 2 : 1)
    }

    func captureMore(of index: Int, tenths: Int64) async throws {
        let payment = world.payments[index]
        guard payment.isCharged else { return add("it has no charge") }
        guard payments[index] != nil || isOn(.chargeBeforeRecord) && payment.currency == world.base else {
            return skip(.chargeBeforeRecord)
        }
        let amount = money(payment.captured * tenths / 10, payment.currency)
        guard coversNotes(index, max(amount.minorUnits, oracle.purse(of: payment.name)?.captured ?? 0)) else {
            return skip(.partialBacking)
        }
        guard isOn(.lateOnGrownBacking) || !growsBesideUnbacked(index, amount.minorUnits) else {
            return skip(.lateOnGrownBacking)
        }
        let charge = ChargeNews(charges: [payment.charge], customer: nil, captured: amount, takenAt: Fixtures.now)
        oracle.gatewayCharged(payment.name, captured: amount)
        try await receive(.charge(charge), as: nextEvent(of: payment.charge), copies: 1)
        if payments[index] == nil { try await findReported(index) }
    }

    func dispute(_ name: String, of index: Int, _ stage: WorldDispute, tenths: Int64) async throws {
        let payment = world.payments[index]
        guard payment.isCharged else { return add("it has no charge") }
        guard payments[index] != nil || isOn(.factsBeforeRecords) else { return skip(.factsBeforeRecords) }
        let claim = money(max(1, payment.captured * tenths / 10), payment.currency)
        let told: (ours: Dispute.Stage, oracles: Oracle.DisputeStage) =
            switch stage {
            case .open, .grown: (.open, .open)
            case .won: (.won, .won)
            case .lost: (.lost, .lost)
            case .inquiry: (.inquiry, .inquiry)
            }
        let moment = nextMoment()
        let news = DisputeNews(
            gatewayReference: name, charges: [payment.charge], amount: claim, stages: [told.ours], reason: "fraudulent",
            at: Instant(microseconds: moment))
        oracle.dispute(name, on: payment.name, told.oracles, claim: claim, at: moment)
        try await receive(.dispute(news), as: nextEvent(of: name), copies: 1)
    }

    // MARK: Telling the program

    func effect(of name: String) -> WorldGateway.Effect? {
        gateway.effects.last { self.name(of: $0) == name }
    }

    func name(of effect: WorldGateway.Effect) -> String? {
        effect.refund.flatMap { names[$0] } ?? strays[effect.reference]
    }

    func tell(of name: String, copies: Int) async throws {
        guard let effect = effect(of: name) else { return }
        try await receive(effect.news, as: nextEvent(of: effect.reference), copies: copies)
    }

    private func receive(_ news: GatewayNews, as event: String, copies: Int) async throws {
        let before = failures
        for copy in 0..<copies {
            let message = gateway.message(telling: news, as: event)
            try await insisting(on: copy) { (node) async throws(Failure) in
                try await node.operations.receiveNotice(at: Fixtures.gateway.text, message)
            }
        }
        if failures > before { cluster.isNoticeLate = true }
        try await settle()
    }

    /// Whether what the gateway would say of a refund now is switched on.
    func mayTell(of name: String) -> Bool {
        guard let effect = effect(of: name), let before = oracle.state(of: name) else { return true }
        guard before == .failed || before == .canceled || before == .returned else { return true }
        var after = oracle
        try? tell(&after, effect.report, of: name)
        guard let later = after.state(of: name), later == .pending || later == .succeeded else { return true }
        if case .note(let note)? = sources[name], grownBackings.contains(note), !isOn(.lateOnGrownBacking) {
            return false
        }
        if later == .pending, !isOn(.latePending) { return false }
        if raisedNotes[name] != nil, !isOn(.lateSuccessOfRaisedNote) { return false }
        guard !isOn(.overRefunding) else { return true }
        if case .note(let note)? = sources[name], let left = oracle.balance(of: note)?.left,
            left < effect.amount.minorUnits
        {
            return false
        }
        return !isOverRefunded(by: after)
    }

    private func isOverRefunded(by oracle: Oracle) -> Bool {
        world.payments.contains { (oracle.purse(of: $0.name)?.overRefunded ?? 0) > 0 }
            || world.notes.contains { (oracle.balance(of: $0.name)?.overRefunded ?? 0) > 0 }
    }

    // MARK: Telling the oracle

    /// Tells the oracle what the gateway has answered since, in its order.
    func tellOracle() async throws {
        try await findStrays()
        let (exchanges, earlier) = (gateway.takeExchanges(), oracle)
        guard failures == failuresTold else {
            failuresTold = failures
            try await tellInDoubt(exchanges)
            return try await followOn()
        }
        for exchange in exchanges {
            guard let name = names[exchange.refund] else {
                complain("the gateway was called for a refund that is nobody's: \(exchange)")
                continue
            }
            tellOracle(exchange, named: name, after: earlier)
        }
        try await followOn()
    }

    private func followOn() async throws {
        try await followLeases()
        followPending()
    }

    /// Tells of one call and its answer.
    func tellOracle(_ exchange: WorldGateway.Exchange, named name: String, after earlier: Oracle) {
        report.count("gateway: \(exchange.call)")
        add("\(exchange.call) \(name): \(exchange.answer.text)")
        followLease(before: exchange, of: name)
        do throws(Oracle.Refusal) {
            try tellOracle(exchange, of: name, after: earlier)
        } catch {
            complain("\(exchange.call) of \(name), which the oracle refuses: \(error)")
        }
        voidRaisedNote(of: name)
    }

    /// A refund that the gateway made by itself has an identifier once the program has recorded it.
    private func findStrays() async throws {
        let missing = strays.filter { refunds[$0.value] == nil }
        guard !missing.isEmpty else { return }
        let found = try await ProgramFigures.refunds(
            madeAs: Array(missing.keys), organization, in: store)
        for (reference, id) in found {
            guard let name = strays[reference] else { continue }
            refunds[name] = id
            names[id] = name
            tellLateStray(reference)
            guard waiting.remove(name) != nil, case .payment(let payment)? = sources[name], let amount = amounts[name]
            else { continue }
            oracle.outOfBand(name, on: payment, amount: amount, .pending, at: nextMoment())
        }
    }

    /// What was due at once is done at once: what one call comes to is not known yet when the next begins.
    private func tellOracle(
        _ exchange: WorldGateway.Exchange, of name: String, after earlier: Oracle
    ) throws(Oracle.Refusal) {
        let before = oracle.state(of: name)
        if exchange.call == .submit {
            switch before {
            case .approved:
                if !oracle.maySend(name), !earlier.maySend(name), !raced.contains(name), !cluster.isNoticeLate {
                    complain("\(name) is sent, though a claim on its payment is unmet")
                }
                try oracle.send(name)
            case .submitting, .unknown: break
            case .requested, .pending, .succeeded, .failed, .canceled, .returned, .voided, nil:
                complain("\(name) is sent while it is \(before.map { "\($0)" } ?? "nothing")")
            }
        }
        let now = oracle.state(of: name)
        switch exchange.answer {
        case .report(let report): try tell(&oracle, report, of: name)
        case .refused where before == .approved, .neverTaken where now == .unknown:
            try oracle.report(.failed, of: name, at: nextMoment())
        case .lost where now == .submitting: try oracle.indeterminate(name)
        case .notSent where now == .submitting: try oracle.notSent(name)
        case .refused, .neverTaken, .lost, .notSent, .silence: break
        }
    }

    func tell(
        _ oracle: inout Oracle, _ report: GatewayReport, of name: String
    ) throws(Oracle.Refusal) {
        let told: Oracle.Report =
            switch report.state {
            case .pending: .pending
            case .succeeded: .succeeded
            case .failed: .failed
            case .canceled: .canceled
            }
        if raisedNotes[name] == false, told == .pending || told == .succeeded, let asked = requests[name] {
            try putRaisedNote(Self.raisedNote(of: name), asked, in: &oracle)
            raisedNotes[name] = true
        }
        try oracle.report(told, of: name, amount: report.amount, at: nextMoment())
    }

    /// The note that a refund raised for itself is voided with it.
    func voidRaisedNote(of name: String) {
        guard raisedNotes[name] == true, let state = oracle.state(of: name), state.isOver else { return }
        try? oracle.voidNote(Self.raisedNote(of: name))
        raisedNotes[name] = false
    }
}

extension Oracle.State {
    /// Whether the refund gave back what it took.
    var isOver: Bool {
        switch self {
        case .requested, .approved, .submitting, .unknown, .pending, .succeeded: false
        case .failed, .canceled, .returned, .voided: true
        }
    }
}

extension WorldGateway.Verdict {
    /// What most often comes after it.
    fileprivate var next: WorldGateway.Verdict? {
        switch self {
        case .pending, .failed: .succeeded
        case .succeeded: .failed
        case .canceled: nil
        }
    }

    /// Whether a gateway changes its mind so.
    fileprivate func mayBecome(_ later: WorldGateway.Verdict) -> Bool {
        switch (self, later) {
        case (.pending, .succeeded), (.pending, .failed), (.pending, .canceled): true
        case (.succeeded, .failed), (.failed, .succeeded), (.failed, .pending): true
        case (.pending, .pending), (.succeeded, .pending), (.succeeded, .succeeded), (.succeeded, .canceled): false
        case (.failed, .failed), (.failed, .canceled), (.canceled, _): false
        }
    }
}

extension WorldGateway.Exchange.Answer {
    fileprivate var text: String {
        switch self {
        case .report(let report): "\(report.state)"
        case .refused: "declined"
        case .notSent: "not sent"
        case .lost: "no answer"
        case .neverTaken: "never taken"
        case .silence: "it does not know"
        }
    }
}
