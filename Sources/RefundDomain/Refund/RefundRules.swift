/// What the request names beside its source: what is not there is told before any rule.
func checkReferences(of command: RequestRefund, given facts: RefundFacts) throws(RefundError) {
    _ = try entryAmounts(of: command, given: facts)
    _ = try namedLines(by: command, given: facts)
    let gateway: GatewayName? =
        switch command.way {
        case .offline: nil
        case .asTaken: facts.paymentTheMoneyCameBy?.charge?.gateway
        case .method(_, let through): through ?? facts.method?.gateway
        }
    if let gateway { _ = try facts.capabilities(of: gateway) }
}

/// The amount against the organization's policy.
func checkAmount(given facts: RefundFacts) throws(RefundError) {
    let minimum = max(1, facts.organization.settings.refundMinimumMinorUnits)
    guard facts.amount.minorUnits >= minimum else {
        throw .amountTooSmall(minimum: Money(minorUnits: minimum, currency: facts.amount.currency))
    }
}

/// The source: its state, its age, its date, and what is left of it.
func checkSource(of command: RequestRefund, given facts: RefundFacts) throws(RefundError) {
    switch facts.source {
    case .payment(let claim):
        try checkState(of: claim.record, amount: facts.amount, taken: claim.isTaken)
        try checkWindow(of: claim.record, given: facts)
        try checkDate(of: command, notBefore: claim.record.receivedOn, given: facts)
        try checkExpectation(
            of: command, remaining: claim.record.balance.remaining, amount: facts.amount, taken: claim.isTaken)
        if !claim.isTaken { throw shortfall(of: claim.record, amount: facts.amount) }
    case .creditNote(let claim, let backed, _):
        try checkLink(of: claim.record, to: backed.payments + [facts.paymentBehindNote].compactMap { $0 })
        try checkState(of: claim.record, taken: claim.isTaken)
        for payment in backed.payments {
            try checkState(of: payment, amount: facts.amount, taken: backed.share.allocations != nil)
        }
        if try facts.goesBackByCharge(command.way), let payment = facts.paymentTakenOf {
            try checkWindow(of: payment, given: facts)
        }
        try checkDate(of: command, notBefore: claim.record.raisedOn, given: facts)
        try checkExpectation(
            of: command, remaining: claim.record.balance.remaining, amount: facts.amount, taken: claim.isTaken)
        if !claim.isTaken { throw .exceedsRemaining(claim.record.balance.remaining) }
        guard backed.share.allocations != nil else {
            throw .exceedsPaymentBehindNote(
                Money(minorUnits: backed.share.largest, currency: claim.record.currency))
        }
    }
}

private func checkState(of payment: Payment, amount: Money, taken: Bool) throws(RefundError) {
    if payment.isBarred { throw .chargeOfSeveralPayments }
    guard payment.state == .succeeded, payment.balance.captured > 0 else { throw .paymentNotCaptured }
    guard !taken else { return }
    if payment.balance.held > 0, payment.balance.remaining.minorUnits < amount.minorUnits { throw .paymentDisputed }
    if payment.balance.remaining.isZero { throw .paymentRefunded }
}

/// The money that a note gives back is the party's own, in the currency in which it came.
private func checkLink(of note: CreditNote, to payments: [Payment]) throws(RefundError) {
    for payment in payments where payment.party != note.party || payment.currency != note.currency {
        throw .paymentBehindNoteMismatched
    }
}

private func checkState(of note: CreditNote, taken: Bool) throws(RefundError) {
    switch note.state {
    case .draft: throw .noteIsDraft
    case .void: throw .noteIsVoid
    case .open: if !taken, note.isSpent { throw .noteIsSpent }
    }
}

private func checkWindow(of payment: Payment, given facts: RefundFacts) throws(RefundError) {
    guard let days = facts.organization.settings.refundWindowDays else { return }
    guard payment.receivedOn.adding(days: days) >= facts.today else { throw .refundWindowOver(days: days) }
}

/// The date of an offline refund; an electronic one takes effect today, whatever is asked.
private func checkDate(
    of command: RequestRefund, notBefore source: LocalDate, given facts: RefundFacts
) throws(RefundError) {
    let isOffline =
        switch command.way {
        case .offline: true
        case .asTaken: facts.paymentTheMoneyCameBy?.charge == nil
        case .method: false
        }
    if isOffline, let date = command.effectiveOn, date < source { throw .dateBeforeSource(source) }
}

