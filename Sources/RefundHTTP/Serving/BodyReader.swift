import HTTPTypes
import Hummingbird
import NIOCore
import RefundDomain

/// A body that could not be taken in.
struct TransportFailure: Error {
    let problem: TransportProblem
}

/// Takes in the body of a request: bounded in bytes and in time, and inflated where it says that it is compressed.
struct BodyReader: Sendable {
    /// The bytes of the body as its sender meant them.
    ///
    /// The limit holds for the bytes as sent and again for the inflated ones.
    func read(_ request: Request) async throws(TransportFailure) -> [UInt8] {
        let sent = try await collect(request)
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "identity":
            return sent
        case "gzip":
            do throws(GzipError) {
                return try Gzip.inflate(sent, atMost: Limits.bodyBytesMax)
            } catch {
                throw TransportFailure(problem: error == .tooLarge ? .bodyTooLarge : .badEncoding)
            }
        case .some:
            throw TransportFailure(problem: .badEncoding)
        }
    }

    private func collect(_ request: Request) async throws(TransportFailure) -> [UInt8] {
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > Limits.bodyBytesMax { throw TransportFailure(problem: .bodyTooLarge) }
        let result = await withTaskGroup(of: Result<[UInt8], TransportFailure>.self) { group in
            group.addTask {
                do {
                    let buffer = try await request.body.collect(upTo: Limits.bodyBytesMax)
                    return .success(Array(buffer.readableBytesView))
                } catch is NIOTooManyBytesError {
                    return .failure(TransportFailure(problem: .bodyTooLarge))
                } catch {
                    return .failure(TransportFailure(problem: .bodyTooSlow))
                }
            }
            group.addTask {
                try? await Task.sleep(for: Limits.bodyDeadline)
                return .failure(TransportFailure(problem: .bodyTooSlow))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(TransportFailure(problem: .bodyTooSlow))
        }
        return try result.get()
    }
}

/// Gzip of answers, for callers who ask for it.
enum Compression {
    /// Bodies of so many bytes and less are sent as they are.
    static let bodyBytesMin = 1_000

    /// The answer, compressed where the caller accepts gzip and the body is worth it.
    static func compress(_ reply: Reply, for request: HTTPFields) -> Reply {
        guard reply.body.count > bodyBytesMin, accepts(request[.acceptEncoding] ?? "") else { return reply }
        var compressed = reply
        compressed.body = Gzip.deflate(reply.body)
        compressed.headers[.contentEncoding] = "gzip"
        compressed.headers[.vary] = "Accept-Encoding"
        return compressed
    }

    /// Whether a list of codings takes gzip: named, and not with a weight of zero.
    private static func accepts(_ list: String) -> Bool {
        list.split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";").map { String($0).trimmingBlanks.lowercased() }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains {
                $0.filter { $0 != " " }.hasPrefix("q=0") && !$0.contains(where: "123456789".contains)
            }
        }
    }
}
