import GRDB
import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// What a hand that should not have been there did to one row, and what it breaks.
private struct Corruption: Sendable, CustomTestStringConvertible {
    let invariant: Invariant
    let sql: String
    /// The record that `verify` has to name.
    let record: Record

    enum Record: Sendable {
        case electronic, offline, pending, unknown, late, card, cash, note, line, fee, nobody, organization
    }

    var testDescription: String { sql }

    init(_ invariant: Invariant, _ sql: String, names record: Record) {
        self.invariant = invariant
        self.sql = sql
        self.record = record
    }

    static let all: [Corruption] = [
        Corruption(.withinWhatRemains, "update payments set captured = 100 where id = {card}", names: .card),
        Corruption(.withinWhatRemains, "update payments set disputed = 99999 where id = {card}", names: .card),
        Corruption(.withinWhatRemains, "update payments set reserved = -1 where id = {cash}", names: .cash),
        Corruption(.withinWhatRemains, "update credit_notes set applied = total where id = {note}", names: .note),
        Corruption(.withinWhatRemains, "update credit_note_lines set amount = 1 where id = {line}", names: .line),
        Corruption(.atMostOneEffect, "delete from payouts where refund_id = {pending}", names: .pending),
        Corruption(.atMostOneEffect, "update payouts set key = '' where refund_id = {pending}", names: .pending),
        Corruption(
            .atMostOneEffect, "update payouts set gateway = 'other' where refund_id = {pending}", names: .pending),
        Corruption(.atMostOneEffect, "update payouts set gateway_reference = 'one'", names: .electronic),
        Corruption(.unknownEndsByWord, "update refunds set state = 'pending' where id = {unknown}", names: .unknown),
        Corruption(
            .unknownEndsByWord, "delete from refund_steps where refund_id = {electronic} and step = 2",
            names: .electronic),
        Corruption(
            .unknownEndsByWord, "delete from refund_steps where refund_id = {electronic} and step = 3",
            names: .electronic),
        Corruption(
            .unknownEndsByWord, "update refund_steps set state = 'pending' where refund_id = {offline} and step = 1",
            names: .offline),
        Corruption(
            .unknownEndsByWord,
            "update refund_steps set remark = '' where refund_id = {unknown} and actor like 'operator:%'",
            names: .unknown),
        Corruption(.givesBackExactly, "update payments set refunded = refunded - 1 where id = {card}", names: .card),
        Corruption(.givesBackExactly, "update payments set reserved = reserved + 1 where id = {cash}", names: .cash),
        Corruption(.withinWhatRemains, "update payments set excess = excess + 1 where id = {card}", names: .card),
        Corruption(
            .givesBackExactly, "update refund_allocations set amount = amount - 1 where refund_id = {late}",
            names: .card),
        Corruption(
            .givesBackExactly, "update refund_allocations set amount = amount - 1 where refund_id = {late}",
            names: .late),
        Corruption(.givesBackExactly, "update credit_notes set lacking = 1 where id = {note}", names: .note),
        Corruption(.withinWhatRemains, "update payments set claims = 1 where id = {card}", names: .card),
        Corruption(
            .withinWhatRemains,
            "insert into note_backings values (10, {note}, {cash}, 1, 99999999, 99999999, 0)", names: .note),
        Corruption(
            .givesBackExactly, "insert into note_backings values (10, {note}, {cash}, 1, 1, 1, 1)", names: .note),
        Corruption(.withinWhatRemains, "update payments set captured_told = 1 where id = {cash}", names: .cash),
        Corruption(
            .withinWhatRemains,
            "update payments set gateway = 'simulator', charge_reference = 'ch_300' where id = {cash}",
            names: .card),
        Corruption(.givesBackExactly, "update refunds set note_shortfall = 1 where id = {offline}", names: .note),
        Corruption(.givesBackExactly, "update credit_notes set drawn = drawn + 1 where id = {note}", names: .note),
        Corruption(
            .givesBackExactly, "update credit_note_lines set drawn = drawn - 1 where id = {line}", names: .line),
        Corruption(.givesBackExactly, "delete from line_draws where refund_id = {offline}", names: .line),
        Corruption(
            .ledgerBalances,
            "update journal_lines set amount = amount + 1 where record_id = {electronic} and step = 3 and line = 1",
            names: .electronic),
        Corruption(
            .ledgerBalances,
            "update journal_lines set base_amount = 0 where record_id = {electronic} and step = 3 and line = 1",
            names: .electronic),
        Corruption(
            .ledgerBalances, "delete from journal_lines where record_id = {pending}", names: .pending),
        Corruption(
            .ledgerBalances,
            "update journal_lines set account = 'bank' where record_id = {late} and account = 'over_refunds'",
            names: .organization),
        Corruption(
            .ledgerBalances, "delete from journal_lines where record_id = {offline}", names: .note),
        Corruption(
            .ledgerBalances, "delete from journal_lines where record_id = {note}", names: .note),
        Corruption(
            .ledgerBalances, "insert into gateway_fees values (10, {fee}, {late}, 'g', 'txn', 1, 'INR', 1)", names: .fee
        ),
        Corruption(
            .ledgerBalances,
            "insert into journal_lines values (10, {fee}, 1, 1, 'gateway_fee', 'gateway_fees', 'INR', 1, 1, 1, 1)",
            names: .fee),
        Corruption(
            .keyGivesOneRefund, "update idempotency_records set refund_id = {pending}", names: .pending),
        Corruption(
            .keyGivesOneRefund, "update idempotency_records set refund_id = {nobody} where refund_id = {electronic}",
            names: .nobody),
        Corruption(.amountsAreExact, "update refunds set currency = 'USD' where id = {pending}", names: .pending),
        Corruption(.amountsAreExact, "update refunds set currency = 'QQQ' where id = {pending}", names: .pending),
        Corruption(.amountsAreExact, "update refunds set amount = 0 where id = {offline}", names: .offline),
        Corruption(
            .organizationsAreApart, "update refunds set party_id = 4711 where id = {pending}", names: .pending),
        Corruption(
            .organizationsAreApart, "update payments set organization_id = 11 where id = {card}", names: .electronic),
        Corruption(
            .organizationsAreApart, "update credit_notes set organization_id = 11 where id = {note}", names: .offline),
    ]
}

