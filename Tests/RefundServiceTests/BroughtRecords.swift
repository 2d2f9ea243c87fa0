import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Records that their owner puts or loads.
@Suite struct `Records that are brought in` {
    private static let organization = Fixtures.organization.id

    /// Why a record is refused after others came in; nil where it is not.
    private static func complaint(
        about entry: RecordBatch.Entry, after others: [RecordBatch.Entry] = Brought.everything, updates: Bool = false
    ) async throws -> Failure? {
        try await withService { node, _ in
            _ = try await node.operations.put(Brought.batch(others), for: organization)
            do throws(Failure) {
                _ = try await node.operations.put(Brought.batch([entry], updates: updates), for: organization)
                return nil
            } catch {
                #expect(try await node.operations.breaches() == [])
                return error
            }
        }
    }

    @Test(arguments: [false, true])
    func `Change nothing when they are brought again`(updates: Bool) async throws {
        try await withService { node, _ in
            let batch = Brought.batch(Brought.everything, updates: updates)
            let first = try await node.operations.put(batch, for: Self.organization)
            #expect(first.allSatisfy { $0 == .created })
            for _ in 0..<2 {
                let again = try await node.operations.put(batch, for: Self.organization)
                #expect(again.allSatisfy { $0 == .unchanged })
            }
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Bring what is there up to date where that is asked for`() async throws {
        try await withService { node, _ in
            _ = try await node.operations.put(Brought.batch(Brought.everything), for: Self.organization)
            let changed: [RecordBatch.Entry] = [
                .party(Brought.party(name: "Ana")), .payment(Brought.payment(captured: Brought.rupees(60_000))),
            ]
            let results = try await node.operations.put(Brought.batch(changed, updates: true), for: Self.organization)
            #expect(results == [.updated, .updated])
            let reference = Brought.reference("c1")
            #expect(try await node.operations.retrieveParty(reference, of: Self.organization).name == "Ana")
            let payment = try await node.operations.retrievePayment(Brought.reference("p1"), of: Self.organization)
            #expect(payment.balance.captured == 60_000)
            #expect(payment.balance.refunded == 5_000)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Are refused with place and reason where they are there with other content`() async throws {
        let changed: [RecordBatch.Entry] = [
            .party(Brought.party(name: "Ana")), .payment(Brought.payment(captured: Brought.rupees(60_000))),
        ]
        for entry in changed {
            let complaint = try await Self.complaint(about: entry)
            #expect(complaint == .conflict("records[0]: it is there already with other content"))
        }
    }

    @Test func `Are refused with place and reason where they contradict what may not change`() async throws {
        var vendor = Brought.party()
        vendor.role = .vendor
        var token = Brought.method
        token.token = "tok_2"
        var moved = Brought.payment()
        moved.receivedOn = Fixtures.date("2026-01-01")
        var renamed = Brought.note()
        renamed.reference = "RMA-2"
        var described = Brought.refund()
        described.description = "other"
        var used = Brought.payment()
        used.captured = Brought.rupees(4_999)
        let table: [(RecordBatch.Entry, String)] = [
            (.party(vendor), "the role of a party does not change"),
            (.paymentMethod(token), "a payment method does not change"),
            (.payment(moved), "only number, state, amounts and invoice of a payment change"),
            (.payment(used), "more of the payment is promised or given back than it would have"),
            (.creditNote(renamed), "only state, applied amount and payments of a credit note change"),
            (.refund(described), "a past refund does not change"),
            (.creditNote(Brought.note("n3")), "number CN-41 belongs to another credit note"),
        ]
        for (entry, reason) in table {
            #expect(try await Self.complaint(about: entry, updates: true) == .conflict("records[0]: \(reason)"))
        }
    }

    @Test func `Are refused where they link what belongs to others, or is in another currency`() async throws {
        var stranger = Brought.note("n8", number: "CN-48", behind: "p1")
        stranger.party = Brought.reference("c2")
        var dollars = Brought.payment("p8", captured: Money(minorUnits: 100_000, currency: Fixtures.dollar))
        dollars.rate = Fixtures.exchangeRate("83.25")
        let rupees = Brought.note("n8", number: "CN-48", behind: "p8")
        var theirs = Brought.payment("p9")
        theirs.party = Brought.reference("c2")
        let others = Brought.everything + [.party(Brought.party("c2", name: "Bea")), .payment(dollars)]
        let table: [(RecordBatch.Entry, String)] = [
            (.creditNote(stranger), "its payment belongs to another party"),
            (.creditNote(rupees), "its payment is in another currency"),
            (.payment(theirs), "its payment method belongs to another party"),
        ]
        for (entry, reason) in table {
            for updates in [false, true] {
                let complaint = try await Self.complaint(about: entry, after: others, updates: updates)
                #expect(complaint == .conflict("records[0]: \(reason)"))
            }
        }
    }

    @Test(arguments: RefundState.allCases)
    func `Take past refunds only in a final state`(state: RefundState) async throws {
        let complaint = try await Self.complaint(about: .refund(Brought.refund("r9", state: state)))
        #expect((complaint == nil) == state.isFinal)
    }

    @Test func `Need a rate where they are in another currency`() async throws {
        var foreign = Brought.payment("p9", captured: Money(minorUnits: 100, currency: Fixtures.dollar))
        #expect(
            try await Self.complaint(about: .payment(foreign))
                == .conflict("records[0]: a record in USD needs a rate to the base currency"))
        foreign.rate = Fixtures.exchangeRate("83.25")
        #expect(try await Self.complaint(about: .payment(foreign)) == nil)
    }

    @Test func `Name what is missing by its place`() async throws {
        var lost = Brought.payment("p9")
        lost.party = Brought.reference("nobody")
        let problem = InputProblem(field: "records[0].party", kind: .value("a party that exists"))
        #expect(try await Self.complaint(about: .payment(lost)) == .input([problem]))
        var methodless = Brought.payment("p9")
        methodless.method = Brought.reference("none")
        let second = InputProblem(field: "records[0].payment_method", kind: .value("a payment_method that exists"))
        #expect(try await Self.complaint(about: .payment(methodless)) == .input([second]))
    }

    @Test func `Come in wholly or not at all`() async throws {
        try await withService { node, _ in
            var wrong = Brought.payment("p9")
            wrong.party = Brought.reference("nobody")
            await #expect(throws: Failure.self) {
                try await node.operations.put(
                    Brought.batch(Brought.everything + [.payment(wrong)]), for: Self.organization)
            }
            await #expect(throws: Failure.notFound(.party, "c1")) {
                try await node.operations.retrieveParty(Brought.reference("c1"), of: Self.organization)
            }
            let results = try await node.operations.put(Brought.batch(Brought.everything), for: Self.organization)
            #expect(results.allSatisfy { $0 == .created })
        }
    }

    @Test func `Have a day on which their status is asked, or are named where nobody would ask`() async throws {
        try await withService { node, _ in
            let organization = Fixtures.organization.id
            _ = try await node.operations.put(Brought.batch(Brought.everything), for: organization)
            #expect(try await node.operations.breaches() == [])
            try await node.store.write(for: organization) { session in
                try session.execute("update payouts set due_at = null", [])
            }
            let named = try await node.operations.breaches()
            #expect(named.count == 2)
            #expect(Set(named.map(\.invariant)) == [.givesBackExactly])
            // After a month no question comes by itself.
            try await node.pass(.seconds(31 * 86_400))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Count past refunds, post them, and send them nowhere`() async throws {
        try await withService { node, book in
            _ = try await node.operations.put(Brought.batch(Brought.everything), for: Self.organization)
            let payment = try await node.operations.retrievePayment(Brought.reference("p1"), of: Self.organization)
            #expect(payment.balance.refunded == 5_000)
            #expect(payment.balance.reserved == 0)
            let (note, lines) = try await node.operations.retrieveCreditNote(
                Brought.reference("n1"), of: Self.organization)
            #expect(note.balance.drawn == 2_500)
            #expect(lines.map(\.drawn) == [2_500, 0])
            for (id, account) in [("r1", "unallocated_refunds"), ("r2", "customer_credit"), ("r3", "customer_credit")] {
                let history = try await node.operations.retrieveHistory(
                    of: Brought.reference(id), of: Self.organization)
                #expect(history.postings.map(\.account) == [account, "opening_balance"])
                #expect(history.postings.map(\.amount.minorUnits) == [2_500, -2_500])
                #expect(history.steps.map(\.event) == [.recorded])
            }
            let failed = try await node.operations.retrieveHistory(of: Brought.reference("r4"), of: Self.organization)
            #expect(failed.postings.isEmpty)
            try await node.pass(.seconds(400 * 86_400))
            #expect(book.effects().isEmpty)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Are known by the identifiers of several dialects`() async throws {
        try await withService { node, _ in
            var party = Brought.party()
            party.externalIDs[Brought.other] = "460000000026049"
            let both = Brought.batch([.party(party)], updates: true)
            #expect(try await node.operations.put(both, for: Self.organization) == [.created])
            let known = try await node.operations.retrieveParty(Brought.reference("c1"), of: Self.organization)
            let asOther = Brought.reference("460000000026049", in: Brought.other)
            #expect(try await node.operations.retrieveParty(asOther, of: Self.organization) == known)
            await #expect(throws: Failure.notFound(.party, "c1")) {
                try await node.operations.retrieveParty(
                    Brought.reference("c1", in: Brought.other), of: Self.organization)
            }
            // A third dialect learns of it by an identifier that is known already.
            let third = DialectName("third")
            party.externalIDs = [.native: "c1", third: "x"]
            let more = Brought.batch([.party(party)], updates: true)
            #expect(try await node.operations.put(more, for: Self.organization) == [.unchanged])
            let asThird = Brought.reference("x", in: third)
            #expect(try await node.operations.retrieveParty(asThird, of: Self.organization) == known)
            party.externalIDs = [.native: "c2", third: "x2"]
            _ = try await node.operations.put(Brought.batch([.party(party)]), for: Self.organization)
            party.externalIDs = [.native: "c1", third: "x2"]
            await #expect(throws: Failure.conflict("records[0]: its identifiers belong to different records")) {
                try await node.operations.put(Brought.batch([.party(party)], updates: true), for: Self.organization)
            }
        }
    }

    @Test func `Let the series of numbers go on after theirs`() async throws {
        try await withService { node, _ in
            let numbered = Brought.everything + [.refund(Brought.refund("r9", number: 500))]
            _ = try await node.operations.put(Brought.batch(numbered), for: Self.organization)
            let view = try await node.operations.refund(.of(.payment(Fixtures.cashPayment, raisingNote: true), "7.00"))
            #expect(view.refund.number == RefundNumber(501))
            #expect(view.creditNote?.number == "CN-43")
        }
    }
}
