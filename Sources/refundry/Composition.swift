import Logging
import RefundDomain
import RefundGateways
import RefundHTTP
import RefundService
import RefundStorage

/// The one place that knows every type: it builds the values of the program and passes them on.
struct Composition: Sendable {
    let store: any Store
    let roster: GatewayRoster
    let directory: Directory
    let submissions: Submissions
    let payoutWorker: PayoutWorker
    let operations: Operations
    let noticeWorker: NoticeWorker
    let clockWatch: ClockWatch
    let identifiers: Identifiers
    let surroundings: Surroundings

    /// The simulated gateway, which is there for those who ask for it alone.
    static let simulator = GatewayName("simulator")

    /// Puts the program together over a database; without a vault no account has secrets.
    ///
    /// Without a `simulator` nothing is simulated: what names it is refused, and no refund succeeds that nobody made.
    init(
        _ store: any Store, simulator: SimulatorConfig?, vault: (any SecretVault)? = nil, surroundings: Surroundings
    ) throws {
        var builtIn: [GatewayName: any Gateway] = [:]
        if let simulator {
            builtIn[Self.simulator] = try SimulatorGateway(
                simulator, now: surroundings.now, sleep: surroundings.sleep)
        }
        self.store = store
        self.surroundings = surroundings
        roster = GatewayRoster(
            store: store, builtIn: builtIn, reserved: [Self.simulator],
            connectors: Self.connectors(store, simulator, surroundings), vault: vault, surroundings: surroundings)
        directory = Directory(store: store, now: surroundings.now)
        identifiers = Identifiers(store: store)
        submissions = Submissions(
            exchange: GatewayExchange(
                store: store, directory: directory, roster: roster, identifiers: identifiers,
                surroundings: surroundings),
            sleep: surroundings.sleep)
        payoutWorker = PayoutWorker(store: store, submissions: submissions, surroundings: surroundings)
        operations = Operations(
            store: store, directory: directory, submissions: submissions, roster: roster,
            identifiers: identifiers, surroundings: surroundings)
        noticeWorker = NoticeWorker(operations)
        clockWatch = ClockWatch(store: store, surroundings: surroundings)
    }

    /// Lets go of the database, when all that uses it has stopped.
    func close() async {
        await identifiers.giveBack()
        await store.close()
    }

    /// Every kind of gateway that accounts can be configured for: delete a line and its folder, and there is one less.
    private static func connectors(
        _ store: any Store, _ simulator: SimulatorConfig?, _ surroundings: Surroundings
    ) -> [any GatewayConnector] {
        var connectors: [any GatewayConnector] = [
            // Another address is a stand-in of the gateway on this machine: nothing else is taken.
            StripeConnector(
                client: Transport.processClient, turns: SharedTurns(store: store, now: surroundings.now),
                address: Environment.value("REFUNDRY_STRIPE_ADDRESS") ?? StripeConnector.address)
        ]
        if case .file(let path)? = simulator?.book {
            connectors.append(
                SimulatorConnector(bookPath: path, now: surroundings.now, sleep: surroundings.sleep))
        }
        return connectors
    }

    /// Every dialect that the program speaks: delete a line and its folder, and it speaks one less.
    ///
    /// `drawSecret` makes what tokens are made of.
    func dialects(
        metrics: PrometheusRegistry, drawSecret: @escaping @Sendable () -> [UInt8] = DrawnSecret.random
    ) -> [any Dialect] {
        [
            ZohoBooks(operations: operations),
            ZohoBilling(operations: operations),
            ZohoPayments(operations: operations),
            ZohoAccounts(operations: operations, drawSecret: drawSecret),
            Zuora(operations: operations),
            ZuoraOAuth(operations: operations, drawSecret: drawSecret),
            native,
            GatewayNotices(operations: operations),
            Operating(operations: operations, metrics: metrics),
        ]
    }

    /// The program's own API; it also answers what belongs to no dialect.
    var native: Native { Native(operations: operations) }
}

extension Composition {
    /// Opens the database of a command that works beside a server, runs its work, and lets go of the database.
    ///
    /// Throws `CommandFailure` with a message and an exit code that fit.
    static func atCommandLine<T>(
        _ data: DataOptions, _ work: (Operations) async throws -> T
    ) async throws -> T {
        let logger = Logger(label: "refundry")
        let url = try data.url()
        do {
            let store = try url.open(migrating: false)
            do {
                let book = data.namedSimulatorBookPath
                let composition = try Composition(
                    store, simulator: book.map { SimulatorConfig(seed: 1, book: .file(path: $0)) },
                    vault: try data.vault(), surroundings: .system(logger: logger))
                let result = try await work(composition.operations)
                await composition.close()
                return result
            } catch {
                await store.close()
                throw error
            }
        } catch {
            throw CommandFailure(error, database: url.name)
        }
    }
}
