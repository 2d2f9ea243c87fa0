import RefundDomain
import RefundService
import RefundStorage
import RefundTesting

/// What a caller heard of his request.
struct HeardAnswer: Sendable {
    /// What the request came to; nil where it came to nothing and nobody was told.
    let answer: Result<RefundView, Failure>?
    /// Whether the caller does not know it.
    let isLost: Bool
}

/// Machines that fail, and what becomes of what they were doing.
extension WorldRun {
    private static let triesMax = 20

    // MARK: Nodes

    /// Starts a node in the place of each that has died.
    func revive() async {
        for index in await cluster.revive() {
            report.count("restarts")
            add("node \(index + 1) starts again")
        }
    }

    var failures: Int { cluster.failures }
    var auditor: ServiceNode { cluster.auditor }

    /// Machines fail no more.
    func calmDown() async {
        for machine in cluster.machines { machine.calmDown() }
        await revive()
        cluster.makeRoom()
        for index in nodes.indices { _ = cluster.setClock(of: index, ahead: .zero) }
    }

    // MARK: Asking again

    /// Lets a node work that is able to; one whose clock is wrong tries too, and is to do nothing.
    func takeUp(inRound round: Int) async throws {
        let turn = round + report.stepsTaken
        let able = cluster.ableNodes
        if round == 0, let wrong = cluster.machines.firstIndex(where: \.isClockWrong) {
            try await nodes[wrong].takeUpOnce()
            report.count("looks by a wrong clock")
        }
        try await nodes[able.isEmpty ? turn % nodes.count : able[turn % able.count]].takeUpOnce()
        for (index, machine) in cluster.machines.enumerated() where machine.callsByWrongClock > 0 {
            complain("node \(index + 1) called a gateway while its clock was wrong")
        }
    }

    /// Whose clock is right: what a wrong one notes down for later comes later than a story tells.
    func noticeNode(inRound round: Int) -> ServiceNode {
        let trusted = nodes.indices.filter { !cluster.machines[$0].isClockWrong }
        return nodes[trusted.isEmpty ? 0 : trusted[(round + report.stepsTaken) % trusted.count]]
    }

    /// Lets somebody do what he may do twice until he is answered: where a machine fails, he turns to another.
    func insisting<T: Sendable>(
        on first: Int? = nil, _ body: (ServiceNode) async throws(Failure) -> T
    ) async throws(Failure) -> T {
        let first = first ?? report.stepsTaken
        for number in 0..<Self.triesMax {
            let index = (first + number) % nodes.count
            let before = failures
            do throws(Failure) {
                return try await body(nodes[index])
            } catch {
                guard failures > before, error == .unavailable else { throw error }
                add("nobody hears of it, and it is done again")
            }
            if number > 0 { await revive() }
        }
        throw .unavailable
    }

    /// What became of a request, also where a machine failed and its caller heard of no outcome.
    ///
    /// What was accepted is answered so, unless the answer of the accepting unit itself was lost.
    func heard(
        _ answer: Result<RefundView, Failure>, to name: String, on machine: WorldMachine, since before: Int,
        _ acceptancesLostBefore: Int, isMeant: @escaping @Sendable (Refund) -> Bool
    ) async throws -> HeardAnswer {
        guard failures > before else { return HeardAnswer(answer: answer, isLost: false) }
        let isLost = machine.isDead || answer.failure == .unavailable
        guard isLost else { return HeardAnswer(answer: answer, isLost: false) }
        let found = try await store.read { [organization] session in
            var query = RefundQuery()
            query.limit = .max
            return try session.refunds(query, of: organization).filter(isMeant).map(\.id)
        }.first { names[$0] == nil }
        guard let found else { return HeardAnswer(answer: nil, isLost: true) }
        if !machine.isDead, machine.acceptancesLost == acceptancesLostBefore {
            complain("\(name) was accepted, and its caller was told that it was not")
        }
        report.count("accepted unheard")
        let view = try await auditor.operations.retrieveRefund(reference(found), of: organization)
        return HeardAnswer(answer: .success(view), isLost: true)
    }

    /// Lets the oracle follow a step of a person that was taken though nobody heard so.
    func followUnheard(_ name: String, _ id: RefundID) async throws {
        let found = try await states(of: [id])[id]
        switch (oracle.state(of: name), found) {
        case (.requested?, .canceled?), (.approved?, .canceled?): try oracle.cancel(name)
        case (.succeeded?, .voided?): try oracle.void(name)
        case (.unknown?, .succeeded?), (.pending?, .succeeded?): try oracle.resolve(name, succeeded: true)
        case (.unknown?, .failed?), (.pending?, .failed?): try oracle.resolve(name, succeeded: false)
        case (_, _): return add("nothing has become of it")
        }
        add("it is \(found.map { "\($0)" } ?? "")")
    }

