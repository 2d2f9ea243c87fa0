/// When a worker looks at an electronic refund again.
package enum GatewaySchedule {
    private static let questionDelays: [Duration] = [.seconds(30), .seconds(300), .seconds(3_600)]
    private static let questionDelayMax = Duration.seconds(86_400)
    private static let questionsUnansweredMax = 33
    private static let daysAfterSuccess = [1, 7, 30]
    /// How long a success is asked about: after it, no question comes by itself.
    package static let watchedAfterSuccess = Duration.seconds(30 * 86_400)
    private static let noticeDelays: [Duration] = [.seconds(5), .seconds(60), .seconds(300), .seconds(3_600)]
    private static let noticeTriesMax = 34

    /// When the next question comes about a refund that has been in a state since a moment, after so many without news;
    /// nil where there is nothing to ask.
    ///
    /// While the outcome is open the questions thin out to one a day. A success is asked about after 1, 7 and 30 days,
    /// however often it is asked about in between, because a bank may send money back where no notice of it arrives.
    package static func nextQuestion(
        in state: RefundState, since entered: Instant, afterQuestions asked: Int, at now: Instant
    ) -> Instant? {
        switch state {
        case .pending, .unknown:
            now + (asked < questionDelays.count ? questionDelays[asked] : questionDelayMax)
        case .succeeded:
            daysAfterSuccess.lazy.map { entered + .seconds(86_400 * $0) }.first { now < $0 }
        case .requested, .awaitingApproval, .approved, .submitting, .failed, .canceled, .voided, .returned:
            nil
        }
    }

    /// How long to wait before a question that was not answered is asked again, where the state asks for none: as about
    /// an open refund, for a month; nil after that.
    package static func delay(afterQuestions asked: Int) -> Duration? {
        guard asked < questionsUnansweredMax else { return nil }
        return asked < questionDelays.count ? questionDelays[asked] : questionDelayMax
    }

    /// How long to wait before a call that was not sent is sent again: 2 s after the first, doubling up to an hour.
    package static func delay(afterUnsent unsent: Int) -> Duration {
        .seconds(min(3_600, 1 << min(unsent, 12)))
    }

    /// How long to wait before a call that was one too many is made again: somewhere within 2 s after the first, and
    /// within twice as long after each, up to `Limits.busyDelayMax`.
    ///
    /// Where in it follows from the refund: many that were turned away together must not come back together.
    package static func delay(afterBusyAttempt attempt: Int, of refund: RefundID) -> Duration {
        let longest = min(Limits.busyDelayMax, .seconds(1 << min(attempt, 9)))
        // The golden ratio's bits spread numbers that follow each other.
        let spread = UInt64(bitPattern: refund.value &+ Int64(attempt)) &* 0x9E37_79B9_7F4A_7C15
        return .microseconds(1 + (Int64(spread >> 32) * (longest.wholeMicroseconds - 1)) >> 32)
    }

    /// How long to wait before a notice is tried again that could not be applied so often.
    ///
    /// For an hour it is tried closely, then once a day for a month; nil where a person has to look at it.
    package static func delay(afterTries tried: Int) -> Duration? {
        guard tried < noticeTriesMax else { return nil }
        return tried <= noticeDelays.count ? noticeDelays[max(0, tried - 1)] : questionDelayMax
    }

    /// Whether the key may still be sent: within its lifetime at the gateway, less a margin of a tenth.
    package static func maySend(keySentAt: Instant?, lifetime: Duration, at now: Instant) -> Bool {
        guard let keySentAt else { return true }
        return now < keySentAt + lifetime * 9 / 10
    }
}
