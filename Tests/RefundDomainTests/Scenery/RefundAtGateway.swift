import RefundDomain

/// An electronic refund of 200.00 in any state, to be told what its gateway says.
struct RefundAtGateway: AcceptedRefund {
    var refund: Refund
    var payout: Payout
    var sources: HeldSources
    var base: Currency
    var now = Instant(seconds: 1_724_154_320) + .seconds(60)
    var today = day("2024-08-21")

    /// `unsent` of its attempts did not leave.
    init(in state: RefundState, attempt: Int = 1, unsent: Int = 0, raisingNote: Bool = false) throws {
        try self.init(
            RefundScene(raisingNote ? .paymentRaisingNote : .payment), in: state, attempt: attempt, unsent: unsent)
    }

    init(_ scene: RefundScene, in state: RefundState, attempt: Int = 1, unsent: Int = 0) throws {
        let decision = try scene.decision()
        guard let payout = decision.payout else { preconditionFailure("the scene is electronic") }
        refund = decision.refund
        refund.state = state
        refund.step = 7
        self.payout = payout
        self.payout.attempt = attempt
        self.payout.unsent = unsent
        sources = HeldSources(of: scene, decision, in: state)
        base = scene.organization.baseCurrency
    }

    var facts: ChangeFacts {
        sources.facts(of: refund, payout, base: base, now: now, today: today)
    }

    func hearing(_ word: GatewayWord) throws(RefundError) -> RefundChange {
        try decide(word, about: payout, given: facts)
    }
}

extension GatewayWord {
    /// A report of 200.00 in the state named.
    static func report(_ state: GatewayReport.State, amount: Money = money("200.00 INR")) -> GatewayWord {
        .report(
            GatewayReport(
                state: state, amount: amount, gatewayReference: "re_1", networkReference: "1111111111111", code: "00",
                message: "as told"))
    }

    static let refusal = GatewayWord.refused(.insufficientFunds, code: "51", message: "no funds")
    static let keptRefusal = GatewayWord.refused(
        .insufficientFunds, code: "51", message: "no funds", isKeptAnswer: true)
}
