import RefundDomain

/// Draws that follow from the seed and from what they are drawn for, and never from the order of calls.
struct SimulatorDice: Sendable {
    let seed: UInt64

    /// Whether a sending falls among so many in a thousand; each rule draws for itself.
    func strikes(perMille: Int, rule: Int, key: String, attempt: Int) -> Bool {
        let salt = UInt64(truncatingIfNeeded: rule) &+ 16
        return Int(draw(key, attempt, salt: salt) % 1_000) < perMille
    }

    /// How long the answer to a sending takes.
    func wait(within range: ClosedRange<Duration>, key: String, attempt: Int) -> Duration {
        let span = (range.upperBound - range.lowerBound).wholeMicroseconds
        guard span > 0 else { return range.lowerBound }
        return range.lowerBound + .microseconds(Int64(draw(key, attempt, salt: 1) % UInt64(span)))
    }

    /// The gateway's own reference for the nth effect under a key: fifteen lower-case letters and digits.
    func gatewayReference(key: String, effect: Int) -> String {
        let letters = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var rest = draw(key, effect, salt: 2)
        var text = Array("rf".utf8)
        for _ in 0..<13 {
            text.append(letters[Int(rest & 31)])
            rest >>= 5
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func draw(_ text: String, _ number: Int, salt: UInt64) -> UInt64 {
        Self.mixed(Self.hash(text, from: seed) &+ salt &+ UInt64(truncatingIfNeeded: number) << 32)
    }

    /// FNV-1a over the bytes, then mixed: the standard hash differs in each process.
    static func hash(_ text: String, from seed: UInt64) -> UInt64 {
        var hash = mixed(seed) ^ 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        return mixed(hash)
    }

    /// The finisher of SplitMix64: every bit of the number touches every bit of the result.
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