/// `Refundry-Expected-Remaining`: what the caller believed was left before this refund.
private func checkExpectation(
    of command: RequestRefund, remaining: Money, amount: Money, taken: Bool
) throws(RefundError) {
    guard let expected = command.expectedRemaining else { return }
    let before = Money(
        minorUnits: taken ? remaining.minorUnits + amount.minorUnits : remaining.minorUnits, currency: amount.currency)
    do {
        guard try expected.money(in: amount.currency) == before else { throw RefundError.remainingChanged(before) }
    } catch {
        throw .remainingChanged(before)
    }
}

private func shortfall(of payment: Payment, amount: Money) -> RefundError {
    let captured = Money(minorUnits: payment.balance.captured, currency: payment.currency)
    return amount.minorUnits > captured.minorUnits
        ? .exceedsPayment(captured) : .exceedsRemaining(payment.balance.remaining)
}

/// Which lines of a note the amount is drawn on: those that the request names, else first in, first out, each item
/// followed by its taxes.
func spread(_ command: RequestRefund, given facts: RefundFacts) throws(RefundError) -> [LineDraw] {
    guard case .creditNote(_, let requested) = command.source, case .creditNote(_, _, let lines) = facts.source else {
        return []
    }
    guard !requested.isEmpty else { return try spreadFirstInFirstOut(facts.amount, over: lines) }

    var draws: [LineDraw] = []
    var named: Set<CreditNoteLineID> = []
    var sum = Money.zero(facts.amount.currency)
    let entries = zip(
        try namedLines(by: command, given: facts), try entryAmounts(of: command, given: facts))
    for (index, (line, amount)) in entries.enumerated() {
        guard named.insert(line.id).inserted else { throw .lineNamedTwice(index) }
        guard amount.minorUnits > 0 else {
            throw .amountTooSmall(minimum: Money(minorUnits: 1, currency: facts.amount.currency))
        }
        guard amount.minorUnits <= line.remaining else { throw .lineExceedsRemaining(index) }
        draws.append(LineDraw(line: line.id, amount: amount.minorUnits))
        do { sum = try sum.adding(amount) } catch { throw .amountOverflow }
    }
    guard sum == facts.amount else { throw .linesDoNotAddUp(sum) }
    return draws
}

/// The amounts of what the request names of a note, in its order.
private func entryAmounts(of command: RequestRefund, given facts: RefundFacts) throws(RefundError) -> [Money] {
    guard case .creditNote(_, let requested) = command.source else { return [] }
    var amounts: [Money] = []
    for entry in requested { amounts.append(try exactAmount(entry.amount, in: facts.amount.currency)) }
    return amounts
}

