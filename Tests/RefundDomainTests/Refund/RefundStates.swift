import RefundDomain
import Testing

@Suite struct `The life of a refund` {
    /// Every step there is; any other is refused.
    private static let steps: [(RefundState, [RefundEvent: RefundState])] = [
        (
            .requested,
            [.approvalAsked: .awaitingApproval, .approved: .approved, .adopted: .pending, .canceled: .canceled]
        ),
        (.awaitingApproval, [.approved: .approved, .canceled: .canceled]),
        (.approved, [.claimed: .submitting, .recorded: .succeeded, .canceled: .canceled]),
        (
            .submitting,
            [.notSent: .approved, .lost: .unknown, .accepted: .pending, .succeeded: .succeeded, .failed: .failed]
        ),
        (.pending, [.succeeded: .succeeded, .failed: .failed, .canceled: .canceled]),
        (.unknown, [.accepted: .pending, .succeeded: .succeeded, .failed: .failed]),
        (.succeeded, [.voided: .voided, .returned: .returned]),
        (.failed, [.accepted: .pending, .succeeded: .succeeded]),
        (.canceled, [.accepted: .pending, .succeeded: .succeeded]),
        (.voided, [:]),
        (.returned, [.accepted: .pending, .succeeded: .succeeded]),
    ]

    @Test(arguments: steps)
    func `takes the steps that are named, and no other`(state: RefundState, steps: [RefundEvent: RefundState]) throws {
        for event in RefundEvent.allCases {
            if let next = steps[event] {
                #expect(try state.advanced(by: event) == next, "\(event)")
            } else {
                #expect(throws: RefundError.stepNotAllowed(from: state, event: event)) {
                    try state.advanced(by: event)
                }
            }
        }
    }

    @Test func `is told of every state`() {
        #expect(Self.steps.map(\.0) == RefundState.allCases)
    }

    @Test(
        arguments: [
            (.reserved, [.requested, .awaitingApproval, .approved, .submitting, .pending, .unknown]),
            (.spent, [.succeeded]),
            (.released, [.failed, .canceled, .voided, .returned]),
        ] as [(RefundHold, [RefundState])])
    func `holds its money in these states`(hold: RefundHold, states: [RefundState]) {
        #expect(RefundState.allCases.filter { $0.hold == hold } == states)
        #expect(states.allSatisfy { $0.isFinal == (hold != .reserved) })
    }

    @Test func `never goes back from spent to reserved, and from released only as the gateway tells`() {
        for (state, steps) in Self.steps where state.hold != .reserved {
            for (event, next) in steps where next.hold == .reserved {
                #expect(state.hold == .released && event == .accepted, "\(state)")
            }
        }
    }

    @Test func `reaches every state from the first one`() {
        var reached: Set<RefundState> = [.requested]
        for _ in RefundState.allCases {
            for state in reached {
                reached.formUnion(RefundEvent.allCases.compactMap { try? state.advanced(by: $0) })
            }
        }
        #expect(reached == Set(RefundState.allCases))
    }
}
