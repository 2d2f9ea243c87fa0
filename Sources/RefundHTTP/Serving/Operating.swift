import HTTPTypes
package import RefundDomain
package import RefundService

/// What the people and machines that run the program ask: is it alive, is it ready, how does it do.
package struct Operating: Dialect {
    package let name = DialectName("operating")
    package let prefixes = [""]
    private let operations: Operations
    private let metrics: PrometheusRegistry

    package init(operations: Operations, metrics: PrometheusRegistry) {
        self.operations = operations
        self.metrics = metrics
    }

    package var routes: [Route] {
        [
            .open(.get, "/health/live") { (_) throws(Failure) in .json(.ok) { $0.field("status", "live") } },
            .open(.get, "/health/ready", showReadiness),
            .open(.get, "/metrics") { [metrics] (_) throws(Failure) in
                Reply(
                    status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
                    body: Array(metrics.exposition.utf8))
            },
        ]
    }

    /// Its routes are open: nobody is admitted to any other.
    package func admit(_ call: Call, scope: String) async throws(Failure) -> Caller { throw .unauthenticated }

    /// One line of text in JSON.
    package func reply(to failure: Failure, of call: Call) -> Reply {
        .json(.serviceUnavailable) { $0.field("status", "unavailable") }
    }

    /// One line of text in JSON.
    package func reply(to problem: TransportProblem, of call: Call) -> Reply {
        .json(problem.status) { $0.field("status", problem.message) }
    }

    /// Ready is who can read its database, and has the time of it: else no refund is sent.
    ///
    /// What it says of sending changes nothing about that: it can be read from.
    @Sendable private func showReadiness(_ call: Call) async throws(Failure) -> Reply {
        _ = try await operations.listOrganizations()
        guard try await operations.hasTrustedClock() else {
            return .json(.serviceUnavailable) { $0.field("status", "clock differs from the database's") }
        }
        let sending = try await operations.sending()
        return .json(.ok) { body in
            body.field("status", "ready")
            switch sending {
            case .on: body.field("sending", "on")
            case .off(let reason):
                body.field("sending", "off")
                body.field("reason", reason)
            }
        }
    }
}
