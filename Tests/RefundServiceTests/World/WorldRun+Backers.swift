import RefundDomain
import RefundService
import RefundTesting

extension WorldRun {
    /// The owner names other payments behind a note, which is allowed while nothing is refunded of it.
    func nameBackers(of index: Int, tenths: Int64) async throws {
        guard notes[index] != nil else { return add("it is not here") }
        guard !voided.contains(index) else { return add("it is void") }
        guard applied[index, default: 0] == 0 else { return add("left out: something of it is applied") }
        let former = world.notes[index]
        let named = backing(of: former, tenths: tenths)
        // A lone payment is written as one that is named with all of the note.
        let known = former.payment.map { [(payment: $0, amount: former.total)] } ?? former.backing
        let isSame = named.elementsEqual(known) { $0 == $1 }
        guard !named.isEmpty, !isSame else { return add("no others can be named") }
        world.notes[index] = former.backed(by: named)
        add("behind it: \(named.map { "\(world.payments[$0.payment].name) with \($0.amount)" })")
        var after = oracle
        let isAllowed: Bool
        do throws(Oracle.Refusal) {
            try after.putNote(
                former.name, total: former.money, backing: backing(of: world.notes[index]),
                customer: World.parties[former.party], rate: former.rate.oracle)
            isAllowed = true
        } catch {
            isAllowed = false
        }
        let failure = await putting(.creditNote(brought(note: index)))
        if failure == nil { oracle = after } else { world.notes[index] = former }
        report.count("other payments behind a note: \(failure == nil ? "taken" : "refused")")
        judge(failure, isAllowed: isAllowed)
    }

    /// Keeps the notes of which something has left unbacked, now that their payment may back more of them.
    func followGrowth(of payment: Int) {
        for note in world.notes where note.payment == payment && isUnbackedGone(of: note) {
            grownBackings.insert(note.name)
        }
    }

    /// Whether more than a note has is gone, part of it unbacked, behind which more is captured of the payment now.
    func growsBesideUnbacked(_ payment: Int, _ captured: Int64) -> Bool {
        guard captured > oracle.purse(of: world.payments[payment].name)?.captured ?? 0 else { return false }
        return world.notes.indices.contains { index in
            let note = world.notes[index]
            let gone = standing(of: note).reduce(0) { $0 + (amounts[$1]?.minorUnits ?? 0) }
            return note.payment == payment && isUnbackedGone(of: note) && gone > note.total - (applied[index] ?? 0)
        }
    }

    private func standing(of note: World.Note) -> [String] {
        refunds.keys.filter { sources[$0] == .note(note.name) && !(oracle.state(of: $0)?.isOver ?? true) }
    }

    private func isUnbackedGone(of note: World.Note) -> Bool {
        standing(of: note).contains { name in
            oracle.allocations(of: name).values.reduce(0, +) < amounts[name]?.minorUnits ?? 0
        }
    }

    /// Two payments that are here, of the note's party and currency.
    private func backing(of note: World.Note, tenths: Int64) -> [(payment: Int, amount: Int64)] {
        let able = payments.keys.sorted().filter {
            world.payments[$0].party == note.party && world.payments[$0].currency == note.currency
        }
        var rest = note.total
        var backing: [(payment: Int, amount: Int64)] = []
        for payment in (tenths.isMultiple(of: 2) ? able.reversed() : able).prefix(2) {
            let amount = min(rest, max(1, note.total * tenths / 10))
            if amount > 0 { backing.append((payment, amount)) }
            rest -= amount
        }
        return backing
    }
}
