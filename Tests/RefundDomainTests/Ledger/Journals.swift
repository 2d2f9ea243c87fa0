import RefundDomain
import Testing

@Suite struct `The journals of a refund` {
    @Test(
        arguments: [
            // source, way → debit, credit of acceptance, credit of settlement
            (.payment, .offline(.cash), "unallocated_refunds", "cash"),
            (.payment, .offline(.check), "unallocated_refunds", "bank"),
            (.payment, .offline(.named("UPI")), "unallocated_refunds", "bank"),
            (.payment, .offline(.others), "unallocated_refunds", "bank"),
            (.paymentRaisingNote, .offline(.cash), "customer_credit", "cash"),
            (.note, .asTaken, "customer_credit", "bank"),
            (.backedNote, .offline(.bankTransfer), "customer_credit", "bank"),
        ] as [(RefundScene.Source, RequestRefund.Way, String, String)])
    func `of a payment by hand are two, for promise and payment`(
        source: RefundScene.Source, way: RequestRefund.Way, drawn: String, settled: String
    ) throws {
        var scene = RefundScene(source)
        scene.way = way
        let journals = try scene.decision().journals.filter { $0.record == 9_001 }
        #expect(journals.map(\.cause) == [.refundAccepted, .refundRecorded])
        #expect(journals.map(\.step) == [1, 2])
        #expect(journals.first?.posted == ["\(drawn) 200.00 INR", "refunds_payable -200.00 INR"])
        #expect(journals.last?.posted == ["refunds_payable 200.00 INR", "\(settled) -200.00 INR"])
    }

    @Test(
        arguments: [
            (.payment, ["unallocated_refunds": 20_000]),
            (.paymentRaisingNote, ["sales_returns": 20_000]),
            (.backedNote, ["customer_credit": 20_000]),
        ] as [(RefundScene.Source, [String: Int64])])
    func `through a gateway promise first`(source: RefundScene.Source, drawn: [String: Int64]) throws {
        let decision = try RefundScene(source).decision()
        #expect(Books(decision.journals).open == drawn.merging(["refunds_payable": -20_000]) { one, _ in one })
        #expect(decision.journals.last?.cause == .refundAccepted)
    }

    @Test(
        arguments: [
            (
                .submitting, .report(.succeeded), .refundSucceeded,
                ["refunds_payable 200.00 INR", "gateway_clearing:simulator -200.00 INR"]
            ),
            (
                .submitting, .refusal, .refundReleased,
                ["refunds_payable 200.00 INR", "unallocated_refunds -200.00 INR"]
            ),
            (
                .pending, .report(.canceled), .refundReleased,
                ["refunds_payable 200.00 INR", "unallocated_refunds -200.00 INR"]
            ),
            (
                .submitting, .report(.canceled), .refundReleased,
                ["refunds_payable 200.00 INR", "unallocated_refunds -200.00 INR"]
            ),
            (
                .succeeded, .report(.failed(.unknown)), .refundReversed,
                [
                    "gateway_clearing:simulator 200.00 INR", "refunds_payable -200.00 INR",
                    "refunds_payable 200.00 INR",
                    "unallocated_refunds -200.00 INR",
                ]
            ),
        ] as [(RefundState, GatewayWord, JournalCause, [String])])
    func `answer a gateway's word`(
        state: RefundState, word: GatewayWord, cause: JournalCause, posted: [String]
    ) throws {
        let scene = try RefundAtGateway(in: state)
        let change = try scene.hearing(word)
        let journals = try scene.journals(of: change)
        let journal = try #require(journals.first)
        #expect(journals.count == 1)
        #expect(journal.cause == cause)
        #expect(journal.posted == posted)
        #expect(journal.record == scene.refund.id.value)
        #expect(journal.step == change.refund.step)
        #expect(journal.effectiveOn == scene.today)
        #expect(journal.recordedAt == scene.now)
    }

    @Test(
        arguments: [
            (.report(.pending), .submitting), (.lost("timeout"), .submitting), (.notSent("no route"), .submitting),
            (.report(.pending), .unknown), (.silence, .succeeded), (.neverTaken, .succeeded),
            (.report(.failed(.unknown)), .failed),
        ] as [(GatewayWord, RefundState)])
    func `are not there where no money moves`(word: GatewayWord, state: RefundState) throws {
        #expect(try !RefundAtGateway(in: state).hearing(word).movesMoney)
    }

    @Test(arguments: [RefundState.failed, .canceled, .returned])
    func `of a late success promise and pay in one`(state: RefundState) throws {
        let late = try RefundAtGateway(in: state)
        let journal = try #require(try late.journals(of: late.hearing(.report(.succeeded))).first)
        #expect(journal.cause == .refundSucceededLate)
        #expect(Books([journal]).open == ["unallocated_refunds": 20_000, "gateway_clearing:simulator": -20_000])
    }

