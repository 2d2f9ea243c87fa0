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
        let answer: Result<RefundView, Failure>
        do throws(Failure) {
            answer = .success(try await node.operations.retryRefund(reference(id), of: Self.organization))
        } catch {
            answer = .failure(error)
        }
        gateway.plan(nil)
        guard let asked else { return judgeLook(answer, at: first, state) }
        if let known = retries[first] {
            switch answer {
            case .success(let view) where view.refund.id == refunds[known]: return add("it was made again before")
            case .failure(.refund(.keyInProgress)) where oracle.state(of: known) == .approved:
                return add("it is being made again")
            case .success, .failure: return complain("\(first) was made again: \(answer)")
            }
        }
        if case .success(let view) = answer, view.refund.id == id {
            let isNew = try oracle.retry(first, as: name)
            return isNew ? complain("\(first) may have left, and is sent again") : add("it is sent again itself")
        }
        judge(answer, to: asked, as: name)
        guard case .success(let view) = answer, report.complaint == nil else { return }
        retries[first] = name
        report.count("made again: \(state)")
        if view.refund.retryOf != id { complain("\(name) does not name \(first)") }
    }

    private func judgeLook(_ answer: Result<RefundView, Failure>, at name: String, _ state: Oracle.State) {
        switch answer {
        case .success(let view): if view.refund.id != refunds[name] { complain("\(name) was \(state), and is retried") }
        case .failure(.refund(let error)): add("it is refused: \(error)")
        case .failure(let failure): complain("looking at \(name) ended in \(failure)")
        }
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
        let age = clocks[0].now.since(since)
        // The two clocks differ by less than this.
        let doubt = Duration.seconds(20)
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
            if pendingSince[name] == nil { pendingSince[name] = clocks[0].now }
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
