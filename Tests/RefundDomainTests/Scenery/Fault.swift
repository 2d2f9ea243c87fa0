import RefundDomain
import Testing

/// One thing that makes a refund impossible, and how it is refused.
struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    /// What of the scene it changes: two faults that touch the same cannot both be there.
    let touches: Set<String>
    let changes: [SceneChange]
    let error: RefundError

    init(_ name: String, _ touches: Set<String>, _ changes: SceneChange..., is error: RefundError) {
        self.init(name: name, touches: touches, changes: changes, error: error)
    }

    init(_ name: String, _ changes: SceneChange..., is error: RefundError) {
        self.init(name: name, touches: [], changes: changes, error: error)
    }

    private init(name: String, touches: Set<String>, changes: [SceneChange], error: RefundError) {
        self.name = name
        self.touches = touches
        self.changes = changes
        self.error = error
    }

    var testDescription: String { name }

    func spoil(_ scene: inout RefundScene) {
        for change in changes { change.apply(&scene) }
    }

    /// The same fault of a payment behind a note, which counts only while the refund goes back through it.
    fileprivate var behindNote: Fault {
        Fault(name: "behind it: " + name, touches: touches.union(["way"]), changes: changes, error: error)
    }
}

/// One part of a scene, changed.
struct SceneChange: Sendable {
    fileprivate let apply: @Sendable (inout RefundScene) -> Void

    static func set<Value: Sendable>(
        _ path: any WritableKeyPath<RefundScene, Value> & Sendable, _ value: Value
    ) -> SceneChange {
        SceneChange { $0[keyPath: path] = value }
    }
}

/// In each table the faults stand in the order in which they are told.
extension Fault {
    private static let little = money("199.99 INR")

    private static let unknownGateway = Fault(
        "unknown gateway", ["gateway"], .set(\.gateways, [:]), is: .gatewayUnknown(.simulator))

    private static let ofNamedLines = [
        Fault("no line", ["lines"], .set(\.named, [.item(nil, "200")]), is: .lineUnknown(0)),
        Fault("a line elsewhere", ["lines"], .set(\.named, [.item(1, "1"), .item(99, "199")]), is: .lineUnknown(1)),
        Fault("a tax as an item", ["lines"], .set(\.named, [.item(2, "200")]), is: .lineUnknown(0)),
        Fault("an item as a tax", ["lines"], .set(\.named, [.tax(1, "200")]), is: .lineUnknown(0)),
    ]

    private static let belowMinimum = Fault(
        "below the minimum", ["minimum"], .set(\.minimum, 20_001), is: .amountTooSmall(minimum: money("200.01 INR")))

    private static let ofSourcePayment = [
        Fault("not captured", ["state"], .set(\.payment.state, .pending), is: .paymentNotCaptured),
        Fault("disputed", ["left"], .set(\.payment.disputed, 80_001), is: .paymentDisputed),
        Fault("refunded", ["left"], .set(\.payment.refunded, 100_000), is: .paymentRefunded),
        Fault("too old", ["window"], .set(\.windowDays, 18), is: .refundWindowOver(days: 18)),
    ]

    private static let ofWay = [
        Fault(
            "by hand", ["way", "gateway", "date", "left", "window", "state"], .set(\.onlyByGateway, true),
            .set(\.payment.charge, nil), is: .paymentNotByGateway),
        Fault("closed method", ["way"], .set(\.askedMethod, MethodDraft(state: .closed)), is: .methodClosed),
        Fault("no method", ["way", "gateway"], .set(\.askedMethod, nil), is: .methodClosed),
        Fault("not theirs", ["way"], .set(\.askedMethod, MethodDraft(party: PartyID(2))), is: .methodOfAnotherParty),
        Fault("method by hand", ["way"], .set(\.askedMethod, MethodDraft(mode: .check)), is: .methodIsOffline),
        Fault(
            "through another gateway", ["way", "gateway"], .set(\.gateways, [.simulator: .all, .another: .all]),
            .set(\.way, .toMethod(through: .another)), is: .methodOfAnotherGateway),
        Fault("unable gateway", ["gateway"], .set(\.gateway.linkedRefund, false), is: .gatewayNotAble(.simulator)),
        Fault("late", ["gateway"], .set(\.gateway.refundWindow, .days(18)), is: .gatewayWindowOver(.simulator)),
    ]

