import RefundDomain
import Testing

@Suite struct `A payout` {
    private static let day = 86_400
    /// A day after the success, of which the first minute has passed.
    private static let afterSuccess = day - 60

    @Test(
        arguments: [
            // word in state, questions before → questions after, seconds until it is looked at again
            (.report(.pending), .submitting, 3, 0, 30),
            (.lost("timeout"), .submitting, 3, 0, 30),
            (.report(.pending), .unknown, 3, 0, 30),
            (.silence, .unknown, 0, 1, 300),
            (.silence, .unknown, 1, 2, 3_600),
            (.silence, .unknown, 2, 3, day),
            (.silence, .pending, 9, 10, day),
            (.report(.pending), .pending, 0, 1, 300),
            (.lost("timeout"), .pending, 0, 1, 300),
            (.report(.succeeded), .pending, 3, 0, day),
            (.report(.succeeded), .succeeded, 0, 1, afterSuccess),
            (.silence, .succeeded, 1, 2, 3_600),
            (.silence, .succeeded, 2, 3, afterSuccess),
            (.refusal, .submitting, 0, 0, nil),
            (.report(.canceled), .pending, 2, 0, nil),
            (.report(.failed(.unknown)), .succeeded, 2, 0, nil),
            // A contradiction is an answer too, and no news.
            (.neverTaken, .pending, 0, 1, 300),
            (.neverTaken, .pending, 2, 3, day),
            (.neverTaken, .succeeded, 0, 1, afterSuccess),
            (.refusal, .succeeded, 2, 3, afterSuccess),
            (.report(.succeeded, amount: money("200.01 INR")), .succeeded, 0, 1, afterSuccess),
            (.report(.succeeded, amount: money("200.01 INR")), .pending, 1, 2, 3_600),
            (.report(.pending), .failed, 3, 0, 30),
            (.report(.succeeded), .failed, 3, 0, day),
            (.silence, .failed, 0, 1, 300),
            (.silence, .requested, 0, 1, nil),
        ] as [(GatewayWord, RefundState, Int, Int, Int?)])
    func `is looked at again in time, and less often without news`(
        word: GatewayWord, state: RefundState, before: Int, after: Int, seconds: Int?
    ) throws {
        var scene = try RefundAtGateway(in: state)
        scene.payout.questions = before
        let payout = try #require(try scene.hearing(word).payout)
        #expect(payout.questions == after)
        #expect(payout.dueAt == seconds.map { scene.now + .seconds($0) })
        #expect(payout.leaseUntil == nil)
    }

    @Test(arguments: [(1, 1, 2), (2, 2, 4), (3, 3, 8), (7, 7, 128), (20, 1, 2)])
    func `that was not sent is sent again later`(attempt: Int, unsent: Int, seconds: Int) throws {
        let scene = try RefundAtGateway(in: .submitting, attempt: attempt, unsent: unsent - 1)
        let change = try scene.hearing(.notSent("no route"))
        #expect(change.refund.state == .approved)
        #expect(change.payout?.dueAt == scene.now + .seconds(seconds))
        #expect(change.payout?.key == scene.payout.key)
        #expect(change.payout?.attempt == attempt)
        #expect(change.payout?.unsent == unsent)
    }

    @Test func `that surely never left is tried for three days, however often, and then has failed`() throws {
        var scene = try RefundAtGateway(in: .submitting, attempt: 100, unsent: 99)
        scene.now = scene.refund.createdAt + Limits.unsentTimeMax - .microseconds(1)
        #expect(try scene.hearing(.notSent("no route")).refund.state == .approved)
        scene.now = scene.refund.createdAt + Limits.unsentTimeMax
        let ended = try scene.hearing(.notSent("no route"))
        #expect(ended.refund.state == .failed)
        #expect(ended.refund.failureReason == .notSent)
        #expect(try scene.journals(of: ended).map(\.cause) == [.refundReleased])
    }

    @Test(arguments: [(1, 2), (3, 8), (5, 32), (6, 60), (1_000, 60)])
    func `that was one call too many is sent again within a while, and never given up`(
        attempt: Int, seconds: Int
    ) throws {
        let scene = try RefundAtGateway(in: .submitting, attempt: attempt, unsent: 7)
        let change = try scene.hearing(.busy("too many calls"))
        #expect(change.refund.state == .approved)
        #expect(change.payout?.unsent == 7)
        let dueAt = try #require(change.payout?.dueAt)
        #expect(dueAt > scene.now && dueAt <= scene.now + .seconds(seconds))
    }

    @Test(arguments: [RefundState.unknown, .pending, .succeeded])
    func `that could not be asked about for want of a turn is asked about within a minute`(state: RefundState) throws {
        let scene = try RefundAtGateway(in: state)
        let payout = try #require(try scene.hearing(.busy("too many calls")).payout)
        #expect(payout.questions == scene.payout.questions)
        let dueAt = try #require(payout.dueAt)
        #expect(dueAt > scene.now && dueAt <= scene.now + Limits.busyDelayMax)
    }

