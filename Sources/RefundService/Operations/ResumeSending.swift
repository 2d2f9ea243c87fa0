package import RefundDomain
import RefundStorage

/// What was found at a gateway account before sending was resumed.
package struct ComparedGateway: Hashable, Sendable {
    package let organization: OrganizationID
    package let gateway: GatewayName
    /// Refunds that the account tells of and that were not known here.
    package let unknownRefunds: Int
}

extension Operations {
    /// Whether refunds are accepted and sent.
    package func sending() async throws(Failure) -> SendingState {
        try await attempt(report: report) { try await store.read { try $0.sending() } }
    }

    /// Compares every account of every organization with what is here, and turns sending on.
    ///
    /// Refunds of what was charged since a moment that are not known here are kept as the account's own notices, and
    /// `worker` applies them. What is approved may have been sent since: it becomes unknown.
    ///
    /// Charges are looked at from `Limits.resumedChargesAge` before the last moment in the organization's data on, or
    /// from `moment`. `skipped` are accounts that an operator has compared by hand. Safe to repeat, and beside running
    /// servers, which accept nothing meanwhile. Throws `conflict` where an account cannot be asked for its charges,
    /// also because no key opens its secrets: then sending stays off.
    package func resumeSending(
        since moment: Instant?, skipping skipped: Set<GatewayName>, with worker: NoticeWorker
    ) async throws(Failure) -> [ComparedGateway] {
        var compared: [ComparedGateway] = []
        for organization in try await listOrganizations() {
            let id = organization.id
            let (gateways, accounts, last) = try await attempt(report: report) {
                let gateways = try await roster.gateways(of: id)
                return try await store.read { (gateways, try $0.gateways(of: id), try $0.lastMoment(of: id)) }
            }
            // One whose secrets do not open here is not in the roster, and cannot be passed over for that.
            if let closed = accounts.first(where: { gateways[$0.name] == nil && !skipped.contains($0.name) }) {
                throw .conflict("\(closed.name) of organization \(id) cannot be asked: its settings cannot be used")
            }
            // Also where no refund is here: the first ones may be those that are missing.
            let start = moment ?? (last ?? surroundings.now()) - Limits.resumedChargesAge
            for name in gateways.keys.sorted(by: { $0.text < $1.text }) where !skipped.contains(name) {
                guard let gateway = gateways[name] else { continue }
                let count = try await compare(gateway, named: name, since: start, for: organization)
                compared.append(ComparedGateway(organization: id, gateway: name, unknownRefunds: count))
            }
        }
        while await worker.applyWhatIsDue() {}
        for organization in try await listOrganizations() { try await doubtUnsent(of: organization) }
        try await attempt(report: report) {
            try await store.write(for: OrganizationID(0)) { try $0.turnSendingOn() }
        }
        submissions.wake()
        return compared
    }

    /// Keeps as notices the refunds of an account that are not known here, and counts them.
    private func compare(
        _ gateway: any Gateway, named name: GatewayName, since moment: Instant, for organization: Organization
    ) async throws(Failure) -> Int {
        var count = 0
        var cursor: String?
        repeat {
            let from = cursor
            let page = try await inTurn(name) { () async throws(GatewayError) in
                try await gateway.charges(since: moment, from: from)
            }
            for charge in page.refunded {
                let refunds = try await inTurn(name) { () async throws(GatewayError) in
                    try await gateway.refunds(ofCharge: charge, isPast: false)
                }
                count += try await keepUnknown(refunds, of: name, gateway, for: organization)
            }
            cursor = page.next
        } while cursor != nil
        return count
    }

    /// Lets every refund that is approved here be unknown: it may have been sent after the last moment in the data.
    private func doubtUnsent(of organization: Organization) async throws(Failure) {
        try await forEachElectronicRefund(in: .approved, of: organization.id) { refund async throws(Failure) in
            try await doubt(refund.id, of: organization)
        }
    }

    private func doubt(_ id: RefundID, of organization: Organization) async throws(Failure) {
        let now = surroundings.now()
        let today = calendar.day(of: now, in: organization.timeZone)
        try await attempt(report: report) {
            try await store.write(for: organization.id, ordered: id.value) { session in
                guard let facts = try session.changeFacts(of: id, in: organization, at: now, today: today),
                    facts.refund.state == .approved, let payout = facts.payout
                else { return }
                let claimed = try claim(payout, leaseUntil: now + Limits.attemptLease, by: "resume", given: facts)
                guard try session.record(claimed, decidedOn: facts, for: organization.id),
                    let current = try session.changeFacts(of: id, in: organization, at: now, today: today),
                    var sent = current.payout
                else { throw Failure.unavailable }
                // Its first call cannot have arrived before it was accepted: the key may be that old.
                sent.keySentAt = facts.refund.createdAt
                let lost = try decide(
                    .lost("it may have been sent after the last moment in the data"), about: sent, given: current)
                guard try session.record(lost, decidedOn: current, for: organization.id) else {
                    throw Failure.unavailable
                }
            }
        }
    }

    private func keepUnknown(
        _ refunds: [ListedRefund], of name: GatewayName, _ gateway: any Gateway, for organization: Organization
    ) async throws(Failure) -> Int {
        let id = organization.id
        let now = surroundings.now()
        let today = calendar.day(of: now, in: organization.timeZone)
        return try await attempt(report: report) {
            try await store.write(for: id) { session in
                var count = 0
                for refund in refunds where refund.notice.organization == id {
                    let news = gateway.news(in: refund.notice.kept)
                    let known = try session.payout(refund.gatewayReference, at: name, of: id)
                    if known == nil { count += 1 }
                    if let own = try known ?? session.payout(askedBy: news, at: name, of: id),
                        let facts = try session.changeFacts(of: own.refund, in: organization, at: now, today: today),
                        facts.refund.state.hold == .released
                    {
                        // It holds nothing here: it is to take its money again before anybody else can.
                        let change = try decide(.report(refund.report), about: own, given: facts)
                        guard try session.record(change, decidedOn: facts, for: id) else { throw Failure.unavailable }
                    } else if known == nil {
                        try session.keep(
                            refund.notice, about: news?.awaitedCharges ?? [], of: name, for: id, at: now)
                    }
                }
                return count
            }
        }
    }
}

extension Session {
    /// The intent that news name, where the gateway has told no reference of it yet.
    fileprivate func payout(
        askedBy news: GatewayNews?, at gateway: GatewayName, of organization: OrganizationID
    ) throws(StorageError) -> Payout? {
        guard case .refund(let news)? = news, let id = news.refund,
            let own = try payout(of: id, of: organization), own.gateway == gateway, own.gatewayReference.isEmpty
        else { return nil }
        return own
    }
}
