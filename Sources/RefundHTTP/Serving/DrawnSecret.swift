/// The random part of a token.
package enum DrawnSecret {
    static let byteCount = 32

    /// 256 random bits.
    @Sendable package static func random() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