    /// A notice sends a worker once: one that found no turn forgot what the gateway had to tell of what is over here.
    @Test(arguments: [RefundState.failed, .canceled, .returned])
    func `that is over and was to be asked about is asked about once there is a turn`(state: RefundState) throws {
        var scene = try RefundAtGateway(in: state)
        scene.payout.leaseUntil = scene.now + Limits.attemptLease
        let dueAt = try #require(try scene.hearing(.busy("too many calls")).payout?.dueAt)
        #expect(dueAt > scene.now && dueAt <= scene.now + Limits.busyDelayMax)
    }

    @Test(arguments: [RefundState.failed, .canceled, .returned])
    func `that is over, of which others have heard meanwhile, is not asked about again`(state: RefundState) throws {
        var scene = try RefundAtGateway(in: state)
        scene.payout.leaseUntil = nil
        #expect(try scene.hearing(.busy("too many calls")).payout?.dueAt == nil)
    }

    /// A notice that was settled with a question which nobody answered was never heard again.
    @Test(arguments: [RefundState.failed, .canceled, .returned, .succeeded])
    func `that was asked about in vain is asked about again, for a month`(state: RefundState) throws {
        var scene = try RefundAtGateway(in: state)
        for (asked, seconds) in [(0, 300), (1, 3_600), (2, 86_400), (31, 86_400)] {
            scene.payout.leaseUntil = scene.now + Limits.attemptLease
            scene.payout.questions = asked
            let payout = try #require(try scene.hearing(.silence).payout)
            #expect(payout.questions == asked + 1)
            // A success of a minute ago is asked about a day after it anyway.
            #expect(payout.dueAt == scene.now + .seconds(state == .succeeded ? min(seconds, 86_340) : seconds))
        }
        scene.payout.questions = 32
        let last = try #require(try scene.hearing(.silence).payout)
        #expect(last.dueAt == (state == .succeeded ? scene.now + .seconds(86_340) : nil))
    }

    @Test func `whose fees are not known yet is asked about soon after its success, or its failure`() throws {
        for state in [GatewayReport.State.succeeded, .failed(.unknown)] {
            var scene = try RefundAtGateway(in: .submitting)
            scene.payout.leaseUntil = scene.now + Limits.attemptLease
            let report = GatewayReport(
                state: state, amount: money("200.00 INR"), gatewayReference: "re_1", fees: nil)
            #expect(try scene.hearing(.report(report)).payout?.dueAt == scene.now + .seconds(30))
        }
    }

    @Test func `keeps what the gateway told of it`() throws {
        let payout = try #require(try RefundAtGateway(in: .submitting).hearing(.report(.pending)).payout)
        #expect(payout.gatewayReference == "re_1")
        #expect(payout.networkReference == "1111111111111")
        #expect(payout.responseCode == "00")
        #expect(payout.responseMessage == "as told")
    }

    @Test func `keeps the network's reference where a later report has none`() throws {
        var scene = try RefundAtGateway(in: .pending)
        scene.payout.networkReference = "1111111111111"
        let report = GatewayReport(state: .succeeded, amount: scene.refund.amount, gatewayReference: "re_2")
        let payout = try #require(try scene.hearing(.report(report)).payout)
        #expect(payout.networkReference == "1111111111111")
        #expect(payout.gatewayReference == "re_2")
    }

    @Test func `keeps the code of a refusal`() throws {
        let payout = try #require(try RefundAtGateway(in: .submitting).hearing(.refusal).payout)
        #expect(payout.responseCode == "51")
        #expect(payout.responseMessage == "no funds")
    }
}

@Suite struct `A claim of an attempt` {
    @Test(
        arguments: [
            (.approved, [.claimed], .submitting),
            (.unknown, [], .unknown),
        ] as [(RefundState, [RefundEvent], RefundState)])
    func `takes a refund that may be sent`(state: RefundState, events: [RefundEvent], after: RefundState) throws {
        let scene = try RefundAtGateway(in: state, attempt: 2)
        let lease = scene.now + Limits.attemptLease
        let change = try claim(scene.payout, leaseUntil: lease, by: "worker", given: scene.facts)
        #expect(change.refund.state == after)
        #expect(change.steps.map(\.event) == events)
        #expect(change.steps.allSatisfy { $0.actor == "worker" && $0.step == 8 })
        #expect(!change.movesMoney)
        let payout = try #require(change.payout)
        #expect(payout.attempt == 3)
        #expect(payout.leaseUntil == lease)
        #expect(payout.dueAt == lease)
        #expect(payout.key == scene.payout.key)
    }

