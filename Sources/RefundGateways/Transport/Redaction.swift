import RefundDomain

/// What is kept of a gateway's own words: no credential, no number that may be a card's, and not too much.
enum Redaction {
    /// Words as they may be stored, logged and shown.
    static func cleaned(_ words: String) -> String {
        let plain = String(words.prefix(Limits.gatewayTextLengthMax).map { $0.isNewline || $0 == "\0" ? " " : $0 })
        return
            plain
            .replacing(/[0-9](?:[ \-]?[0-9]){11,}/, with: "••••")
            .replacing(/(?:sk|rk|pk|whsec)_[A-Za-z0-9_*]+/, with: "••••")
    }
}
