/// Makes identifiers that rise with time: 41 bits of milliseconds since 2024, 5 of the node, 7 of a sequence.
///
/// A node that needs more than 128 in a millisecond borrows from the next ones, so its identifiers never repeat and
/// never wait; a clock that steps back is answered by staying where the sequence is.
package struct IdentifierSequence: Sendable {
    /// How many nodes may share one database at a time.
    package static let nodesMax = 32

    private static let epochMilliseconds: Int64 = 1_704_067_200_000
    private static let nodeBits: Int64 = 5
    private static let sequenceBits: Int64 = 7

    private let node: Int64
    private var millisecond: Int64 = 0
    private var sequence: Int64 = 0

    /// Starts a sequence of its own for a node, 0 to 31.
    package init(node: Int) {
        precondition((0..<Self.nodesMax).contains(node), "a node is numbered 0 to 31")
        self.node = Int64(node)
    }

    /// The first moment that no identifier of the sequence carries yet.
    package var end: Instant {
        Instant(microseconds: (Self.epochMilliseconds + millisecond + 1) * 1_000)
    }

    /// As `next(at:)`; nil, and nothing drawn, where the identifier would not lie before the end of a stretch of time.
    package mutating func next(at now: Instant, before end: Instant) -> Int64? {
        var sequence = self
        let next = sequence.next(at: now)
        guard sequence.end <= end else { return nil }
        self = sequence
        return next
    }

    /// The next identifier, at or after a moment.
    package mutating func next(at now: Instant) -> Int64 {
        let current = now.milliseconds - Self.epochMilliseconds
        if current > millisecond {
            millisecond = current
            sequence = 0
        } else {
            sequence += 1
            if sequence == 1 << Self.sequenceBits {
                sequence = 0
                millisecond += 1
            }
        }
        return millisecond << (Self.nodeBits + Self.sequenceBits) | node << Self.sequenceBits | sequence
    }
}
