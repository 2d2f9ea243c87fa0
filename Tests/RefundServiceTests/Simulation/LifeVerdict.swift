import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting

extension SimulatedLife {
    /// Lets everything come to its end, and compares what is believed with what the gateway did.
    func end() async {
        await calmDown()
        do {
            // Until then the first sending of a key may still be under way.
            await perform(.pass(Limits.outcomeWait + .seconds(1)))
            for number in intents.indices where intents[number].refund == nil {
                await perform(.repeatRequest(number))
            }
            await perform(.pass(.seconds(14 * 86_400)))
            try await compare(isAudited: false)
            try await audit()
            try await compare(isAudited: true)
            try await compareRemainders()
            let verification = try await Verification.of(store)
            for breach in verification.breaches { complain("\(breach)") }
            for notice in verification.unsettledNotices { complain("\(notice)") }
            for exception in verification.exceptions { count("exception: \(exception.detail.prefix(28))") }
        } catch {
            complain("the end: \(error)")
        }
    }

    /// A person has the gateway asked about all that was ever sent, and takes back what it has not decided on.
    private func audit() async throws {
        for view in try await refunds() where (view.payout?.attempt ?? 0) > 0 {
            await act(on: view.refund.id) { try await $0.checkRefund($1, of: Self.organization) }
            await perform(.pass(.zero))
        }
        for view in try await refunds() where view.refund.state == .pending {
            await act(on: view.refund.id) {
                try await $0.cancelRefund($1, of: Self.organization, by: "person:ana", remark: "")
            }
        }
    }

    private func refunds() async throws -> [RefundView] {
        var query = RefundQuery()
        query.isAscending = true
        return try await process().node.operations.listRefunds(query, for: .native, of: Self.organization).refunds
    }

    private func compare(isAudited: Bool) async throws {
        let views = try await refunds()
        let effects = Dictionary(grouping: gateway.book.effects(), by: \.submission.refund)
        for view in views {
            let refund = view.refund
            if isAudited { count("end: \(refund.state)") }
            let own = effects[refund.id] ?? []
            if own.count > 1 { complain("\(refund.number) was carried out \(own.count) times") }
            guard refund.channel.isElectronic else { continue }
            if !agrees(refund, with: own.first, isAudited: isAudited) {
                let truth = own.first.map { "\($0.state(at: clock.now))" } ?? "nothing"
                complain("\(refund.number) is \(refund.state) here, and \(truth) at the gateway")
            }
        }
        let known = Set(views.map(\.refund.id))
        if !known.isSuperset(of: effects.keys) { complain("the gateway gave money back for a refund that is not here") }
        if known != Set(intents.compactMap(\.refund)) || known.count != intents.filter({ $0.refund != nil }).count {
            complain("\(known.count) refunds are not those of \(intents.count) intents")
        }
    }

    /// Whether a refund is settled as the gateway says, or explicitly unknown.
    ///
    /// Nobody asks about a refund by himself once it has failed: a success after that is known after an audit.
    private func agrees(_ refund: Refund, with effect: SimulatorEffect?, isAudited: Bool) -> Bool {
        let state = refund.state
        guard let effect else { return state == .failed || state == .canceled }
        guard effect.given == effect.submission.amount else { return state == .unknown }
        switch effect.state(at: clock.now) {
        case .succeeded: return state == .succeeded || (!isAudited && effect.succeedsLate && state == .failed)
        case .failed: return state == .failed || state == .returned
        case .canceled: return state == .canceled
        case .pending: return state == .pending && !isAudited
        }
    }

    /// What the sources hold, reckoned from the gateway's book and from what was given back by hand.
    private func compareRemainders() async throws {
        let views = try await refunds().map(\.refund)
        let given = Set(
            gateway.book.effects().filter { $0.state(at: clock.now) == .succeeded && $0.given == $0.submission.amount }
                .map(\.submission.refund))
        let spent = views.filter { $0.channel.isElectronic ? given.contains($0.id) : $0.state == .succeeded }
        let open = views.filter { $0.state == .unknown }
        let operations = await process().node.operations
        let payment = try await operations.retrievePayment(ElectronicSource.paymentReference, of: Self.organization)
        let note = try await operations.retrieveCreditNote(ElectronicSource.noteReference, of: Self.organization).note

        let isOfPayment: (Refund) -> Bool = { $0.payment == payment.id }
        let isOfNote: (Refund) -> Bool = { $0.creditNote == note.id }
        let beyondNote = spent.filter(isOfNote).map(\.lacking).reduce(0, +)
        let balance = payment.balance
        if [balance.refunded, balance.reserved]
            != [spent.filter(isOfPayment).sum, open.filter(isOfPayment).sum]
        {
            complain("the payment holds \(balance)")
        }
        if note.balance.drawn != spent.filter(isOfNote).sum + open.filter(isOfNote).sum - beyondNote {
            complain("the note holds \(note.balance)")
        }
    }
}

extension [Refund] {
    fileprivate var sum: Int64 { reduce(0) { $0 + $1.amount.minorUnits } }
}

extension SimulatorEffect {
    /// Whether the gateway says that it failed before it succeeds.
    fileprivate var succeedsLate: Bool {
        guard let failure = course.failure, let succeedsAt = course.succeedsAt else { return false }
        return failure.at < succeedsAt
    }
}