    /// Refusals of 200.00 of a payment of 1000.00, taken by card on 2024-08-01, today being 2024-08-20.
    static let ofPayment =
        [unknownGateway, belowMinimum] + ofSourcePayment + [
            Fault(
                "early", ["date", "way", "gateway"], .set(\.way, .offline(.cash)),
                .set(\.effectiveOn, day("2024-07-31")), is: .dateBeforeSource(day("2024-08-01"))),
            Fault("misjudged", ["expected"], .set(\.expected, "999.99"), is: .remainingChanged(money("1000.00 INR"))),
            Fault("above it", ["left"], .set(\.payment.captured, 19_999), is: .exceedsPayment(little)),
            Fault("above what is left", ["left"], .set(\.payment.reserved, 80_001), is: .exceedsRemaining(little)),
        ] + ofWay

    /// Refusals of 200.00 of a note of 500.00, raised on 2024-08-05, behind which that payment stands.
    static let ofBackedNote =
        ofNamedLines + [
            unknownGateway, belowMinimum,
            Fault("draft", ["note"], .set(\.note.state, .draft), is: .noteIsDraft),
            Fault("void", ["note"], .set(\.note.state, .void), is: .noteIsVoid),
            Fault("spent", ["note"], .set(\.note.applied, 50_000), is: .noteIsSpent),
        ] + ofSourcePayment.map(\.behindNote) + [
            Fault(
                "early", ["date", "way", "gateway"], .set(\.way, .offline(.cash)),
                .set(\.effectiveOn, day("2024-08-04")), is: .dateBeforeSource(day("2024-08-05"))),
            Fault("misjudged", ["expected"], .set(\.expected, "500.01"), is: .remainingChanged(money("500.00 INR"))),
            Fault("above what is left", ["note"], .set(\.note.applied, 30_001), is: .exceedsRemaining(little)),
            Fault("above", ["left", "way"], .set(\.payment.reserved, 80_001), is: .exceedsPaymentBehindNote(little)),
        ] + ofLines + ofWay

    /// Refusals of what is named of the note's lines: 300.00, 54.00 of tax on it, and 146.00.
    private static let ofLines = [
        Fault("one twice", ["lines"], .set(\.named, [.item(1, "100"), .item(1, "100")]), is: .lineNamedTwice(1)),
        Fault("too much of one", ["lines"], .set(\.named, [.item(3, "146.01")]), is: .lineExceedsRemaining(0)),
        Fault("less in all", ["lines"], .set(\.named, [.item(1, "199.99")]), is: .linesDoNotAddUp(little)),
        Fault("more in all", ["lines"], .set(\.named, [.item(1, "201")]), is: .linesDoNotAddUp(money("201.00 INR"))),
        Fault("too many", ["lines"], .set(\.lines, .of(1, times: Limits.drawnLinesMax + 1)), is: .tooManyLines),
    ]

    private static let huge = Money(minorUnits: .max / 2, currency: .usd)
    private static let rich = PaymentDraft(captured: .max / 2, rate: rate("83.2475"))
    private static let closedOther = MethodDraft(party: PartyID(2), state: .closed)
    private static let closedCash = MethodDraft(mode: .cash, state: .closed)
    private static let otherCash = MethodDraft(party: PartyID(2), mode: .cash)
    private static let cashElsewhere = MethodDraft(mode: .cash, gateway: .another)
    private static let unable = RefundError.gatewayNotAble(.simulator)
    private static let elsewhere = RefundError.methodOfAnotherGateway
    private static let both: [GatewayName: GatewayCapabilities] = [.simulator: .all, .another: .all]
    private static let cent = money("0.01 INR")
    private static let nothing = [EntryDraft.item(1, "200"), .item(3, "0.00")]
    private static let july = day("2024-07-31")

