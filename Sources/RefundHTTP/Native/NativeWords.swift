import RefundDomain

/// The words of the program's own API.
enum NativeWords {
    /// The ways of paying that have a word here, each with it; any other text names itself.
    static let modes: [(String, PaymentMode)] = [
        ("cash", .cash), ("check", .check), ("credit_card", .creditCard), ("debit_card", .debitCard),
        ("bank_transfer", .bankTransfer), ("bank_remittance", .bankRemittance), ("wire_transfer", .wireTransfer),
        ("ach", .ach), ("others", .others),
    ]

    /// The way of paying that a text says.
    static func mode(_ text: String) -> PaymentMode { modes.first { $0.0 == text }?.1 ?? .named(text) }

    /// The text for a way of paying.
    static func text(_ mode: PaymentMode) -> String {
        if case .named(let name) = mode { return name }
        return mode.code
    }

    /// A record as callers name it: `dialect:identifier`, or an identifier or number of the program's own.
    static func reference(_ text: String) -> RecordReference {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 2, !parts[0].isEmpty else {
            return RecordReference(dialect: .native, text: text, generated: Int64(text), mayBeNumber: true)
        }
        return RecordReference(dialect: DialectName(parts[0]), text: parts[1], generated: Int64(parts[1]))
    }
}