    @Test(arguments: RefundState.allCases.filter { ![.approved, .unknown].contains($0) })
    func `is refused in any other state`(state: RefundState) throws {
        let scene = try RefundAtGateway(in: state)
        #expect(throws: RefundError.stepNotAllowed(from: state, event: .claimed)) {
            try claim(scene.payout, leaseUntil: scene.now, by: "worker", given: scene.facts)
        }
    }

    @Test func `remembers when the key was first sent by a call that may have arrived, and not again`() throws {
        for before in [nil, Duration.seconds(600)] {
            var approved = try RefundAtGateway(in: .approved)
            approved.payout.keySentAt = before.map { approved.now - $0 }
            let first = try claim(approved.payout, leaseUntil: approved.now, by: "worker", given: approved.facts)
            #expect(first.payout?.keySentAt == approved.now, "no earlier call has left")
        }
        var unknown = try RefundAtGateway(in: .unknown)
        unknown.payout.keySentAt = unknown.now - .seconds(600)
        let second = try claim(unknown.payout, leaseUntil: unknown.now, by: "worker", given: unknown.facts)
        #expect(second.payout?.keySentAt == unknown.now - .seconds(600))
    }
}

@Suite struct `An event that a person brings about` {
    @Test(arguments: RefundState.allCases, RefundWay.allCases)
    func `takes the steps of a life that goes its way, and no other`(state: RefundState, way: RefundWay) throws {
        for event in RefundEvent.allCases {
            let scene = try way.refund(in: state)
            guard !way.foreignEvents.contains(event), let next = try? state.advanced(by: event) else {
                #expect(throws: RefundError.stepNotAllowed(from: state, event: event)) { try scene.meeting(event) }
                continue
            }
            let change = try scene.meeting(event)
            #expect(change.refund.state == next)
            #expect(change.before == state.hold)
            #expect(change.after == next.hold)
            #expect((change.exception != nil) == (state.hold == .released), "a late success, of which a person is told")
        }
    }

    @Test(
        arguments: [
            (.throughGateway, .approved, .recorded),
            (.throughGateway, .succeeded, .voided),
            (.byHand, .approved, .claimed),
            (.byHand, .submitting, .notSent),
            (.byHand, .submitting, .lost),
            (.byHand, .submitting, .accepted),
            (.byHand, .unknown, .accepted),
            (.byHand, .succeeded, .returned),
        ] as [(RefundWay, RefundState, RefundEvent)])
    func `is refused where only the other way leads to it`(
        way: RefundWay, state: RefundState, event: RefundEvent
    ) throws {
        let scene = try way.refund(in: state)
        #expect(throws: RefundError.stepNotAllowed(from: state, event: event)) { try scene.meeting(event) }
        let other = RefundWay.allCases.filter { $0 != way }
        #expect(try other.map { try $0.refund(in: state).meeting(event).steps.map(\.event) } == [[event]])
    }

    @Test func `is kept with who did it and why`() throws {
        let step = try #require(
            try RefundAtGateway(in: .unknown).meeting(.failed, failure: .merchantRequest).steps.first)
        #expect(step.actor == "person:asha")
        #expect(step.remark == "case 12")
        #expect(step.event == .failed)
        #expect(step.state == .failed)
        #expect(step.step == 8)
    }

    @Test(
        arguments: [
            (.unknown, .failed, .merchantRequest, .merchantRequest),
            (.unknown, .failed, nil, nil),
            (.unknown, .succeeded, .merchantRequest, nil),
            (.approved, .canceled, nil, nil),
            (.succeeded, .returned, .insufficientFunds, .insufficientFunds),
        ] as [(RefundState, RefundEvent, FailureReason?, FailureReason?)])
    func `sets why the refund failed, where it did`(
        state: RefundState, event: RefundEvent, given: FailureReason?, kept: FailureReason?
    ) throws {
        #expect(try RefundAtGateway(in: state).meeting(event, failure: given).refund.failureReason == kept)
    }

    @Test func `forgets why it failed once it succeeded after all`() throws {
        var scene = try RefundAtGateway(in: .failed)
        scene.refund.failureReason = .insufficientFunds
        #expect(try scene.meeting(.succeeded).refund.failureReason == nil)
    }

    @Test(
        arguments: [
            (.approved, .canceled, nil),
            (.unknown, .succeeded, 86_400),
            (.unknown, .accepted, 30),
            (.unknown, .failed, nil),
            (.awaitingApproval, .approved, 1),
        ] as [(RefundState, RefundEvent, Int?)])
    func `says when a worker looks at it next`(state: RefundState, event: RefundEvent, seconds: Int?) throws {
        var scene = try RefundAtGateway(in: state)
        scene.payout.questions = 5
        let payout = try #require(try scene.meeting(event).payout)
        #expect(payout.dueAt == seconds.map { scene.now + .seconds($0) })
        #expect(payout.questions == 0)
        #expect(payout.leaseUntil == nil)
    }
}
