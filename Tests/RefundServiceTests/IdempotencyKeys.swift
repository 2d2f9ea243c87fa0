import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// Invariant 7: one key, one refund, for good.
@Suite struct `An idempotency key` {
    private static let card = Fixtures.cardPayment
    private static let cash = Fixtures.cashPayment

    @Test func `Gives the same refund for good, as it is now`() async throws {
        try await withService { node, book in
            let request = try RefundRequest.of(.payment(Self.card), "67.05", key: "a")
            let first = try await node.operations.refund(request)
            #expect(first.refund.state == .pending)
            for (pause, state) in [
                (Duration.zero, RefundState.pending), (.seconds(31), .succeeded), (.seconds(86_400), .succeeded),
                (.seconds(400 * 86_400), .succeeded),
            ] {
                try await node.pass(pause)
                let again = try await node.operations.refund(request)
                #expect(again.refund.id == first.refund.id)
                #expect(again.refund.state == state)
            }
            #expect(book.effects().count == 1)
            #expect(try await node.payment(Self.card).balance.refunded == 6_705)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test(arguments: Engine.allCases, [false, true])
    func `Makes one refund of twenty callers at once`(engine: Engine, isElectronic: Bool) async throws {
        try await withService(engine) { node, book in
            let payment = isElectronic ? Self.card : Self.cash
            let request = try RefundRequest.of(.payment(payment), "25.00", key: "a")
            let answers = await node.operations.answers(to: Array(repeating: request, count: 20))
            let refunds = Set(answers.compactMap { try? $0.get().refund.id })
            #expect(refunds.count == 1)
            #expect(answers.allSatisfy { $0.failure == nil || $0.refusal == .keyInProgress })
            #expect(try await node.payment(payment).balance.taken == 2_500)
            #expect(book.effects().count == (isElectronic ? 1 : 0))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Is refused to another request, and the first stays`() async throws {
        try await withService { node, _ in
            let first = try await node.operations.refund(.of(.payment(Self.cash), "25.00", key: "a"))
            for pause in [Duration.zero, .seconds(90_000)] {
                node.clock.move(by: pause)
                let other = await node.operations.answer(to: try .of(.payment(Self.cash), "26.00", key: "a"))
                #expect(other.refusal == .keyReused)
            }
            let again = try await node.operations.refund(.of(.payment(Self.cash), "25.00", key: "a"))
            #expect(again.refund == first.refund)
        }
    }

    @Test func `Is not burnt by a refusal`() async throws {
        try await withService { node, _ in
            let tooMuch = await node.operations.answer(to: try .of(.payment(Self.cash), "500.01", key: "a"))
            #expect(tooMuch.refusal == .exceedsPayment(Money(minorUnits: 50_000, currency: Fixtures.rupee)))
            let view = try await node.operations.refund(.of(.payment(Self.cash), "500.00", key: "a"))
            #expect(view.refund.state == .succeeded)
        }
    }

    @Test func `Is in progress while its first request waits`() async throws {
        let latency = Duration.seconds(2)
        try await withNode(config: SimulatorConfig(seed: 7, latency: latency...latency)) { node, book in
            let request = try RefundRequest.of(.payment(Self.card), "25.00", key: "a")
            let first = try await node.runningToTheEnd {
                let call = Task { try await node.operations.refund(request) }
                await node.clock.untilSomebodySleeps(for: latency)
                #expect(await node.operations.answer(to: request).refusal == .keyInProgress)
                node.clock.move(by: latency)
                return try await call.value
            }
            #expect(first.refund.state == .succeeded)
            #expect(try await node.operations.refund(request).refund == first.refund)
            #expect(book.effects().count == 1)
        }
    }

    @Test func `Belongs to its space alone`() async throws {
        try await withService { node, _ in
            var refunds: Set<RefundID> = []
            for space in ["client 1", "client 2", "all"] {
                let view = try await node.operations.refund(
                    .of(.payment(Self.cash), "25.00", key: "a", space: space, digest: space))
                refunds.insert(view.refund.id)
            }
            #expect(refunds.count == 3)
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Belongs to its organization alone`() async throws {
        try await withService { node, _ in
            let stranger = Fixtures.stranger.id
            try await node.store.write(for: stranger) { session in
                try session.put(Fixtures.customer, for: stranger)
                let payment = Fixtures.payment(301, captured: 50_000, in: Fixtures.dollar, mode: .cash)
                try session.insert(payment, for: stranger)
            }
            let own = try RefundRequest.of(.payment(Self.cash), "25.00", key: "a", digest: "same")
            let foreign = try RefundRequest.of(
                .payment(Self.cash), "25.00", key: "a", digest: "same", organization: stranger)
            let ownView = try await node.operations.refund(own)
            let foreignView = try await node.operations.refund(foreign)
            #expect(foreignView.refund.id != ownView.refund.id)
            #expect(foreignView.refund.amount.currency == Fixtures.dollar)
            #expect(try await node.operations.refund(own).refund == ownView.refund)
            #expect(try await node.operations.breaches() == [])
        }
    }
}

/// A dialect that sends its answers again as they were, for a day.
@Suite struct `A replayed answer` {
    private static let day = Limits.replayLifetime + .seconds(1)

    /// Says all that may change, so that an answer written anew shows.
    private static let render: @Sendable (Result<RefundView, Failure>) -> StoredAnswer = { result in
        switch result {
        case .success(let view):
            StoredAnswer(status: 200, body: Array("\(view.refund.number) \(view.refund.state)".utf8))
        case .failure(let failure): StoredAnswer(status: 422, body: Array("\(failure)".utf8))
        }
    }

    @Test func `Of a success is the first one byte for byte, and written anew after a day`() async throws {
        try await withService { node, _ in
            let request = try RefundRequest.of(
                .payment(Fixtures.cardPayment), "67.05", key: "a", render: Self.render)
            let first = try await node.operations.refund(request)
            let answer = Self.render(.success(first))
            for pause in [Duration.zero, .seconds(31), .seconds(80_000)] {
                try await node.pass(pause)
                #expect(try await node.operations.requestRefund(request).replayed == answer)
            }
            #expect(try await node.operations.now(first).refund.state == .succeeded)
            try await node.pass(Self.day)
            let later = try await node.operations.refund(request)
            #expect(later.refund.id == first.refund.id)
            #expect(later.refund.state == .succeeded)
        }
    }

    @Test func `Of a refusal stays although the request would be accepted now`() async throws {
        try await withService { node, _ in
            let source = RequestRefund.Source.payment(Fixtures.pendingPayment)
            let request = try RefundRequest.of(source, "25.00", key: "a", render: Self.render)
            let refusal = Self.render(.failure(.refund(.paymentNotCaptured)))
            #expect(try await node.operations.requestRefund(request).replayed == refusal)
            try await node.capture(Fixtures.pendingPayment)
            try await node.pass(.seconds(80_000))
            #expect(try await node.operations.requestRefund(request).replayed == refusal)
            #expect(try await node.payment(Fixtures.pendingPayment).balance.taken == 0)
            try await node.pass(Self.day)
            let view = try await node.operations.refund(request)
            #expect(view.refund.state == .succeeded)
            #expect(try await node.operations.requestRefund(request).replayed == Self.render(.success(view)))
            #expect(try await node.operations.breaches() == [])
        }
    }

    @Test func `Of a refusal that still holds after a day is kept anew`() async throws {
        try await withService { node, _ in
            let request = try RefundRequest.of(
                .payment(Fixtures.pendingPayment), "25.00", key: "a", render: Self.render)
            let refusal = Self.render(.failure(.refund(.paymentNotCaptured)))
            for _ in 0..<3 {
                #expect(try await node.operations.requestRefund(request).replayed == refusal)
                try await node.pass(Self.day)
            }
        }
    }

    @Test func `Is not given to another request under the key`() async throws {
        try await withService { node, _ in
            let cash = RequestRefund.Source.payment(Fixtures.cashPayment)
            _ = try await node.operations.requestRefund(.of(cash, "500.01", key: "a", render: Self.render))
            let other = await node.operations.answer(to: try .of(cash, "25.00", key: "a", render: Self.render))
            #expect(other.refusal == .keyReused)
        }
    }

    @Test func `Is one for twenty callers at once`() async throws {
        try await withService { node, book in
            let request = try RefundRequest.of(
                .payment(Fixtures.cardPayment), "25.00", key: "a", render: Self.render)
            let answers = await withTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask { await node.operations.text(of: request, Self.render) }
                }
                return await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(answers.subtracting(["in progress"]).count == 1)
            #expect(book.effects().count == 1)
        }
    }
}

extension IssuedRefund {
    /// The stored answer that came back; nil for a refund.
    fileprivate var replayed: StoredAnswer? {
        guard case .replay(let answer) = self else { return nil }
        return answer
    }
}

extension Operations {
    /// What a caller is sent.
    fileprivate func text(
        of request: RefundRequest, _ render: (Result<RefundView, Failure>) -> StoredAnswer
    ) async -> String {
        do throws(Failure) {
            switch try await requestRefund(request) {
            case .refund(let view): return String(decoding: render(.success(view)).body, as: UTF8.self)
            case .replay(let answer): return String(decoding: answer.body, as: UTF8.self)
            }
        } catch {
            return error == .refund(.keyInProgress) ? "in progress" : "\(error)"
        }
    }
}

extension ServiceNode {
    /// The money of an authorised payment comes in.
    fileprivate func capture(_ payment: Payment) async throws {
        let captured = Payment(
            id: payment.id, party: payment.party, number: payment.number, state: .succeeded, mode: payment.mode,
            charge: payment.charge, method: payment.method,
            balance: PaymentBalance(currency: payment.currency, captured: 50_000), rate: payment.rate,
            receivedOn: payment.receivedOn, invoiceNumber: payment.invoiceNumber)
        let isCaptured = try await store.write(for: Fixtures.organization.id) { session in
            try session.correct(captured, for: Fixtures.organization.id) != nil
        }
        #expect(isCaptured)
    }
}
