import RefundDomain

/// What journals come to, account by account: debits less credits, in the currency and in the base currency.
struct Books: Equatable, CustomStringConvertible {
    struct Standing: Equatable {
        var amount: Int128 = 0
        var base: Int128 = 0
    }

    private var standings: [String: Standing] = [:]

    init() {}

    init(_ journals: [Journal]) {
        for journal in journals { post(journal) }
    }

    mutating func post(_ journal: Journal) {
        for line in journal.lines {
            standings[line.account, default: Standing()].amount += Int128(line.amount.minorUnits)
            standings[line.account, default: Standing()].base += Int128(line.base.minorUnits)
        }
    }

    /// The accounts that stand at something, in the currency of the refund.
    var open: [String: Int64] {
        standings.filter { $0.value != Standing() }.mapValues { Int64(clamping: $0.amount) }
    }

    subscript(account: Account) -> Standing { standings[account.code] ?? Standing() }

    var description: String {
        standings.sorted { $0.key < $1.key }.map { "\($0) \($1.amount) (\($1.base))" }.joined(separator: ", ")
    }
}

extension Journal {
    /// Whether its debits are its credits, in each currency and in the base currency.
    var isBalanced: Bool {
        var sums: [Currency: Int128] = [:]
        var base: Int128 = 0
        for line in lines {
            sums[line.amount.currency, default: 0] += Int128(line.amount.minorUnits)
            base += Int128(line.base.minorUnits)
        }
        return !lines.isEmpty && base == 0 && sums.allSatisfy { $0.value == 0 }
            && Set(lines.map(\.base.currency)).count == 1
    }

    /// The lines as text, in their order: `bank -200.00 INR`.
    var posted: [String] { lines.map { "\($0.account) \($0.amount)" } }
}
