/// Texts that a careless engine changes: empty, blank, quoted, composed, controlled, long.
enum Texts {
    static let all = [
        "", " ", "O'Brien \"x\" -- ; drop table refunds", "$1 ?1 :a @b", "é", "e\u{301}", "日本語 🧾 👩‍👩‍👧 ₹",
        "\u{1}\t\r\n\u{7F}", "\u{FEFF}\u{202E}abc", "0", "null", String(repeating: "long ", count: 20_000),
    ]
}

/// Integers at the edges of what is stored.
enum Integers {
    static let all: [Int64] = [1, 42, 9_007_199_254_740_993, 1_234_567_890_123_456_789, .max]
}
