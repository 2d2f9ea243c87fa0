import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server of one test, on this machine: it answers what a closure says, or goes away without a word.
package final class HTTPStandIn: Sendable {
    package struct Call: Sendable {
        package let method: String
        /// With the query.
        package let path: String
        package let body: String
        /// By their names in lower case.
        package var fields: [String: String] = [:]
    }

    package enum Reply: Sendable {
        case answer(status: Int, fields: [(String, String)] = [], body: String = "")
        /// The connection is closed instead.
        case hangUp
        /// Nothing comes, and the connection stays.
        case silence
    }

    private typealias Listening = NIOAsyncChannel<Connection, Never>
    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    package let address: String
    private let heard = Mutex<[Call]>([])
    private let answer: @Sendable (Call) async -> Reply

    /// Every call that came in whole, in order.
    package var calls: [Call] { heard.withLock { $0 } }

    /// Starts a server that listens until the process ends.
    package static func start(_ answer: @escaping @Sendable (Call) async -> Reply) async throws -> HTTPStandIn {
        let listening = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let port = listening.channel.localAddress?.port ?? 0
        let standIn = HTTPStandIn(address: "http://127.0.0.1:\(port)", answer: answer)
        Task { try await standIn.serve(listening) }
        return standIn
    }

    private init(address: String, answer: @escaping @Sendable (Call) async -> Reply) {
        self.address = address
        self.answer = answer
    }

    private func serve(_ listening: Listening) async throws {
        try await listening.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    // A caller that goes away ends its own connection alone.
                    group.addTask { try? await self.serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { parts, answers in
            var head: HTTPRequestHead?
            var body = ByteBuffer()
            for try await part in parts {
                switch part {
                case .head(let begun):
                    head = begun
                    body.clear()
                case .body(var bytes): body.writeBuffer(&bytes)
                case .end:
                    guard let head else { return }
                    let fields = head.headers.map { ($0.name.lowercased(), $0.value) }
                    let call = Call(
                        method: head.method.rawValue, path: head.uri, body: String(buffer: body),
                        fields: Dictionary(fields) { first, _ in first })
                    heard.withLock { $0.append(call) }
                    guard try await reply(to: call, over: answers) else { return }
                }
            }
        }
    }

    private func reply(
        to call: Call, over answers: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> Bool {
        switch await answer(call) {
        case .hangUp: return false
        case .silence: return true
        case .answer(let status, let fields, let text):
            var headers = HTTPHeaders(fields)
            headers.replaceOrAdd(name: "Content-Length", value: String(text.utf8.count))
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
            try await answers.write(.head(head))
            try await answers.write(.body(.byteBuffer(ByteBuffer(string: text))))
            try await answers.write(.end(nil))
            return true
        }
    }
}
