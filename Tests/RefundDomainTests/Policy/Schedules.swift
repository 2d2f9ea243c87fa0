import RefundDomain
import Testing

@Suite struct Schedules {
    private static let day = 86_400

    @Test(arguments: [RefundState.pending, .unknown])
    func `of questions about an open refund thin out to one a day`(state: RefundState) {
        let delays = (0..<6).map { GatewaySchedule.delay(beforeQuestion: $0, in: state) }
        #expect(delays == [30, 300, 3_600, Self.day, Self.day, Self.day].map { .seconds($0) })
        #expect(GatewaySchedule.delay(beforeQuestion: 10_000, in: state) == .seconds(Self.day))
    }

    @Test func `of questions about a success come 1, 7 and 30 days after it, and no more`() {
        let delays = (0..<5).map { GatewaySchedule.delay(beforeQuestion: $0, in: .succeeded) }
        #expect(delays == [.seconds(Self.day), .seconds(6 * Self.day), .seconds(23 * Self.day), nil, nil])
        #expect(delays.compactMap { $0 }.reduce(.zero, +) == .seconds(30 * Self.day))
    }

    @Test(arguments: RefundState.allCases.filter { ![.pending, .unknown, .succeeded].contains($0) })
    func `hold no question where there is nothing to ask`(state: RefundState) {
        #expect(GatewaySchedule.delay(beforeQuestion: 0, in: state) == nil)
    }

    @Test func `of attempts back off from a second, doubling, to five minutes`() {
        let delays = (0...12).map { GatewaySchedule.delay(beforeAttempt: $0) }
        let seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
        #expect(delays == seconds.map { .seconds($0) })
        #expect(GatewaySchedule.delay(beforeAttempt: .max) == .seconds(300))
    }

    @Test(
        arguments: [
            (nil, true),
            (0, true),
            (77_759_999_999, true),
            (77_760_000_000, false),
            (86_400_000_000, false),
            (-1, true),
        ] as [(Int64?, Bool)])
    func `let a key be sent within nine tenths of its lifetime of a day`(age: Int64?, maySend: Bool) {
        let now = Instant(seconds: 1_724_154_320)
        let sentAt = age.map { now - .microseconds($0) }
        #expect(GatewaySchedule.maySend(keySentAt: sentAt, lifetime: .seconds(Self.day), at: now) == maySend)
    }

    @Test func `leave a lease longer than a call to the gateway may take`() {
        #expect(Limits.attemptLease > Limits.gatewayTimeout)
    }
}
