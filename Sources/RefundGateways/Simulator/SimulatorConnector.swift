package import RefundDomain

/// Accounts at a simulated gateway of their own, so that everything about accounts can be tried without a gateway.
package struct SimulatorConnector: GatewayConnector {
    package let kind = "simulator"
    package let fields = [
        GatewayField(name: "label", summary: "the name that documents print"),
        GatewayField(name: "notice_secret", isSecret: true, summary: "what it signs its notices with"),
    ]
    private let bookPath: String
    private let now: @Sendable () -> Instant
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Each account's book lies beside `bookPath`, with the account's identifier behind it.
    package init(
        bookPath: String, now: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.bookPath = bookPath
        self.now = now
        self.sleep = sleep
    }

    /// A gateway over the account's book.
    package func connect(
        _ instance: GatewayInstance, _ settings: [String: String]
    ) throws(GatewayMisconfigured) -> any Gateway {
        let config = SimulatorConfig(
            seed: 1, label: settings["label"] ?? "Simulator", book: .file(path: "\(bookPath)-\(instance.id)"),
            noticeSecret: settings["notice_secret"])
        do throws(SimulatorBookError) {
            return try SimulatorGateway(config, now: now, sleep: sleep)
        } catch {
            throw GatewayMisconfigured(field: "kind", expected: "one whose book can be kept (\(error.reason))")
        }
    }
}

extension SimulatorGateway {
    /// It takes anybody's word, and says how much it has done.
    package func check() async throws(GatewayError) -> String {
        "it has given money back \(book.effects().count) times"
    }
}