/// The check of all promises over all data.
@Suite struct `A verification` {
    @Test(arguments: UInt64(0)..<14)
    func `Finds nothing in random lives`(seed: UInt64) async throws {
        let faults: [SimulatorFault] = [
            .answerLost, .errorAfterDoing, .timesOut, .notSent, .staysPending, .wrongAmount,
            .pendsThenSucceeds(.seconds(10)), .succeedsThenReturned(.unknown, .seconds(500)), .decline(.unknown),
            .failsThenSucceeds(.unknown, .seconds(100)),
        ]
        let config = SimulatorConfig(
            seed: seed, faults: faults.map { SimulatorFaultRule(.chance(perMille: 90), $0) })
        try await withService(config: config) { node, book in
            var chance = SeededGenerator(seed: seed)
            var views: [RefundView] = []
            for number in 0..<40 {
                let request = try RandomRequest.next(number, &chance)
                if case .success(let view) = await node.operations.answer(to: request) { views.append(view) }
                if let view = chance.pick(views), chance.chance(oneIn: 4) {
                    _ = try? await node.operations.cancelRefund(
                        reference(view.refund.id), of: view.organization, by: "client:900", remark: "")
                }
                if let view = chance.pick(views), chance.chance(oneIn: 6) {
                    let resolution = Resolution(
                        outcome: chance.chance(oneIn: 2) ? .succeeded : .failed, failure: nil, reason: "seen",
                        evidence: "letter", person: "ana")
                    _ = try? await node.operations.resolveRefund(
                        reference(view.refund.id), of: view.organization, as: resolution)
                }
                if let view = chance.pick(views), chance.chance(oneIn: 3) {
                    _ = try? await node.operations.checkRefund(reference(view.refund.id), of: view.organization)
                }
                let pause = chance.pick([0, 1, 31, 301, 3_601, 86_401]) ?? 0
                if chance.chance(oneIn: 3) { try await node.pass(.seconds(pause)) }
            }
            #expect(views.count > 10)
            #expect(try await node.operations.breaches() == [])
            let keys = book.effects().map(\.submission.key)
            #expect(Set(keys).count == keys.count)
        }
    }

    @Test(arguments: Corruption.all.indices)
    func `Names the promise and the record of a corrupt row`(index: Int) async throws {
        let corruption = Corruption.all[index]
        try await withTemporaryFolder { folder in
            let path = folder.path("refundry.sqlite")
            let records = try await withStore(at: path) { try await Self.live(in: $0) }
            try Self.corrupt(path, by: corruption.sql, records)
            try await withStore(at: path) { store in
                let breaches = try await store.read { try $0.breaches() }
                let named = breaches.filter { $0.invariant == corruption.invariant }.map(\.record)
                #expect(named.contains(records[corruption.record] ?? 0), "\(breaches)")
                #expect(breaches.allSatisfy { !$0.detail.isEmpty })
            }
        }
    }

    /// The one that rows alone cannot break is about the files, below.
    @Test func `Has a corruption for each promise that rows can break`() {
        let promises = Set(Corruption.all.map(\.invariant))
        #expect(promises == Set(Invariant.allCases).subtracting([.durable]))
    }

