import RefundDomain
import RefundGateways

/// The gateway of a simulated life: each call is told to the life, which may let something else happen meanwhile.
struct InterruptedGateway: Gateway {
    let gateway: SimulatorGateway
    let life: SimulatedLife

    var capabilities: GatewayCapabilities { gateway.capabilities }

    func submit(_ submission: Submission) async throws(GatewayError) -> GatewayReport {
        await life.expectIntent(behind: submission)
        return try await call("submit", submission.refund) { () throws(GatewayError) in
            try await gateway.submit(submission)
        } saying: {
            "\($0.state)"
        }
    }

    func inquire(_ inquiry: GatewayInquiry) async throws(GatewayError) -> GatewayFinding {
        try await call("inquire", inquiry.refund) { () throws(GatewayError) in
            try await gateway.inquire(inquiry)
        } saying: {
            switch $0 {
            case .found(let report): "\(report.state)"
            case .neverTaken: "never taken"
            case .notFoundYet: "not found yet"
            }
        }
    }

    func cancel(_ inquiry: GatewayInquiry, key: String) async throws(GatewayError) -> GatewayReport {
        try await call("cancel", inquiry.refund) { () throws(GatewayError) in
            try await gateway.cancel(inquiry, key: key)
        } saying: {
            "\($0.state)"
        }
    }

    func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? { try gateway.notice(message) }

    func news(in kept: String) -> GatewayNews? { gateway.news(in: kept) }

    private func call<Answer: Sendable>(
        _ name: String, _ refund: RefundID, _ body: () async throws(GatewayError) -> Answer,
        saying text: (Answer) -> String
    ) async throws(GatewayError) -> Answer {
        await life.interrupt(at: .beforeTheGatewayActs)
        do throws(GatewayError) {
            let answer = try await body()
            await life.hear(name, refund, text(answer))
            await life.interrupt(at: .beforeItsAnswer)
            return answer
        } catch {
            await life.hear(name, refund, "\(error)")
            await life.interrupt(at: .beforeItsAnswer)
            throw error
        }
    }
}
