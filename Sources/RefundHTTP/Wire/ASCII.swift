extension UInt8 {
    /// Whether the byte is one of the ASCII digits `0` to `9`.
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// The value of an ASCII digit to the base of 16, in either case; nil for any other byte.
    var hexadecimalValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// Whether a JSON string cannot hold the byte as it is: a quote, a backslash or a control character.
    var needsEscape: Bool { escapes > 0 }

    /// 1 for a byte that needs an escape, 0 for any other, found without a branch.
    fileprivate var escapes: UInt8 {
        (self < 0x20 ? 1 : 0) | (self == UInt8(ascii: "\"") ? 1 : 0) | (self == UInt8(ascii: "\\") ? 1 : 0)
    }
}

extension Span<UInt8> {
    /// Whether no byte needs an escape; without an early way out, so that several bytes are looked at in one step.
    var isPlain: Bool {
        var escapes: UInt8 = 0
        for index in indices { escapes |= self[index].escapes }
        return escapes == 0
    }

    /// The index of the first byte, from a start on, that needs an escape in a JSON string; the end where none does.
    func plainTextEnd(from start: Int) -> Int {
        var index = start
        while index < count, !self[index].needsEscape { index += 1 }
        return index
    }
}
