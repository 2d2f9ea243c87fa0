/// How money was or is handed over.
///
/// Stored by `code`; a way that the program has no word for keeps the caller's own.
package enum PaymentMode: Hashable, Sendable {
    case cash, check, creditCard, debitCard, bankTransfer, bankRemittance, wireTransfer, ach
    /// Some other way, of which nothing more is known.
    case others
    /// Some other way, as the caller named it, at most `Limits.referenceLengthMax` code points.
    case named(String)

    private static let codes: [(PaymentMode, String)] = [
        (.cash, "cash"), (.check, "check"), (.creditCard, "credit_card"), (.debitCard, "debit_card"),
        (.bankTransfer, "bank_transfer"), (.bankRemittance, "bank_remittance"), (.wireTransfer, "wire_transfer"),
        (.ach, "ach"), (.others, "others"),
    ]

    /// The word under which it is stored; what the program has no word for is stored after `named:`.
    package var code: String {
        if case .named(let name) = self { return "named:" + name }
        return Self.codes.first { $0.0 == self }?.1 ?? "others"
    }

    /// Reads a stored code back; nil for a word that was never stored.
    package init?(code: String) {
        if let known = Self.codes.first(where: { $0.1 == code }) {
            self = known.0
        } else if code.utf8.starts(with: "named:".utf8) {
            self = .named(String(decoding: code.utf8.dropFirst("named:".utf8.count), as: UTF8.self))
        } else {
            return nil
        }
    }

    /// Whether a gateway can pay out in this way.
    var isElectronic: Bool {
        switch self {
        case .creditCard, .debitCard, .bankTransfer, .ach, .named: true
        case .cash, .check, .bankRemittance, .wireTransfer, .others: false
        }
    }
}
