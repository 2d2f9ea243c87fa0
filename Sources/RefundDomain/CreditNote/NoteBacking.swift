/// What one payment backs of a credit note: so much of the note came in by it, and goes back out of its purse.
///
/// It only grows: with what is captured of the payment, up to what the owner named. What no payment backs is goodwill.
package struct NoteBacking: Hashable, Sendable {
    package let payment: PaymentID
    /// Minor units of the note's currency.
    package let amount: Int64
    /// What it may grow to: what the owner named, or the total of a note with a lone payment.
    package let amountMax: Int64
    /// What refunds of the note have taken of the payment, under way or done.
    package let allocated: Int64

    package init(payment: PaymentID, amount: Int64, amountMax: Int64, allocated: Int64 = 0) {
        self.payment = payment
        self.amount = amount
        self.amountMax = amountMax
        self.allocated = allocated
    }

    /// What a lone payment backs of a note with such a total: what was captured of it, and more once more is.
    package init(lone payment: Payment, total: Int64) {
        self.init(payment: payment.id, amount: min(total, payment.balance.captured), amountMax: total)
    }

    /// What the payment still backs of the note, whether or not the payment has it left.
    package var left: Int64 { max(0, amount - allocated) }
}

/// A part of a refund that is taken of one payment.
package struct PaymentAllocation: Hashable, Sendable {
    package let payment: PaymentID
    /// Minor units of the payment's currency.
    package let amount: Int64

    package init(payment: PaymentID, amount: Int64) {
        self.payment = payment
        self.amount = amount
    }
}

/// By which road the money of a note goes back.
package enum NoteRoute: Hashable, Sendable {
    /// By the charge of one of these payments, which alone has to have all of it.
    case charge(of: [PaymentID])
    /// By hand or to a method: of every payment behind the note, in their order.
    case any
}

/// What a refund of a note takes of the payments behind it, decided before anything is taken.
package struct BackedShare: Hashable, Sendable {
    /// In the order of the backing; nil where the payments have not so much left.
    package let allocations: [PaymentAllocation]?
    /// The most that a refund of the note could have been, as far as its payments go; `Int64.max` where they set no
    /// bound.
    package let largest: Int64

    /// Nothing is left of the payments.
    package static let refused = BackedShare(allocations: nil, largest: 0)
}

/// Decides what a refund of a note takes of the payments behind it.
///
/// What they back goes first, whatever the road, from each at most what it has left; it is refused only where together
/// they lack. By a charge it is one payment, for all of the amount: the first that has enough. Where nothing is
/// captured of a payment behind the note, the note is not refundable.
package func share(
    of amount: Int64, by route: NoteRoute, over backing: [(row: NoteBacking, payment: Payment)]
) -> BackedShare {
    guard backing.allSatisfy({ $0.payment.state == .succeeded && $0.payment.balance.captured > 0 }) else {
        return .refused
    }
    let parts = backing.map { row, payment in
        (payment: payment.id, backs: row.left, has: min(row.left, payment.balance.remaining.minorUnits))
    }
    switch route {
    case .charge(let payments):
        let able = parts.filter { payments.contains($0.payment) }
        let whole = able.first { $0.has >= amount }
        return BackedShare(
            allocations: whole.map { [PaymentAllocation(payment: $0.payment, amount: amount)] },
            largest: able.map(\.has).max() ?? 0)
    case .any:
        let backs = parts.reduce(0) { $0 + $1.backs }
        let has = parts.reduce(0) { $0 + $1.has }
        guard min(amount, backs) <= has else { return BackedShare(allocations: nil, largest: has) }
        return BackedShare(
            allocations: allocations(of: min(amount, backs), over: parts.map { ($0.payment, $0.has) }),
            largest: .max)
    }
}

/// Takes an amount of payments in their order, of each at most what it offers.
func allocations(of amount: Int64, over offers: [(payment: PaymentID, most: Int64)]) -> [PaymentAllocation] {
    var rest = amount
    var allocations: [PaymentAllocation] = []
    for (payment, most) in offers where min(rest, most) > 0 {
        allocations.append(PaymentAllocation(payment: payment, amount: min(rest, most)))
        rest -= min(rest, most)
    }
    return allocations
}

/// What a refund that was made before the program came took of the payments behind its note.
///
/// It is a fact, and counts on them as far as they back the note, whether or not they have it left.
package func pastShare(of amount: Int64, over backing: [NoteBacking]) -> [PaymentAllocation] {
    allocations(of: amount, over: backing.map { ($0.payment, $0.left) })
}
