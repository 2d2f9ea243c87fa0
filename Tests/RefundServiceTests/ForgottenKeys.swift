import RefundDomain
import RefundGateways
import RefundService
import RefundTesting
import Synchronization
import Testing

/// An intent whose key the gateway has forgotten: sent again, it would be carried out again.
@Suite struct `A forgotten key` {
    /// Longer than the gateway remembers one.
    private static let oblivion = Duration.seconds(25 * 3_600)

    /// The process is killed between the intent and the answer, in files that outlive it.
    ///
    /// With 67.10 the gateway forgets the key at once.
    @Test(arguments: ["25.00", "67.10"])
    func `Is not sent again by the next process, which only asks`(amount: String) async throws {
        let database = try await CrashScene.database(card: "0042")
        let request = try ElectronicSource.payment.request(amount, key: "a")
        var deaths: [String] = []
        for moments in 5..<10 {
            try await CrashScene.inFiles(database) { scene in
                let fuse = Fuse(moments: moments)
                try? await scene.process(fuse: fuse) { _ = await $0.operations.answer(to: request) }
                let death = try #require(fuse.death)
                deaths.append(death)
                let isDone = try await scene.effects().count == 1
                let sendings = Mutex(0)
                try await scene.process(duringCalls: { sendings.withLock { $0 += 1 } }) { node in
                    try await node.pass(Self.oblivion)
                    for _ in 0..<3 { try await node.pass(.seconds(86_400)) }
                    let refund = try await node.operations.refund(request)
                    #expect(refund.refund.state == (isDone ? .succeeded : .failed), "killed \(death)")
                    #expect(refund.payout?.attempt == 1)
                    try await ElectronicSource.payment.expectHeld(refund, on: node)
                    #expect(try await node.operations.breaches() == [])
                }
                #expect(sendings.withLock { $0 } == 0, "killed \(death)")
                #expect(try await scene.effects().count == (isDone ? 1 : 0), "killed \(death)")
            }
        }
        #expect(deaths == ["after unit 3", "before submit 1", "after submit 1", "before unit 4", "after unit 4"])
    }

    @Test func `Was sent once more by a process that slept between its intent and the call`() async throws {
        try await withBooks(.sqliteInMemory) { store in
            let clock = ServiceClock(at: Fixtures.now)
            let gateway = try SimulatorGateway(
                SimulatorConfig(seed: 7), now: { clock.now }, sleep: { try await clock.sleep($0) })
            let other = ServiceNode(store: store, clock: clock, gateway: gateway)
            let unitsBeforeSleep = Mutex(2)
            let sleepy = MortalStore(
                store: store, fuse: Fuse(moments: .max),
                afterUnits: {
                    let fallsAsleep = unitsBeforeSleep.withLock { units in
                        units -= 1
                        return units == 0
                    }
                    guard fallsAsleep else { return }
                    // Meanwhile another finds the lease over, sends under the same key, and is answered.
                    for pause in [61, 31, 25 * 3_600] { try? await other.pass(.seconds(pause)) }
                })
            let node = ServiceNode(store: sleepy, clock: clock, gateway: gateway)
            let request = try RefundRequest.of(.payment(Fixtures.cardPayment), "25.00", key: "a")
            try await node.runningToTheEnd { _ = await node.operations.answer(to: request) }
            #expect(gateway.book.effects().count == 1)
            let refund = try await other.operations.refund(request)
            #expect(refund.refund.state == .succeeded)
            #expect(try await other.operations.breaches() == [])
        }
    }
}
