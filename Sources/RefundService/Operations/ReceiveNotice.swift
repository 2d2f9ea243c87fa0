import Logging
package import RefundDomain
import RefundStorage

extension Operations {
    /// Takes in a message that claims to come from a gateway: once this returns it is durable, and it is applied later.
    ///
    /// An event that is known already changes nothing, and neither does one that does not matter here. Throws
    /// `gatewayUnknown` for a gateway that is not configured or sends no notices, `unauthenticated` where the message
    /// is not the gateway's own, `input` where it cannot be read.
    package func receiveNotice(of gateway: GatewayName, _ message: GatewayMessage) async throws(Failure) {
        guard let notice = try read(message, of: gateway) else { return }
        try await attempt(report: report) {
            guard try await directory.organization(notice.organization) != nil else {
                throw Failure.malformedNotice("it is about an organization that is not here")
            }
            try await store.write(for: notice.organization) { session in
                try session.keep(notice, of: gateway, at: message.receivedAt)
            }
        }
    }

    /// The moment at which a message is received now.
    package var receptionTime: Instant { surroundings.now() }

    private func read(_ message: GatewayMessage, of name: GatewayName) throws(Failure) -> GatewayNotice? {
        guard let gateway = gateways[name] else { throw .refund(.gatewayUnknown(name)) }
        do throws(NoticeRefusal) {
            return try gateway.notice(message)
        } catch {
            switch error {
            case .notExpected: throw .refund(.gatewayUnknown(name))
            case .notGenuine(let reason):
                surroundings.logger.warning(
                    "a notice is not the gateway's", metadata: ["gateway": "\(name)", "reason": "\(reason)"])
                throw .unauthenticated
            case .unreadable(let reason): throw .malformedNotice(reason)
            }
        }
    }
}

extension Failure {
    fileprivate static func malformedNotice(_ reason: String) -> Failure {
        .input([InputProblem(field: "", kind: .malformed(reason))])
    }
}
