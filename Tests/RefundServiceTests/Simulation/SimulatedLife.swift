import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting

/// A life in a world of its own: the real service over a store that it alone uses, a clock that only it moves, and a
/// gateway whose faults follow from the seed.
///
/// There is one thread of control: a step is awaited before the next begins, and what happens during a call happens
/// inside it. No two refunds fall due at one moment, for every step has microseconds of its own.
actor SimulatedLife {
    /// What one caller wants, however often it asks.
    struct Intent {
        let request: RefundRequest
        var refund: RefundID?
    }

    /// One process of the service, until it dies.
    struct Process {
        let node: ServiceNode
        let fuse: Fuse
        let submissions: Task<Void, any Error>
    }

    static let organization = Fixtures.organization.id
    private static let roundsMax = 500
    private static let second: Int64 = 1_000_000
    /// Rows go before those that they refer to, and no number is leased to a process of another life.
    private static let deletions =
        MovedTable.all.reversed().map { SQLText(stringLiteral: "delete from \($0.name)") }
        + ["update nodes set lease_until = 0"]

    let script: LifeScript
    let store: any Store
    let gateway: SimulatorGateway
    let clock = ServiceClock(at: Fixtures.now)
    var intents: [Intent] = []
    private(set) var report: LifeReport
    private var processes: [Process] = []
    private var interruption: (moment: LifeMoment, step: LifeStep)?
    private var callsOnTheWay = 0
    private var isStuck = false
    private var stepsBegun: Int64 = 0
    private var firstArrivals: [RefundID: Instant] = [:]

    /// Lives the life of a seed, from its first step to the verdict, in a store from which all rows are taken before.
    static func live(seed: UInt64, in store: any Store) async throws -> LifeReport {
        let life = try SimulatedLife(LifeScript(seed: seed), store)
        try await life.live()
        return await life.report
    }

    private init(_ script: LifeScript, _ store: any Store) throws {
        self.script = script
        self.store = store
        gateway = try SimulatorGateway(
            script.gateway, now: { [clock] in clock.now }, sleep: { [clock] in try await clock.sleep($0) })
        report = LifeReport(seed: script.seed)
    }

    private func live() async throws {
        try await store.write(for: Self.organization) { session in
            for deletion in Self.deletions { try session.execute(deletion, []) }
            try session.put(Fixtures.organization)
            try session.put(Fixtures.customer, for: Self.organization)
        }
        try await ElectronicSource.put(card: "0042", in: store)
        for step in script.steps { await perform(step) }
        await end()
        for process in processes { process.submissions.cancel() }
        processes = []
    }

    // MARK: Steps

    /// Lets a step happen, a moment after the last.
    func perform(_ step: LifeStep) async {
        await tick()
        report.note(at: clock.now, "\(step)", counted: "step: \(step.kind)")
        do {
            try await act(step)
        } catch {
            complain("\(step) ended in \(error)")
        }
    }

    private func act(_ step: LifeStep) async throws {
        switch step {
        case .request(let source, let minorUnits):
            try await askAnew(source.request(decimal(minorUnits), key: "k\(intents.count)"))
        case .recordByHand(let minorUnits):
            try await askAnew(
                .of(
                    ElectronicSource.payment.source, decimal(minorUnits), way: .offline(.cash), key: "k\(intents.count)"
                ))
        case .repeatRequest(let number): if !intents.isEmpty { await ask(number % intents.count) }
        case .misuseKey(let number): try await misuseKey(of: number)
        case .cancel(let number):
            await actOnRefund(number) { operations, refund in
                try await operations.cancelRefund(refund, of: Self.organization, by: "client:900", remark: "")
            }
        case .haveAsked(let number):
            await actOnRefund(number) { operations, refund in
                try await operations.checkRefund(refund, of: Self.organization)
            }
            try await pass(until: clock.now)
        case .notice(let number, let copies):
            try await receiveNotice(number, copies: copies)
            try await pass(until: clock.now)
        case .resolve(let number): await resolve(number)
        case .pass(let duration):
            // A call that is longer on its way has timed out, and its connection is closed.
            try await pass(until: clock.now + (callsOnTheWay == 0 ? duration : min(duration, .seconds(1))))
        case .interrupt(let moment, let step): interruption = (moment, step)
        case .dieAfter(let moments): await process().fuse.shorten(to: moments)
        }
    }

    private func askAnew(_ request: RefundRequest) async {
        intents.append(Intent(request: request))
        await ask(intents.count - 1)
    }

    /// Sends a request, for the first time or again.
    func ask(_ number: Int) async {
        let process = await process()
        let intent = intents[number]
        switch await process.node.operations.answer(to: intent.request) {
        case .success(let view):
            report.note(at: clock.now, "k\(number) is \(view.refund.number), \(view.refund.state)")
            if let known = intents[number].refund, known != view.refund.id {
                complain("k\(number) has two refunds")
            }
            intents[number].refund = view.refund.id
        case .failure(let failure):
            judge(failure, "k\(number)", by: process)
            let isUnderWay = failure == .refund(.keyInProgress)
            if intent.refund != nil, !isUnderWay, !process.fuse.isBurnt {
                complain("k\(number) was accepted, and is refused")
            }
        }
    }

    private func misuseKey(of number: Int) async throws {
        let heard = intents.indices.filter { intents[$0].refund != nil }
        guard !heard.isEmpty else { return }
        let process = await process()
        let key = "k\(heard[number % heard.count])"
        let answer = await process.node.operations.answer(to: try ElectronicSource.payment.request("0.01", key: key))
        report.note(at: clock.now, "\(key) for something else: \(answer.refusal.map { "\($0)" } ?? "no refusal")")
        if answer.refusal != .keyReused, !process.fuse.isBurnt { complain("\(key) was taken for something else") }
    }

    private func actOnRefund(
        _ number: Int, _ body: (Operations, RecordReference) async throws -> RefundView
    ) async {
        let refunds = intents.compactMap(\.refund)
        guard !refunds.isEmpty else { return }
        let refund = refunds[number % refunds.count]
        await act(on: refund, body)
    }

    /// Lets a person or a caller act on a refund; that a rule refuses it is an answer.
    func act(on refund: RefundID, _ body: (Operations, RecordReference) async throws -> RefundView) async {
        let process = await process()
        do {
            let view = try await body(process.node.operations, reference(refund))
            report.note(at: clock.now, "\(view.refund.number) is \(view.refund.state)")
        } catch {
            judge(error, "\(refund)", by: process)
        }
    }

    private func receiveNotice(_ number: Int, copies: Int) async throws {
        let notices = gateway.notices()
        guard !notices.isEmpty else { return }
        let body = notices[number % notices.count].body
        let message = GatewayMessage(
            headers: [SimulatorNotice.signatureHeader: gateway.signature(of: body) ?? ""], body: body,
            receivedAt: clock.now)
        for _ in 0..<copies {
            let process = await process()
            do throws(Failure) {
                try await process.node.operations.receiveNotice(at: Fixtures.gateway.text, message)
                report.note(at: clock.now, "taken: \(String(decoding: body, as: UTF8.self))")
            } catch {
                report.note(at: clock.now, "a notice: \(error)")
                if !process.fuse.isBurnt { complain("a notice was not taken: \(error)") }
            }
        }
    }

    private func resolve(_ number: Int) async {
        let moment = clock.now
        await actOnRefund(number) { operations, refund in
            let view = try await operations.retrieveRefund(refund, of: Self.organization)
            let effect = gateway.book.effects().first { $0.submission.refund == view.refund.id }
            let outcome: Resolution.Outcome
            switch effect?.state(at: moment) {
            case .succeeded where effect?.given == view.refund.amount: outcome = .succeeded
            case .failed, .canceled, nil: outcome = .failed
            case .succeeded, .pending: return view
            }
            return try await operations.resolveRefund(
                refund, of: Self.organization,
                as: Resolution(
                    outcome: outcome, failure: nil, reason: "asked", evidence: "the gateway's page", person: "ana"))
        }
    }

    /// Lets time go by, and stops wherever a refund falls due.
    func pass(until end: Instant) async throws {
        for _ in 0..<(isStuck ? 0 : Self.roundsMax) {
            guard let due = try await nextDue(), due.moment <= end else {
                if clock.now < end { clock.move(by: end.since(clock.now)) }
                return
            }
            if clock.now < due.moment { clock.move(by: due.moment.since(clock.now)) }
            if due.isNotice {
                report.note(at: clock.now, "a notice is applied", counted: "notices")
                _ = await NoticeWorker(process().node.operations).applyWhatIsDue()
            } else {
                try await expectOneDue()
                report.note(at: clock.now, "a worker looks")
                try await process().node.takeUpOnce()
            }
        }
        if !isStuck { complain("what is due stays due") }
        isStuck = true
        if clock.now < end { clock.move(by: end.since(clock.now)) }
    }

    private func nextDue() async throws -> (moment: Instant, isNotice: Bool)? {
        try await store.read { session in
            let ever = Instant(microseconds: .max)
            let payout = try session.duePayouts(at: ever, atMost: 1).first.flatMap { due in
                try session.payout(of: due.refund, of: due.organization)?.dueAt
            }
            let notice = try session.dueNotices(at: ever, atMost: 1).first?.dueAt
            guard let first = [payout, notice].compactMap({ $0 }).min() else { return nil }
            return (first, first == notice)
        }
    }

    /// Two that are taken up at once would come in any order.
    private func expectOneDue() async throws {
        let now = clock.now
        let due = try await store.read { try $0.duePayouts(at: now, atMost: 2) }
        if due.count > 1 { complain("two refunds are due at one moment") }
    }

    /// Lets time go by to the next moment whose microseconds no other step has.
    private func tick() async {
        stepsBegun += 1
        let own = stepsBegun
        do {
            while clock.now.microseconds % Self.second != own {
                let behind = (own - clock.now.microseconds % Self.second + Self.second) % Self.second
                try await pass(until: clock.now + .microseconds(behind))
            }
        } catch {
            complain("step \(own) ended in \(error)")
        }
    }

    // MARK: Calls and units

    /// Lets happen what was to happen at such a moment.
    func interrupt(at moment: LifeMoment) async {
        guard let interruption, interruption.moment == moment else { return }
        self.interruption = nil
        if moment == .beforeTheGatewayActs { callsOnTheWay += 1 }
        // Detached: what happens meanwhile neither stops nor is canceled with the worker that calls.
        await Task.detached { await self.perform(interruption.step) }.value
        if moment == .beforeTheGatewayActs { callsOnTheWay -= 1 }
        await tick()
    }

    /// No call without a row, and none under a key that the gateway has forgotten.
    func expectIntent(behind submission: Submission) async {
        let intent = try? await store.read { session in
            (
                payout: try session.payout(of: submission.refund, of: submission.organization),
                state: try session.refund(submission.refund, of: submission.organization)?.state
            )
        }
        let isUnderWay = intent?.state == .submitting || intent?.state == .unknown
        if intent?.payout?.key != submission.key || !isUnderWay {
            complain("\(submission.refund) is sent without intent")
        }
        if let first = firstArrivals[submission.refund], clock.now >= first + script.gateway.keyLifetime {
            complain("\(submission.refund) is sent again under a key that is forgotten")
        }
    }

    /// Notes what a gateway said.
    func hear(_ call: String, _ refund: RefundID, _ answer: String) {
        report.note(at: clock.now, "\(call) \(refund): \(answer)", counted: "\(call): \(answer)")
        if call == "submit", !answer.contains("notSent"), firstArrivals[refund] == nil {
            firstArrivals[refund] = clock.now
        }
    }

    // MARK: Processes

    /// The process that is alive, started where the last one has died.
    func process() async -> Process {
        if let last = processes.last, !last.fuse.isBurnt { return last }
        let fuse = Fuse(moments: .max)
        let node = ServiceNode(
            store: MortalStore(store: store, fuse: fuse, afterUnits: { await self.interrupt(at: .afterAUnit) }),
            clock: clock,
            gateway: MortalGateway(gateway: InterruptedGateway(gateway: gateway, life: self), fuse: fuse),
            patience: ServiceClock(at: clock.now))
        let process = Process(node: node, fuse: fuse, submissions: Task.detached { try await node.submissions.run() })
        await node.submissions.untilRunning()
        processes.append(process)
        report.note(at: clock.now, "process \(processes.count) starts")
        return process
    }

    /// Forgets what was to happen during the next call, and lets no process die any more.
    func calmDown() async {
        interruption = nil
        await process().fuse.shorten(to: .max)
    }

    private func judge(_ error: any Error, _ what: String, by process: Process) {
        report.note(at: clock.now, "\(what): \(error)")
        switch error as? Failure {
        // A person is told to wait while a node has an unknown refund in hand.
        case .refund, .conflict: return
        case .some, nil: break
        }
        if !process.fuse.isBurnt { complain("\(what) ended in \(error)") }
    }

    func complain(_ complaint: String) {
        report.complain(at: clock.now, complaint)
    }

    func count(_ what: String) { report.count(what) }
}
