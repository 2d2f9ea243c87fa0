package import RefundDomain

extension Oracle {
    /// How far a dispute has come, in the order of its life.
    package enum DisputeStage: Int, Hashable, Sendable {
        /// Claims nothing yet.
        case inquiry
        case open
        case won
        case lost
        /// Funds came back after a loss, which makes it won.
        case reinstated
    }

    /// A dispute of a payment, read from what the gateway told of it, ordered by the gateway's moment.
    struct Dispute: Sendable {
        let payment: Int
        private var events: [(moment: Int64, stage: DisputeStage, claim: Money?)] = []
        private(set) var stage = DisputeStage.inquiry
        private var stated: Money?
        private var wasReinstated = false
        /// What the gateway withdrew for it, less what it reinstated.
        var withdrawn: Int64 = 0

        init(payment: Int) {
            self.payment = payment
        }

        /// What was withdrawn is a loss, and no longer a receivable.
        var isLoss: Bool { stage == .lost || wasReinstated }

        mutating func add(_ stage: DisputeStage, claim: Money?, at moment: Int64) {
            // Two equal steps at one moment: the greater claim stands.
            let key = (moment, stage.rawValue, claim?.minorUnits ?? 0)
            let later = events.firstIndex { ($0.moment, $0.stage.rawValue, $0.claim?.minorUnits ?? 0) > key }
            events.insert((moment, stage, claim), at: later ?? events.endIndex)
            (self.stage, stated, wasReinstated) = (.inquiry, nil, false)
            for event in events {
                stated = event.claim ?? stated
                advance(to: event.stage)
            }
        }

        /// Won may open again; a lost one stays lost until its funds are reinstated.
        private mutating func advance(to next: DisputeStage) {
            switch next {
            case .inquiry: return
            case .open, .won:
                guard stage != .lost else { return }
                (stage, wasReinstated) = (next, false)
            case .lost: (stage, wasReinstated) = (.lost, false)
            case .reinstated:
                guard stage == .lost else { return }
                (stage, wasReinstated) = (.won, true)
            }
        }

        /// What it claims; nil, which is all that was captured, where it is not told in the currency of the charge.
        func claim(in currency: Currency?) -> Int64? {
            switch stage {
            case .inquiry, .won, .reinstated: 0
            case .open, .lost: currency == nil || stated?.currency == currency ? stated?.minorUnits : nil
            }
        }
    }

    /// A gateway tells of a dispute of a charge, whose payment may come later.
    ///
    /// Without a claim the one last stated stands.
    package mutating func dispute(
        _ name: String, on payment: String, _ stage: DisputeStage, claim: Money? = nil, at moment: Int64
    ) {
        disputes[disputeIndex(name, on: payment)].add(stage, claim: claim, at: moment)
    }

    /// The gateway withdraws funds for a dispute.
    package mutating func withdraw(_ amount: Money, for dispute: String, on payment: String) {
        disputes[disputeIndex(dispute, on: payment)].withdrawn += amount.minorUnits
    }

    /// The gateway reinstates funds of a dispute; after a loss this makes it won.
    package mutating func reinstate(_ amount: Money, for dispute: String, on payment: String, at moment: Int64) {
        let index = disputeIndex(dispute, on: payment)
        disputes[index].withdrawn -= amount.minorUnits
        disputes[index].add(.reinstated, claim: nil, at: moment)
    }

    /// The owner says what is disputed; the first dispute that the gateway tells of replaces it.
    package mutating func ownerDisputed(_ amount: Money, on payment: String) {
        payments[paymentIndex(payment)].claimByOwner = amount.minorUnits
    }

    private mutating func disputeIndex(_ name: String, on payment: String) -> Int {
        if let known = disputeIndexes[name] { return known }
        let index = paymentIndex(payment)
        disputeIndexes[name] = disputes.count
        payments[index].disputes.append(disputes.count)
        disputes.append(Dispute(payment: index))
        return disputes.count - 1
    }
}
