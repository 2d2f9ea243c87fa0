import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import RefundDomain
import RefundGateways
import RefundHTTP
import RefundStorage
import Synchronization

@testable import RefundService
@testable import refundry

/// The program in this process: all its dialects over the documents' records, with a clock that stands still.
enum DemoServer {
    /// 2026-01-15T10:00:00Z.
    static let now = Instant(seconds: 1_768_471_200)

    /// Alive, and without any scope.
    static let scopelessToken = "1000.0000000000000000000000000000aaaa.0000000000000000000000000000aaaa"
    /// Of another organization, with every scope.
    static let strangersToken = "1000.0000000000000000000000000000bbbb.0000000000000000000000000000bbbb"

    /// Runs a test against a fresh server, and ends it; the database has the server's time, or one of its own.
    static func run<T: Sendable>(
        databaseNow: Instant = DemoServer.now, _ body: @escaping @Sendable (any TestClientProtocol) async throws -> T
    ) async throws -> T {
        let store = try SQLiteStore(path: nil)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let surroundings = Surroundings(
            now: { DemoServer.now }, sleep: { try await Task.sleep(for: $0) }, logger: logger,
            databaseNow: { databaseNow })
        let composition = try Composition(
            store, simulator: SimulatorConfig(seed: 1, label: Demo.gatewayLabel, noticeSecret: Demo.noticeSecret),
            vault: try KeyRing(text: "test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), surroundings: surroundings)
        try await Demo(composition.operations).loadDocuments()
        try await composition.operations.addOtherCallers()
        try await addExceptions(to: composition.operations, store)
        let count = RequestCount()
        let application = Server.application(
            dialects: composition.dialects(metrics: PrometheusRegistry(), drawSecret: DrawnSecrets().next),
            fallback: composition.native, origin: "http://127.0.0.1:8080", host: "127.0.0.1", port: 0, logger: logger,
            makeRequestID: { count.nextID() },
            onRunning: { _ in })
        let submissions = Task { try await composition.submissions.run() }
        await composition.submissions.waitUntilRunning()
        let result: Result<T, any Error>
        do {
            result = .success(try await application.test(.router, body))
        } catch {
            result = .failure(error)
        }
        submissions.cancel()
        await store.close()
        return try result.get()
    }
}

extension DemoServer {
    /// What no exchange can bring about: a gateway's notice that belongs to nothing, and what it says too late.
    private static func addExceptions(to operations: Operations, _ store: any Store) async throws {
        let first = RecordReference(dialect: .native, text: "R-00000001", generated: nil, mayBeNumber: true)
        let refund = try await operations.retrieveRefund(first, of: Demo.organization).refund
        try await store.write(for: Demo.organization) { session in
            let event = NewException(
                .unmatched, about: .event(GatewayName("simulator"), "evt-1"), detail: "no payment has the charge",
                at: now)
            try session.open(event, for: Demo.organization)
            try session.insertException(
                of: refund, detail: "the gateway denies a refund that it reported as done", at: now,
                for: Demo.organization)
        }
    }
}

extension TestClientProtocol {
    /// Sends the request of a step, its placeholders written out, and hears the answer.
    func answer(to message: Exchange.Message, with placeholders: Placeholders) async throws -> TestResponse {
        let parts = try placeholders.filled(message.head).split(separator: " ", maxSplits: 1).map(String.init)
        var fields = HTTPFields()
        for header in message.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: try placeholders.filled(header.value)))
        }
        let body = try message.body.map { ByteBuffer(string: try placeholders.filled($0)) }
        return try await execute(
            uri: parts.count > 1 ? parts[1] : "/", method: HTTPRequest.Method(rawValue: parts[0]) ?? .get,
            headers: fields, body: body)
    }
}

extension Submissions {
    fileprivate func waitUntilRunning() async {
        while true {
            if let permit = permit() { return permit.giveBack() }
            await Task.yield()
        }
    }
}

extension Operations {
    /// A token without scopes, and a second organization with a token of its own.
    fileprivate func addOtherCallers() async throws {
        guard let client = try await listClients(of: Demo.organization).first?.client, let euro = Currency("EUR") else {
            return
        }
        _ = try await createToken(
            hash: secretHash(DemoServer.scopelessToken), purpose: .access, scopes: ScopeSet([]), lifetime: nil,
            for: client)
        let other = try await putOrganization(
            Organization(
                id: OrganizationID(2), name: "Other Traders", baseCurrency: euro, timeZone: "Europe/Paris",
                tenants: [
                    DialectName("zoho_books"): ["20000001"], DialectName("zoho_billing"): ["20000001"],
                    DialectName("zoho_payments"): ["20000002"], DialectName("zuora"): ["other"],
                ]))
        let stranger = try await createClient(
            named: "Other", publicID: "other-client", secretHash: secretHash("other"), scopes: Demo.scopes,
            of: other.id)
        _ = try await createToken(
            hash: secretHash(DemoServer.strangersToken), purpose: .access, scopes: Demo.scopes, lifetime: nil,
            for: stranger)
    }
}

/// Numbers the requests of one server.
private final class RequestCount: Sendable {
    private let count = Mutex(0)

    func nextID() -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return "00000000-0000-4000-8000-" + padded(number, 12)
    }
}

/// Draws the secrets of one server: of 32 bytes each, the first all 1, the second all 2.
private final class DrawnSecrets: Sendable {
    private let count = Mutex<UInt8>(0)

    @Sendable func next() -> [UInt8] {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return [UInt8](repeating: number, count: 32)
    }
}