    /// Refusals of that payment at the edge of a rule, and for two reasons of one kind.
    static let atEdges = [
        Fault("nothing", .set(\.amount, money("0.00 INR")), is: .amountTooSmall(minimum: cent)),
        Fault("below zero", .set(\.amount, Money(minorUnits: -1, currency: .inr)), is: .amountTooSmall(minimum: cent)),
        Fault("too precise", .set(\.source, .note), .set(\.named, [.item(1, "200.000")]), is: .amountTooPrecise(.inr)),
        Fault("a line of nothing", .set(\.source, .note), .set(\.named, nothing), is: .amountTooSmall(minimum: cent)),
        Fault("worth too much", .set(\.amount, huge), .set(\.payment, rich), is: .amountOverflow),
        Fault(
            "with a note", .set(\.amount, huge), .set(\.payment, rich), .set(\.source, .paymentRaisingNote),
            is: .amountOverflow),
        Fault("failed", .set(\.payment.state, .failed), is: .paymentNotCaptured),
        Fault("canceled", .set(\.payment.state, .canceled), is: .paymentNotCaptured),
        Fault("authorised", .set(\.payment.captured, 0), is: .paymentNotCaptured),
        Fault(
            "early, as it came by hand", .set(\.payment.charge, nil), .set(\.effectiveOn, july),
            is: .dateBeforeSource(day("2024-08-01"))),
        Fault(
            "early, as nobody knows how it came", .set(\.source, .note), .set(\.effectiveOn, july),
            is: .dateBeforeSource(day("2024-08-05"))),
        Fault("judged too precisely", .set(\.expected, "1000.000"), is: .remainingChanged(money("1000.00 INR"))),
        Fault("misjudged", .set(\.payment.refunded, 80_001), .set(\.expected, "1"), is: .remainingChanged(little)),
        Fault("elsewhere", .set(\.askedMethod, MethodDraft(gateway: .another)), is: .gatewayUnknown(.another)),
        Fault("kept by another", .set(\.gateways, both), .set(\.way, .toMethod(through: .another)), is: elsewhere),
        Fault(
            "another party's payment behind", .set(\.source, .backedNote), .set(\.payment.party, PartyID(2)),
            is: .paymentBehindNoteMismatched),
        Fault(
            "another party's payment behind, by hand", .set(\.source, .backedNote),
            .set(\.payment.party, PartyID(2)), .set(\.way, .offline(.cash)), is: .paymentBehindNoteMismatched),
        Fault(
            "yen behind rupees", .set(\.source, .backedNote), .set(\.payment.currency, .jpy),
            is: .paymentBehindNoteMismatched),
        Fault("barred", .set(\.payment.isBarred, true), is: .chargeOfSeveralPayments),
        Fault(
            "barred behind a note, by hand", .set(\.source, .backedNote), .set(\.payment.isBarred, true),
            .set(\.way, .offline(.cash)), is: .chargeOfSeveralPayments),
        Fault("through another", .set(\.way, .toMethod(through: .another)), is: .gatewayUnknown(.another)),
        Fault(
            "unable", .set(\.way, .toMethod()), .set(\.gateway.unlinkedCredit, false), .set(\.payment.charge, nil),
            is: unable),
        Fault(
            "unable either way", .set(\.way, .toMethod()), .set(\.gateway.unlinkedCredit, false),
            .set(\.gateway.linkedRefund, false), is: unable),
        Fault(
            "unable, and paid elsewhere", .set(\.way, .toMethod()), .set(\.gateway.unlinkedCredit, false),
            .set(\.payment.charge, Charge(gateway: .another, reference: "ch_1")), is: unable),
        Fault(
            "unable, and paid by another method", .set(\.way, .toMethod()), .set(\.gateway.unlinkedCredit, false),
            .set(\.payment.method, PaymentMethodID(52)), is: unable),
        Fault("dispute, gone", .set(\.payment.disputed, 1), .set(\.payment.refunded, 99_999), is: .paymentDisputed),
        Fault("dispute, above", .set(\.payment.disputed, 1), .set(\.payment.captured, 19_999), is: .paymentDisputed),
        Fault("dispute, a cent", .set(\.payment.disputed, 1), .set(\.payment.reserved, 80_000), is: .paymentDisputed),
        Fault("refunded, above it", .set(\.payment.captured, 9), .set(\.payment.refunded, 9), is: .paymentRefunded),
        Fault("above both", .set(\.payment.captured, 19_999), .set(\.payment.reserved, 1), is: .exceedsPayment(little)),
        Fault("closed, not theirs", .set(\.askedMethod, closedOther), is: .methodClosed),
        Fault("closed, by hand", .set(\.askedMethod, closedCash), is: .methodClosed),
        Fault("not theirs, by hand", .set(\.askedMethod, otherCash), is: .methodOfAnotherParty),
        Fault("by hand, elsewhere", .set(\.askedMethod, cashElsewhere), is: .gatewayUnknown(.another)),
        Fault("unable, too old", .set(\.gateway.linkedRefund, false), .set(\.gateway.refundWindow, .zero), is: unable),
    ]
}

extension RefundScene {
    fileprivate var minimum: Int64 {
        get { organization.settings.refundMinimumMinorUnits }
        set { organization.settings.refundMinimumMinorUnits = newValue }
    }

    fileprivate var windowDays: Int? {
        get { organization.settings.refundWindowDays }
        set { organization.settings.refundWindowDays = newValue }
    }
}