    @Test func `Tells what is gone from the engine's own files`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("refundry.sqlite")
            let records = try await withStore(at: path) { try await Self.live(in: $0) }
            let before = try await withStore(at: path) { store in try await store.damages() }
            #expect(before == [])
            try Self.corrupt(path, by: "delete from parties", records)
            try await withStore(at: path) { store in
                let damages = try await store.damages()
                #expect(damages.contains("a row of refunds refers to none of parties"), "\(damages)")
            }
        }
    }

    @Test func `Lists what gateways say against what is final apart from corruption`() async throws {
        try await withService { node, _ in
            let view = try await node.operations.refund(.of(.payment(Fixtures.cardPayment), "67.08"))
            let resolution = Resolution(
                outcome: .failed, failure: nil, reason: "seen", evidence: "letter", person: "ana")
            _ = try await node.operations.resolveRefund(
                reference(view.refund.id), of: view.organization, as: resolution)
            let verification = try await node.operations.verify()
            #expect(verification.damages == [])
            #expect(verification.breaches == [])
            #expect(verification.exceptions.isEmpty)
            let refund = try await node.operations.now(view).refund
            try await node.store.write(for: view.organization) { session in
                try session.insertException(of: refund, detail: "it was paid", at: Fixtures.now, for: view.organization)
            }
            let later = try await node.operations.verify()
            #expect(later.breaches == [])
            #expect(later.exceptions.map(\.refund) == [refund.id])
            #expect(later.exceptions.map(\.detail) == ["it was paid"])
        }
    }

    /// Lets refunds of every kind live, and gives the records that a corruption can name.
    private static func live(in store: any Store) async throws -> [Corruption.Record: Int64] {
        try await Fixtures.put(in: store)
        try await raiseSeries(in: store)
        let clock = ServiceClock(at: Fixtures.now)
        let gateway = try SimulatorGateway(
            SimulatorConfig(seed: 7), now: { clock.now }, sleep: { try await clock.sleep($0) })
        let node = ServiceNode(store: store, clock: clock, gateway: gateway)
        return try await node.running {
            let card = RequestRefund.Source.payment(Fixtures.cardPayment)
            let electronic = try await node.operations.refund(.of(card, "25.00", key: "a"))
            let pending = try await node.operations.refund(.of(card, "67.07", key: "b"))
            let unknown = try await node.operations.refund(.of(card, "67.08", key: "c"))
            let offline = try await node.operations.refund(.of(.note(Fixtures.openNote), "40.00", key: "d"))
            let late = try await node.operations.refund(.of(card, "67.11", key: "e"))
            _ = try await node.operations.refund(.of(card, "800.00", way: .offline(.cash)))
            _ = try await node.operations.checkRefund(reference(late.refund.id), of: late.organization)
            try await node.pass(.seconds(10))
            _ = try await node.operations.refund(.of(.payment(Fixtures.cashPayment, raisingNote: true), "7.00"))
            let resolution = Resolution(
                outcome: .succeeded, failure: nil, reason: "seen", evidence: "letter", person: "ana")
            _ = try await node.operations.resolveRefund(
                reference(unknown.refund.id), of: unknown.organization, as: resolution)
            #expect(try await node.operations.breaches() == [])
            return [
                .electronic: electronic.refund.id.value, .pending: pending.refund.id.value,
                .unknown: unknown.refund.id.value, .offline: offline.refund.id.value, .late: late.refund.id.value,
                .card: Fixtures.cardPayment.id.value, .cash: Fixtures.cashPayment.id.value,
                .note: Fixtures.openNote.id.value, .line: Fixtures.openNoteLines[0].id.value, .nobody: 4_711,
                .fee: 4_712, .organization: Fixtures.organization.id.value,
            ]
        }
    }

    private static func corrupt(_ path: String, by sql: String, _ records: [Corruption.Record: Int64]) throws {
        let statement = records.reduce(sql) { sql, record in
            sql.replacing("{\(record.key)}", with: "\(record.value)")
        }
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { connection in
            try connection.execute(sql: "pragma foreign_keys = off; pragma ignore_check_constraints = on")
            try connection.execute(sql: statement)
            #expect(connection.changesCount > 0)
        }
        try database.close()
    }
}

/// Requests of every kind, drawn by lot; not all of them can be accepted.
private enum RandomRequest {
    static func next(_ number: Int, _ chance: inout SeededGenerator) throws -> RefundRequest {
        let sources: [RequestRefund.Source] = [
            .payment(Fixtures.cardPayment), .payment(Fixtures.cardPayment, raisingNote: true),
            .payment(Fixtures.cashPayment), .payment(Fixtures.foreignPayment, raisingNote: true),
            .payment(Fixtures.disputedPayment), .payment(Fixtures.pendingPayment), .note(Fixtures.openNote),
            .note(Fixtures.noteBehindCard), .note(Fixtures.foreignNote), .note(Fixtures.appliedNote),
            .note(Fixtures.voidNote),
        ]
        let ways: [RequestRefund.Way] = [
            .asTaken, .asTaken, .offline(.cash), .offline(.named("voucher")),
            .method(reference(Fixtures.card.id), through: nil),
        ]
        let source = chance.pick(sources) ?? sources[0]
        let way = chance.pick(ways) ?? .asTaken
        let amount = Int64.random(in: 1...3_000, using: &chance)
        let key = chance.chance(oneIn: 2) ? "key \(number)" : nil
        return try .of(source, decimal(amount), way: way, key: key, digest: "\(number)")
    }
}
