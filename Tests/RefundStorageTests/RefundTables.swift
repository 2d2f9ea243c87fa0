import RefundStorage
import RefundTesting
import Testing

@testable import RefundDomain

/// Refunds with all that is written beside them, written and read.
@Suite struct `The tables of refunds` {
    private static let organization = Fixtures.organization.id

    @Test(arguments: Engine.allCases)
    func `Refunds are read as they were written, whatever is nil in them`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let refunds = (0..<80).map(refund)
            try await store.unit { session in
                for refund in refunds {
                    try session.record(decision(on: refund), requestDigest: nil, for: Self.organization)
                }
            }
            for refund in refunds {
                let found = try await store.look { session in
                    (
                        byID: try session.refund(refund.id, of: Self.organization),
                        byNumber: try session.refund(refund.number, of: Self.organization),
                        strange: try session.refund(refund.id, of: Fixtures.stranger.id),
                        strangeNumber: try session.refund(refund.number, of: Fixtures.stranger.id)
                    )
                }
                #expect(found.byID == refund)
                #expect(found.byID.map { Array($0.description.utf8) } == Array(refund.description.utf8))
                #expect(found.byNumber == refund)
                #expect(found.strange == nil)
                #expect(found.strangeNumber == nil)
            }
            let listed = try await store.look { try $0.refunds(LifeChance.all, of: Self.organization) }
            #expect(listed.map(\.id) == refunds.map(\.id).sorted(by: >))
        }
    }

    /// Every word of each enum comes in some place, and every optional is nil in some and set in others.
    private func refund(_ index: Int) -> Refund {
        let text = Texts.all[index % Texts.all.count]
        func sometimes<Value>(_ places: Int, _ value: Value) -> Value? { index % places == 0 ? nil : value }
        let isElectronic = index.isMultiple(of: 2)
        let payment = sometimes(3, Fixtures.cardPayment.id)
        return Refund(
            id: RefundID(Int64.max - Int64(index)), number: RefundNumber(Int64.max - Int64(index)),
            party: Fixtures.customer.id, payment: payment,
            creditNote: payment == nil ? Fixtures.openNote.id : sometimes(4, Fixtures.openNote.id),
            method: sometimes(2, Fixtures.card.id),
            amount: Money(
                minorUnits: Integers.all[index % Integers.all.count], currency: Currency.all[index % Currency.all.count]
            ),
            rate: Fixtures.exchangeRate(["1", "0.012", "999999999999999999"][index % 3]),
            channel: isElectronic ? .electronic(GatewayName(text)) : .offline(.named(text)),
            // What is spent would be moved on the payment, which is another test.
            state: RefundState.allCases.filter { $0 != .succeeded }[index % (RefundState.allCases.count - 1)],
            step: index + 1,
            reason: sometimes(5, RefundReason.allCases[index % RefundReason.allCases.count]),
            initiator: RefundInitiator.allCases[index % RefundInitiator.allCases.count], description: text,
            reference: text, effectiveOn: Fixtures.date(["0001-01-01", "2026-03-02", "9999-12-31"][index % 3]),
            createdAt: Instant(microseconds: Integers.all[index % Integers.all.count]),
            updatedAt: Instant(microseconds: -Int64(index)), settledAt: sometimes(3, Fixtures.now),
            createdBy: Fixtures.client,
            failureReason: sometimes(2, FailureReason.allCases[index % FailureReason.allCases.count]),
            noteRemainingAfter: sometimes(2, Int64(index)), annotations: text)
    }

    private func decision(on refund: Refund) -> RefundDecision {
        RefundDecision(
            refund: refund, payout: nil, raisedNote: nil, allocations: [], draws: [], steps: [], journals: [])
    }

    @Test(arguments: Engine.allCases)
    func `Payouts, draws, steps and journals are read as they were written`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let written = (0..<40).map { index in
                let refund = refund(index)
                return RefundDecision(
                    refund: refund, payout: payout(of: refund, index), raisedNote: nil, allocations: [],
                    draws: draws(index),
                    steps: steps(of: refund, index), journals: journals(of: refund, index))
            }
            try await store.unit { session in
                for decision in written { try session.record(decision, requestDigest: nil, for: Self.organization) }
            }
            for decision in written {
                let id = decision.refund.id
                let found = try await store.look { session in
                    (
                        payout: try session.payout(of: id, of: Self.organization),
                        draws: try session.draws(of: id, of: Self.organization),
                        steps: try session.history(of: id, of: Self.organization),
                        lines: try session.postings(of: id.value, of: Self.organization),
                        strange: try session.payout(of: id, of: Fixtures.stranger.id)
                    )
                }
                #expect(found.payout == decision.payout)
                #expect(found.draws == decision.draws.sorted { $0.line < $1.line })
                #expect(found.steps == decision.steps.sorted { $0.step < $1.step })
                #expect(found.lines == decision.journals.sorted { $0.step < $1.step }.flatMap(\.posted))
                #expect(found.strange == nil)
            }
        }
    }

    private func payout(of refund: Refund, _ index: Int) -> Payout? {
        guard index % 4 != 3 else { return nil }
        let text = Texts.all[index % Texts.all.count]
        func sometimes<Value>(_ places: Int, _ value: Value) -> Value? { index % places == 0 ? nil : value }
        return Payout(
            refund: refund.id, gateway: GatewayName(text), target: index % 2 == 0 ? .charge(text) : .method(text),
            lastFour: sometimes(3, "0042"), attempt: index, key: "key \(index) " + text,
            keySentAt: sometimes(2, Instant(microseconds: .max)), leaseUntil: sometimes(3, Fixtures.now),
            dueAt: sometimes(4, Fixtures.now), questions: index, gatewayReference: text, networkReference: text,
            responseCode: text, responseMessage: text)
    }

    private func draws(_ index: Int) -> [LineDraw] {
        // The lines have no more than this to give to all the refunds of the test.
        Fixtures.openNoteLines.prefix(index % 5).reversed().map { LineDraw(line: $0.id, amount: Int64(index % 7 + 1)) }
    }

    private func steps(of refund: Refund, _ index: Int) -> [RefundStep] {
        RefundEvent.allCases.prefix(index % 13).enumerated().reversed().map { place, event in
            RefundStep(
                refund: refund.id, step: place + 1, event: event,
                state: RefundState.allCases[place % RefundState.allCases.count], at: Instant(microseconds: -7),
                actor: Texts.all[place % Texts.all.count], remark: Texts.all[index % Texts.all.count])
        }
    }

    private func journals(of refund: Refund, _ index: Int) -> [Journal] {
        JournalCause.allCases.prefix(index % 9).enumerated().reversed().map { place, cause in
            Journal(
                record: refund.id.value, step: place + 1, cause: cause, effectiveOn: Fixtures.today,
                recordedAt: Fixtures.now,
                lines: [Int64.max, -.max, 0].map { minorUnits in
                    JournalLine(
                        account: "tax_payable:" + Texts.all[place],
                        amount: Money(minorUnits: minorUnits, currency: Fixtures.dinar),
                        base: Money(minorUnits: -minorUnits, currency: Fixtures.rupee))
                })
        }
    }

    @Test(arguments: Engine.allCases)
    func `A refund, its number, its key and its steps are each written once`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let order = RefundOrder(
                id: 1, source: .payment(Fixtures.cardPayment.id, raisingNote: false), minorUnits: 100)
            let decision = try await store.unit { try $0.accept(order) }
            let again = await store.word { session in
                try session.run("update refunds set number = 77 where organization_id = 10 and id = 1")
                try session.record(decision, requestDigest: nil, for: Self.organization)
            }
            #expect(again == "unique(\"refunds.organization_id, refunds.id\")")
            let renumbered = await store.word { session in
                _ = try session.accept(RefundOrder(id: 2, source: order.source, minorUnits: 100))
                try session.run("update refunds set number = 1 where organization_id = 10 and id = 2")
            }
            #expect(renumbered == "unique(\"refunds.organization_id, refunds.number\")")
            let rekeyed = await store.word { session in
                _ = try session.accept(RefundOrder(id: 2, source: order.source, minorUnits: 100))
                try session.run(
                    "update payouts set key = $1 where organization_id = 10 and refund_id = 2",
                    [.text(decision.payout?.key)])
            }
            #expect(rekeyed == "unique(\"payouts.organization_id, payouts.gateway, payouts.key\")")
            let posted = await store.word { session in
                for journal in decision.journals { try session.insert(journal, for: Self.organization) }
            }
            #expect(posted.hasPrefix("unique(\"journal_lines.organization_id, journal_lines.record_id"))
            #expect(try await store.look { try $0.breaches() } == [])
        }
    }

    @Test(arguments: Engine.allCases)
    func `Of an equal request the unknown refund is found first, else the newest open one`(engine: Engine) async throws
    {
        try await withFixtures(engine) { store in
            let source = RefundOrder.Source.payment(Fixtures.cardPayment.id, raisingNote: false)
            func open(_ digest: String) async throws -> Int64? {
                try await store.look {
                    try $0.openRefund(byRequest: digest, of: Self.organization).first()?.id.value
                }
            }
            for (id, digest) in [(1, "a"), (2, "a"), (3, "b"), (4, nil)] as [(Int64, String?)] {
                let order = RefundOrder(id: id, source: source, minorUnits: 10, isClaimed: true, digest: digest)
                _ = try await store.unit { try $0.accept(order) }
            }
            var offline = RefundOrder(id: 5, source: source, minorUnits: 10, way: .offline(.cash))
            offline.digest = "a"
            let done = offline
            _ = try await store.unit { try $0.accept(done) }
            #expect(try await open("a") == 2)
            #expect(try await open("b") == 3)
            #expect(try await open("c") == nil)
            // refund, word, found
            let rows: [(Int64, GatewayWord, Int64)] = [
                (1, .lost("timed out"), 1), (2, .lost("timed out"), 2), (2, .neverTaken, 1), (1, .neverTaken, 0),
            ]
            for (id, word, found) in rows {
                _ = try await store.unit { try $0.apply(.word(word), to: RefundID(id)) }
                #expect(try await open("a") ?? 0 == found, "after refund \(id): \(word)")
            }
            let stranger = try await store.look { session in
                try session.openRefund(byRequest: "a", of: Fixtures.stranger.id).rows().count
            }
            #expect(stranger == 0)
        }
    }
}

extension Journal {
    /// Its lines as the ledger gives them back.
    fileprivate var posted: [PostedLine] {
        lines.map { line in
            PostedLine(
                step: step, cause: cause, account: line.account, amount: line.amount,
                baseMinorUnits: line.base.minorUnits, effectiveOn: effectiveOn, recordedAt: recordedAt)
        }
    }
}
