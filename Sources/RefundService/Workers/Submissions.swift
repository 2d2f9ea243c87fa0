import RefundDomain
import RefundStorage
import ServiceLifecycle
import Synchronization

/// The gateway calls that this node has under way, and who waits for them.
///
/// Calls run in a task group of their own, never as children of a request: a caller who leaves changes nothing.
package final class Submissions: Service {
    private struct Job: Sendable {
        let task: Task
        let permit: SubmissionPermit

        enum Task: Sendable {
            /// The attempt was claimed by the unit that accepted the refund.
            case send(Refund, Payout, OrganizationID)
            /// A worker found it due.
            case takeUp(DuePayout)
        }
    }

    /// Whether the worker waits, and whether it has been told that there is something to do.
    private struct WorkerNap {
        var isOver = false
        var continuation: AsyncStream<Never>.Continuation?
    }

    private let exchange: GatewayExchange
    private let sleep: @Sendable (Duration) async throws -> Void
    private let inFlight = Mutex(0)
    private let isRunning = Mutex(false)
    private let waiting = Mutex<[RefundID: [AsyncStream<Never>.Continuation]]>([:])
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation
    private let worker = Mutex(WorkerNap())

    package init(exchange: GatewayExchange, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        self.exchange = exchange
        self.sleep = sleep
        (jobs, queue) = AsyncStream.makeStream(of: Job.self)
    }

    /// Runs the calls until shutdown, then finishes those that have begun.
    package func run() async throws {
        isRunning.withLock { $0 = true }
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await job in jobs {
                    group.addTask { [self] in await perform(job) }
                }
            }
        } onGracefulShutdown: { [self] in
            isRunning.withLock { $0 = false }
            queue.finish()
            wake()
        }
    }

    /// A place for one call; nil where this node has none, or is not running: then a worker takes the refund later.
    package func permit() -> SubmissionPermit? {
        guard isRunning.withLock({ $0 }) else { return nil }
        let isFree = inFlight.withLock { count in
            guard count < Limits.gatewayCallsInFlightMax else { return false }
            count += 1
            return true
        }
        return isFree ? SubmissionPermit(self) : nil
    }

    /// Sends a claimed attempt, and waits for its outcome at most `Limits.outcomeWait`.
    func submit(
        _ refund: Refund, _ payout: Payout, of organization: OrganizationID, under permit: SubmissionPermit
    ) async {
        let (outcome, continuation) = AsyncStream.makeStream(of: Never.self)
        waiting.withLock { $0[refund.id, default: []].append(continuation) }
        if enqueue(Job(task: .send(refund, payout, organization), permit: permit)) {
            await wait(for: outcome, atMost: Limits.outcomeWait)
        }
        waiting.withLock { _ = $0.removeValue(forKey: refund.id) }
    }

    /// Lets a call of the workers run; false where this node has no place for it.
    func takeUp(_ due: DuePayout) -> Bool {
        guard let permit = permit() else { return false }
        return enqueue(Job(task: .takeUp(due), permit: permit))
    }

    /// Tells the worker that something may be due now, also where it is not waiting yet.
    func wake() {
        worker.withLock { nap in
            nap.isOver = true
            nap.continuation?.finish()
        }
    }

    /// Waits until something may be due, or so long.
    ///
    /// One worker waits at a time.
    func waitForWork(atMost duration: Duration) async {
        let (nap, continuation) = AsyncStream.makeStream(of: Never.self)
        let isOver = worker.withLock { worker in
            worker.continuation = continuation
            return worker.isOver
        }
        if !isOver { await wait(for: nap, atMost: duration) }
        worker.withLock { $0 = WorkerNap() }
    }

    /// Waits until a stream has ended, or so long.
    ///
    /// The stream is this wait's own: its end by cancellation is nobody's.
    private func wait(for stream: AsyncStream<Never>, atMost duration: Duration) async {
        await withTaskGroup { group in
            group.addTask { for await _ in stream {} }
            group.addTask { [sleep] in try? await sleep(duration) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Queues a call; false, and its place given back, where the program is stopping.
    private func enqueue(_ job: Job) -> Bool {
        if case .terminated = queue.yield(job) {
            job.permit.giveBack()
            return false
        }
        return true
    }

    fileprivate func release() {
        inFlight.withLock { $0 -= 1 }
    }

    private func perform(_ job: Job) async {
        let refund: RefundID
        switch job.task {
        case .send(let claimed, let payout, let organization):
            refund = claimed.id
            await exchange.send(claimed, payout, of: organization)
        case .takeUp(let due):
            refund = due.refund
            await exchange.takeUp(due)
        }
        job.permit.giveBack()
        let waiters = waiting.withLock { $0.removeValue(forKey: refund) ?? [] }
        for waiter in waiters { waiter.finish() }
    }
}

/// A place for one gateway call of this node; given back when the call has ended, or was not needed.
package final class SubmissionPermit: Sendable {
    private let submissions: Submissions
    private let isHeld = Mutex(true)

    fileprivate init(_ submissions: Submissions) {
        self.submissions = submissions
    }

    /// Gives the place back; a second time changes nothing.
    package func giveBack() {
        let wasHeld = isHeld.withLock { held in
            defer { held = false }
            return held
        }
        if wasHeld { submissions.release() }
    }
}
