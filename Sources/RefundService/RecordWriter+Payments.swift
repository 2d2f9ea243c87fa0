import RefundDomain
import RefundStorage

extension RecordWriter {
    /// Puts a payment: what its owner tells stands beside what happened here, and what is not told is left alone.
    ///
    /// One whose charge belongs to a payment that is here is that payment.
    ///
    /// Throws `chargeOfAnotherPayment` where the two do not agree.
    mutating func put(_ brought: PutPayment, at place: String) throws -> PutResult {
        let known = try find(.payment, brought.externalIDs, at: place)
        let owner = try owner(of: brought, known: known, at: place)
        let stored = try (known ?? owner?.value).flatMap {
            try session.lockPayment(PaymentID($0), of: organization.id).first()
        }
        let method = try brought.method.map { try self.method($0, at: place) }
        let payment = Payment(
            id: stored?.id ?? PaymentID(known ?? nextIdentifier()), party: try party(brought.party, at: place),
            number: brought.number, state: brought.state, mode: brought.mode,
            charge: owner != nil && owner == stored?.id ? stored?.charge : brought.charge,
            method: method?.id, balance: try balance(brought, over: stored),
            rate: try rate(brought.rate, of: brought.currency, at: place), receivedOn: brought.receivedOn,
            invoiceNumber: brought.invoiceNumber, isBarred: stored?.isBarred ?? false)
        try require(
            method?.party ?? payment.party == payment.party,
            "its payment method belongs to another party", at: place)
        guard let stored else {
            try insert(payment, brought, at: place)
            return .created
        }
        return try update(stored, to: payment, isJoined: known == nil, brought, at: place)
    }

    /// The payment that the charge belongs to, which nobody else gives to another meanwhile; nil where it is free.
    private func owner(of brought: PutPayment, known: Int64?, at place: String) throws -> PaymentID? {
        guard let charge = brought.charge else { return nil }
        let references = [charge.reference] + brought.furtherReferences
        var (owners, elsewhere) = try session.takeCharges(
            references, at: charge.gateway, siblings: siblings(charge.gateway), of: organization.id)
        // Two accounts here with one account at the provider: its charge is one payment, by whichever it came first.
        if let elsewhere { throw another(elsewhere, has: charge, at: place) }
        if owners.isEmpty, known == nil {
            // A server of the version before may have put it, which keeps no row of the charge.
            owners = Set(try session.payments(ofCharge: charge, of: organization.id).map(\.id))
        }
        if let known { return owners.contains(PaymentID(known)) ? PaymentID(known) : nil }
        guard let owner = owners.min(by: { $0.value < $1.value }) else { return nil }
        guard owners.count == 1 else { throw another(owner, has: charge, at: place) }
        return owner
    }

    private mutating func insert(_ payment: Payment, _ brought: PutPayment, at place: String) throws {
        try require(
            payment.balance.claims <= payment.balance.captured, "more is disputed than was captured", at: place)
        try session.insert(payment, for: organization.id)
        if let charge = payment.charge {
            let references = [charge.reference] + brought.furtherReferences
            try session.point(references, at: charge.gateway, to: payment.id, of: organization.id)
            charges.append(PutCharge(payment: payment, gateway: charge.gateway, references: references))
        }
        try remember(.payment, brought.externalIDs, payment.id.value)
    }

    private func update(
        _ known: Payment, to payment: Payment, isJoined: Bool, _ brought: PutPayment, at place: String
    ) throws -> PutResult {
        var (stored, isTakenOver) = (known, false)
        // Also where it was named by the identifier that is shown.
        if let charge = brought.charge, charge.gateway == known.charge?.gateway, payment.charge == known.charge,
            known.currency == payment.currency, try isOnlyTold(known, by: charge.gateway),
            let taken = try session.takeOver(payment, for: organization.id)
        {
            (stored, isTakenOver) = (taken, true)
        } else if isJoined, let charge = brought.charge, !known.agrees(with: payment) {
            throw another(known.id, has: charge, at: place)
        }
        if isJoined, let charge = brought.charge {
            try session.point([charge.reference], at: charge.gateway, to: known.id, of: organization.id)
        }
        try remember(.payment, brought.externalIDs, payment.id.value)
        guard known != payment else { return .unchanged }
        guard stored != payment else { return .updated }
        if !isTakenOver {
            try allowUpdate(
                stored.isSame(asFixedPartsOf: payment), "only number, state, amounts and invoice of a payment change",
                at: place)
        }
        try require(
            payment.state == .succeeded || stored.balance.taken == 0,
            "a payment that refunds draw on stays succeeded", at: place)
        guard let corrected = try session.correct(payment, for: organization.id) else {
            throw conflict("more of the payment is promised or given back than it would have", at: place)
        }
        try session.settle(corrected, after: stored, in: organization, on: today, at: now)
        return .updated
    }

