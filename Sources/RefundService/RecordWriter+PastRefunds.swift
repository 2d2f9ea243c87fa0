import RefundDomain
import RefundStorage

extension RecordWriter {
    /// Puts a refund that was made before the program came: a fact, taken of its sources whatever they have left.
    mutating func put(_ brought: PutPastRefund, at place: String) throws -> PutResult {
        if let known = try find(.refund, brought.externalIDs, at: place) {
            let stored = try session.refund(RefundID(known), of: organization.id)
            let isSame =
                stored?.amount == brought.amount && stored?.effectiveOn == brought.effectiveOn
                && stored?.description == brought.description && stored?.reference == brought.reference
                && stored?.channel == brought.channel
            try require(isSame, "a past refund does not change", at: place)
            try remember(.refund, brought.externalIDs, known)
            return .unchanged
        }
        try requireUnknown(brought, at: place)
        let sources = try pastSources(of: brought, at: place)
        let isSpent = brought.state.hold == .spent
        var movement = isSpent ? try take(brought.amount, of: sources) : .none
        let refund = try draft(brought, sources, lacking: movement.lacking, at: place)
        let past = PastRefund(
            refund: refund, gatewayReference: brought.gatewayReference, networkReference: brought.networkReference,
            charge: sources.charge)
        do {
            let decision = try takeOver(
                past, allocations: sources.allocations, lacking: movement.lacking, lines: sources.lines, by: "load",
                at: now)
            try session.record(decision, requestDigest: nil, for: organization.id)
            if isSpent {
                let settled = try sources.note.map { try session.settle($0.id, of: organization.id) } ?? .none
                movement.drawnOnNote += settled.drawnOnNote
                movement.overRefunded += settled.overRefunded
                try session.insert(
                    try pastJournal(of: refund, moving: movement, base: organization.baseCurrency),
                    for: organization.id)
            }
        } catch let error as RefundError {
            throw conflict(error.message, at: place)
        }
        for part in isSpent ? sources.allocations : [] {
            try session.reviewOverRefund(
                of: part.payment, by: refund.id, cause: "history", at: now, for: organization.id)
        }
        try session.raiseNumbers(of: .refund, beyond: refund.number.value, for: organization.id)
        try remember(.refund, brought.externalIDs, refund.id.value)
        return .created
    }

    /// What a past refund is taken of.
    private struct PastSources {
        var payment: Payment?
        var note: CreditNote?
        var lines: [CreditNoteLine] = []
        var allocations: [PaymentAllocation] = []
        var charge = ""
    }

    /// One refund of a gateway is one refund here.
    private func requireUnknown(_ brought: PutPastRefund, at place: String) throws {
        guard let gateway = brought.channel.gateway, !brought.gatewayReference.isEmpty else { return }
        let known = try session.payout(brought.gatewayReference, at: gateway, of: organization.id)
        guard let known, let refund = try session.refund(known.refund, of: organization.id) else { return }
        throw conflict(
            "the gateway's refund \(brought.gatewayReference) is refund \(refund.number) here already", at: place)
    }

    private func pastSources(of brought: PutPastRefund, at place: String) throws -> PastSources {
        var sources = PastSources()
        let amount = brought.amount.minorUnits
        switch brought.source {
        case .payment(let reference):
            let payment = try self.payment(reference, at: place)
            sources.payment = payment
            sources.allocations = [PaymentAllocation(payment: payment.id, amount: amount)]
            sources.charge = payment.charge?.reference ?? ""
        case .creditNote(let reference):
            let note = try self.note(reference, at: place)
            sources.note = note
            sources.lines = try session.lines(of: note.id, of: organization.id).rows()
            let behind = try note.payment.flatMap { try session.payment($0, of: organization.id) }
            try require(
                behind?.party ?? note.party == note.party && behind?.currency ?? note.currency == note.currency,
                "the payment behind its credit note belongs to another party or is in another currency", at: place)
            let backings = try session.backings(of: note.id, organization.id)
            let charged = try backings.compactMap { try session.payment($0.payment, of: organization.id) }
                .first { $0.charge != nil && $0.charge?.gateway == brought.channel.gateway }
            sources.payment = charged ?? behind
            sources.charge = charged?.charge?.reference ?? ""
            sources.allocations = pastShare(of: amount, over: backings)
        }
        try require(
            brought.amount.isPositive
                && brought.amount.currency == sources.note?.currency ?? sources.payment?.currency,
            "its amount is not an amount in the currency of its source", at: place)
        return sources
    }

    private func take(_ amount: Money, of sources: PastSources) throws(StorageError) -> SourceMovement {
        var movement = SourceMovement.none
        for part in sources.allocations.sorted(by: { $0.payment.value < $1.payment.value }) {
            movement.overRefunded += try session.move(
                reserving: 0, refunding: part.amount, on: part.payment, of: organization.id
            ).overRefunded
        }
        guard let note = sources.note else { return movement }
        movement.lacking = try session.drawUpTo(amount.minorUnits, on: note.id, of: organization.id).lacking
        movement.drawnOnNote = amount.minorUnits - movement.lacking
        try session.moveBackings(sources.allocations, of: note.id, sign: 1, for: organization.id)
        return movement
    }

    private mutating func draft(
        _ brought: PutPastRefund, _ sources: PastSources, lacking: Int64, at place: String
    ) throws -> Refund {
        let note = try sources.note.flatMap { try session.creditNote($0.id, of: organization.id) }
        guard let party = note?.party ?? sources.payment?.party, let rate = note?.rate ?? sources.payment?.rate else {
            throw Failure.bug
        }
        let number = try brought.number ?? RefundNumber(session.takeNumbers(1, of: .refund, for: organization.id))
        try require(
            try session.refund(number, of: organization.id) == nil, "number \(number) belongs to another refund",
            at: place)
        return Refund(
            id: RefundID(nextIdentifier()), number: number, party: party,
            payment: sources.allocations.first?.payment ?? (note == nil ? sources.payment?.id : nil),
            creditNote: note?.id, method: nil, amount: brought.amount, rate: rate, channel: brought.channel,
            state: brought.state, step: 1, reason: brought.reason, initiator: brought.initiator,
            description: brought.description, reference: brought.reference, effectiveOn: brought.effectiveOn,
            createdAt: brought.createdAt, updatedAt: brought.createdAt, settledAt: nil, createdBy: ClientID(0),
            failureReason: brought.failure, noteRemainingAfter: note?.balance.remaining.minorUnits, lacking: lacking,
            annotations: brought.annotations)
    }
}
