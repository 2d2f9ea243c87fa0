import Logging
package import RefundDomain
import RefundStorage

extension Operations {
    /// Takes in a message that claims to come from a gateway: once this returns it is durable.
    ///
    /// What it tells of a refund or a dispute is applied by then, where its payment is here; all else is applied later.
    ///
    /// `address` is the name of a gateway of the program's own, or the identifier of an account.
    /// An event that is known already changes nothing, and neither does one that does not matter here. Throws
    /// `gatewayUnknown` for a gateway that is not configured or sends no notices, `unauthenticated` where the message
    /// is not the gateway's own, `input` where it cannot be read.
    package func receiveNotice(at address: String, _ message: GatewayMessage) async throws(Failure) {
        let found = try await attempt(report: report) { try await roster.gateway(at: address) }
        guard let (name, gateway, owner) = found else { throw .refund(.gatewayUnknown(GatewayName(address))) }
        guard let notice = try read(message, of: gateway, named: name) else { return }
        let kept: DueNotice = try await attempt(report: report) {
            // Whoever knows an account's secret may speak for its owner alone, whatever organization the body names.
            let organization = owner ?? notice.organization
            guard try await directory.organization(organization) != nil else {
                throw Failure.malformedNotice("it is about an organization that is not here")
            }
            let news = gateway.news(in: notice.kept)
            guard notice.event.isKeepable, news?.isKeepable != false else {
                throw Failure.malformedNotice("it has a reference or an amount that no refund can have")
            }
            let charges = news?.awaitedCharges ?? []
            try await store.write(for: organization) { session in
                try session.keep(notice, about: charges, of: name, for: organization, at: message.receivedAt)
            }
            return DueNotice(notice, of: name, for: organization, at: message.receivedAt)
        }
        await NoticeWorker(self).applyAtOnce(kept)
    }

    /// The moment at which a message is received now.
    package var receptionTime: Instant { surroundings.now() }

    private func read(
        _ message: GatewayMessage, of gateway: any Gateway, named name: GatewayName
    ) throws(Failure) -> GatewayNotice? {
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
