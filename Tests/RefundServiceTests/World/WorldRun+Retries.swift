import RefundDomain
import RefundService
import RefundTesting

/// Refunds that are made again, and those that have been pending for long.
extension WorldRun {
    /// Makes a refund again that gave back what it took; one that did not is looked at.
    func retry(_ drawn: String, as name: String, _ plan: WorldGateway.Plan) async throws {
        let undone = refunds.keys.sorted().first { oracle.state(of: $0)?.isUndone ?? false && retries[$0] == nil }
        let first = oracle.state(of: drawn)?.isUndone ?? false ? drawn : undone ?? drawn
        if first != drawn { add("it is \(first) that can be made again") }
        guard let id = refunds[first], let state = oracle.state(of: first) else {
            return add("there is no such refund")
        }
        // It is asked about once more.
        guard mayTell(of: first) else { return add("left out: what it would tell is switched off") }
        let asked = state.isUndone ? try askedAgain(first, as: name) : nil
        gateway.plan(plan)
        guard let asked else { return await look(at: first, id, state) }
        let heard = try await retry(id, as: name)
        if let known = retries[first] {
            switch heard.answer {
            case nil: return add("nobody hears the answer")
            case .success(let view) where view.refund.id == refunds[known]: return add("it was made again before")
            case .failure(.refund(.keyInProgress)) where [.approved, .submitting].contains(oracle.state(of: known)):
                return add("it is being made again")
            case .success, .failure: return complain("\(first) was made again: \(heard)")
            }
        }
        if case .success(let view)? = heard.answer, view.refund.id == id {
            let isNew = try oracle.retry(first, as: name)
            return isNew ? complain("\(first) may have left, and is sent again") : add("it is sent again itself")
        }
        judge(heard, to: asked, as: name)
        guard case .success(let view)? = heard.answer, report.complaint == nil else { return }
        retries[first] = name
        report.count("made again: \(state)")
        if view.refund.retryOf != id { complain("\(name) does not name \(first)") }
    }

    /// Has a refund made again, and finds out what became of it.
    private func retry(_ id: RefundID, as name: String) async throws -> HeardAnswer {
        let index = report.stepsTaken % nodes.count
        let (node, machine, before) = (nodes[index], cluster.machines[index], failures)
        let acceptancesLost = machine.acceptancesLost
        let answer: Result<RefundView, Failure>
        do throws(Failure) {
            answer = .success(try await node.operations.retryRefund(reference(id), of: organization))
        } catch {
            answer = .failure(error)
        }
        // What is left to another node is sent later in this step.
        if cluster.ableNodes.contains(index) { gateway.plan(nil) }
        return try await heard(answer, to: name, on: machine, since: before, acceptancesLost) { $0.retryOf == id }
    }

    private func look(at name: String, _ id: RefundID, _ state: Oracle.State) async {
        do throws(Failure) {
            let view = try await insisting { (node) async throws(Failure) in
                try await node.operations.retryRefund(reference(id), of: organization)
            }
            if view.refund.id != id { complain("\(name) was \(state), and is retried") }
        } catch {
            guard case .refund = error else { return complain("looking at \(name) ended in \(error)") }
            add("it is refused: \(error)")
        }
        gateway.plan(nil)
    }

    /// The same amount of the same source by the same road.
    private func askedAgain(_ first: String, as name: String) throws -> AskedRefund {
        let known = requests[first]?.asked
        let request = WorldRequest(
            name: name, source: known?.source ?? source(of: first), road: known?.road ?? .charge,
            amount: .minorUnits(amounts[first]?.minorUnits ?? 0), node: 0, plan: .succeed, isKeyed: true)
        var asked = try draft(request)
        asked.isOnlyByGateway = true
        return asked
    }

    /// Of a refund that was not asked for here.
    private func source(of name: String) -> WorldSource {
        if let past = world.past.first(where: { $0.name == name }) { return past.source }
        return .payment(world.payments.firstIndex { sources[name] == .payment($0.name) } ?? 0)
    }

    // MARK: Pending

    /// How long a refund has been pending, beside the day after which an operator may end it.
    enum PendingAge { case short, aboutADay, long }

    /// Nil for a refund that is not pending.
    func pendingAge(of name: String) -> PendingAge? {
        guard oracle.state(of: name) == .pending, let since = pendingSince[name] else { return nil }
        let age = cluster.right.now.since(since)
        let doubt = cluster.clockDoubt
        if age < .seconds(86_400) - doubt { return .short }
        return age > .seconds(86_400) + doubt ? .long : .aboutADay
    }

    /// Keeps since when each refund that is here has been pending.
    func followPending() {
        for name in refunds.keys {
            guard oracle.state(of: name) == .pending else {
                pendingSince[name] = nil
                continue
            }
            if pendingSince[name] == nil { pendingSince[name] = cluster.right.now }
        }
    }
}

extension Oracle.State {
    /// Whether a person may have the refund made again.
    fileprivate var isUndone: Bool {
        switch self {
        case .failed, .canceled, .returned: true
        case .requested, .approved, .submitting, .unknown, .pending, .succeeded, .voided: false
        }
    }
}
