import Foundation
package import RefundDomain

/// A notice of the simulated gateway, ready to be sent.
package struct SimulatorNotice: Hashable, Sendable {
    /// The header that carries the signature, in lower case.
    package static let signatureHeader = "simulator-signature"

    /// When what it tells of happened.
    package let occurredAt: Instant
    /// The JSON text.
    package let body: [UInt8]
}

/// What a notice says, as its JSON text has it: amounts are minor units, moments are microseconds since 1970,
/// identifiers are decimal text.
private struct SimulatorNoticeText: Codable {
    /// The same for every sending.
    let event: String
    let organization: String
    /// Nil where the refund was made at the gateway's desk.
    let refund: String?
    let reference: String
    /// Nil where the money went to a payment method.
    let charge: String?
    let amount: Int64
    let currency: String
    let state: String
    let madeAt: Int64
    let occurredAt: Int64
}

extension SimulatorGateway {
    /// Gives a charge back as people do at the gateway's own desk: nobody here asked for it.
    ///
    /// The documented amounts pend, succeed, and come back as those that are submitted. Throws `SimulatorBookError`.
    @discardableResult
    package func refundAtDesk(
        _ charge: String, amount: Money, of organization: OrganizationID
    ) throws(SimulatorBookError) -> SimulatorEffect {
        let moment = now()
        return try book.effect { number in
            let key = SimulatorEffect.deskKeyPrefix + "\(number)"
            // No identifier of ours is so small.
            let submission = Submission(
                organization: organization, refund: RefundID(Int64(number)), key: key, amount: amount,
                target: .charge(charge), lastFour: nil)
            return SimulatorEffect(
                submission: submission, given: amount, gatewayReference: dice.gatewayReference(key: key, effect: 0),
                takenAt: moment, keyUntil: moment, course: course(of: submission, from: moment))
        }
    }

    /// A notice for each state that an effect has reached by now, in the order in which they were reached.
    package func notices() -> [SimulatorNotice] {
        let moment = now()
        return book.effects().flatMap { $0.notices(by: moment) }.sorted { $0.occurredAt < $1.occurredAt }
    }

    /// The value of the header that signs a body, at this moment; nil without a secret.
    package func signature(of body: [UInt8]) -> String? {
        config.noticeSecret.map { NoticeSignature(secrets: [$0]).header(for: body, at: now()) }
    }

    /// Checks the signature, and only then reads the body.
    package func notice(_ message: GatewayMessage) throws(NoticeRefusal) -> GatewayNotice? {
        guard let secret = config.noticeSecret else { throw .notExpected }
        try NoticeSignature(secrets: [secret]).check(
            message.headers[SimulatorNotice.signatureHeader], of: message.body, at: message.receivedAt)
        guard let text = SimulatorNoticeText(message.body), let organization = Int64(text.organization),
            text.news != nil, !text.event.isEmpty
        else { throw .unreadable("it is not a notice of this gateway") }
        return GatewayNotice(
            event: text.event, organization: OrganizationID(organization),
            kept: String(decoding: text.json, as: UTF8.self))
    }

    /// The refund that a kept notice is about.
    package func news(in kept: String) -> GatewayNews? {
        SimulatorNoticeText(Array(kept.utf8))?.news.map(GatewayNews.refund)
    }
}

extension SimulatorNoticeText {
    /// Reads a body; nil where it is not one of this gateway's.
    fileprivate init?(_ body: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let text = try? decoder.decode(Self.self, from: Data(body)) else { return nil }
        self = text
    }

    fileprivate var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        // Numbers and texts alone: they are always encoded.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    fileprivate var news: RefundNews? {
        guard let currency = Currency(currency), Limits.gatewayAmounts.contains(amount), !reference.isEmpty,
            let madeAt = Instant(toldMicroseconds: madeAt)
        else { return nil }
        return RefundNews(
            refund: refund.flatMap { Int64($0) }.map { RefundID($0) }, gatewayReference: reference,
            charges: charge.map { [$0] } ?? [], amount: Money(minorUnits: amount, currency: currency),
            madeAt: madeAt)
    }
}

extension SimulatorEffect {
    /// How the keys begin that the gateway gives to refunds made at its desk.
    fileprivate static let deskKeyPrefix = "desk-"

    fileprivate func notices(by now: Instant) -> [SimulatorNotice] {
        let moments = [takenAt, course.succeedsAt, course.failure?.at, canceledAt].compactMap { $0 }.sorted()
        var notices: [SimulatorNotice] = []
        var told: Set<String> = []
        for moment in moments where moment <= now {
            let name = report(at: moment).stateName
            if told.insert(name).inserted { notices.append(notice(of: name, at: moment)) }
        }
        return notices
    }

    private func notice(of state: String, at moment: Instant) -> SimulatorNotice {
        let charge: String? =
            switch submission.target {
            case .charge(let reference): reference
            case .method: nil
            }
        let text = SimulatorNoticeText(
            event: "\(gatewayReference)-\(state)", organization: "\(submission.organization)",
            refund: submission.key.hasPrefix(Self.deskKeyPrefix) ? nil : "\(submission.refund)",
            reference: gatewayReference, charge: charge, amount: given.minorUnits, currency: given.currency.code,
            state: state, madeAt: takenAt.microseconds, occurredAt: moment.microseconds)
        return SimulatorNotice(occurredAt: moment, body: text.json)
    }
}

extension GatewayReport {
    fileprivate var stateName: String {
        switch state {
        case .pending: "pending"
        case .succeeded: "succeeded"
        case .canceled: "canceled"
        case .failed: "failed"
        }
    }
}