    // MARK: What was heard of the gateway

    /// Tells the oracle of calls whose answers a failing machine may not have recorded: each was heard or lost, and
    /// which it was the state of the refund shows.
    ///
    /// What the gateway has done is known in the end either way, and is compared with its book then.
    func tellInDoubt(_ exchanges: [WorldGateway.Exchange]) async throws {
        let states = try await states(of: exchanges.map(\.refund))
        let earlier = oracle
        var lost: Set<Int> = []
        for (refund, own) in Dictionary(grouping: exchanges.indices, by: { exchanges[$0].refund }) {
            guard let name = names[refund] else { continue }
            let masks = 0..<(1 << min(own.count, 6))
            let fitting = masks.first { mask in
                let lostOnes = Set(own.enumerated().filter { mask & (1 << $0.offset) != 0 }.map(\.element))
                return trial {
                    for index in own {
                        tell(exchanges[index], of: name, after: earlier, isLost: lostOnes.contains(index))
                    }
                    return oracle.state(of: name) == states[refund]
                }
            }
            for (bit, index) in own.enumerated() where (fitting ?? 0) & (1 << bit) != 0 { lost.insert(index) }
        }
        for (index, exchange) in exchanges.enumerated() {
            guard let name = names[exchange.refund] else {
                complain("the gateway was called for a refund that is nobody's: \(exchange)")
                continue
            }
            tell(exchange, of: name, after: earlier, isLost: lost.contains(index))
        }
    }

    private func trial(_ body: () -> Bool) -> Bool {
        let kept = (oracle, raisedNotes, report)
        defer { (oracle, raisedNotes, report) = kept }
        return body()
    }

    private func tell(
        _ exchange: WorldGateway.Exchange, of name: String, after earlier: Oracle, isLost: Bool
    ) {
        guard isLost else { return tellOracle(exchange, named: name, after: earlier) }
        report.count("answers lost")
        add("\(exchange.call) \(name): nobody hears the answer")
        if exchange.call == .submit { try? oracle.send(name) }
    }

    /// Lets the oracle follow calls that a failed machine claimed and nobody made, and leases that ran out since.
    func followLeases() async throws {
        guard failures > 0 || cluster.isRestored else { return }
        let open = refunds.filter { [.approved, .submitting].contains(oracle.state(of: $0.key)) }
        guard !open.isEmpty else { return }
        let states = try await states(of: Array(open.values))
        for (name, id) in open {
            switch (oracle.state(of: name), states[id]) {
            case (.approved?, .submitting?): try oracle.send(name)
            case (.approved?, .unknown?):
                try oracle.send(name)
                try oracle.indeterminate(name)
            case (.submitting?, .unknown?): try oracle.indeterminate(name)
            case (.submitting?, .approved?): try oracle.notSent(name)
            case (_, _): break
            }
        }
    }

    /// A call about a refund whose attempt was claimed by a machine that failed: by now nobody knows how that ended.
    func followLease(before exchange: WorldGateway.Exchange, of name: String) {
        guard failures > 0 || cluster.isRestored else { return }
        switch (exchange.call, oracle.state(of: name)) {
        case (.submit, .submitting?), (.inquire, .submitting?): try? oracle.indeterminate(name)
        case (.inquire, .approved?):
            try? oracle.send(name)
            try? oracle.indeterminate(name)
        case (_, _): break
        }
    }

    private func states(of refunds: [RefundID]) async throws -> [RefundID: Oracle.State] {
        try await store.read { [organization] session in
            try refunds.reduce(into: [:]) { states, id in
                states[id] = try session.refund(id, of: organization).map { Oracle.State($0.state) }
            }
        }
    }

    // MARK: Notices

    /// Lets time go by until what a failing machine could not apply of the gateway's notices has been applied.
    func applyLateNotices() async throws {
        guard cluster.isNoticeLate else { return }
        for _ in 0..<Self.triesMax {
            let due = try await store.read { session in
                let late = Set(
                    try session.unsettledNotices().filter { $0.detail.hasPrefix("it could not be applied") }
                        .map(\.event))
                guard !late.isEmpty else { return Instant?.none }
                return try session.dueNotices(at: Instant(microseconds: .max), atMost: .max)
                    .filter { late.contains($0.event) }.map(\.dueAt).min()
            }
            guard let due else { break }
            add("a notice waits")
            try await work(until: due, isMoving: true)
        }
        cluster.isNoticeLate = false
    }
}
