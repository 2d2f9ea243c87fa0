/// Swift source with comments and literals blanked out byte for byte, so that lines stay where they were.
///
/// It knows nested comments, raw and multi-line strings, interpolations (they are code) and raw identifiers (a sentence
/// in backticks is blanked as a literal is). It does not know regex literals: the house has none.
struct SwiftText: Sendable {
    /// Without comments.
    let codeAndLiterals: String
    /// Without comments, and without what stands between the quotes of a literal.
    let code: String

    init(_ source: String) {
        var scan = SwiftScan(source: Array(source.utf8))
        scan.run()
        codeAndLiterals = String(decoding: scan.spoken, as: UTF8.self)
        code = String(decoding: scan.code, as: UTF8.self)
    }
}

/// One pass over the bytes of a file.
private struct SwiftScan {
    /// What the scan stands in: code, down to the parenthesis that ends an interpolation, or a literal.
    enum Frame {
        case code(depth: Int)
        case literal(hashes: Int, quotes: Int)
    }

    let source: [UInt8]
    var code: [UInt8] = []
    var spoken: [UInt8] = []
    var index = 0
    var frames: [Frame] = [.code(depth: 0)]

    init(source: [UInt8]) {
        self.source = source
        code.reserveCapacity(source.count)
        spoken.reserveCapacity(source.count)
    }

    mutating func run() {
        while index < source.count {
            switch frames.last ?? .code(depth: 0) {
            case .code(let depth): scanCode(depth: depth)
            case .literal(let hashes, let quotes): scanLiteral(hashes: hashes, quotes: quotes)
            }
        }
    }

    private mutating func scanCode(depth: Int) {
        switch source[index] {
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"): blankLineComment()
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): blankBlockComment()
        case UInt8(ascii: "\""): openLiteral(hashes: 0)
        case UInt8(ascii: "#"):
            let hashes = count(of: UInt8(ascii: "#"), at: index)
            if byte(hashes) == UInt8(ascii: "\"") { openLiteral(hashes: hashes) } else { keep(hashes) }
        case UInt8(ascii: "`"): scanRawIdentifier()
        case UInt8(ascii: "("):
            frames[frames.count - 1] = .code(depth: depth + 1)
            keep(1)
        case UInt8(ascii: ")"):
            if frames.count > 1, depth == 1 {
                frames.removeLast()
            } else {
                frames[frames.count - 1] = .code(depth: depth - 1)
            }
            keep(1)
        default: keep(1)
        }
    }

    private mutating func scanLiteral(hashes: Int, quotes: Int) {
        switch source[index] {
        case UInt8(ascii: "\\") where hashes == 0 || count(of: UInt8(ascii: "#"), at: index + 1) >= hashes:
            if byte(1 + hashes) == UInt8(ascii: "(") {
                keep(2 + hashes)
                frames.append(.code(depth: 1))
            } else {
                blank(2 + hashes, speaking: true)
            }
        case UInt8(ascii: "\"")
        where count(of: UInt8(ascii: "\""), at: index) >= quotes
            && (hashes == 0 || count(of: UInt8(ascii: "#"), at: index + quotes) >= hashes):
            keep(quotes + hashes)
            frames.removeLast()
        case UInt8(ascii: "\n") where quotes == 1:  // Never closed: the compiler will say so, the scan goes on.
            keep(1)
            frames.removeLast()
        default: blank(1, speaking: true)
        }
    }

    private mutating func openLiteral(hashes: Int) {
        let quotes = count(of: UInt8(ascii: "\""), at: index + hashes) >= 3 ? 3 : 1
        keep(hashes + quotes)
        frames.append(.literal(hashes: hashes, quotes: quotes))
    }

    private mutating func blankLineComment() {
        let end = source[index...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
        blank(end - index, speaking: false)
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if source[index] == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                blank(2, speaking: false)
            } else if source[index] == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                blank(2, speaking: false)
            } else {
                blank(1, speaking: false)
            }
        } while depth > 0 && index < source.count
    }

    private mutating func scanRawIdentifier() {
        let line = source[(index + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        guard let end = line.firstIndex(of: UInt8(ascii: "`")), line[..<end].contains(UInt8(ascii: " ")) else {
            return keep(1)
        }
        keep(1)
        blank(end - index, speaking: true, with: UInt8(ascii: "_"))
        keep(1)
    }

    private func byte(_ offset: Int) -> UInt8? {
        index + offset < source.count ? source[index + offset] : nil
    }

    private func count(of byte: UInt8, at start: Int) -> Int {
        start < source.count ? source[start...].prefix { $0 == byte }.count : 0
    }

    private mutating func keep(_ length: Int) {
        let end = min(index + length, source.count)
        code += source[index..<end]
        spoken += source[index..<end]
        index = end
    }

    /// Blanks bytes in `code`, and in `spoken` too unless they are part of a literal; newlines stay.
    private mutating func blank(_ length: Int, speaking: Bool, with filler: UInt8 = UInt8(ascii: " ")) {
        let end = min(index + length, source.count)
        for byte in source[index..<end] {
            let blanked = byte == UInt8(ascii: "\n") ? byte : filler
            code.append(blanked)
            spoken.append(speaking ? byte : blanked)
        }
        index = end
    }
}
