/// How much of a note's lines a refund allocates, by each of the two orders of spreading.
///
/// Pure functions over what is left; amounts are minor units of the note's currency.
package enum OracleLines {
    /// What a line has: its net and its tax.
    package struct Line: Hashable, Sendable {
        /// The line by its name.
        package var name: String
        /// Without tax.
        package var net: Int64
        /// The tax on the net.
        package var tax: Int64
        /// For a negative line: the line that it lowers; nil lowers all positive ones by share.
        package var lowers: String?

        /// A line of a note, or what is left or allocated of one.
        package init(_ name: String, net: Int64, tax: Int64 = 0, lowers: String? = nil) {
            self.name = name
            self.net = net
            self.tax = tax
            self.lowers = lowers
        }

        /// What the customer sees of it: net and tax.
        package var total: Int64 { net + tax }
    }

    /// The positive lines of a note, with negative ones netted against the line that they name, or against all.
    ///
    /// One that is greater than the line it names is netted against all.
    package static func netted(_ lines: [Line]) -> [Line] {
        var positive = lines.filter { $0.total > 0 }
        for line in lines where line.total <= 0 {
            if let named = positive.firstIndex(where: { $0.name == line.lowers && $0.total >= -line.total }) {
                positive[named].net += line.net
                positive[named].tax += line.tax
                continue
            }
            let nets = shares(of: -line.net, by: positive.map(\.net))
            let taxes = shares(of: -line.tax, by: positive.map(\.tax))
            for index in positive.indices {
                positive[index].net -= nets[index]
                positive[index].tax -= taxes[index]
            }
        }
        return positive
    }

    /// Spreads an amount in proportion to what is left of each line; tax goes with its line.
    package static func inProportion(_ amount: Int64, over left: [Line]) -> [Line] {
        allocated(shares(of: amount, by: left.map(\.total)), of: left)
    }

    /// Spreads an amount first in, first out: a line is emptied before the next is begun.
    package static func firstInFirstOut(_ amount: Int64, over left: [Line]) -> [Line] {
        var rest = amount
        let amounts = left.map { line in
            let share = min(rest, line.total)
            rest -= share
            return share
        }
        return allocated(amounts, of: left)
    }

    /// What is left of lines after an allocation.
    package static func left(of lines: [Line], after allocated: [Line]) -> [Line] {
        zip(lines, allocated).map { line, part in
            Line(line.name, net: line.net - part.net, tax: line.tax - part.tax, lowers: line.lowers)
        }
    }

    private static func allocated(_ amounts: [Int64], of left: [Line]) -> [Line] {
        zip(left, amounts).map { line, amount in
            let parts = shares(of: amount, by: [line.net, line.tax])
            return Line(line.name, net: parts[0], tax: parts[1], lowers: line.lowers)
        }
    }

    /// Splits an amount by weight: each share rounded down, the rest a unit each to the largest remainders.
    ///
    /// Equal remainders go by the order of the weights. All of the weight gives each share its whole weight.
    private static func shares(of amount: Int64, by weights: [Int64]) -> [Int64] {
        let whole = weights.reduce(0, +)
        guard whole > 0 else { return weights.map { _ in 0 } }
        let products = weights.map { Int128(amount) * Int128($0) }
        var shares = products.map { Int64(clamping: $0 / Int128(whole)) }
        let remainders = products.map { $0 % Int128(whole) }
        let order = weights.indices.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
        for index in order.prefix(max(0, Int(amount - shares.reduce(0, +)))) { shares[index] += 1 }
        return shares
    }
}
