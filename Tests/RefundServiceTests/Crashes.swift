import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A process that dies at every moment of a life in turn, and another that finds what it left.
@Suite struct `A crash` {
    /// More moments than any life has.
    private static let momentsMax = 200
    /// Past the lease, then past every question of the first months.
    private static let pauses: [Duration] =
        [Limits.attemptLease + .seconds(1), .seconds(31), .seconds(301), .seconds(3_601)]
        + [1, 1, 7, 31].map { .seconds($0 * 86_400 + 1) }
    /// What a gateway that forgets its keys does twice is its own doing.
    private static let lives = Life.all.filter { $0.amount != "67.10" && $0.card == "0042" }
    private static let lostAndLate = lives.filter { ["67.01", "67.04", "67.06"].contains($0.amount) }

    @Test(arguments: lives)
    func `At any moment loses no refund, and sends none twice`(life: Life) async throws {
        try await atEveryMoment { fuse in
            try await CrashScene.inMemory(card: life.card) { try await live(life, .payment, until: fuse, in: $0) }
        }
    }

    @Test(arguments: lostAndLate)
    func `At any moment leaves no note that a refund raised for itself behind`(life: Life) async throws {
        try await atEveryMoment { fuse in
            try await CrashScene.inMemory(card: life.card) {
                try await live(life, .paymentRaisingNote, until: fuse, in: $0)
            }
        }
    }

    @Test(arguments: lostAndLate.prefix(2))
    func `At any moment is healed from the files of database and gateway`(life: Life) async throws {
        let database = try await CrashScene.database(card: life.card)
        try await atEveryMoment { fuse in
            try await CrashScene.inFiles(database) { try await live(life, .noteThroughPayment, until: fuse, in: $0) }
        }
    }

    @Test(arguments: lostAndLate)
    func `At any moment is healed on a server that other processes use`(life: Life) async throws {
        try await atEveryMoment { fuse in
            try await CrashScene.inMemory(.postgres, card: life.card) {
                try await live(life, .paymentRaisingNote, until: fuse, in: $0)
            }
        }
    }

    @Test func `While a gateway is asked to cancel leaves what the gateway did`() async throws {
        try await atEveryMoment { fuse in
            try await CrashScene.inMemory(card: "0042") { scene in
                let view = try await scene.process { node in
                    try await node.operations.refund(ElectronicSource.payment.request("67.07"))
                }
                try? await scene.process(fuse: fuse) { node in
                    _ = try await node.operations.cancelRefund(
                        reference(view.refund.id), of: view.organization, by: "client:900", remark: "")
                }
                try await scene.process { node in
                    for pause in Self.pauses { try await node.pass(pause) }
                    let isCanceled = try await scene.effects().first?.isCanceled ?? false
                    #expect(try await node.operations.now(view).refund.state == (isCanceled ? .canceled : .pending))
                    #expect(try await node.operations.breaches() == [])
                }
            }
        }
    }

    /// Runs a body with a fuse that lasts a moment longer each time, until the body ends before the fuse.
    private func atEveryMoment(_ body: (Fuse) async throws -> Void) async throws {
        for moments in 0..<Self.momentsMax {
            let fuse = Fuse(moments: moments)
            try await body(fuse)
            if !fuse.isBurnt { return }
        }
        Issue.record("the process never came to its end")
    }

    private func live(
        _ life: Life, _ source: ElectronicSource, until fuse: Fuse, in scene: CrashScene
    ) async throws {
        let request = try source.request(life.amount, key: "a")
        let heard: RefundView? = try? await scene.process(fuse: fuse) { node in
            let view = try? await node.operations.refund(request)
            for pause in Self.pauses.dropLast(3) where !fuse.isBurnt { try? await node.pass(pause) }
            return view
        }
        try await scene.process { node in
            try await expectHealed(life, source, request, heard, in: scene, on: node)
        }
    }

    private func expectHealed(
        _ life: Life, _ source: ElectronicSource, _ request: RefundRequest, _ heard: RefundView?,
        in scene: CrashScene, on node: ServiceNode
    ) async throws {
        for pause in Self.pauses { try await node.pass(pause) }
        let found = try await node.operations.listRefunds(
            RefundQuery(), for: .native, of: Fixtures.organization.id
        ).refunds
        #expect(found.count <= 1)
        #expect(heard == nil || found.first?.refund.id == heard?.refund.id)
        // The caller asks again under its key, whatever it heard.
        let repeated = try await node.operations.refund(request)
        #expect(found.isEmpty || found.first == repeated)
        if found.isEmpty { for pause in Self.pauses { try await node.pass(pause) } }
        let last = try await node.operations.now(repeated)
        // Heard of late, a return is a failure: the money never was anywhere else.
        let isAsLived = last.refund.state == life.last || (last.refund.state, life.last) == (.failed, .returned)
        #expect(isAsLived, "\(last.refund.state)")
        #expect(try await scene.effects().count == life.effects)
        try await source.expectHeld(last, on: node)
        let verification = try await node.operations.verify()
        #expect(verification.breaches == [])
        #expect(verification.exceptions.map(\.kind) == (life.last == .unknown ? [.outcomeUnknown] : []))
    }
}
