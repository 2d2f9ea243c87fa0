import RefundDomain
import Testing

@Suite struct `A refusal` {
    /// What `decide` cannot find out: told by operations, or by steps later in a life.
    private static let toldElsewhere: Set<String> = [
        "key_reused", "key_in_progress", "duplicate_open", "step_not_allowed", "not_cancelable",
        "evidence_missing", "paid_amount_not_supported",
    ]

    @Test(arguments: Fault.ofPayment)
    func `of a payment says what is wrong`(fault: Fault) {
        for source in [RefundScene.Source.payment, .paymentRaisingNote] {
            var scene = RefundScene(source)
            fault.spoil(&scene)
            #expect(throws: fault.error) { try scene.decision() }
        }
    }

    @Test(arguments: Fault.ofBackedNote)
    func `of a note says what is wrong`(fault: Fault) {
        var scene = RefundScene(.backedNote)
        fault.spoil(&scene)
        #expect(throws: fault.error) { try scene.decision() }
    }

    @Test(arguments: Fault.atEdges)
    func `at the edge of a rule says what is wrong`(fault: Fault) {
        var scene = RefundScene(.payment)
        fault.spoil(&scene)
        #expect(throws: fault.error) { try scene.decision() }
    }

    @Test(arguments: [(RefundScene.Source.payment, Fault.ofPayment), (.backedNote, Fault.ofBackedNote)])
    func `of two reasons tells the first`(source: RefundScene.Source, faults: [Fault]) {
        for (index, first) in faults.enumerated() {
            for second in faults[(index + 1)...] where first.touches.isDisjoint(with: second.touches) {
                var scene = RefundScene(source)
                second.spoil(&scene)
                first.spoil(&scene)
                let refusal = refusal(of: scene)
                #expect(refusal?.code == first.error.code, "\(first.name), and \(second.name)")
            }
        }
    }

    @Test(
        arguments: [
            ([.item(1, "300.01"), .item(nil, "1")], .lineUnknown(1)),
            ([.item(nil, "300.01"), .item(1, "1")], .lineUnknown(0)),
            ([.item(1, "1.000"), .item(3, "146.01")], .amountTooPrecise(.inr)),
            ([.item(1, "1"), .item(1, "300.01")], .lineNamedTwice(1)),
            ([.item(1, "1"), .item(nil, "1.000")], .amountTooPrecise(.inr)),
            ([.item(nil, "0.00")], .lineUnknown(0)),
            ([.item(1, "1"), .item(1, "0")], .lineNamedTwice(1)),
            ([.item(1, "0.000"), .item(3, "200")], .amountTooPrecise(.inr)),
            ([.item(1, "0"), .item(3, "146.01")], .amountTooSmall(minimum: money("0.01 INR"))),
            ([.item(3, "146.01"), .item(1, "0")], .lineExceedsRemaining(0)),
        ] as [([EntryDraft], RefundError)])
    func `of several entries tells one that is not there, else the first entry and its first reason`(
        entries: [EntryDraft], error: RefundError
    ) {
        var scene = RefundScene(.note)
        scene.lines = [.item(1, 30_000), .item(3, 14_600)]
        scene.requested = entries
        #expect(throws: error) { try scene.decision() }
    }

    @Test(arguments: ["0", "0.00"])
    func `of a line named with nothing asks for one minor unit, whatever the smallest refund`(nothing: String) {
        var scene = RefundScene(.note)
        scene.organization.settings.refundMinimumMinorUnits = 20_000
        scene.named = [.item(1, "200.00"), .item(3, nothing)]
        #expect(throws: RefundError.amountTooSmall(minimum: money("0.01 INR"))) { try scene.decision() }
    }

    @Test(
        arguments: [.cash, .check, .bankRemittance, .wireTransfer, .others] as [PaymentMode],
        [nil, .simulator, .another] as [GatewayName?])
    func `meets who asks for a method that no gateway pays out to`(mode: PaymentMode, gateway: GatewayName?) {
        for source in RefundScene.Source.allCases {
            var scene = RefundScene(source)
            scene.method?.mode = mode
            scene.way = .toMethod(through: gateway)
            scene.gateways[.another] = .all
            #expect(throws: RefundError.methodIsOffline, "\(source)") { try scene.decision() }
        }
    }

    @Test func `of each kind that a request can meet stands in these tables`() {
        let met =
            (Fault.ofPayment + Fault.ofBackedNote + Fault.atEdges).map(\.error.code) + [
                "amount_too_precise", "amount_overflow",
            ]
        let all = Set(`A refund error`.inOrder.map(\.error.code))
        #expect(all.subtracting(met) == Self.toldElsewhere)
    }

    @Test(arguments: [Fault.ofPayment, Fault.ofBackedNote])
    func `stands in these tables where it stands in the order of precedence`(faults: [Fault]) {
        let order = `A refund error`.inOrder.map(\.error.code)
        let ranks = faults.map { order.firstIndex(of: $0.error.code) ?? -1 }
        #expect(ranks == ranks.sorted())
    }

    private func refusal(of scene: RefundScene) -> RefundError? {
        do {
            _ = try scene.decision()
            return nil
        } catch {
            return error
        }
    }
}
