import ArgumentParser
import Foundation
import Logging
import RefundDomain
import RefundGateways
import RefundHTTP
import RefundService
import RefundStorage
import ServiceLifecycle
import UnixSignals

/// Serves the APIs.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the refund APIs over HTTP.")

    @OptionGroup var data: DataOptions

    @Option(help: "The address to listen on; else REFUNDRY_HOST, else 127.0.0.1.")
    var host: String?

    @Option(help: "The port to listen on; else REFUNDRY_PORT, else 8080. 0 takes any that is free.")
    var port: Int?

    @Option(
        help: ArgumentHelp(
            """
            Where callers reach the program, such as https://refunds.example.com; else REFUNDRY_ORIGIN, else the \
            address that each caller uses.
            """,
            valueName: "url"))
    var origin: String?

    @Flag(help: "Serve the records that the reference documents print, with the token printed there; loopback only.")
    var demo = false

    @Flag(help: "With --demo: delete the database first, and start the data over.")
    var fresh = false

    @Flag(help: "Refuse to start where the schema is not up to date, instead of applying it.")
    var noMigrate = false

    @Flag(
        help: """
            Serve although the PostgreSQL server has fsync or full_page_writes off, and may lose what was answered: \
            for tests.
            """)
    var acceptDataLoss = false

    @Option(help: "Settle simulated refunds after so many milliseconds instead of at once.")
    var settleAfter: Int?

    @Option(
        help: """
            What the simulated gateway signs its notices with; else REFUNDRY_SIMULATOR_SECRET, else none are taken but \
            with --demo.
            """)
    var simulatorSecret: String?

    @Option(help: "The form of the log on stderr: text or json; else REFUNDRY_LOG, else text.")
    var log: LogForm?

    mutating func run() async throws {
        let serve = self
        try await reporting { try await serve.serve() }
    }

    private func serve() async throws {
        let url = try data.url()
        let host = host ?? Environment.value("REFUNDRY_HOST") ?? "127.0.0.1"
        let port = port ?? Environment.value("REFUNDRY_PORT").flatMap { Int($0) } ?? 8080
        try check(host)
        try Logs.start(log ?? Environment.value("REFUNDRY_LOG").flatMap(LogForm.init(rawValue:)) ?? .text)
        let logger = Logger(label: "refundry")
        let metrics = PrometheusRegistry.start()
        if demo, fresh { try removeDatabase(url) }

        let composition = try compose(url, logger: logger)
        try await refuseUnsafeSettings(of: composition, named: url.name)
        if demo { try await Demo(composition.operations).load(now: composition.surroundings.now()) }
        let server = Server.application(
            dialects: composition.dialects(metrics: metrics), fallback: composition.native,
            origin: origin ?? Environment.value("REFUNDRY_ORIGIN"), host: host,
            port: port,
            logger: logger
        ) { port in
            FileHandle.standardOutput.write(Data(announcement(host, port).utf8))
        }
        // Shut down from the last to the first: no more requests, then no more calls, then no more store.
        let services: [any Service] = [
            StoreService(composition: composition), composition.submissions, composition.payoutWorker,
            composition.noticeWorker, composition.clockWatch, server,
        ]
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Limits.shutdownMax
        try await ServiceGroup(configuration: configuration).run()
    }

    private func compose(_ url: DatabaseURL, logger: Logger) throws -> Composition {
        do {
            let store = try url.open(migrating: !noMigrate)
            return try Composition(
                store, simulator: try simulated, vault: try data.vault(), surroundings: .system(logger: logger))
        } catch {
            throw CommandFailure(error, database: url.name)
        }
    }

    /// A server that does not write what it says it has written loses refunds that were paid.
    private func refuseUnsafeSettings(of composition: Composition, named database: String) async throws {
        guard !acceptDataLoss else { return }
        do {
            let settings = try await composition.store.unsafeSettings()
            guard let first = settings.first else { return }
            let names = settings.joined(separator: " is off, ")
            throw CommandFailure(
                """
                \(database) may lose refunds when its machine stops: of its server's settings \(names) is off.
                Write `\(first) = on` into postgresql.conf and reload the server. For a test whose data may be lost, \
                --accept-data-loss serves all the same.
                """, exitCode: 78)
        } catch {
            await composition.close()
            throw CommandFailure(error, database: database)
        }
    }

    /// Nil where neither the demo nor a file of the simulated gateway was asked for.
    private var simulated: SimulatorConfig? {
        get throws {
            guard demo || data.namedSimulatorBookPath != nil else { return nil }
            return SimulatorConfig(
                seed: 1, settle: settleAfter.map { .delayed(.milliseconds($0)) } ?? .immediate,
                label: demo ? Demo.gatewayLabel : "Simulator", book: .file(path: try data.simulatorBookPath()),
                noticeSecret: simulatorSecret ?? Environment.value("REFUNDRY_SIMULATOR_SECRET")
                    ?? (demo ? Demo.noticeSecret : nil))
        }
    }

    /// The demo's token is printed in its documentation: it is served to this machine alone.
    private func check(_ host: String) throws {
        guard demo, !["127.0.0.1", "::1", "localhost"].contains(host) else { return }
        throw CommandFailure("--demo listens on loopback only, not on \(host)", exitCode: 64)
    }

    private func removeDatabase(_ url: DatabaseURL) throws {
        guard case .sqlite(let path) = url else {
            throw CommandFailure(
                "--fresh deletes a SQLite file only; empty a PostgreSQL database by hand", exitCode: 64)
        }
        for path in [path, path + "-wal", path + "-shm", try data.simulatorBookPath()]
        where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private func announcement(_ host: String, _ port: Int) -> String {
        let address = "http://\(host):\(port)"
        guard demo else { return "refundry serves on \(address)\n" }
        return """
            refundry serves the demo on \(address)
            Try:
              curl '\(address)/books/v3/contacts/460000000026049/refunds?organization_id=123456789' \\
                -H 'Authorization: Zoho-oauthtoken \(Demo.token)'
            The README shows one call of each API with its answer. Stop with Ctrl-C; the data stays.

            """
    }
}

/// Lets go of the database last, when all that uses it has stopped.
struct StoreService: Service {
    let composition: Composition

    func run() async throws {
        try? await gracefulShutdown()
        await composition.close()
    }
}