/// The lines of the note that the request names, in its order.
private func namedLines(
    by command: RequestRefund, given facts: RefundFacts
) throws(RefundError) -> [CreditNoteLine] {
    guard case .creditNote(_, let requested) = command.source, !requested.isEmpty,
        case .creditNote(_, _, let lines) = facts.source
    else { return [] }
    let lineByID = Dictionary(lines.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var named: [CreditNoteLine] = []
    for (index, (entry, id)) in zip(requested, facts.requestedLines).enumerated() {
        guard let id, let line = lineByID[id], line.isOf(entry.kind) else { throw .lineUnknown(index) }
        named.append(line)
    }
    return named
}

extension CreditNoteLine {
    fileprivate func isOf(_ requested: RequestedLine.Kind) -> Bool {
        switch (kind, requested) {
        case (.item, .item), (.tax, .tax): true
        case (.item, .tax), (.tax, .item): false
        }
    }
}

/// Draws an amount on lines in their order, each until it is spent.
func spreadFirstInFirstOut(_ amount: Money, over lines: [CreditNoteLine]) throws(RefundError) -> [LineDraw] {
    var left = amount.minorUnits
    var draws: [LineDraw] = []
    for line in lines where line.remaining > 0 && left > 0 {
        let drawn = min(left, line.remaining)
        draws.append(LineDraw(line: line.id, amount: drawn))
        left -= drawn
    }
    guard draws.count <= Limits.drawnLinesMax else { throw .tooManyLines }
    return draws
}

/// An amount that the caller wrote, in the currency of what it addresses.
package func exactAmount(_ amount: DecimalAmount, in currency: Currency) throws(RefundError) -> Money {
    do {
        return try amount.money(in: currency)
    } catch {
        switch error {
        case .tooPrecise(let currency): throw .amountTooPrecise(currency)
        case .overflow, .currencyMismatch: throw .amountOverflow
        }
    }
}

/// Through a gateway or by hand.
func chooseChannel(for command: RequestRefund, given facts: RefundFacts) throws(RefundError) -> RefundChannel {
    switch command.way {
    case .offline(let mode):
        return .offline(mode)
    case .asTaken:
        guard let payment = facts.paymentTheMoneyCameBy, let charge = payment.charge else {
            if command.onlyByGateway { throw .paymentNotByGateway }
            return .offline(facts.paymentTheMoneyCameBy?.mode ?? .others)
        }
        return try facts.channel(by: charge, of: payment)
    case .method(_, let through):
        guard let method = facts.method else { throw .methodClosed }
        guard method.state == .active else { throw .methodClosed }
        guard method.party == facts.party else { throw .methodOfAnotherParty }
        guard method.mode.isElectronic else { throw .methodIsOffline }
        let gateway = method.gateway
        guard through ?? gateway == gateway else { throw .methodOfAnotherGateway }
        if try facts.capabilities(of: gateway).unlinkedCredit { return .electronic(gateway) }
        guard let payment = facts.paymentTakenOf, let charge = try facts.chargeToGiveBack(for: command.way)
        else {
            throw .gatewayNotAble(gateway)
        }
        return try facts.channel(by: charge, of: payment)
    }
}

private func checkWindow(
    of gateway: GatewayName, _ capabilities: GatewayCapabilities, payment: Payment, today: LocalDate
) throws(RefundError) {
    guard let window = capabilities.refundWindow else { return }
    let days = Int(window.components.seconds / 86_400)
    guard payment.receivedOn.adding(days: days) >= today else { throw .gatewayWindowOver(gateway) }
}

extension RefundFacts {
    fileprivate var party: PartyID {
        switch source {
        case .payment(let claim): claim.record.party
        case .creditNote(let claim, _, _): claim.record.party
        }
    }

    fileprivate var paymentTheMoneyCameBy: Payment? { paymentTakenOf ?? paymentBehindNote }

    /// Whether the charge of the payment is where the money goes: only then its age matters.
    fileprivate func goesBackByCharge(_ way: RequestRefund.Way) throws(RefundError) -> Bool {
        switch way {
        case .offline: false
        case .asTaken: paymentTakenOf?.charge != nil
        case .method: try chargeToGiveBack(for: way) != nil
        }
    }

    /// Back the way the money came: the gateway has to be able to, still.
    fileprivate func channel(by charge: Charge, of payment: Payment) throws(RefundError) -> RefundChannel {
        let capabilities = try capabilities(of: charge.gateway)
        guard capabilities.linkedRefund else { throw .gatewayNotAble(charge.gateway) }
        try checkWindow(of: charge.gateway, capabilities, payment: payment, today: today)
        return .electronic(charge.gateway)
    }

    /// The charge that is given back in place of a payout to the method; nil where the gateway pays out to methods, or
    /// the money did not come by this one.
    fileprivate func chargeToGiveBack(for way: RequestRefund.Way) throws(RefundError) -> Charge? {
        guard case .method = way, let method else { return nil }
        return method.chargeToGiveBack(of: paymentTakenOf, try capabilities(of: method.gateway))
    }

    fileprivate func capabilities(of gateway: GatewayName) throws(RefundError) -> GatewayCapabilities {
        guard let capabilities = gateways[gateway] else { throw .gatewayUnknown(gateway) }
        return capabilities
    }
}

/// What the gateway will be asked, under the one key of this intent.
func addressPayout(
    of refund: Refund, command: RequestRefund, given facts: RefundFacts
) throws(RefundError) -> Payout? {
    guard let gateway = refund.channel.gateway else { return nil }
    let target: Submission.Target
    switch command.way {
    case .method:
        guard let method = facts.method else { throw .methodClosed }
        target = try facts.chargeToGiveBack(for: command.way).map { .charge($0.reference) } ?? .method(method.token)
    case .asTaken, .offline:
        guard let charge = facts.paymentTheMoneyCameBy?.charge else { throw .gatewayNotAble(gateway) }
        target = .charge(charge.reference)
    }
    return Payout(
        refund: refund.id, gateway: gateway, target: target, lastFour: facts.method?.card?.lastFour,
        attempt: facts.leaseUntil == nil ? 0 : 1, key: "refund-\(facts.organization.id)-\(refund.id)",
        keySentAt: facts.leaseUntil == nil ? nil : facts.sentAt ?? facts.now, leaseUntil: facts.leaseUntil,
        dueAt: facts.leaseUntil ?? facts.now)
}
