import RefundDomain
import RefundStorage
import RefundTesting
import Testing

/// Invariant 1, as a fact of the database: no more is promised than what is left, whoever asks at once.
@Suite struct `A shared remainder` {
    private static let organization = Fixtures.organization.id

    @Test(arguments: Engine.allCases)
    func `Of fifty callers for a tenth each, ten are accepted`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let part = Money(minorUnits: Fixtures.cashPayment.balance.captured / 10, currency: Fixtures.rupee)
            let accepted = await withTaskGroup(of: Int.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        await store.word { session in
                            try session.mark(number)
                            let claim = try session.reserve(part, on: Fixtures.cashPayment.id, of: Self.organization)
                            guard try claim.first() != nil else { throw Refusal() }
                        } == "()" ? 1 : 0
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(accepted == 10)
            #expect(try await store.marks().count == 10)
            let left = try await store.look { try $0.payment(Fixtures.cashPayment.id, of: Self.organization) }
            #expect(left?.balance.remaining.isZero == true)
        }
    }

    @Test(arguments: Engine.allCases, UInt64(0)..<12)
    func `Fifty callers who take what they can get take a payment to its last unit`(
        engine: Engine, seed: UInt64
    ) async throws {
        try await withFixtures(engine) { store in
            let taken = try await takeAll(seed: seed) { amount in
                try await store.unit { session in
                    let id = Fixtures.cardPayment.id
                    if try session.reserve(amount, on: id, of: Self.organization).first() != nil { return nil }
                    return try session.payment(id, of: Self.organization)?.balance.remaining
                }
            }
            #expect(taken == Fixtures.cardPayment.balance.captured)
        }
    }

    @Test(arguments: Engine.allCases, UInt64(0)..<12)
    func `Fifty callers who take what they can get take a note to its last unit`(
        engine: Engine, seed: UInt64
    ) async throws {
        try await withFixtures(engine) { store in
            let taken = try await takeAll(seed: seed) { amount in
                try await store.unit { session in
                    let id = Fixtures.appliedNote.id
                    if try session.draw(amount, on: id, of: Self.organization).first() != nil { return nil }
                    return try session.creditNote(id, of: Self.organization)?.balance.remaining
                }
            }
            #expect(taken == Fixtures.appliedNote.balance.remaining.minorUnits)
        }
    }

    /// Fifty callers ask for random amounts until nothing is left; each refusal says how much still is.
    private func takeAll(
        seed: UInt64, _ take: @escaping @Sendable (Money) async throws -> Money?
    ) async throws -> Int64 {
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for caller in UInt64(0)..<50 {
                group.addTask {
                    var generator = SeededGenerator(seed: seed << 8 | caller)
                    var (taken, most) = (Int64(0), Int64(5_000))
                    while most > 0 {
                        let amount = Int64.random(in: 1...most, using: &generator)
                        if let left = try await take(Money(minorUnits: amount, currency: Fixtures.rupee)) {
                            try #require(left.minorUnits < amount, "refused though as much was left")
                            most = left.minorUnits
                        } else {
                            taken += amount
                        }
                    }
                    return taken
                }
            }
            return try await group.reduce(0, +)
        }
    }

    @Test(arguments: Engine.allCases)
    func `Only captured money of a payment that succeeded is promised`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let one = Money(minorUnits: 1, currency: Fixtures.rupee)
            for payment in [Fixtures.pendingPayment.id, PaymentID(999)] {
                let claim = try await store.unit { try $0.reserve(one, on: payment, of: Self.organization).first() }
                #expect(claim == nil)
            }
            let disputed = Fixtures.disputedPayment
            let left = disputed.balance.remaining
            let more = Money(minorUnits: left.minorUnits + 1, currency: Fixtures.rupee)
            for (amount, isTaken) in [(more, false), (left, true), (one, false)] {
                let claim = try await store.unit { session in
                    try session.reserve(amount, on: disputed.id, of: Self.organization).first()
                }
                #expect((claim != nil) == isTaken)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Only an open note is drawn on`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let one = Money(minorUnits: 1, currency: Fixtures.rupee)
            let notes = [(Fixtures.draftNote, false), (Fixtures.voidNote, false), (Fixtures.openNote, true)]
            for (note, isTaken) in notes {
                let claim = try await store.unit { try $0.draw(one, on: note.id, of: Self.organization).first() }
                #expect((claim != nil) == isTaken)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func `Another organization's payment is not there to be promised`(engine: Engine) async throws {
        try await withFixtures(engine) { store in
            let one = Money(minorUnits: 1, currency: Fixtures.rupee)
            let claim = try await store.unit { session in
                try session.reserve(one, on: Fixtures.cashPayment.id, of: Fixtures.stranger.id).first()
            }
            #expect(claim == nil)
        }
    }
}
