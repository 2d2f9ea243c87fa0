import Logging
import Metrics
import RefundDomain
package import RefundStorage
import ServiceLifecycle

/// Finds electronic refunds that are due: to be sent, asked about, or judged lost.
///
/// It reads without a lock and in small batches; each row is claimed by a guarded update when it is taken up, so the
/// worker is safe to run on several nodes, and twice.
package struct PayoutWorker: Service {
    private let store: any Store
    private let submissions: Submissions
    private let surroundings: Surroundings

    package init(store: any Store, submissions: Submissions, surroundings: Surroundings) {
        self.store = store
        self.submissions = submissions
        self.surroundings = surroundings
    }

    /// Looks for due refunds until shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await !takeUpWhatIsDue() { await submissions.waitForWork(atMost: .seconds(1)) }
            }
        }
    }

    private func observe(_ sending: SendingState) {
        Metrics.Meter(label: "refundry_sending_on").set(sending.isOn ? 1 : 0)
    }

    /// One batch; whether there may be more at once.
    private func takeUpWhatIsDue() async -> Bool {
        let now = surroundings.now()
        do {
            let (sending, due, clocks) = try await store.read { [surroundings] session in
                let time = try surroundings.askDatabaseTime(session)
                let sending = try session.sending()
                let due = sending.isOn ? try session.duePayouts(at: now, atMost: Limits.workerBatch) : []
                return (sending, due, try surroundings.reading(time))
            }
            observe(sending)
            // Each claim sees for itself; this spares the looking, again and again, at what may not be claimed.
            guard clocks.agrees else { return false }
            for payout in due where !submissions.takeUp(payout) { return false }
            return due.count == Limits.workerBatch
        } catch {
            surroundings.logger.warning("due refunds not read", metadata: ["error": "\(String(reflecting: error))"])
            return false
        }
    }
}
