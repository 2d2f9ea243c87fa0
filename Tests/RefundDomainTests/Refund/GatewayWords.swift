import RefundDomain
import Testing

@Suite struct `A gateway's word` {
    private static let words: [String: GatewayWord] = [
        "reports pending": .report(.pending),
        "reports succeeded": .report(.succeeded),
        "reports canceled": .report(.canceled),
        "reports failed": .report(.failed(.lostOrStolenCard)),
        "reports another amount": .report(.succeeded, amount: money("200.01 INR")),
        "reports another currency": .report(.succeeded, amount: money("200.00 USD")),
        "refuses": .refusal,
        "repeats its refusal": .keptRefusal,
        "was not sent to": .notSent("no route"),
        "was never sent to": .notSent("no route"),
        "is busy": .busy("too many calls"),
        "is always busy": .busy("too many calls"),
        "may not have heard": .lost("timeout"),
        "never took it": .neverTaken,
        "has nothing new": .silence,
    ]

    /// States that answer alike: before anything was sent, and after all was given back.
    private static let groups: [String: [RefundState]] = [
        "waiting": [.requested, .awaitingApproval, .approved],
        "released": [.failed, .canceled, .returned],
    ]

    /// The state that follows; `=` where nothing is new, `!` where a person is told of it.
    private static let table = Matrix(
        """
        the gateway              | waiting | submitting | pending   | unknown   | succeeded | released        | voided
        reports pending          | !       | pending    | =         | pending   | =         | ! and pending   | !
        reports succeeded        | !       | succeeded  | succeeded | succeeded | =         | ! and succeeded | !
        reports canceled         | !       | canceled   | canceled  | canceled  | returned  | =               | =
        reports failed           | !       | failed     | failed    | failed    | returned  | =               | =
        reports another amount   | =       | unknown    | =         | =         | !         | !               | !
        reports another currency | =       | unknown    | =         | =         | !         | !               | !
        refuses                  | =       | failed     | !         | !         | !         | =               | =
        repeats its refusal      | =       | failed     | failed    | failed    | !         | =               | =
        was not sent to          | =       | approved   | =         | =         | =         | =               | =
        was never sent to        | =       | failed     | =         | =         | =         | =               | =
        is busy                  | =       | approved   | =         | =         | =         | =               | =
        is always busy           | =       | approved   | =         | =         | =         | =               | =
        may not have heard       | =       | unknown    | =         | =         | =         | =               | =
        never took it            | =       | failed     | !         | failed    | !         | =               | =
        has nothing new          | =       | unknown    | =         | =         | =         | =               | =
        """)

    @Test(arguments: table.rows)
    func `means one thing in each state`(row: MatrixRow) throws {
        let word = try #require(Self.words[row.name])
        // For three days, all calls alike.
        let isLong = row.name.contains("never sent") || row.name.contains("always")
        for (column, outcome) in row.cells {
            for state in Self.groups[column] ?? RefundState.allCases.filter({ $0.rawValue == column }) {
                var scene = try RefundAtGateway(in: state)
                if isLong { scene.now = scene.refund.createdAt + Limits.unsentTimeMax }
                let change = try scene.hearing(word)
                #expect(Self.outcome(of: change, from: state) == outcome, "\(row.name) a refund that is \(state)")
            }
        }
    }

    @Test func `stands in the table for every word and every state`() {
        let columns = Self.table.columns.flatMap { Self.groups[$0]?.map(\.rawValue) ?? [$0] }
        #expect(Set(columns) == Set(RefundState.allCases.map(\.rawValue)))
        #expect(columns.count == RefundState.allCases.count)
        #expect(Self.table.rows.map(\.name).sorted() == Self.words.keys.sorted())
    }

    @Test(
        arguments: [
            (.report(.failed(.lostOrStolenCard)), .submitting, 0, .lostOrStolenCard),
            (.report(.canceled), .submitting, 0, .merchantRequest),
            (.report(.canceled), .pending, 0, .merchantRequest),
            (.report(.failed(.lostOrStolenCard)), .succeeded, 0, .lostOrStolenCard),
            (.report(.canceled), .succeeded, 0, .merchantRequest),
            (.refusal, .submitting, 0, .insufficientFunds),
            (.keptRefusal, .unknown, 0, .insufficientFunds),
            (.neverTaken, .submitting, 0, .unknown),
            (.neverTaken, .unknown, 0, .unknown),
            (.notSent("no route"), .submitting, 3, .notSent),
            (.notSent("no route"), .submitting, 0, nil),
            (.busy("too many calls"), .submitting, 3, nil),
            (.report(.succeeded), .submitting, 0, nil),
            (.report(.pending), .submitting, 0, nil),
            (.lost("timeout"), .submitting, 0, nil),
        ] as [(GatewayWord, RefundState, Int, FailureReason?)])
    func `says why a refund did not reach the customer`(
        word: GatewayWord, state: RefundState, days: Int, reason: FailureReason?
    ) throws {
        var scene = try RefundAtGateway(in: state)
        if days > 0 { scene.now = scene.refund.createdAt + .seconds(86_400 * days) }
        #expect(try scene.hearing(word).refund.failureReason == reason)
    }

