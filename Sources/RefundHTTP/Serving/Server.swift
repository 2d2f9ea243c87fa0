package import Hummingbird
package import Logging
import NIOCore
import RefundDomain

/// The HTTP server: its address, its limits, its dialects.
package enum Server {
    /// A server that answers in dialects; run it as a service.
    ///
    /// `origin` is what answers name as the program's address, such as `https://refunds.example.com` behind a proxy;
    /// nil for the address that each caller used.
    ///
    /// `onRunning` hears the port once connections are accepted; port 0 takes any that is free.
    package static func application(
        dialects: [any Dialect], fallback: any Dialect, origin: String?, host: String, port: Int, logger: Logger,
        makeRequestID: @escaping @Sendable () -> String = RequestID.make,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> Application<RefundResponder> {
        Application(
            responder: RefundResponder(dialects, fallback: fallback, origin: origin, makeRequestID: makeRequestID),
            server: .http1(
                configuration: .init(
                    idleTimeout: .seconds(Limits.connectionIdleMax.components.seconds))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), backlog: 1_024,
                availableConnectionsDelegate: .maximum(Limits.connectionsMax, logger: logger)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
            logger: logger)
    }
}
