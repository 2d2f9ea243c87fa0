/// The schema, version by version, in PostgreSQL words.
///
/// Rules of the schema, kept by tests: every primary key, unique constraint and foreign key starts with
/// `organization_id`, so that tables can be distributed by organization; times are microseconds, days are days since
/// 1970, money is minor units; states and names are checked text; money rules stand here as CHECKs too.
package enum Schema {
    /// Each version's statements, the first version first.
    ///
    /// A landed version is never edited.
    package static let versions: [[String]] = [
        version1, version2, version3, version4, version5, version6, version7, version8, version9,
    ]

    /// The version that this program reads and writes.
    package static var current: Int { versions.count }

    /// What `exact_share(amount, whole, parts)` means in a statement: so many parts of a whole, rounded half up once.
    ///
    /// The product of two amounts exceeds 64 bits, so each engine has words of its own for it. None of the three is
    /// negative. Throws `corrupt` where the share does not fit, or there are no parts.
    static func exactShare(_ amount: Int64, of whole: Int64, among parts: Int64) throws(StorageError) -> Int64 {
        guard parts > 0 else { throw StorageError(.corrupt, "a share of no parts") }
        let share = (Int128(amount) * Int128(whole) + Int128(parts / 2)) / Int128(parts)
        guard let fitting = Int64(exactly: share) else { throw StorageError(.corrupt, "a share beyond 64 bits") }
        return fitting
    }

    /// The arguments of a call, told from behind its opening parenthesis on, and where it ends.
    static func arguments(in text: Substring) -> (arguments: [String], end: Substring.Index) {
        var arguments = [""]
        var depth = 0
        for index in text.indices {
            let character = text[index]
            if depth == 0, character == ")" { return (arguments, text.index(after: index)) }
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if depth == 0, character == "," {
                arguments.append("")
            } else {
                arguments[arguments.count - 1].append(character)
            }
        }
        return ([], text.endIndex)
    }
}