    @Test(
        arguments: [
            (.report(.canceled), .submitting, [.accepted, .canceled], [.pending, .canceled]),
            (.report(.canceled), .unknown, [.accepted, .canceled], [.pending, .canceled]),
            (.report(.canceled), .pending, [.canceled], [.canceled]),
            (.report(.succeeded), .submitting, [.succeeded], [.succeeded]),
            (.lost("timeout"), .submitting, [.lost], [.unknown]),
        ] as [(GatewayWord, RefundState, [RefundEvent], [RefundState])])
    func `is kept as the steps it took`(
        word: GatewayWord, state: RefundState, events: [RefundEvent], states: [RefundState]
    ) throws {
        let scene = try RefundAtGateway(in: state)
        let change = try scene.hearing(word)
        #expect(change.steps.map(\.event) == events)
        #expect(change.steps.map(\.state) == states)
        #expect(change.steps.map(\.step) == events.indices.map { $0 + 8 })
        #expect(change.refund.step == 7 + events.count)
        #expect(change.refund.updatedAt == scene.now)
        #expect(change.steps.allSatisfy { $0.actor == "gateway:simulator" && $0.at == scene.now })
        #expect(change.before == state.hold)
        #expect(change.after == change.refund.state.hold)
    }

    @Test(
        arguments: [
            (.report(.pending), "as told"), (.refusal, "no funds"), (.lost("timeout"), "timeout"),
            (.notSent("no route"), "no route"), (.busy("too many"), "too many"),
            (.neverTaken, "the gateway never took it"), (.silence, ""),
            (.report(.succeeded, amount: money("1.00 INR")), "the gateway reports 1.00 INR"),
        ] as [(GatewayWord, String)])
    func `is remembered in its own words`(word: GatewayWord, remark: String) throws {
        #expect(try RefundAtGateway(in: .submitting).hearing(word).steps.map(\.remark) == [remark])
    }

    @Test func `that is nothing new changes no step, journal or time`() throws {
        let scene = try RefundAtGateway(in: .unknown)
        let change = try scene.hearing(.silence)
        #expect(change.refund == scene.refund)
        #expect(change.steps.isEmpty)
        #expect(!change.movesMoney)
        #expect(change.exception == nil)
    }

    @Test(
        arguments: [
            (.succeeded, .neverTaken, "the gateway denies a refund that it reported as done"),
            (.pending, .neverTaken, "the gateway has lost it"),
            (.voided, .report(.succeeded), "the gateway carries out a refund that is voided here"),
            (.voided, .report(.pending), "the gateway carries out a refund that is voided here"),
            (.approved, .report(.pending), "the gateway reports a refund that was not submitted"),
            (.succeeded, .report(.succeeded, amount: money("200.01 INR")), "the gateway reports 200.01 INR"),
            (.succeeded, .report(.failed(.unknown), amount: money("1.00 INR")), "the gateway reports 1.00 INR"),
            (.failed, .report(.succeeded, amount: money("200.00 USD")), "the gateway reports 200.00 USD"),
            (.returned, .report(.canceled, amount: money("20 JPY")), "the gateway reports 20 JPY"),
        ] as [(RefundState, GatewayWord, String)])
    func `that contradicts what is final is kept for a person, and not applied`(
        state: RefundState, word: GatewayWord, text: String
    ) throws {
        var scene = try RefundAtGateway(in: state)
        scene.payout.questions = 3
        let change = try scene.hearing(word)
        #expect(change.exception == text)
        #expect(change.payout?.questions == 4)
        #expect(change.refund == scene.refund)
        #expect(change.steps.isEmpty && !change.movesMoney && change.voidedNote == nil)
    }

    @Test(arguments: RefundState.allCases, ["200.01 INR", "199.99 INR", "200.00 USD"])
    func `about other money than ours is not noted as ours`(state: RefundState, amount: String) throws {
        let change = try RefundAtGateway(in: state).hearing(.report(.failed(.unknown), amount: money(amount)))
        let payout = try #require(change.payout)
        #expect(payout.gatewayReference.isEmpty)
        #expect(payout.networkReference.isEmpty)
        #expect(payout.responseCode.isEmpty)
        #expect(payout.responseMessage.isEmpty)
        #expect(!change.movesMoney)
        #expect(change.after == state.hold)
        #expect(change.refund.failureReason == nil)
    }

    private static func outcome(of change: RefundChange, from state: RefundState) -> String {
        if change.exception != nil { return change.refund.state == state ? "!" : "! and \(change.refund.state)" }
        return change.steps.isEmpty && change.refund.state == state ? "=" : change.refund.state.rawValue
    }
}