    @Test func `of a voided one take the money back to where it lay`() throws {
        let scene = try RefundByHand(in: .succeeded)
        let change = try scene.meeting(.voided)
        let journals = try scene.journals(of: change)
        #expect(journals.map(\.cause) == [.refundReversed])
        #expect(
            journals.first?.posted == [
                "cash 200.00 INR", "refunds_payable -200.00 INR", "refunds_payable 200.00 INR",
                "unallocated_refunds -200.00 INR",
            ])
        #expect(journals.first?.effectiveOn == scene.today)
    }

    @Test func `of a voided one void the note it raised`() throws {
        let scene = try RefundByHand(in: .succeeded, raisingNote: true)
        let change = try scene.meeting(.voided)
        #expect(change.voidedNote?.id == CreditNoteID(9_002))
        #expect(try scene.journals(of: change).map(\.cause) == [.refundReversed, .noteVoided])
    }

    @Test(
        arguments: [(.approved, .canceled), (.submitting, .failed), (.succeeded, .returned)]
            as [(RefundState, RefundEvent)])
    func `that give everything back void the note it raised`(state: RefundState, event: RefundEvent) throws {
        let scene = try RefundAtGateway(in: state, raisingNote: true)
        let change = try scene.meeting(event)
        #expect(change.voidedNote?.id == CreditNoteID(9_002))
        let voiding = try #require(try scene.journals(of: change).last)
        #expect(voiding.cause == .noteVoided)
        #expect(voiding.record == 9_002)
        #expect(voiding.step == 2)
        #expect(voiding.posted == ["customer_credit 200.00 INR", "sales_returns -200.00 INR"])
        #expect(voiding.effectiveOn == scene.today)
    }

    @Test(
        arguments: [(.submitting, .accepted), (.pending, .succeeded), (.submitting, .lost)]
            as [(RefundState, RefundEvent)])
    func `leave the note it raised alone until then`(state: RefundState, event: RefundEvent) throws {
        #expect(try RefundAtGateway(in: state, raisingNote: true).meeting(event).voidedNote == nil)
    }

    @Test func `void no note that was there before`() throws {
        let scene = try RefundAtGateway(in: .submitting)
        let change = try scene.meeting(.failed)
        #expect(change.voidedNote == nil)
        #expect(try scene.journals(of: change).map(\.cause) == [.refundReleased])
    }

    @Test func `refuse a worth that does not fit`() throws {
        var scene = try RefundAtGateway(in: .submitting)
        scene.base = .kwd
        scene.refund = try Self.refund(of: Money(minorUnits: .max / 2, currency: .inr))
        let change = try scene.meeting(.failed)
        #expect(throws: RefundError.amountOverflow) { try change.journals(moving: .none) }
    }

    @Test func `balance in every currency and in the base currency, whatever the rates`() {
        forEachSeed { random in
            let scene = RefundScene.random(&random)
            let decision = try scene.decision()
            for journal in decision.journals {
                try demand(journal.isBalanced, "\(journal)")
                let base = scene.organization.baseCurrency
                try demand(journal.lines.allSatisfy { $0.base.currency == base }, "\(journal)")
                try demand(journal.lines.allSatisfy { $0.amount.currency == scene.amount.currency }, "\(journal)")
            }
        }
    }

    private static func refund(of amount: Money) throws -> Refund {
        var scene = RefundScene(.payment)
        scene.amount = amount
        scene.payment.captured = amount.minorUnits
        scene.organization.baseCurrency = amount.currency
        return try scene.decision().refund
    }
}

@Suite struct `An account` {
    @Test(
        arguments: [
            (.salesReturns, "sales_returns"), (.taxPayable("GST 18%"), "tax_payable:GST 18%"),
            (.customerCredit, "customer_credit"), (.accountsReceivable, "accounts_receivable"),
            (.unallocatedRefunds, "unallocated_refunds"), (.refundsPayable, "refunds_payable"),
            (.gatewayClearing(.simulator), "gateway_clearing:simulator"), (.bank, "bank"), (.cash, "cash"),
            (.fxGainLoss, "fx_gain_loss"), (.overRefunds, "over_refunds"), (.disputesReceivable, "disputes_receivable"),
            (.disputesLost, "disputes_lost"), (.openingBalance, "opening_balance"),
        ] as [(Account, String)])
    func `is stored under its code`(account: Account, code: String) {
        #expect(account.code == code)
    }
}

@Suite struct `A payment mode` {
    @Test(
        arguments: [
            (.cash, "cash"), (.check, "check"), (.creditCard, "credit_card"), (.debitCard, "debit_card"),
            (.bankTransfer, "bank_transfer"), (.bankRemittance, "bank_remittance"), (.wireTransfer, "wire_transfer"),
            (.ach, "ach"), (.others, "others"), (.named("UPI"), "named:UPI"), (.named(""), "named:"),
            (.named("cash"), "named:cash"), (.named("named:UPI"), "named:named:UPI"),
            // A mark or a joiner melts into the colon before it, and is a part of the name all the same.
            (.named("\u{301}x"), "named:\u{301}x"), (.named("\u{200D}"), "named:\u{200D}"),
            (.named("\u{FE0F}"), "named:\u{FE0F}"),
        ] as [(PaymentMode, String)])
    func `is stored under its code, and reads back`(mode: PaymentMode, code: String) {
        #expect(mode.code == code)
        #expect(PaymentMode(code: code) == mode)
    }

    @Test(arguments: ["", "Cash", "UPI", "named", "cash ", "creditCard"])
    func `that was never stored is none`(code: String) {
        #expect(PaymentMode(code: code) == nil)
    }
}
