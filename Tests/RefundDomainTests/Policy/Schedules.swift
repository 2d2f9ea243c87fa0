import RefundDomain
import Testing

@Suite struct Schedules {
    private static let day = 86_400
    private static let then = Instant(seconds: 1_724_154_320)

    @Test(arguments: [RefundState.pending, .unknown])
    func `of questions about an open refund thin out to one a day`(state: RefundState) {
        for (asked, delay) in zip([0, 1, 2, 3, 4, 5, 10_000], [30, 300, 3_600] + Array(repeating: Self.day, count: 4)) {
            let next = GatewaySchedule.nextQuestion(
                in: state, since: Self.then, afterQuestions: asked, at: Self.then + .seconds(7))
            #expect(next == Self.then + .seconds(7 + delay))
        }
    }

    @Test(
        arguments: [
            (0, 1), (Self.day - 1, 1), (Self.day, 7), (6 * Self.day, 7), (7 * Self.day, 30), (30 * Self.day - 1, 30),
            (30 * Self.day, nil), (400 * Self.day, nil),
        ] as [(Int, Int?)], [0, 3, 50])
    func `of questions about a success come 1, 7 and 30 days after it, however often it was asked about`(
        moment: (seconds: Int, day: Int?), asked: Int
    ) {
        let next = GatewaySchedule.nextQuestion(
            in: .succeeded, since: Self.then, afterQuestions: asked, at: Self.then + .seconds(moment.seconds))
        #expect(next == moment.day.map { Self.then + .seconds($0 * Self.day) })
    }

    @Test(arguments: RefundState.allCases.filter { ![.pending, .unknown, .succeeded].contains($0) })
    func `hold no question where there is nothing to ask`(state: RefundState) {
        let next = GatewaySchedule.nextQuestion(in: state, since: Self.then, afterQuestions: 0, at: Self.then)
        #expect(next == nil)
    }

    @Test func `of attempts back off from a second, doubling, to an hour`() {
        let delays = (0...13).map { GatewaySchedule.delay(afterUnsent: $0) }
        let seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600, 3_600]
        #expect(delays == seconds.map { .seconds($0) })
        #expect(GatewaySchedule.delay(afterUnsent: .max) == .seconds(3_600))
    }

    @Test func `of calls that were too many spread evenly over a minute`() {
        // Refunds that were accepted at one moment have identifiers that follow each other.
        let delays = (0..<600).map {
            GatewaySchedule.delay(afterBusyAttempt: 9, of: RefundID(373_408_132_067_328 + $0))
        }
        for tenSeconds in 0..<6 {
            let span = Duration.seconds(tenSeconds * 10)..<Duration.seconds(tenSeconds * 10 + 10)
            #expect((80...120).contains(delays.filter(span.contains).count), "\(span)")
        }
        #expect(GatewaySchedule.delay(afterBusyAttempt: .max, of: RefundID(.max)) <= Limits.busyDelayMax)
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
