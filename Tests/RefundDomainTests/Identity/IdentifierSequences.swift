import RefundDomain
import Testing

@Suite struct `A sequence of identifiers` {
    /// The start of 2024 in UTC, from which the milliseconds are counted.
    private static let epoch = Instant(seconds: 1_704_067_200)

    /// Where the 41 bits of milliseconds end: 2093-09-06T15:47:35.552Z.
    private static let end = epoch + .milliseconds(1 << 41)

    private static let now = Instant(seconds: 1_724_154_320)

    @Test func `rises and never repeats, a million times in one instant`() {
        var sequence = IdentifierSequence(node: 3)
        var last: Int64 = 0
        for count in 0..<1_000_000 {
            let next = sequence.next(at: Self.now)
            guard next > last else {
                Issue.record("identifier \(count) is \(next), after \(last)")
                return
            }
            last = next
        }
    }

    @Test func `rises whatever the clock does`() {
        forEachSeed(200) { random in
            var sequence = IdentifierSequence(node: random.index(below: IdentifierSequence.nodesMax))
            var now = Self.now
            var last: Int64 = 0
            for _ in 0..<1_000 {
                now = now + .microseconds(random.number(in: -20_000...20_000))
                if random.isOnce(in: 100) { now = now - .seconds(3_600) }
                let next = sequence.next(at: now)
                try demand(next > last, "\(next) came after \(last)")
                last = next
            }
        }
    }

    @Test func `begins with the milliseconds since 2024`() {
        var sequence = IdentifierSequence(node: 0)
        #expect(sequence.next(at: Self.epoch + .milliseconds(5)) >> 12 == 5)
        #expect(sequence.next(at: Self.epoch + .milliseconds(7)) >> 12 == 7)
    }

    @Test func `borrows the next millisecond after 128 in one`() {
        var sequence = IdentifierSequence(node: 31)
        let milliseconds = (0..<129).map { _ in sequence.next(at: Self.epoch + .milliseconds(5)) >> 12 }
        #expect(milliseconds == Array(repeating: 5, count: 128) + [6])
        #expect(sequence.next(at: Self.epoch + .milliseconds(6)) >> 12 == 6)
        #expect(sequence.next(at: Self.epoch + .milliseconds(7)) >> 12 == 7)
    }

    @Test func `stays where it is while the clock is behind it`() {
        var sequence = IdentifierSequence(node: 0)
        let first = sequence.next(at: Self.now)
        let second = sequence.next(at: Self.now - .seconds(86_400))
        #expect(second == first + 1)
    }

    @Test func `stays below 2^53 until 2093`() {
        for node in [0, IdentifierSequence.nodesMax - 1] {
            var sequence = IdentifierSequence(node: node)
            let last = (0..<128).map { _ in sequence.next(at: Self.end - .milliseconds(1)) }
            #expect(last.allSatisfy { 0 < $0 && $0 < 1 << 53 })
            #expect(sequence.next(at: Self.end) >= 1 << 53)
        }
    }

    @Test func `is positive under a clock that is far behind`() {
        var sequence = IdentifierSequence(node: 0)
        #expect(sequence.next(at: Instant(seconds: 0)) > 0)
        #expect(sequence.next(at: Self.epoch) > 0)
    }

    @Test func `draws nothing at or after the end of a stretch of time, and goes on in the next`() {
        var sequence = IdentifierSequence(node: 5)
        let end = Self.epoch + .milliseconds(7) + .microseconds(999)
        let drawn = (0..<300).compactMap { _ in sequence.next(at: Self.epoch + .milliseconds(5), before: end) }
        #expect(drawn.map { $0 >> 12 } == Array(repeating: 5, count: 128) + Array(repeating: 6, count: 128))
        #expect(sequence.end == Self.epoch + .milliseconds(7))
        #expect(sequence.next(at: end, before: end) == nil)
        let next = sequence.next(at: Self.epoch, before: Self.epoch + .milliseconds(8))
        #expect(next == 7 << 12 | 5 << 7, "what was refused was not drawn")
    }

    @Test func `has no identifier in common with another node's`() {
        var seen: Set<Int64> = []
        for node in 0..<IdentifierSequence.nodesMax {
            var sequence = IdentifierSequence(node: node)
            for _ in 0..<1_000 { seen.insert(sequence.next(at: Self.now)) }
        }
        #expect(seen.count == 1_000 * IdentifierSequence.nodesMax)
    }
}
