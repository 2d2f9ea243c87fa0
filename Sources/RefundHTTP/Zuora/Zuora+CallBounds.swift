import HTTPTypes
import RefundDomain
import RefundService
import Synchronization

extension Zuora {
    /// Bounds the calls of a tenant, as counted by this node, and tells every answer how many are left.
    ///
    /// The setting `zuora.concurrent_calls` says how many may be in flight, `zuora.calls_per_minute` how many may begin
    /// in a minute; without the latter there is no such quota, and no answer speaks of one.
    final class CallBounds: Sendable {
        private let operations: Operations
        private let sleep: @Sendable (Duration) async throws -> Void
        private let perMinute = CallsPerMinute()
        private let inFlight = Mutex<[OrganizationID: Int]>([:])

        init(operations: Operations, sleep: @escaping @Sendable (Duration) async throws -> Void) {
            self.operations = operations
            self.sleep = sleep
        }

        /// The handler within the bounds; its failures are answered here, so that they carry the headers too.
        func bounding(_ handler: @escaping Route.Handler) -> Route.Handler {
            { (call, caller) async throws(Failure) in
                let settings = try await self.operations.organization(caller.organization).settings
                var reply: Reply
                let limit = settings.number("concurrent_calls") ?? Limits.tenantCallsInFlightMax
                let remaining = self.takePlace(of: caller.organization, outOf: limit)
                defer { if remaining != nil { self.givePlaceBack(of: caller.organization) } }
                let quota = settings.number("calls_per_minute").map { callsMax in
                    (callsMax, self.perMinute.count(for: caller.organization, atMost: callsMax))
                }
                if remaining == nil {
                    reply = Refusal.tooManyInFlight.reply(to: call)
                    reply.headers[.retryAfter] = "1"
                } else if let quota, !quota.1.isLeft {
                    reply = Refusal.tooManyInAMinute.reply(to: call)
                    reply.headers[.retryAfter] = "\(quota.1.resetSeconds)"
                } else {
                    reply = await self.answer(call, caller, with: handler)
                }
                reply.headers[.fieldName("Concurrency-Limit-Type")] = "Default"
                reply.headers[.fieldName("Concurrency-Limit-Limit")] = "\(limit)"
                reply.headers[.fieldName("Concurrency-Limit-Remaining")] = "\(remaining ?? 0)"
                if let quota { quota.1.write(limit: quota.0, into: &reply.headers) }
                return reply
            }
        }

        /// How many more calls may be in flight beside one that now is; nil where there is no place for it.
        private func takePlace(of organization: OrganizationID, outOf limit: Int) -> Int? {
            inFlight.withLock { inFlight in
                let calls = inFlight[organization, default: 0]
                guard calls < limit else { return nil }
                inFlight[organization] = calls + 1
                return limit - calls - 1
            }
        }

        private func givePlaceBack(of organization: OrganizationID) {
            inFlight.withLock { $0[organization, default: 1] -= 1 }
        }
    }
}

// MARK: Time

extension Zuora.CallBounds {
    private func answer(_ call: Call, _ caller: Caller, with handler: @escaping Route.Handler) async -> Reply {
        switch call.method {
        case .get: await race(call) { await Self.reply(to: call, caller, with: handler) }
        // What may have queued a write is waited for; it waits for a gateway no longer than `Limits.outcomeWait`.
        default: await Self.reply(to: call, caller, with: handler)
        }
    }

    /// The answer of a call that only reads; 504 where it does not come within `Limits.readDeadline`.
    private func race(_ call: Call, _ read: @escaping @Sendable () async -> Reply) async -> Reply {
        let (replies, continuation) = AsyncStream.makeStream(of: Reply.self)
        let reading = Task { continuation.yield(await read()) }
        let clock = Task { [sleep] in
            try await sleep(Limits.readDeadline)
            continuation.yield(Zuora.Refusal.notFinished.reply(to: call))
        }
        defer {
            reading.cancel()
            clock.cancel()
        }
        for await reply in replies { return reply }
        return Zuora.Refusal.notFinished.reply(to: call)
    }

    private static func reply(to call: Call, _ caller: Caller, with handler: Route.Handler) async -> Reply {
        do throws(Failure) {
            return try await handler(call, caller)
        } catch {
            return Zuora.Refusal(error).reply(to: call)
        }
    }
}

extension Zuora.Refusal {
    fileprivate static let tooManyInFlight = Self(
        .refund, .exceededLimit, "More calls are in flight than the tenant may have; send the request again.")

    fileprivate static let tooManyInAMinute = Self(
        .refund, .exceededLimit, "The tenant has used up its calls of this minute; send the request later.")

    fileprivate static let notFinished = Self(
        .unknownObject, .internalError, "The request was not finished in time.", status: .gatewayTimeout)
}

extension CallsPerMinute.Quota {
    fileprivate func write(limit: Int, into headers: inout HTTPFields) {
        headers[.fieldName("RateLimit-Limit")] = "\(limit)"
        headers[.fieldName("RateLimit-Remaining")] = "\(remaining)"
        headers[.fieldName("RateLimit-Reset")] = "\(resetSeconds)"
    }
}

extension OrganizationSettings {
    /// A setting of this dialect that is a number; nil for any other text.
    fileprivate func number(_ name: String) -> Int? {
        ofDialects["\(Zuora.dialectName.text).\(name)"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }
}