    /// Whether only the gateway has told of a payment: it has the number and the party that the gateway's word gave it.
    ///
    /// What was captured does not tell: either may have told of the payment before anything was.
    private func isOnlyTold(_ payment: Payment, by gateway: GatewayName) throws(StorageError) -> Bool {
        guard payment.balance.capturedByOwner == 0, payment.number == payment.charge?.reference, payment.method == nil
        else { return false }
        let party = payment.party.value
        return try session.externalIDs(of: [party], in: .references(of: gateway), of: organization.id)[party] != nil
    }

    private func another(_ payment: PaymentID, has charge: Charge, at place: String) -> Failure {
        let text = "the charge \(charge.reference) belongs to payment \(payment), which differs from this one"
        return .chargeOfAnotherPayment(payment, place.isEmpty ? text : "\(place): \(text)")
    }

    /// The figures that the owner tells, with those that came to pass here.
    private func balance(_ brought: PutPayment, over stored: Payment?) throws -> PaymentBalance {
        guard let stored else {
            let disputed = brought.disputed?.minorUnits ?? 0
            return PaymentBalance(
                currency: brought.currency, captured: brought.captured?.minorUnits ?? 0,
                capturedByGateway: brought.capturedByGateway?.minorUnits ?? 0, claims: disputed,
                claimByOwner: disputed)
        }
        let balance = stored.balance
        // What the gateway tells of disputes takes the place of what the owner told.
        let isTold = try session.disputes(of: stored.id, organization.id).isEmpty
        let claim = isTold ? brought.disputed?.minorUnits ?? balance.claimByOwner : 0
        return PaymentBalance(
            currency: brought.currency, captured: brought.captured?.minorUnits ?? balance.capturedByOwner,
            capturedByGateway: balance.capturedByGateway, reserved: balance.reserved, refunded: balance.refunded,
            claims: balance.claims - balance.claimByOwner + claim, claimByOwner: claim)
    }
}

extension Session {
    /// Posts what followed from a correction of what was captured, and brings claims and notes up to it.
    func settle(
        _ corrected: CorrectedPayment, after before: Payment, in organization: Organization, on today: LocalDate,
        at now: Instant
    ) throws {
        let payment = corrected.payment
        try reviewCaptured(of: payment, before: before, for: organization.id, at: now)
        try claimAllOf(payment, capturedBefore: before.balance.captured, for: organization.id)
        let over = payment.balance.overRefunded - before.balance.overRefunded
        if over != 0 {
            let step = try nextPosting(of: payment.id, organization.id)
            try insert(
                try overRefundChange(
                    of: payment, by: over, step: step, base: organization.baseCurrency, on: today, at: now),
                for: organization.id)
            try reviewOverRefund(of: payment.id, by: nil, cause: "captured", at: now, for: organization.id)
        }
        for note in corrected.raisedNotes {
            try post(try settle(note, of: organization.id), on: note, in: organization, on: today, at: now)
        }
    }

    /// Tells a person that an owner says more was captured than the gateway does: it is refundable, and may not be
    /// there; no longer where the two agree.
    func reviewCaptured(
        of payment: Payment, before: Payment, for organization: OrganizationID, at now: Instant
    ) throws(StorageError) {
        let balance = payment.balance
        guard balance.isOwnerAboveGateway || before.balance.isOwnerAboveGateway else { return }
        guard balance.isOwnerAboveGateway else {
            return try close(
                .capturedDiffers, about: .payment(payment.id), because: "the gateway captured as much", at: now,
                for: organization)
        }
        let (told, seen) = (balance.capturedByOwner, balance.capturedByGateway)
        var exception = NewException(
            .capturedDiffers, about: .payment(payment.id),
            detail: "its owner says that \(Money(minorUnits: told, currency: payment.currency)) were captured, its "
                + "gateway \(Money(minorUnits: seen, currency: payment.currency))", at: now)
        exception.payment = payment.id
        try open(exception, for: organization)
    }

    /// Posts what moved on a note other than by a refund of its own.
    func post(
        _ movement: SourceMovement, appliedMore applied: Int64 = 0, on id: CreditNoteID,
        in organization: Organization, on today: LocalDate, at now: Instant
    ) throws {
        guard movement != .none || applied != 0, let note = try creditNote(id, of: organization.id) else { return }
        let step = try nextPosting(of: id, organization.id)
        try insert(
            try noteChange(
                of: note, appliedMore: applied, moved: movement, step: step, base: organization.baseCurrency,
                on: today, at: now),
            for: organization.id)
    }
}
