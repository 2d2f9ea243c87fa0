import Foundation
import GatewayStandIns
import NIOCore
import RefundDomain
import RefundGateways
import RefundStorage
import Synchronization
import Testing

/// A shop that runs the program with the account `main` at a Stripe which means it ill, over real sockets.
///
/// No gateway is simulated but where a test asks for one. What left of each charge is told by Stripe's own book alone.
final class Shop: Sendable {
    /// Who may call for the shop, by every API.
    struct Account: Sendable {
        let organization: String
        let token: String
        /// Where its Stripe is to send what it tells.
        let noticePath: String
        let noticeSecret: String
    }

    static let scopes = [
        "ZohoSubscriptions.fullaccess.all", "ZohoPay.refunds.ALL", "zuora.refunds.read", "zuora.refunds.write",
        "refundry.refunds.read", "refundry.refunds.write", "refundry.records.read", "refundry.records.write",
    ].joined(separator: ",")

    let database: ProgramDatabase
    let folder: String
    let stripe: StripeStandIn
    let book: StripeBook
    let http: HTTPStandIn
    let account: Account
    private let isSimulating: Bool
    private let servers = Mutex<[RunningServer]>([])

    fileprivate init(_ database: ProgramDatabase, in folder: String, isSimulating: Bool) async throws {
        (self.database, self.folder, self.isSimulating) = (database, folder, isSimulating)
        book = StripeBook()
        stripe = StripeStandIn(before: book)
        http = try await stripe.start()
        try await Program.run("gateway", "key", "first").output
            .write(toFile: "\(folder)/keys", atomically: true, encoding: .utf8)
        let options = Self.options(database, folder, isSimulating: isSimulating)
        _ = try await Program.run(["migrate", "--database", database.url])
        account = try await Self.openAccount(
            "Ada Stores", tenants: ["zoho_payments=778", "zoho_billing=777", "zuora=ada"], options, folder)
    }

    /// Makes an organization, its client and token, and its account at Stripe, as a person does.
    private static func openAccount(
        _ name: String, tenants: [String], _ options: [String], _ folder: String
    ) async throws -> Account {
        let secret = "whsec_\(name.replacing(" ", with: "_"))"
        try secret.write(toFile: "\(folder)/notice", atomically: true, encoding: .utf8)
        try "sk_test_12345".write(toFile: "\(folder)/secret", atomically: true, encoding: .utf8)
        func run(_ words: [String], _ rest: [String]) async throws -> String {
            let finished = try await Program.run(words + options + rest)
            #expect(finished.status == 0, "\(words): \(finished.errors)")
            return finished.output.trimmingCharacters(in: .newlines)
        }
        let organization = try await run(
            ["organization", "create"],
            ["--currency", "INR", "--time-zone", "UTC"] + tenants.flatMap { ["--tenant", $0] } + [name])
        let client = try await run(
            ["client", "create"], ["--organization", organization, "--scopes", scopes, "Till"])
        let clientID = client.split(separator: "\n").first?.split(separator: "\t").last.map(String.init) ?? ""
        let token = try await run(["token", "create"], ["--organization", organization, "--client", clientID])
        let path = try await run(
            ["gateway", "create"],
            [
                "--organization", organization, "--kind", "stripe", "main", "secret_key=@\(folder)/secret",
                "notice_secret=@\(folder)/notice",
            ])
        return Account(organization: organization, token: token, noticePath: path, noticeSecret: secret)
    }

    private static func options(
        _ database: ProgramDatabase, _ folder: String, isSimulating: Bool
    ) -> [String] {
        ["--database", database.url, "--key-file", "\(folder)/keys"]
            + (isSimulating ? ["--simulator", database.book] : [])
    }

    /// Another organization of the same program, with an account of its own.
    func neighbor() async throws -> Account {
        try await Self.openAccount("Bea Stores", tenants: [], options, folder)
    }

    /// The options that servers and commands share.
    var options: [String] { Self.options(database, folder, isSimulating: isSimulating) }

    // MARK: The program

    /// Starts one more node; `address` is that of Stripe, where it is not the stand-in's.
    func start(_ options: [String]? = nil, stripeAt address: String? = nil) async throws {
        let server = try await RunningServer(
            options ?? self.options, environment: ["REFUNDRY_STRIPE_ADDRESS": address ?? http.address])
        servers.withLock { $0.append(server) }
    }

    /// Asks all nodes to stop, and waits until they have.
    func stop() async { for server in takeServers() { await server.stop() } }

    /// Ends all nodes as a power cut would.
    func kill9() async { for server in takeServers() { await server.kill9() } }

    private func takeServers() -> [RunningServer] {
        servers.withLock { servers in
            defer { servers = [] }
            return servers
        }
    }

    /// Runs a command beside the servers.
    func run(_ words: [String], _ rest: [String] = []) async throws -> Program.Finished {
        try await Program.run(words + options + rest, environment: ["REFUNDRY_STRIPE_ADDRESS": http.address])
    }

    /// Someone who waits as long as a busy machine takes.
    func caller(_ node: Int = 0) -> Caller {
        let origin = servers.withLock { $0.isEmpty ? "" : $0[node % $0.count].origin }
        return Caller(origin: origin, patience: .minutes(2))
    }

    /// Lets attempts be as old as if a minute had passed: the nodes that had them in hand are gone.
    func letLeasesRunOut() async throws {
        let store = try database.open()
        try await store.write(for: OrganizationID(0)) { session in
            try session.execute(
                "update payouts set lease_until = lease_until - 61000000, due_at = due_at - 61000000 where due_at > 0",
                [])
        }
        await store.close()
    }

    // MARK: What is expected of it

    /// Every promise is kept; what `verify` said.
    @discardableResult
    func expectSound() async throws -> String {
        let verified = try await run(["verify"])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        return verified.output
    }

    /// The calls that asked Stripe for a refund of a charge.
    func submissions(of charge: String) -> Int {
        http.calls.count { $0.method == "POST" && $0.path == "/v1/refunds" && $0.body.contains("charge=\(charge)&") }
    }

    /// Waits until Stripe was asked a second time for a refund of a purse.
    func untilRepeated(_ purse: Purse) async throws {
        _ = try await patiently {
            submissions(of: purse.charge)
        } until: {
            $0 == 2
        }
    }
}

/// Lends a shop whose program runs, and checks at the end that every promise of the program is kept.
func withShop(
    _ kind: DatabaseKind, isSimulating: Bool = false, _ body: (Shop) async throws -> Void
) async throws {
    try await withFolder { folder in
        try await withDatabase(kind) { database in
            let shop = try await Shop(database, in: folder, isSimulating: isSimulating)
            do {
                try await shop.start()
                try await body(shop)
            } catch {
                await shop.stop()
                throw error
            }
            await shop.stop()
            try await shop.expectSound()
        }
    }
}

/// Asks until the answer is as told, for some minutes: a busy machine is no fault; then the last answer.
func patiently<Answer>(
    _ ask: () async throws -> Answer, until isAsTold: (Answer) -> Bool
) async throws -> Answer {
    let deadline = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < deadline {
        let answer = try await ask()
        if isAsTold(answer) { return answer }
        try await Task.sleep(for: .milliseconds(100))
    }
    return try await ask()
}
